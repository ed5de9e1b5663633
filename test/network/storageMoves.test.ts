/**
 * Random sequences of moves on Storage against a model of it: who is refused with what, who has how much to its credit, what is
 * burned, and what the next challenge costs, to the wei, after every move; and at the end every deposit that was not lost
 * leaves, and nothing is left of the balance but what was burned.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Hash } from "../../src/game/index.ts";
import {
  challengeArguments,
  chunkProof,
  type Receipt,
  storedChunkBytes,
} from "../../src/history/index.ts";
import {
  createToyCluster,
  failure,
  fromOneState,
  networkParameters,
  send,
  startNetwork,
  type TestNetwork,
} from "./network.ts";
import { receiptBy } from "./receipts.ts";

const { deposit, halfPrice, rewardBps, answerBlocks } = networkParameters.storage;
const leaveBlocks = 60;
/** Accounts of nodes, of their owners, and of who challenges: the first owner does too. */
const [nodes, owners, challengers] = [
  [3, 4],
  [13, 14],
  [13, 5, 6],
];
const everyone = [...new Set([...nodes, ...owners, ...challengers])];
const isDeep = process.env.DEEP === "true";
const content = Uint8Array.from({ length: storedChunkBytes + 50 }, (_, i) => (i * 7) & 0xff);

interface Asked {
  readonly node: number;
  readonly challenger: number;
  readonly chunk: number;
  readonly price: bigint;
  readonly deadline: number;
}

/** What the contract should know. */
class Model {
  readonly status = nodes.map(() => "none");
  readonly freeBlocks = nodes.map(() => 0);
  readonly open = new Map<bigint, Asked>();
  readonly credits = new Map(everyone.map((account) => [account, 0n]));
  burned = 0n;
  made = 0n;

  price(node: number): bigint {
    return halfPrice << BigInt([...this.open.values()].filter((each) => each.node === node).length);
  }

  credit(account: number, amount: bigint): void {
    this.credits.set(account, (this.credits.get(account) ?? 0n) + amount);
  }

  challenge(node: number, challenger: number, chunk: number, value: bigint, block: number): string {
    const free = this.freeBlocks[node];
    const isBound = this.status[node] === "bonded" && (free === 0 || block < free);
    if (!isBound) return "NodeNotBonded";
    const price = this.price(node);
    if (value < price) return "WrongAmount";
    this.credit(challenger, value - price);
    this.open.set(++this.made, { node, challenger, chunk, price, deadline: block + answerBlocks });
    return "done";
  }

  show(id: bigint, block: number): string {
    const asked = this.open.get(id);
    if (asked === undefined) return "NoSuchChallenge";
    if (block > asked.deadline) return "AnswerTooLate";
    this.open.delete(id);
    this.credit(owners[asked.node], halfPrice);
    this.burned += asked.price - halfPrice;
    return "done";
  }

  expire(id: bigint, block: number): string {
    const asked = this.open.get(id);
    if (asked === undefined) return "NoSuchChallenge";
    if (block <= asked.deadline) return "AnswerNotDue";
    this.open.delete(id);
    this.credit(asked.challenger, asked.price);
    if (this.status[asked.node] !== "bonded") return "done";
    this.status[asked.node] = "slashed";
    const reward = (deposit * BigInt(rewardBps)) / 10_000n;
    this.credit(asked.challenger, reward);
    this.burned += deposit - reward;
    return "done";
  }

  giveNotice(node: number, block: number): string {
    if (this.status[node] === "none") return "NotNodeOwner";
    if (this.status[node] !== "bonded") return "NodeNotBonded";
    this.freeBlocks[node] ||= block + leaveBlocks;
    return "done";
  }

  withdraw(node: number, block: number): string {
    if (this.status[node] === "none") return "NotNodeOwner";
    if (this.status[node] !== "bonded") return "NodeNotBonded";
    const free = this.freeBlocks[node];
    const isAsked = [...this.open.values()].some((each) => each.node === node);
    if (free === 0 || block < free || isAsked) return "NodeNotFree";
    this.status[node] = "withdrawn";
    this.credit(owners[node], deposit);
    return "done";
  }

  register(node: number): string {
    if (this.status[node] !== "none") return "NodeKnown";
    this.status[node] = "bonded";
    return "done";
  }
}

let network: TestNetwork;
let cluster: Hash;
let receipts: readonly Receipt[];
const begin = fromOneState(async () => {
  const storage = { ...networkParameters.storage, leaveBlocks };
  const made = await startNetwork("simulated", { ...networkParameters, storage });
  const cluster = (await createToyCluster(made)) as Hash;
  const receipts = await Promise.all(
    nodes.map((node) => receiptBy(made, made.signers[node], cluster, content)),
  );
  return { network: made, cluster, receipts };
});

const by = (account: number, method: string, args: readonly unknown[], value = 0n) =>
  failure(send(network.storage, network.signers[account], method, args, value));

interface Move {
  readonly kind: string;
  readonly node: number;
  readonly who: number;
  readonly which: number;
  readonly beyond: bigint;
}

/** Makes a move here and in the model: both must say the same. */
async function play(model: Model, { kind, node, who, which, beyond }: Move) {
  const block = (await network.provider.getBlockNumber()) + 1;
  // Mostly one that is open.
  const ids = [...model.open.keys()];
  const id = ids[which % Math.max(ids.length, 1)] ?? model.made;
  const [account, owner, challenger] = [nodes[node], owners[node], challengers[who]];
  const address = network.accounts[account];
  switch (kind) {
    case "register":
      expect(await by(account, kind, [network.accounts[owner]], deposit)).toBe(model[kind](node));
      break;
    case "challenge": {
      const args = challengeArguments(cluster, receipts[node], which % 2);
      const value = model.price(node) + beyond;
      const expected = model.challenge(node, challenger, which % 2, value, block);
      expect(await by(challenger, kind, args, value)).toBe(expected);
      break;
    }
    case "show": {
      const proof = chunkProof(content, model.open.get(id)?.chunk ?? 0);
      expect(await by(challenger, kind, [id, ...proof])).toBe(model.show(id, block));
      break;
    }
    case "expire":
      expect(await by(challenger, kind, [id])).toBe(model.expire(id, block));
      break;
    case "giveNotice":
    case "withdraw":
      expect(await by(owner, kind, [address])).toBe(model[kind](node, block));
      break;
    case "collect":
      expect(await by(challenger, kind, [])).toBe("done");
      model.credits.set(challenger, 0n);
      break;
    default:
      await network.mine(1 + 10 * which);
  }
}

async function expectSame(model: Model) {
  const { storage, provider, accounts, addresses } = network;
  expect(await storage.burned()).toBe(model.burned);
  let owed = model.burned;
  for (const account of everyone) {
    const credit = model.credits.get(account) ?? 0n;
    expect(await storage.credits(accounts[account])).toBe(credit);
    owed += credit;
  }
  for (const node of nodes.keys()) {
    if (model.status[node] === "bonded") owed += deposit;
    expect(await storage.priceOf(accounts[nodes[node]])).toBe(model.price(node));
  }
  for (const { price } of model.open.values()) owed += price;
  expect(await provider.getBalance(addresses.storage)).toBe(owed);
}

/** Whoever is silent and whoever is not: everything comes to an end. */
async function leave(model: Model) {
  const move = { node: 0, who: 1, which: 0, beyond: 0n };
  for (const node of nodes.keys()) await play(model, { ...move, kind: "giveNotice", node });
  await network.mine(leaveBlocks + answerBlocks);
  while (model.open.size > 0) await play(model, { ...move, kind: "expire" });
  for (const node of nodes.keys()) {
    await play(model, { ...move, kind: "withdraw", node });
    expect(model.status[node]).not.toBe("bonded");
  }
  for (const account of everyone) {
    expect(await by(account, "collect", [])).toBe("done");
    model.credits.set(account, 0n);
  }
  await expectSame(model);
  expect(await network.provider.getBalance(network.addresses.storage)).toBe(model.burned);
}

const kinds = ["challenge", "challenge", "challenge", "show", "show", "expire", "expire"];
const moves = fc.array(
  fc.record({
    kind: fc.constantFrom(...kinds, "giveNotice", "withdraw", "register", "collect", "mine"),
    node: fc.nat(1),
    who: fc.nat(2),
    which: fc.nat(2),
    beyond: fc.constantFrom(0n, 0n, 0n, -1n, 5n),
  }),
  { minLength: 10, maxLength: isDeep ? 120 : 40 },
);

test("whatever is done, Storage is what the model says, and every deposit leaves or is lost", async () => {
  await fc.assert(
    fc.asyncProperty(moves, async (sequence) => {
      const made = await begin();
      ({ network } = made);
      ({ cluster, receipts } = made);
      const model = new Model();
      for (const node of nodes.keys()) {
        await play(model, { kind: "register", node, who: 0, which: 0, beyond: 0n });
      }
      for (const move of sequence) {
        await play(model, move);
        await expectSame(model);
      }
      await leave(model);
    }),
    { seed: 15, numRuns: isDeep ? 60 : 4, endOnFailure: true },
  );
}, 600_000);
