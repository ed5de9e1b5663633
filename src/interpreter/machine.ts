/**
 * A program and its state in one object: what most callers use.
 *
 * Invariant: it adds nothing to the functions of this folder; whoever needs the state itself takes `state`.
 */
import type { ExecutorKind } from "./chooseExecutor.ts";
import { runWith } from "./chooseExecutor.ts";
import { checkOptionNames, optionNames } from "./optionNames.ts";
import { checkChoice } from "./program/linkOptions.ts";
import type { Program } from "./program/program.ts";
import { step } from "./reference/step.ts";
import { CallJournal } from "./state/callJournal.ts";
import { exitCode, outputOf } from "./state/callOutput.ts";
import { genesis } from "./state/genesis.ts";
import { type Argument, begin, beginInvocation, results } from "./state/invocation.ts";
import type { MachineState } from "./state/machineState.ts";
import { statusCodes } from "./state/machineState.ts";
import type { Snapshot } from "./state/snapshot.ts";
import { restore, snapshot } from "./state/snapshot.ts";

/** How far `Machine.run` goes, and by which executor. */
export interface MachineRunLimits {
  /** Steps at most; without it the machine runs until it halts. */
  readonly steps?: number;
  /** Who runs it; `auto` unless given. The choice changes nothing but the time. */
  readonly executor?: ExecutorKind;
}

/** How `Machine.call` runs. */
export interface MachineCallOptions {
  /** Who runs it; `auto` unless given. The choice changes nothing but the time. */
  readonly executor?: ExecutorKind;
  /** Take the call back if it traps, in time proportional to what it wrote. */
  readonly rollBackOnTrap?: boolean;
}

const runLimitNames = optionNames<MachineRunLimits>({ steps: true, executor: true });
const callOptionNames = optionNames<MachineCallOptions>({ executor: true, rollBackOnTrap: true });
const executorKinds: readonly ExecutorKind[] = ["auto", "fast", "step"];

/**
 * A machine: a program and its state (docs/machine.md §4). A call is begun by `begin` or `invoke`, executed by
 * `step`, `run` or `runTo`, which stop at any instruction asked for, and has ended when `isRunning` is false;
 * `call` does all of it. A trap is a state, `state.status` and `state.trap`, never an exception. A program with
 * start functions is running at genesis: `run()` executes them.
 */
export class Machine {
  /** The program that it runs; never changes. */
  readonly program: Program;
  /** The live state; replaced by `restore`. */
  state: MachineState;

  /** A machine at the genesis of `program`, or at `state`. */
  constructor(program: Program, state: MachineState = genesis(program)) {
    this.program = program;
    this.state = state;
  }

  /** Whether a call is under way: neither returned nor exited nor trapped. */
  get isRunning(): boolean {
    return this.state.status === statusCodes.running;
  }

  /** Begins a gateway call on `input`. Throws RangeError where that is not possible. */
  begin(input: Uint8Array): void {
    begin(this.state, input);
  }

  /** Begins an invocation by hand; `args` are bits, one a value. Throws RangeError where that is not possible. */
  invoke(functionIndex: number, args: readonly Argument[]): void {
    beginInvocation(this.state, functionIndex, args);
  }

  /**
   * A whole gateway call: begins it and runs it to its end. With `rollBackOnTrap` a call that traps was never made.
   * Returns the trap code, 0 if the call returned or exited. Throws RangeError, and leaves the machine as it was, where that is
   * not possible.
   */
  call(input: Uint8Array, options: MachineCallOptions = {}): number {
    checkOptionNames("call", options, callOptionNames);
    const { rollBackOnTrap = false, ...limits } = options;
    checkExecutor(limits.executor);
    if (this.isRunning) {
      throw new RangeError(
        "expected a machine that is not running; a start function is the first call: machine.run() executes it",
      );
    }
    if (!rollBackOnTrap) {
      this.begin(input);
      this.run(limits);
      return this.state.trap;
    }
    const journal = new CallJournal(this.state);
    try {
      this.begin(input);
      this.run(limits);
    } catch (error) {
      journal.rollBack();
      throw error;
    }
    const { trap } = this.state;
    if (trap === 0) journal.close();
    else journal.rollBack();
    return trap;
  }

  /** Executes one instruction; nothing if the machine is halted. */
  step(): void {
    step(this.state);
  }

  /**
   * Runs until the machine halts, or for exactly `steps` steps if it does not halt before. Throws RangeError for
   * `steps` that is no integer from 0 to 2^53 − 1, and for an executor that does not exist.
   */
  run(limits: MachineRunLimits = {}): void {
    checkOptionNames("run", limits, runLimitNames);
    const { steps, executor = "auto" } = limits;
    if (steps !== undefined) checkCount("steps", steps);
    checkExecutor(executor);
    runWith(this.state, executor, steps);
  }

  /** Runs until the step counter is `stepCounter` or the machine halts. Throws RangeError if it is past that already. */
  runTo(stepCounter: number, executor: ExecutorKind = "auto"): void {
    checkCount("stepCounter", stepCounter);
    checkExecutor(executor);
    if (stepCounter < this.state.stepCounter) {
      throw new RangeError(
        `expected a step counter of at least ${this.state.stepCounter}, got ${stepCounter}`,
      );
    }
    runWith(this.state, executor, stepCounter - this.state.stepCounter);
  }

  /** Slots that the last call returned, two for a vector (`valuesOfSlots`); empty unless it returned. */
  results(): bigint[] {
    return results(this.state);
  }

  /** What the last call put out, whether it returned, exited or trapped; a view that later steps do not change. */
  get output(): Uint8Array {
    return outputOf(this.state);
  }

  /** Code (u32) of a call that ended in `exit`; undefined unless it did. */
  get exitCode(): number | undefined {
    return exitCode(this.state);
  }

  /**
   * A copy of the whole state, detached from the machine. Costs time and memory in proportion to the memories.
   */
  snapshot(): Snapshot {
    return snapshot(this.state);
  }

  /**
   * Puts the machine into the state of a snapshot, which must be of the same program (not checked). `state`
   * becomes a new object, so a `StateTree` of the machine must be made anew.
   */
  restore(from: Snapshot): void {
    this.state = restore(this.program, from);
  }
}

function checkCount(name: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new RangeError(
      `expected ${name} to be an integer in [0, ${Number.MAX_SAFE_INTEGER}], got ${value}`,
    );
  }
}

function checkExecutor(executor: ExecutorKind = "auto"): void {
  checkChoice("executor", executor, executorKinds);
}
