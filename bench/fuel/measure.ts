/**
 * Nanoseconds a unit of fuel of a workload on one executor.
 *
 * Method: processor time of this thread, since other processes share the machine. The number of turns grows until a
 * run is long enough for the clock; the best of some runs counts, after as many that warm up. A workload that traps
 * where it should return, or that the linker refuses, is no candidate. A gateway call and its
 * input have a price of their own beside fuel: the time of the smallest call on as much input, in units at the rate that
 * the effort names, counts as fuel.
 */
import { assemble, op } from "../../spec-tests/corpus/assembler.ts";
import { decodeModule } from "../../src/interpreter/binary/decode.ts";
import type { ExecutorKind } from "../../src/interpreter/chooseExecutor.ts";
import { runWith } from "../../src/interpreter/chooseExecutor.ts";
import { Machine } from "../../src/interpreter/machine.ts";
import { link } from "../../src/interpreter/program/link.ts";
import type { Program } from "../../src/interpreter/program/program.ts";
import { genesis } from "../../src/interpreter/state/genesis.ts";
import { begin, beginInvocation } from "../../src/interpreter/state/invocation.ts";
import type { MachineState } from "../../src/interpreter/state/machineState.ts";
import { statusCodes } from "../../src/interpreter/state/machineState.ts";
import { StateTree } from "../../src/merkle/commitment/stateTree.ts";
import { milliseconds } from "../fast/timing.ts";
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
  readonly rounds: number;
}

const mostTurns = 2 ** 27;
/** More than `auto` leaves to the block executor, and what the dearest programs get instead. */
const warmSteps = 400_000;
const warmMilliseconds = 300;

interface TimedRun {
  /** Milliseconds. */
  readonly time: number;
  readonly steps: number;
  readonly fuel: number;
  /** What gateway calls and their input are worth beside their fuel, in fuel. */
  readonly price: number;
}

type Timed = (amount: number) => TimedRun;

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
  const from = milliseconds();
  work();
  const time = milliseconds() - from;
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
  const run: Timed = (amount) => {
    beginInvocation(state, work, [BigInt(amount)]);
    const result = spent(state, () => {
      runWith(state, executor);
      tree?.stateHash();
    });
    if (state.status !== statusCodes.returned) throw new RangeError(`trap ${state.trap}`);
    return result;
  };
  return run;
}

function coldRuns(workload: Workload, executor: ExecutorKind): Timed {
  return () => {
    const program = programOf(workload);
    const work = functionNamed(program, "work");
    const from = milliseconds();
    const state = freshState(workload, program);
    beginInvocation(state, work, [BigInt(workload.amount ?? 1)]);
    runWith(state, executor);
    const time = milliseconds() - from;
    return { time, steps: state.stepCounter, fuel: state.fuelCounter, price: 0 };
  };
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
  return (count) => {
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
    const run = gatewayCalls(smallestCall(workload), executor, 0);
    const { time, fuel } = bestRun(run, { milliseconds: 40, rounds: 3, rate: 1 });
    known = (time * run(1).fuel) / fuel;
    fixed.set(key, known);
  }
  return known;
}

function timedOf(workload: Workload, executor: ExecutorKind, rate: number): Timed {
  const { mode = "run" } = workload;
  if (mode === "cold") return coldRuns(workload, executor);
  if (mode === "run" || mode === "hash") return invocations(workload, executor);
  const price = (callMilliseconds(workload, executor) * 1e6) / rate;
  return gatewayCalls(workload, executor, price);
}

const ofUnit = ({ time, fuel, price }: TimedRun): number => (time * 1e6) / (fuel + price);
const cheaper = (a: TimedRun, b: TimedRun): TimedRun => (ofUnit(a) < ofUnit(b) ? a : b);

/** Runs with more and more turns until what the host compiles is compiled; returns the number of turns. */
function warmUp(run: Timed): number {
  let amount = 4;
  for (let steps = 0, time = 0; steps < warmSteps && time < warmMilliseconds; amount *= 2) {
    const once = run(amount);
    steps += once.steps;
    time += once.time;
  }
  return amount;
}

/**
 * The best of the runs that are long enough. What the host compiles makes a run long, so a number of turns is enough
 * only if several runs in a row are.
 */
function bestRun(run: Timed, effort: Effort): TimedRun {
  let amount = warmUp(run);
  for (let enough = 0, best = run(amount); ; ) {
    const again = run(amount);
    const isLong = again.time >= effort.milliseconds;
    best = enough > 0 ? cheaper(best, again) : again;
    enough = isLong ? enough + 1 : 0;
    if (enough > effort.rounds || amount >= mostTurns) return best;
    if (!isLong) amount *= again.time < effort.milliseconds / 10 ? 8 : 2;
  }
}

/** Measures a workload; undefined if it cannot run as it should. */
export function measure(
  workload: Workload,
  executor: ExecutorKind,
  effort: Effort,
): Measurement | undefined {
  try {
    const run = timedOf(workload, executor, effort.rate);
    const best = workload.mode === "cold" ? run(1) : bestRun(run, effort);
    if (best.fuel === 0) return undefined;
    return { nanosecondsPerFuel: ofUnit(best), fuel: best.fuel };
  } catch (error) {
    if (error instanceof RangeError || (error instanceof Error && "code" in error))
      return undefined;
    throw error;
  }
}
