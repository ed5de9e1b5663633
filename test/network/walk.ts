/**
 * A random walk over all contracts of a network but Storage, whose own is storageMoves.test.ts: after every move each contract
 * holds to the wei what it owes, and every account has what it had, but for what the move must have given or taken. At the
 * end everybody leaves with everything, and nothing stays but what was burned.
 */
import type { Contract } from "ethers";
import { expect } from "vitest";
import { clusterStatus, fragmentStatus, workerStatus } from "../../src/history/index.ts";
import { seededPick } from "../game/random.ts";
import {
  confirmTurn,
  drawOnce,
  fragmentOf,
  type ValidatedNetwork,
  validatedNetworks,
} from "./fragments.ts";
import { failure, send } from "./network.ts";
import { arbiterOf, challengers, disputeMoves, timeoutOf, withdrawStake } from "./walkDisputes.ts";
import { end, fragmentMoves, reclaimOf, registerOf, votedList } from "./walkFragments.ts";
import { intrude } from "./walkIntruder.ts";
import type { Books } from "./walkLedger.ts";
import { type Answer, type Move, workerMoves } from "./walkWorkers.ts";
import { developer, everyone, Flow, owners, pool, spares, World } from "./walkWorld.ts";

const fresh = validatedNetworks("simulated", { mostUnconfirmed: 2, samples: 8 });

/** How often each move is tried, beside once. */
const weights: Readonly<Record<string, number>> = {
  prepare: 6,
  checkpoint: 6,
  handOver: 5,
  recover: 4,
  fund: 2,
  register: 4,
  begin: 6,
  draw: 12,
  confirm: 14,
  miss: 3,
  finish: 10,
  accuseWorker: 2,
  accuseValidator: 5,
  answer: 20,
  timeout: 2,
  intrude: 4,
  mine: 4,
};

const mine: Move = async ({ network, pick }) => {
  await network.mine([1, 5, 30, 120][pick(0, 3)]);
  return { said: "done" };
};

const collect: Move = async (world) => {
  const { clusters, validation, rewards } = world.network;
  const contract = world.one([clusters, validation, rewards]) ?? clusters;
  return collectOf(world, world.one(everyone) ?? developer, contract);
};

/** Collects; what is paid out is the credit, to the wei. */
async function collectOf(world: World, index: number, contract: Contract): Promise<Answer> {
  const { provider, accounts, signers } = world.network;
  const credit: bigint = await contract.credits(accounts[index]);
  const before = await provider.getBalance(accounts[index]);
  const receipt = await send(contract, signers[index], "collect", []);
  const after = await provider.getBalance(accounts[index]);
  expect(after - before + receipt.fee).toBe(credit);
  const flow = new Flow();
  flow.give(index, -credit);
  return { said: "done", flow };
}

const moves: Readonly<Record<string, Move>> = {
  ...workerMoves,
  ...fragmentMoves,
  ...disputeMoves,
  intrude,
  collect,
  mine,
};
/** All that can be done; an intruder is always refused. */
export const moveKinds = Object.keys(moves).filter((kind) => kind !== "intrude");
const lots = Object.keys(moves).flatMap((kind) => Array(weights[kind] ?? 1).fill(kind) as string[]);

/** What ends most of what goes on: seldom in a walk that is calm, or nothing becomes final. */
const hostile: readonly string[] = [
  "doubleVote",
  "brokenHeader",
  "fork",
  "foreignBlock",
  "accuseWorker",
  "accuseValidator",
  "halt",
  "close",
];

/** What was done how often, over all walks. */
export type Tally = Map<string, number>;

/** Holds the books after a move against those before it. */
function expectMoved(before: Books, after: Books, { flow = new Flow() }: Answer, said: string) {
  const none = Object.fromEntries(Object.keys(after.gaps).map((name) => [name, 0n]));
  expect(after.gaps, said).toEqual(none);
  const changes = [...after.wealth].map(([index, wei]) => [
    index,
    wei - (before.wealth.get(index) ?? 0n),
  ]);
  const expected = [...after.wealth.keys()].map((index) => [index, flow.wealth.get(index) ?? 0n]);
  expect(changes, said).toEqual(expected);
  expect(after.budgets - before.budgets, said).toBe(flow.budgets);
  expect(after.burned - before.burned, said).toBe(flow.burned);
}

/** Walks, each on a network that is fresh; every second one is calm. What was done how often. */
export async function walks({ seeds, steps }: { seeds: readonly number[]; steps: number }) {
  const tally: Tally = new Map();
  for (const seed of seeds) {
    const isCalm = seed % 2 === 0;
    const options = { pick: seededPick(seed), steps, name: `walk ${seed}`, tally, isCalm };
    await walk(await fresh(), options);
  }
  if (process.env.WALK_TALLY === "true") console.log([...tally].sort().join("\n"));
  return tally;
}

/** Walks on one cluster of a network that is fresh. */
async function walk(
  network: ValidatedNetwork,
  { pick, steps, name, tally, isCalm }: WalkOptions,
): Promise<void> {
  const world = await World.make(network, pick, name);
  let books = await world.books();
  const trace: string[] = [];
  const go = async (kind: string, move: Move) => {
    const answer = await move(world);
    if (answer === undefined) return false;
    trace.push(`${kind} ${answer.said}`);
    const after = await world.books();
    const flow = answer.said === "done" ? answer.flow : undefined;
    expectMoved(books, after, { ...answer, flow }, trace.slice(-12).join(", "));
    books = after;
    const done = answer.said === "done" ? kind : `${kind} ${answer.said}`;
    tally.set(done, (tally.get(done) ?? 0) + 1);
    await world.followChain();
    return true;
  };
  // A generation that runs and validators that can be drawn, so that most moves mean something.
  const setup = [
    "join",
    "join",
    "join",
    "join",
    "seal",
    "fund",
    "fund",
    "register",
    "register",
    "register",
  ];
  for (const kind of [...setup, "deposit", "deposit", "deposit", "deposit"]) {
    await go(kind, moves[kind]);
  }
  for (let step = 0; step < steps; ) {
    const kind = lots[pick(0, lots.length - 1)];
    if (isCalm && hostile.includes(kind) && pick(0, 7) !== 0) continue;
    if (await go(kind, moves[kind])) step++;
  }
  await leave(world, go);
}

/** How a walk goes. */
interface WalkOptions {
  readonly pick: World["pick"];
  readonly steps: number;
  readonly name: string;
  readonly tally: Tally;
  readonly isCalm: boolean;
}

type Go = (kind: string, move: Move) => Promise<unknown>;

/** Everything comes to an end, whoever is silent: disputes by the clock, fragments, turns, deposits, budgets. */
async function leave(world: World, go: Go): Promise<void> {
  const { network } = world;
  await network.mine(2000);
  while (world.disputes.length > 0) {
    const [dispute] = world.disputes;
    await go("leave: timeout", (at) => timeoutOf(at, dispute));
  }
  if ((await world.status()) !== BigInt(clusterStatus.closed)) {
    await go("leave: close", async (at) => ({
      said: await at.by(developer, "clusters", "close", [at.cluster]),
    }));
  }
  await endFragments(world, go);
  await network.mine(2000);
  for (const index of [...pool, ...spares]) {
    for (const id of world.fragments) {
      const fragment = await fragmentOf(network, id);
      if (fragment.status !== fragmentStatus.void) continue;
      await go("leave: reclaim", (at) => reclaimOf(at, fragment, index));
    }
    for (const method of ["deregister", "withdraw"]) {
      await go(`leave: ${method}`, async (at) => ({
        said: await at.by(index, "validation", method),
      }));
      await network.mine(500);
    }
  }
  for (const account of world.joined) {
    const { owner } = await world.worker(account);
    for (const method of ["withdraw", "abandon"]) {
      await go(`leave: ${method} a worker`, async (at) => ({
        said: await at.by(owner, "clusters", method, [account]),
      }));
    }
  }
  await expectEmpty(world, go);
}

/** Has every fragment end: what stands is confirmed and final, the rest void. */
async function endFragments(world: World, go: Go): Promise<void> {
  const { network } = world;
  if (world.fragments.size > 0) {
    for (const index of spares) await go("leave: register", (at) => registerOf(at, index));
  }
  for (let round = 0; round < 200; round++) {
    const all = await Promise.all([...world.fragments].map((id) => fragmentOf(network, id)));
    const fragment = all.find(({ status }) => status < fragmentStatus.final);
    if (fragment === undefined) return;
    const { status } = fragment;
    await go("leave: void", (at) => end(at, fragment, "void"));
    if ((await fragmentOf(network, fragment.id)).status === fragmentStatus.void) continue;
    if (status === fragmentStatus.drawing) {
      await go("leave: draw", async () => {
        const said = await failure(drawOnce(network, fragment.id));
        if (said !== "SeedExpired") return { said };
        const signer = network.signers[developer];
        return { said: await failure(send(network.validation, signer, "redraw", [fragment.id])) };
      });
    } else if (status === fragmentStatus.turn) {
      await go("leave: confirm", async (at) => ({
        said: await failure(confirmTurn(network, fragment, await votedList(at, fragment))),
      }));
      await go("leave: miss", fragmentMoves.miss);
    } else {
      await network.mine(9);
      await go("leave: finish", (at) => end(at, fragment, "finish"));
    }
  }
  throw new Error(`expected every fragment of ${world.name} to end`);
}

/** Collects everything, and expects nothing to be left but what was burned. */
async function expectEmpty(world: World, go: Go): Promise<void> {
  const { network } = world;
  const { clusters, validation, rewards, accounts } = network;
  for (const account of world.joined) {
    const status = Number((await clusters.workerOf(account)).status);
    expect([workerStatus.withdrawn, workerStatus.slashed]).toContain(status);
  }
  const budget: bigint = await rewards.budgetOf(world.cluster);
  const flow = new Flow();
  flow.give(developer, budget);
  flow.budgets = -budget;
  await go("leave: takeBack", async (at) => ({
    said: await at.by(developer, "rewards", "takeBack", [at.cluster, budget]),
    flow,
  }));
  for (const isAboutWorker of [true, false]) {
    const contract = arbiterOf(world, isAboutWorker);
    const parties = [...challengers, ...owners, ...pool, ...spares];
    for (const index of parties) {
      const { free } = await contract.accounts(accounts[index]);
      if (free === 0n) continue;
      await go("leave: request", async () => ({
        said: await failure(send(contract, network.signers[index], "requestWithdrawal", [free])),
      }));
    }
    await network.mine(network.parameters.disputes.coolingOffBlocks);
    for (const index of parties) {
      if ((await contract.accounts(accounts[index])).leaving === 0n) continue;
      await go("leave: stake", (at) => withdrawStake(at, index, contract));
    }
  }
  for (const index of everyone) {
    for (const contract of [clusters, validation, rewards]) {
      if ((await contract.credits(accounts[index])) === 0n) continue;
      await go("leave: collect", (at) => collectOf(at, index, contract));
    }
  }
  const { wealth, budgets } = await world.books();
  expect([...wealth.values(), budgets].every((wei) => wei === 0n)).toBe(true);
  const { provider, blockArbiter, validationArbiter } = network;
  for (const contract of [clusters, validation, blockArbiter, validationArbiter]) {
    expect(await provider.getBalance(contract.target)).toBe(await contract.burned());
  }
  expect(await provider.getBalance(rewards.target)).toBe(0n);
}
