/**
 * Nanoseconds a unit of fuel of a workload on one executor.
 *
 * Method: the number of turns grows until a run is long enough for the clock (clock.ts); the best of some runs counts,
 * which go on while they still get better, since the host compiles meanwhile. What the machine is slower at the moment
 * than when the examples were measured is taken off (reference.ts). A workload that traps where it should return, or
 * that the linker refuses, is no candidate. A gateway call and its
 * input have a price of their own beside fuel: the time of the smallest call on as much input, in units at the rate that
 * the effort names, counts as fuel.
 */
import { assemble, op } from "../../spec-tests/corpus/assembler.ts";
import { decodeModule } from "../../src/interpreter/binary/decode.ts";
import type { ExecutorKind } from "../../src/interpreter/chooseExecutor.ts";
import { runWith } from "../../src/interpreter/chooseExecutor.ts";
import { Machine } from "../../src/interpreter/machine.ts";
import { link } from "../../src/interpreter/program/link.ts";
import { instructionBytes, type Program } from "../../src/interpreter/program/program.ts";
import { genesis } from "../../src/interpreter/state/genesis.ts";
import { begin, beginInvocation } from "../../src/interpreter/state/invocation.ts";
import type { MachineState } from "../../src/interpreter/state/machineState.ts";
import { statusCodes } from "../../src/interpreter/state/machineState.ts";
import { StateTree } from "../../src/merkle/commitment/stateTree.ts";
import { clocked } from "./clock.ts";
import { constant, type Workload } from "./workload.ts";

export const executors: readonly ExecutorKind[] = ["auto", "fast", "step"];

export interface Measurement {
  readonly nanosecondsPerFuel: number;
  /** Fuel of the run that was timed. */
  readonly fuel: number;
}

export interface Effort {
  /** Nanoseconds of a unit of fuel, for what the price of a call is. */
  readonly rate: number;
  /** A timed run takes at least so long. */
  readonly milliseconds: number;
  /** Runs in a row that were no better than one before. */
  readonly rounds: number;
  /** How much slower the machine is at the moment than it was for `rate`; not at all unless given. */
  readonly pace?: () => number;
}

const mostTurns = 2 ** 27;
/** More than `auto` leaves to the block executor, and what the dearest programs get instead. */
const warmSteps = 400_000;
const warmStepsOfInstruction = 300;
const warmMilliseconds = 400;
/** What the host's optimising compiler takes for an instruction of a large function, beside the run, at most. */
const compileMillisecondsOfInstruction = 0.05;
/** A run that is so much better than the best before is no chance. */
const betterBy = 0.98;
/** Runs of one workload, however much better they get. */
const mostRuns = 60;

interface TimedRun {
  /** Milliseconds. */
  readonly time: number;
  readonly steps: number;
  readonly fuel: number;
  /** What gateway calls and their input are worth beside their fuel, in fuel. */
  readonly price: number;
}

interface Timed {
  run(amount: number): TimedRun;
  /** Steps after which the default executor has compiled what it will. */
  readonly warmSteps: number;
  /** Milliseconds after which the host has optimised it. */
  readonly compileMilliseconds: number;
}

type Warmth = Pick<Timed, "warmSteps" | "compileMilliseconds">;

const cold: Warmth = { warmSteps: 0, compileMilliseconds: 0 };

function warmthOf({ code }: Program): Warmth {
  const instructions = code.length / instructionBytes;
  return {
    warmSteps: warmSteps + instructions * warmStepsOfInstruction,
    compileMilliseconds: instructions * compileMillisecondsOfInstruction,
  };
}

function programOf({ text, options }: Workload): Program {
  return link([{ name: "m", module: decodeModule(assemble(text)) }], {
    limits: { callFuel: 2 ** 50 },
    ...options,
  });
}

function functionNamed(program: Program, name: string): number {
  const { module, functions } = program.modules[0];
  const index = module.exports.find((item) => item.name === name)?.index ?? -1;
  return functions[index];
}

function freshState(workload: Workload, program: Program): MachineState {
  const state = genesis(program);
  workload.prepare?.(state);
  return state;
}

function spent(state: MachineState, work: () => void): TimedRun {
  const { fuelCounter, stepCounter } = state;
  const time = clocked(work);
  return {
    time,
    steps: state.stepCounter - stepCounter,
    fuel: state.fuelCounter - fuelCounter,
    price: 0,
  };
}

function invocations(workload: Workload, executor: ExecutorKind): Timed {
  const program = programOf(workload);
  const state = freshState(workload, program);
  const work = functionNamed(program, "work");
  const tree = workload.mode === "hash" ? new StateTree(state) : undefined;
  tree?.stateHash();
  const run = (amount: number) => {
    beginInvocation(state, work, [BigInt(amount)]);
    const result = spent(state, () => {
      runWith(state, executor);
      tree?.stateHash();
    });
    if (state.status !== statusCodes.returned) throw new RangeError(`trap ${state.trap}`);
    return result;
  };
  return { run, ...warmthOf(program) };
}

function coldRuns(workload: Workload, executor: ExecutorKind): Timed {
  const run = () => {
    const program = programOf(workload);
    const work = functionNamed(program, "work");
    let steps = 0;
    let fuel = 0;
    const time = clocked(() => {
      const state = freshState(workload, program);
      beginInvocation(state, work, [BigInt(workload.amount ?? 1)]);
      runWith(state, executor);
      steps = state.stepCounter;
      fuel = state.fuelCounter;
    });
    return { time, steps, fuel, price: 0 };
  };
  return { run, ...cold };
}

function freshRuns(workload: Workload, executor: ExecutorKind): Timed {
  const program = programOf(workload);
  const work = functionNamed(program, "work");
  const run = () => {
    const state = freshState(workload, program);
    const invoke = (turns: number) => {
      beginInvocation(state, work, [BigInt(turns)]);
      runWith(state, executor);
    };
    invoke(1);
    return spent(state, () => invoke(workload.amount ?? 1));
  };
  return { run, ...cold };
}

/** `price`: fuel that each call is worth beside what it spends. */
function gatewayCalls(workload: Workload, executor: ExecutorKind, price: number): Timed {
  const options = { gateway: "gateway", ...workload.options };
  const program = programOf({ ...workload, options });
  const machine = new Machine(program);
  workload.prepare?.(machine.state);
  const tree = new StateTree(machine.state);
  tree.stateHash();
  const input = new Uint8Array(workload.amount ?? 0);
  const rollBackOnTrap = workload.mode === "rollBack";
  // A call that is taken back takes its fuel back as well: an equal one that stays tells how much it was.
  const { fuelCounter } = machine.state;
  machine.call(input, { executor });
  const fuelOfCall = machine.state.fuelCounter - fuelCounter;
  const run = (count: number) => {
    let fuel = 0;
    const { time, steps } = spent(machine.state, () => {
      for (let call = 0; call < count; call++) {
        const before = machine.state.fuelCounter;
        if (rollBackOnTrap) {
          machine.call(input, { executor, rollBackOnTrap });
        } else {
          begin(machine.state, input);
          runWith(machine.state, executor);
        }
        fuel += rollBackOnTrap ? fuelOfCall : machine.state.fuelCounter - before;
        tree.stateHash();
      }
    });
    return { time, steps, fuel, price: count * price };
  };
  return { run, ...warmthOf(program) };
}

const global = { type: "i", mutable: true, init: constant(0) };

/** The smallest call with an input of so many bytes that does something: it counts, and returns or traps. */
function smallestCall({ mode, amount = 0 }: Workload): Workload {
  const count = [op("global.get", 0), constant(1), op("i32.add"), op("global.set", 0)];
  const body = mode === "rollBack" ? [...count, op("unreachable")] : count;
  const functions = [{ signature: ":", export: "gateway", body }];
  return {
    ...(mode === undefined ? {} : { mode }),
    amount,
    text: { globals: [global], functions },
  };
}

const fixed = new Map<string, number>();

/** What such a call takes with its state hash, in milliseconds: no call is without it. */
export function callMilliseconds(workload: Workload, executor: ExecutorKind): number {
  const key = `${workload.mode} ${workload.amount} ${executor}`;
  let known = fixed.get(key);
  if (known === undefined) {
    const timed = gatewayCalls(smallestCall(workload), executor, 0);
    const { time, fuel } = bestRun(timed, { milliseconds: 5, rounds: 6, rate: 1 });
    known = (time * timed.run(1).fuel) / fuel;
    fixed.set(key, known);
  }
  return known;
}

function timedOf(workload: Workload, executor: ExecutorKind, rate: number): Timed {
  const { mode = "run" } = workload;
  if (mode === "cold") return coldRuns(workload, executor);
  if (mode === "fresh") return freshRuns(workload, executor);
  if (mode === "run" || mode === "hash") return invocations(workload, executor);
  const price = (callMilliseconds(workload, executor) * 1e6) / rate;
  return gatewayCalls(workload, executor, price);
}

const ofUnit = ({ time, fuel, price }: TimedRun): number => (time * 1e6) / (fuel + price);
const cheaper = (a: TimedRun, b: TimedRun): TimedRun => (ofUnit(a) < ofUnit(b) ? a : b);

/** Runs with more and more turns until what the host compiles is compiled; returns turns for a run of about the wanted length. */
function warmUp(timed: Timed, { milliseconds }: Effort): number {
  let turns = 4;
  let [steps, time] = [0, 0];
  const isWarm = () =>
    time >= timed.compileMilliseconds && (steps >= timed.warmSteps || time >= warmMilliseconds);
  for (let amount = 4; !isWarm(); ) {
    const once = timed.run(amount);
    steps += once.steps;
    time += once.time;
    turns = Math.ceil(amount * Math.min(1, milliseconds / once.time));
    // A run that is long enough to wait with grows no more.
    if (once.time < warmMilliseconds / 4) amount *= 2;
  }
  return turns;
}

/** Turns that take long enough for the clock. */
function longEnough(timed: Timed, from: number, { milliseconds }: Effort): number {
  let amount = from;
  while (amount < mostTurns) {
    const { time } = timed.run(amount);
    if (time >= milliseconds) break;
    amount *= time < milliseconds / 10 ? 8 : 2;
  }
  return amount;
}

/** The best of the runs, which go on until so many in a row are no better; what gets faster gets more turns. */
function bestRun(timed: Timed, effort: Effort): TimedRun {
  let amount = longEnough(timed, warmUp(timed, effort), effort);
  let best = timed.run(amount);
  for (let idle = 0, runs = 1; idle < effort.rounds && runs < mostRuns; runs++) {
    const again = timed.run(amount);
    if (ofUnit(again) < ofUnit(best) * betterBy) idle = 0;
    else idle++;
    best = cheaper(best, again);
    if (again.time < effort.milliseconds / 2 && amount < mostTurns) {
      amount *= 2;
      idle = 0;
    }
  }
  return best;
}

/** A state does once what `cold` and `fresh` are about; the host has compiled its own code after a first one. */
function bestOf(timed: Timed, { mode }: Workload, effort: Effort): TimedRun {
  if (mode === "cold") return timed.run(1);
  if (mode === "fresh") return cheaper(cheaper(timed.run(1), timed.run(1)), timed.run(1));
  return bestRun(timed, effort);
}

/** Measures a workload; undefined if it cannot run as it should. */
export function measure(
  workload: Workload,
  executor: ExecutorKind,
  effort: Effort,
): Measurement | undefined {
  try {
    const timed = timedOf(workload, executor, effort.rate);
    const best = bestOf(timed, workload, effort);
    if (best.fuel === 0) return undefined;
    return { nanosecondsPerFuel: ofUnit(best) / (effort.pace?.() ?? 1), fuel: best.fuel };
  } catch (error) {
    if (error instanceof RangeError || (error instanceof Error && "code" in error))
      return undefined;
    throw error;
  }
}
