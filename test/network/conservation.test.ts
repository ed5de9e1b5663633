/**
 * Random sequences of moves on Clusters, BlockArbiter and Misbehaviour against a model of three lines: what each account
 * has paid in is with a worker, to somebody's credit, staked or burned, to the wei, after every move; and at the end
 * every deposit that was not lost leaves.
 */

import { getBytes } from "ethers";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import {
  type ClusterGeneration,
  joinArguments,
  reportOfVotes,
  voteTypes,
  workerStatus,
} from "../../src/history/index.ts";
import { flippedFrom } from "../game/simulation.ts";
import {
  accusationsOf,
  blockPlayer,
  gaps,
  stateBehind,
  toyBefore,
  toyExecution,
} from "./disputes.ts";
import {
  accountOfKey,
  blocksOf,
  createToyCluster,
  failure,
  generationOf,
  inOrder,
  keysOf,
  send,
  startNetwork,
  type TestNetwork,
} from "./network.ts";

const deposit = 10n ** 19n;
const runs = process.env.DEEP === "true" ? 60 : 3;

let network: TestNetwork;
beforeAll(async () => {
  network = await startNetwork();
});

/** One move: what is done, by or to which of six workers, and a number that it may use. */
const moves = fc.array(
  fc.record({
    kind: fc.constantFrom(
      "join",
      "abandon",
      "seal",
      "giveNotice",
      "retire",
      "withdraw",
      "collect",
      "mine",
      "doubleVote",
      "accuse",
      "answer",
      "timeout",
      "halt",
      "recover",
      "makeFinal",
      "close",
    ),
    who: fc.nat(5),
    blocks: fc.constantFrom(1, 20, 130, 400),
  }),
  { minLength: 30, maxLength: 60 },
);

/** What a sequence works on: a cluster with keys of its own. */
class Sequence {
  readonly #keys;
  readonly #cluster: string;
  /** Accounts of keys that have joined. */
  readonly joined: string[] = [];
  #accused: bigint[] = [];

  constructor(cluster: string, name: string) {
    this.#cluster = cluster;
    this.#keys = keysOf(name, 18);
  }

  async #send(signer: number, method: string, args: readonly unknown[], value = 0n) {
    return failure(send(network.clusters, network.signers[signer], method, args, value));
  }

  async #current(): Promise<ClusterGeneration | undefined> {
    const { current } = await network.clusters.clusterOf(this.#cluster);
    return current === 0n ? undefined : generationOf(network, current);
  }

  /** Makes a move; what it was refused with, or "done". */
  async move(kind: string, who: number, blocks: number): Promise<string> {
    const owner = 1 + who;
    const account = this.joined[(who * 5 + blocks) % Math.max(this.joined.length, 1)];
    const ownerOf = async () =>
      network.accounts.indexOf((await network.reader.worker(account))?.owner ?? "");
    switch (kind) {
      case "join":
        return this.#join(owner);
      case "seal":
        return this.#seal();
      case "collect":
        return this.#send(owner, "collect", []);
      case "mine":
        await network.mine(blocks);
        return "done";
      case "halt":
      case "close":
        // Seldom, or nothing else happens.
        return blocks === 400 ? this.#send(0, kind, [this.#cluster]) : "not now";
      case "recover":
        return this.#send(5, "recover", [this.#cluster, 2n ** 256n - 1n]);
      case "makeFinal":
        return this.#send(8, "makeFinal", [this.#cluster, BigInt(who)]);
      case "doubleVote":
        return this.#doubleVote(who);
      case "accuse":
        return this.#accuse(who);
      case "answer":
        return this.#answer(who);
      case "timeout":
        return this.#timeout();
      default:
        return account === undefined ? "nobody" : this.#send(await ownerOf(), kind, [account]);
    }
  }

  async #join(owner: number): Promise<string> {
    const key = this.#keys[this.joined.length];
    if (key === undefined) return "no key";
    const { next } = await network.clusters.clusterOf(this.#cluster);
    const args = joinArguments(
      getBytes(key.privateKey),
      next,
      network.accounts[owner],
      network.domain,
    );
    const answer = await this.#send(owner, "join", [this.#cluster, ...args], deposit);
    if (answer === "done") this.joined.push(accountOfKey(key));
    return answer;
  }

  async #seal(): Promise<string> {
    const { next } = await network.clusters.clusterOf(this.#cluster);
    const members: string[] = [...(await network.clusters.membersOf(next))];
    const keys = this.#keys.filter((key) => members.includes(accountOfKey(key)));
    return this.#send(5, "seal", [this.#cluster, inOrder(keys)]);
  }

  #keysOf(generation: ClusterGeneration) {
    const accounts = generation.workers.map(({ account }) => account);
    return this.#keys.filter((key) => accounts.includes(accountOfKey(key)));
  }

  async #doubleVote(who: number): Promise<string> {
    const generation = await this.#current();
    if (generation === undefined) return "nobody";
    const blocks = blocksOf(generation, this.#keysOf(generation), toyBefore);
    const worker = who % generation.workers.length;
    const votes = [1, 2].map((fill) => {
      const hash = new Uint8Array(32).fill(fill);
      const time = { seconds: 1_800_000_000n, nanos: 1 };
      const blockId = { hash, parts: { total: 1, hash } };
      const at = { type: voteTypes.precommit, height: 5n, round: 0 };
      return blocks.voteOf(worker, { ...at, blockId, time });
    });
    const [one, other] = votes;
    const report = reportOfVotes({ votes: [one, other] }, generation.workers[worker], generation);
    const { method, args } = report ?? { method: "", args: [] };
    return failure(send(network.misbehaviour, network.signers[6], method, args));
  }

  async #accuse(who: number): Promise<string> {
    const generation = await this.#current();
    if (generation === undefined || generation.initialHeight !== 1n) return "nobody";
    const keys = this.#keysOf(generation);
    const truth = toyExecution(generation);
    const lie = stateBehind(toyBefore, await toyExecution(generation, flippedFrom(20)).claim());
    const after = who % 2 === 0 ? lie : stateBehind(toyBefore, await truth.claim());
    const accusations = accusationsOf({ generation, keys, before: toyBefore, after });
    const player = await blockPlayer(network, { signer: 7, execution: truth, stakes: 1n });
    const opening = player.accuse(accusations[who % keys.length], generation, truth);
    const answer = await failure(opening);
    if (answer === "done") this.#accused.push(await opening);
    return answer;
  }

  async #answer(who: number): Promise<string> {
    const generation = await this.#current();
    if (generation === undefined) return "nobody";
    const truth = toyExecution(generation);
    const after = stateBehind(toyBefore, await truth.claim());
    const player = await blockPlayer(network, {
      signer: 1 + who,
      execution: truth,
      results: [after],
    });
    return (await player.tick()) ? "done" : "nothing";
  }

  async #timeout(): Promise<string> {
    const id = this.#accused.at(-1);
    if (id === undefined) return "nobody";
    const client = (await blockPlayer(network, { signer: 7, execution: {} as never })).arbiter;
    const situation = await client.situation(await client.opened(id));
    if (situation === undefined) {
      this.#accused.pop();
      return "settled";
    }
    const args = [situation.dispute];
    return failure(send(network.blockArbiter, network.signers[7], "claimTimeout", args));
  }

  /** Lets all disputes time out, closes, waits, and has everybody leave. */
  async end(seen: (kind: string) => void): Promise<void> {
    await network.mine(2000);
    while (this.#accused.length > 0) await this.#timeout();
    await this.#send(0, "close", [this.#cluster]);
    await network.mine(2000);
    for (const account of this.joined) {
      const owner = network.accounts.indexOf((await network.reader.worker(account))?.owner ?? "");
      for (const method of ["withdraw", "abandon"]) {
        if ((await this.#send(owner, method, [account])) === "done") seen(method);
      }
    }
  }
}

test("every sum is conserved after every move, and every deposit leaves that was not lost", async () => {
  let count = 0;
  const seen = new Map<string, number>();
  const note = (kind: string) => seen.set(kind, (seen.get(kind) ?? 0) + 1);
  await fc.assert(
    fc.asyncProperty(moves, async (sequence) => {
      const cluster = await createToyCluster(network, { size: 3 });
      const world = new Sequence(cluster, `sequence ${++count}`);
      // A generation that runs, so that most moves mean something.
      for (const who of [0, 1, 2]) expect(await world.move("join", who, 1)).toBe("done");
      expect(await world.move("seal", 0, 1)).toBe("done");
      for (const { kind, who, blocks } of sequence) {
        const answer = await world.move(kind, who, blocks);
        if (answer === "done") note(kind);
        expect(await gaps(network), kind).toEqual([0n, 0n]);
      }
      await world.end(note);
      for (const account of world.joined) {
        const status = (await network.reader.worker(account))?.status;
        expect([workerStatus.withdrawn, workerStatus.slashed]).toContain(status);
      }
      expect(await gaps(network)).toEqual([0n, 0n]);
    }),
    { seed: 15, numRuns: runs },
  );
  for (const kind of ["join", "seal", "doubleVote", "accuse", "answer", "withdraw", "collect"]) {
    expect(seen.get(kind) ?? 0, kind).toBeGreaterThan(0);
  }
}, 600_000);
