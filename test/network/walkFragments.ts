/** What a walk does with budgets, validators and fragments; what each move must change. */
import type { Hash } from "../../src/game/index.ts";
import {
  applicationCalldata,
  type Fragment,
  fragmentStatus,
  SampleWalk,
  validatorStatus,
} from "../../src/history/index.ts";
import { toyGenesis, toyHash } from "../game/simulation.ts";
import { confirmTurn, drawOnce, fragmentOf, listFor } from "./fragments.ts";
import { failure, toy } from "./network.ts";
import { viewAt } from "./walkLedger.ts";
import type { Answer, Move } from "./walkWorkers.ts";
import { developer, Flow, funder, pool, reporter, type World } from "./walkWorld.ts";

/** One of the fragments that stand at one of these points. */
async function fragmentIn(world: World, ...statuses: readonly number[]) {
  const all = await Promise.all(
    [...world.fragments].map((id) => fragmentOf(world.network, id as Hash)),
  );
  return world.one(all.filter(({ status }) => statuses.includes(status)));
}

const indexOf = (world: World, account: string) => world.network.accounts.indexOf(account);

// --- The pool ---

const register: Move = (world) => registerOf(world, world.one(pool) ?? pool[0]);

export async function registerOf(world: World, index: number): Promise<Answer> {
  const { deposit } = world.network.parameters.validation;
  const { deposit: there } = await world.network.validations.validator(
    world.network.accounts[index],
  );
  const flow = new Flow();
  const said = await world.by(index, "validation", "register", [], deposit - there);
  if (said === "done") flow.give(index, deposit - there);
  return { said, flow };
}

const byValidator = (method: string): Move =>
  async function byValidator(world) {
    // Seldom, or nobody is left to be chosen.
    if (world.pick(0, 3) !== 0) return undefined;
    return { said: await world.by(world.one(pool) ?? pool[0], "validation", method) };
  };

// --- Budgets ---

const fund: Move = async (world) => {
  const value = 10n ** BigInt(world.pick(14, 17));
  const payer = world.pick(0, 1) === 0 ? funder : developer;
  const flow = new Flow();
  flow.budgets = value;
  return { said: await world.by(payer, "rewards", "fund", [world.cluster], value), flow };
};

const takeBack: Move = async (world) => {
  if (world.pick(0, 3) !== 0) return undefined;
  const budget: bigint = await world.network.rewards.budgetOf(world.cluster);
  const amount = budget / BigInt(world.pick(1, 3));
  const flow = new Flow();
  flow.give(developer, amount);
  flow.budgets = -amount;
  const said = await world.by(developer, "rewards", "takeBack", [world.cluster, amount]);
  return { said, flow };
};

// --- Fragments ---

/** The first checkpoint of the line of which no fragment is begun, with the states at both of its ends. */
const begin: Move = async (world) => {
  const { network, cluster, fragments } = world;
  const count = Number(await network.checkpoints.countOf(cluster));
  let previous: { generation: bigint; appHash: string } | undefined;
  for (let position = 0; position < count; position++) {
    const id: Hash = await network.validation.fragmentAt(cluster, position);
    const end = await network.checkpoints.checkpointAt(cluster, position);
    if (fragments.has(id)) {
      previous = end;
      continue;
    }
    const { initialAppHash } = await network.clusters.generationOf(end.generation);
    const isOfOne = previous?.generation === end.generation;
    const start = isOfOne ? previous?.appHash : initialAppHash;
    const [before, behind] = [start, end.appHash].map((hash) => world.states.get(hash));
    if (before === undefined || behind === undefined) throw new Error("expected known states");
    const args = [cluster, position, applicationCalldata(before), applicationCalldata(behind)];
    const said = await world.by(reporter, "validation", "begin", args);
    if (said === "done") fragments.add(id);
    return { said };
  }
  return undefined;
};

const draw: Move = async (world) => {
  const fragment = await fragmentIn(world, fragmentStatus.drawing);
  if (fragment === undefined) return undefined;
  const said = await failure(drawOnce(world.network, fragment.id));
  if (said !== "SeedExpired") return { said };
  return { said: await world.by(reporter, "validation", "redraw", [fragment.id]) };
};

/** The list of a fragment's execution, as its workers have voted for it. */
export async function votedList(world: World, fragment: Fragment): Promise<Hash[]> {
  const call = world.chains.get(fragment.generation)?.call;
  const base = toyHash(toyGenesis(toy));
  if (call === undefined || fragment.steps === 0n) return listFor(fragment, () => base);
  const walk = new SampleWalk(fragment);
  while (walk.next <= fragment.steps) {
    const step = Number(walk.next);
    const hashes = step === 0 ? [base] : await call.voted.stateHashes([step]);
    walk.take(hashes[0]);
  }
  return walk.samples.map(({ hash }) => hash);
}

const confirm: Move = async (world) => {
  const fragment = await fragmentIn(world, fragmentStatus.turn);
  if (fragment === undefined) return undefined;
  const list = world.pick(0, 5) === 0 ? listFor(fragment) : await votedList(world, fragment);
  return { said: await failure(confirmTurn(world.network, fragment, list)) };
};

/** Whether no cluster goes on from a fragment. */
async function isRefuted(world: World, { height }: Fragment): Promise<boolean> {
  return height >= (await world.network.clusters.clusterOf(world.cluster)).refutedHeight;
}

/** Ends a turn: by the one who has it, or by anyone when its time is over. */
const miss: Move = async (world) => {
  const fragment = await fragmentIn(world, fragmentStatus.turn);
  if (fragment === undefined) return undefined;
  const chosen = indexOf(world, fragment.chosen);
  const isOwn = world.pick(0, 1) === 0;
  if (!isOwn) await world.network.mine(world.pick(1, 16));
  const before = await world.block();
  const isFree = await isRefuted(world, fragment);
  const { deposit, status } = await world.network.validations.validator(fragment.chosen);
  const args = [fragment.id];
  const said = await world.by(isOwn ? chosen : reporter, "validation", "miss", args);
  const now = await fragmentOf(world.network, fragment.id);
  // Refused, or prolonged.
  if (said !== "done" || now.status === fragmentStatus.turn) return { said };
  const isVoid = now.status === fragmentStatus.void;
  const flow = isVoid ? await settled(world, fragment, false, before) : new Flow();
  const isThere = status === validatorStatus.active || status === validatorStatus.inactive;
  const { missFee } = world.network.parameters.validation;
  const fee = missFee < deposit ? missFee : deposit;
  if (!isFree && isThere) {
    flow.give(chosen, -fee);
    flow.burned += fee;
  }
  return { said, flow };
};

const reclaim: Move = async (world) => {
  const fragment = await fragmentIn(world, fragmentStatus.void);
  return fragment && reclaimOf(world, fragment, world.one(pool) ?? pool[0]);
};

export async function reclaimOf(world: World, { id }: Fragment, index: number): Promise<Answer> {
  const fees: bigint = await world.network.validation.feesOf(id, world.network.accounts[index]);
  const flow = new Flow();
  flow.give(index, fees);
  flow.burned = -fees;
  return { said: await world.by(index, "validation", "reclaim", [id]), flow };
}

/** What is paid for a fragment that ends: by its reservation at a block, to whom has worked for it and not lost its deposit. */
async function settled(
  world: World,
  { id, generation }: Fragment,
  isFinal: boolean,
  block: string,
): Promise<Flow> {
  const { validation, rewards, clusters } = world.network;
  const flow = new Flow();
  const pay = (index: number, amount: bigint) => {
    flow.give(index, amount);
    flow.budgets -= amount;
  };
  const [reserved] = await viewAt(world.network, rewards, ["reservationOf", id], block);
  const [numbers] = await viewAt(world.network, validation, ["confirmationsOf", id], block);
  for (const number of numbers) {
    const view = ["confirmationOf", number] as const;
    const [{ validator, isRefuted }] = await viewAt(world.network, validation, view, block);
    const [{ status }] = await viewAt(world.network, validation, ["validatorOf", validator], block);
    const stands = !isRefuted && Number(status) !== validatorStatus.slashed;
    if (stands) pay(indexOf(world, validator), reserved.ofValidation);
  }
  if (!isFinal) return flow;
  for (const account of await clusters.membersOf(generation)) {
    const { owner, isSlashed } = await world.worker(account, block);
    if (!isSlashed) pay(owner, reserved.ofWorker);
  }
  return flow;
}

/** Ends a fragment, one way or the other. */
export async function end(world: World, fragment: Fragment, method: string): Promise<Answer> {
  const before = await world.block();
  const said = await world.by(reporter, "validation", method, [fragment.id]);
  const { status } = await fragmentOf(world.network, fragment.id);
  if (said !== "done" || status < fragmentStatus.final) return { said };
  return { said, flow: await settled(world, fragment, status === fragmentStatus.final, before) };
}

const finish: Move = async (world) => {
  const fragment = await fragmentIn(world, fragmentStatus.decided);
  if (fragment === undefined) return undefined;
  await world.network.mine(world.pick(1, 9));
  return end(world, fragment, "finish");
};

const makeVoid: Move = async (world) => {
  const { drawing, turn, decided } = fragmentStatus;
  const fragment = await fragmentIn(world, drawing, turn, decided);
  return fragment && end(world, fragment, "void");
};

export const fragmentMoves: Readonly<Record<string, Move>> = {
  register,
  deregister: byValidator("deregister"),
  withdrawValidator: byValidator("withdraw"),
  fund,
  takeBack,
  begin,
  draw,
  confirm,
  miss,
  reclaim,
  finish,
  void: makeVoid,
};
