/**
 * A machine with the calls that a command line asks for, run one after another from genesis or a saved state.
 *
 * Invariant: the state at step N of a session is the one from which step N + 1 executes: where a call ends at N and
 * another follows, the state after that one's beginning. A trapped call is followed by the next one as a returned call is
 * (docs/machine.md §10). No step number means two states: only the session's first call may begin an era, unless nothing
 * but the end of all calls is asked for.
 */
import type { TrapReport } from "../../interpreter/inspect/trapReport.ts";
import { Machine } from "../../interpreter/machine.ts";
import type { Program } from "../../interpreter/program/program.ts";
import { type Argument, countersOfCall } from "../../interpreter/state/invocation.ts";
import { isPackedCommand } from "../../interpreter/wasi/packProgram.ts";
import { StateTree } from "../../merkle/index.ts";
import { UsageError } from "../terminal/failure.ts";
import { counted, grouped } from "../terminal/output.ts";
import { type Progress, progressOf } from "../terminal/progress.ts";
import { CallLog, type EndedCall } from "./calls.ts";
import { readBytes } from "./files.ts";
import { hexBytes } from "./hex.ts";
import { openProgram } from "./linkedProgram.ts";
import type { CallOptions, Executor, ProgramOptions } from "./options.ts";
import { gatewayNames } from "./programFunctions.ts";
import { readState } from "./savedState.ts";
import { type SourceOptions, Sources } from "./sources.ts";

export type SessionOptions = ProgramOptions & CallOptions & SourceOptions;

/** Steps between two looks at the clock, at first. */
const firstSlice = 1_000_000;
const sliceMs = 250;
/** Names of exports that a line has room for. */
const shownNames = 20;

export class Session {
  readonly program: Program;
  readonly machine: Machine;
  readonly executor: Executor;
  /** Places of its instructions in the source. */
  readonly sources: Sources;
  /** Inputs of the calls that have not begun. */
  readonly #inputs: Uint8Array[];
  readonly #calls: CallLog;
  /** Step at which the session begins. */
  #firstStep: number;
  #begunInputs = 0;
  /** Whether a call of the session has begun. */
  #isUnderWay: boolean;
  #tree: StateTree | undefined;

  constructor(
    machine: Machine,
    inputs: readonly Uint8Array[],
    executor: Executor,
    sources = new Sources(machine.program),
  ) {
    this.program = machine.program;
    this.machine = machine;
    this.executor = executor;
    this.#inputs = [...inputs];
    this.sources = sources;
    this.#calls = new CallLog(machine, sources);
    this.#firstStep = machine.state.stepCounter;
    this.#isUnderWay = machine.isRunning;
  }

  /** Loads, links and instantiates what the command line names, and begins the first call; nothing has run yet. */
  static open(files: readonly string[], options: SessionOptions): Session {
    const program = openProgram(files, options);
    const inputs = [...options.input.map(readBytes), ...options.inputHex.map(hexBytes)];
    const machine =
      options.from === undefined
        ? new Machine(program)
        : new Machine(program, readState(options.from, program));
    const implied = inputs.length === 0 && options.from === undefined;
    if (implied && program.config.gateway !== undefined) inputs.push(new Uint8Array(0));
    if (inputs.length > 0 && program.config.gateway === undefined) {
      throw noGateway(program, "for an input");
    }
    if (inputs.length > 1 && isPackedCommand(program)) throw oneInputAlone();
    checkInputs(inputs, program.config.limits.inputBytes);
    const session = new Session(machine, inputs, options.executor, new Sources(program, options));
    session.beginNext();
    return session;
  }

  get steps(): number {
    return this.machine.state.stepCounter;
  }

  get isRunning(): boolean {
    return this.machine.isRunning;
  }

  /** The calls that have ended. */
  get calls(): readonly EndedCall[] {
    this.#calls.settle();
    return this.#calls.ended;
  }

  /** What is known of the last trap; undefined unless the last call trapped. */
  get trapReport(): TrapReport | undefined {
    return this.#calls.trapReport;
  }

  /** For commands that are about a run: UsageError if the program has nothing that could be called. */
  expectCall(): void {
    const { gateway } = this.program.config;
    if (gateway === undefined && !this.isRunning && this.steps === 0)
      throw noGateway(this.program, "to call");
  }

  /** The commitment of the state as it is now. */
  get tree(): StateTree {
    if (this.#tree?.state !== this.machine.state) this.#tree = new StateTree(this.machine.state);
    return this.#tree;
  }

  /**
   * Begins the next call if the machine is at rest; false if there is nothing left to run.
   *
   * @param isOneEra Whether step numbers matter: UsageError where they would start again behind a call of the session.
   */
  beginNext(isOneEra = true): boolean {
    if (this.isRunning) return true;
    this.#calls.settle();
    if (this.#inputs.length === 0) return false;
    if (isOneEra && this.#isUnderWay && this.#endsEra()) throw anotherEra(this.#begunInputs + 1);
    this.machine.begin(this.#inputs.shift() as Uint8Array);
    if (!this.#isUnderWay) this.#firstStep = this.steps;
    this.#isUnderWay = true;
    this.#begunInputs++;
    this.#calls.begun(`input ${this.#begunInputs}`);
    return true;
  }

  /** Whether the next call begins an era: then its steps count from 0. */
  #endsEra(): boolean {
    const { state } = this.machine;
    return countersOfCall(state, this.program).era !== state.era;
  }

  /** Runs to the end of all calls. */
  runToEnd(): void {
    const progress = progressOf("running", undefined);
    while (this.beginNext(false)) this.#advance(Number.POSITIVE_INFINITY, progress);
    progress.end();
  }

  /** Runs what is pending (a start function), then the function with that index and these argument slots. */
  invoke(functionIndex: number, args: readonly Argument[]): void {
    this.runToEnd();
    this.machine.invoke(functionIndex, args);
    this.#calls.begun("invocation");
    const progress = progressOf("running", undefined);
    this.#advance(Number.POSITIVE_INFINITY, progress);
    progress.end();
  }

  /** Runs to step `target`; UsageError if the calls end before. */
  runTo(target: number): void {
    if (target < this.steps) {
      throw new UsageError(
        `step ${grouped(target)} lies before the saved state`,
        `choose one from ${grouped(this.steps)} on, or leave --from out`,
      );
    }
    this.runUpTo(target);
    if (this.steps < target) {
      throw new UsageError(
        `the run ends at step ${grouped(this.steps)}`,
        `choose a step from ${grouped(this.#firstStep)} to ${grouped(this.steps)}`,
      );
    }
  }

  /** Runs to step `target`, or to the end of all calls if that comes first. */
  runUpTo(target: number): void {
    const progress = progressOf("running", target - this.steps);
    while (this.#isBefore(target)) this.#advance(target, progress);
    progress.end();
  }

  /** Whether there is something to run before step `target`; begins the next call, unless the step is the end of its era. */
  #isBefore(target: number): boolean {
    if (!this.isRunning && this.steps >= target && this.#endsEra()) return false;
    return this.beginNext() && this.steps < target;
  }

  /** Runs the call at hand to its end or to `target`, in slices only where somebody watches. */
  #advance(target: number, progress: Progress): void {
    const from = this.steps;
    let slice = process.stderr.isTTY ? firstSlice : Number.POSITIVE_INFINITY;
    while (this.machine.isRunning && this.steps < target) {
      const started = performance.now();
      this.#run(Math.min(slice, target - this.steps));
      progress.report(this.steps - from);
      if (performance.now() - started < sliceMs) slice *= 2;
    }
  }

  #run(steps: number): void {
    const { executor } = this;
    const limits = Number.isFinite(steps) ? { steps, executor } : { executor };
    this.machine.run(limits);
  }
}

export function noGateway(program: Program, purpose: string): UsageError {
  const names = gatewayNames(program).slice(0, shownNames);
  return new UsageError(
    `the program has no gateway ${purpose}`,
    names.length === 0
      ? "its last module exports no function without parameters; export one"
      : `name an exported function without parameters with --gateway: ${names.join(", ")}`,
  );
}

function anotherEra(input: number): UsageError {
  return new UsageError(
    `input ${input} begins another era, in which steps count from 0 again`,
    "save the state before it with run --save, and begin with --from there",
  );
}

function oneInputAlone(): UsageError {
  return new UsageError(
    "a packed command begins every call at genesis, so one run takes one input",
    "run it once for each input, or pack a reactor (docs/wasi.md)",
  );
}

/** Told before anything runs, with the option that helps. */
export function checkInputs(inputs: readonly Uint8Array[], most: number): void {
  for (const [index, { length }] of inputs.entries()) {
    if (length <= most) continue;
    const which = inputs.length === 1 ? "the input" : `input ${index + 1}`;
    throw new UsageError(
      `${which} has ${counted(length, "byte")}, the program takes at most ${grouped(most)}`,
      "raise --input-bytes",
    );
  }
}
