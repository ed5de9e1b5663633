/**
 * Questions about a run: who writes these bytes first, or last before a step; when is a function entered the nth time; when does
 * a predicate hold first (docs/debugging.md, "How find runs").
 *
 * Invariant: the answer is the one that looking at the state after every single step would give. Intervals in which no chunk of the
 * bytes was written are passed on the fast path; the rest is watched (watchedRun.ts).
 */
import { countersOfCall, type Machine, type Program } from "../../interpreter/index.ts";
import { checkOptionNames, optionNames } from "../../interpreter/optionNames.ts";
import { chunkBytes, instructionBytes } from "../../interpreter/program/program.ts";
import { chunkFlags, type MachineState } from "../../interpreter/state/machineState.ts";
import type { WrittenRange } from "../watchedAccess.ts";
import type { Predicate } from "./predicate.ts";
import { ProbedProgram } from "./probedProgram.ts";
import { runProbed } from "./probedRun.ts";
import { probePlan } from "./probePlan.ts";
import { backBranches, predicateWatch } from "./stops.ts";
import { type Watch, WatchedCode, WatchedRun, type WatchedWrite } from "./watchedRun.ts";

/** What is asked. */
export type FindQuery =
  | { readonly kind: "write"; readonly range: WrittenRange }
  | { readonly kind: "lastWrite"; readonly range: WrittenRange }
  | { readonly kind: "entry"; readonly function: number; readonly nth: number }
  | { readonly kind: "predicate"; readonly predicate: Predicate };

/** How far a question goes, and how a run goes on behind the end of a call. */
export interface FindOptions {
  /** The last step that is looked at, in the era that the machine stands in or that the first call begins; the run's end unless given. */
  readonly end?: number;
  /** Begins the next call if there is one; a machine at rest is at its end unless given. */
  readonly beginNext?: () => boolean;
  /** Told of steps done, now and then. */
  readonly onProgress?: (step: number) => void;
  /** Steps that are watched before a probed program is made, which takes time by itself; the answer does not depend on it. */
  readonly stepsBeforeProbing?: number;
}

const findOptionNames = optionNames<Required<FindOptions>>({
  end: true,
  beginNext: true,
  onProgress: true,
  stepsBeforeProbing: true,
});

/** An answer. */
export interface FindResult {
  /**
   * Step counter of the state that is found: of a write the state before it, of an entry the one from which the function's
   * first instruction executes, of a predicate the first one in which it holds.
   */
  readonly step: number;
  /** The instruction that writes, or that executes next in that state; −1 if the machine is at rest there. */
  readonly pc: number;
  /** What was written. */
  readonly written: WrittenRange | undefined;
}

/** Steps of an interval at first, and at most. */
const firstInterval = 2 ** 20;
const longestInterval = 2 ** 28;
/** A probed program is worth making after so many steps, and so many for each instruction of the program. */
const stepsBeforeProbing = 2 ** 24;
const stepsOfInstruction = 32;
/** A state of it is worth a copy of the memories after a step of the call for so many bytes. */
const bytesOfStep = 8;
/** An interval is worth a copy of the memories if it has so many steps a byte. */
const stepsPerByte = 1;

/**
 * Answers a question about the run that begins in the machine's present state. The machine is left somewhere at or behind the
 * answer; undefined if there is none. Throws TypeError for a question or an option that does not exist, RangeError for a
 * function or a memory that the program has not.
 */
export function find(
  machine: Machine,
  query: FindQuery,
  options: FindOptions = {},
): FindResult | undefined {
  checkOptionNames("find", options, findOptionNames);
  return new Search(machine, query, options).run();
}

function watchOf(program: Program, query: FindQuery): Watch {
  switch (query.kind) {
    case "entry": {
      const { entryPc } = program.functions[query.function] ?? absent("function", query.function);
      return { stops: [entryPc, ...backBranches(program, query.function)], ranges: [] };
    }
    case "predicate":
      return predicateWatch(program, query.predicate);
    case "write":
    case "lastWrite":
      if (program.memories[query.range.memory] === undefined) absent("memory", query.range.memory);
      return { stops: [], ranges: [query.range] };
    default:
      throw new TypeError(
        `find: expected a question of kind write, lastWrite, entry or predicate, got ${(query as FindQuery).kind}`,
      );
  }
}

function absent(what: "function" | "memory", index: number): never {
  throw new RangeError(`find: the program has no ${what} ${index}`);
}

class Search {
  readonly #machine: Machine;
  readonly #query: FindQuery;
  readonly #options: FindOptions;
  readonly #end: number;
  readonly #code: WatchedCode;
  readonly #branches: ReadonlySet<number>;
  /** Whether intervals without writes can be passed. */
  readonly #canPass: boolean;
  #interval = firstInterval;
  /** Intervals to watch before passing is tried again, and how often it was in vain. */
  #watched = 0;
  #vain = 0;
  #entries = 0;
  /** Step at which a branch of the function may have led to its first instruction. */
  #branchedAt = -1;
  #last: FindResult | undefined;
  /** Steps to watch before the question is asked by probes. */
  #unprobed: number;
  /** Undefined before it is made, null if it cannot be. */
  #probed: ProbedProgram | null | undefined;

  constructor(machine: Machine, query: FindQuery, options: FindOptions) {
    this.#machine = machine;
    this.#query = query;
    this.#options = options;
    this.#end = options.end ?? Number.MAX_SAFE_INTEGER;
    const { program } = machine;
    const watch = watchOf(program, query);
    this.#branches =
      query.kind === "entry" ? new Set(backBranches(program, query.function)) : new Set();
    this.#code = new WatchedCode(program, watch);
    this.#canPass = watch.stops.length === 0;
    this.#unprobed =
      options.stepsBeforeProbing ??
      stepsBeforeProbing + stepsOfInstruction * (program.code.length / instructionBytes);
  }

  run(): FindResult | undefined {
    const { beginNext = () => this.#machine.isRunning, end } = this.#options;
    let found = this.#look();
    let era: number | undefined;
    while (found === undefined && this.#isBeforeEnd(era) && beginNext()) {
      const last = era;
      era = this.#machine.state.era;
      // Its steps count from 0 again: all of them lie behind the end.
      if (end !== undefined && last !== undefined && era !== last) break;
      this.#branchedAt = -1;
      // A call begins with other bytes of input and, at genesis, with none of its own: it is looked at like a step.
      found = this.#look() ?? this.#runCall();
    }
    return found ?? this.#last;
  }

  /** Whether the question goes on; a machine at rest may be about to begin the era that it is about. */
  #isBeforeEnd(era: number | undefined): boolean {
    const { state, program } = this.#machine;
    const { stepCounter } = era === undefined ? countersOfCall(state, program) : state;
    return stepCounter < this.#end;
  }

  /** Runs the call at hand to its end, to an answer, or to the end of the question. */
  #runCall(): FindResult | undefined {
    const machine = this.#machine;
    while (machine.isRunning && machine.state.stepCounter < this.#end) {
      const from = machine.state.stepCounter;
      const isProbed = this.#isProbed();
      const end = Math.min(this.#end, from + this.#interval);
      const found = isProbed ? this.#runAhead() : this.#runInterval(end);
      if (found !== undefined) return found;
      this.#unprobed -= machine.state.stepCounter - from;
      this.#options.onProgress?.(machine.state.stepCounter);
      this.#interval = Math.min(2 * this.#interval, longestInterval);
    }
    return undefined;
  }

  /** Whether a probed program goes on; it is made when that is worthwhile. */
  #isProbed(): boolean {
    if (this.#unprobed > 0) return false;
    const { program } = this.#machine;
    if (this.#probed === undefined) {
      const plan = probePlan(program, this.#query);
      this.#probed = (plan && ProbedProgram.of(program, plan)) ?? null;
    }
    return this.#probed !== null;
  }

  /** The probed program goes to the answer or to the end of the call, the machine follows it. */
  #runAhead(): FindResult | undefined {
    const machine = this.#machine;
    const { state } = machine;
    const isEntry = this.#query.kind === "entry";
    const stretch = runProbed(this.#probed as ProbedProgram, state, {
      end: this.#end,
      // What has been looked at is not looked at again; an entry is told before its first instruction.
      isBefore: isEntry && this.#branchedAt !== state.stepCounter,
      passed: isEntry ? this.#entries : 0,
      onProgress: this.#options.onProgress,
    });
    machine.runTo(Math.min(this.#end, stretch.step));
    if (isEntry) this.#entries = stretch.passed;
    const isReached = isEntry ? stretch.step < this.#end : stretch.step <= this.#end;
    if (stretch.isAnswer && isReached) return this.#answer();
    // The probed program can be short of stack where this one is not: the rest is watched.
    if (machine.isRunning) this.#probed = null;
    if (this.#options.stepsBeforeProbing === undefined)
      this.#unprobed = memoryBytes(state) / bytesOfStep;
    return this.#look();
  }

  #answer(): FindResult {
    const { state } = this.#machine;
    const found =
      this.#query.kind === "entry"
        ? { step: state.stepCounter, pc: state.pc, written: undefined }
        : this.#look();
    const isEntry =
      this.#query.kind !== "entry" ||
      state.pc === this.#machine.program.functions[this.#query.function].entryPc;
    if (found === undefined || !isEntry) {
      throw new Error(`expected the answer of the probed program at step ${state.stepCounter}`);
    }
    return found;
  }

  #runInterval(end: number): FindResult | undefined {
    const machine = this.#machine;
    const isLong = (end - machine.state.stepCounter) / stepsPerByte >= memoryBytes(machine.state);
    if (!this.#canPass || !isLong || this.#watched > 0) {
      this.#watched--;
      return this.#watch(end);
    }
    const before = machine.snapshot();
    clearWritten(machine.state, this.#code.watch.ranges);
    machine.runTo(end);
    if (!isWritten(machine.state, this.#code.watch.ranges)) {
      this.#vain = 0;
      return undefined;
    }
    machine.restore(before);
    const found = this.#watch(end);
    if (found === undefined) this.#watched = 2 ** ++this.#vain;
    return found;
  }

  /** Every event of an interval. */
  #watch(end: number): FindResult | undefined {
    const run = new WatchedRun(this.#machine.state, this.#code);
    try {
      for (;;) {
        const event = run.next(end);
        const found =
          event === "write"
            ? this.#written(run.write as WatchedWrite)
            : event === "stop"
              ? this.#stopped()
              : this.#look();
        if (found !== undefined || event === "end") return found;
      }
    } finally {
      run.end();
    }
  }

  #written(write: WatchedWrite): FindResult | undefined {
    const { kind } = this.#query;
    if (kind === "predicate") return this.#look();
    const { pc, ...written } = write;
    const result = { step: this.#machine.state.stepCounter - 1, pc, written };
    if (kind === "write") return result;
    this.#last = result;
    return undefined;
  }

  /** Before a watched instruction: an entry, unless a branch of the function itself led here. */
  #stopped(): FindResult | undefined {
    if (this.#query.kind !== "entry") return this.#look();
    const { pc, stepCounter } = this.#machine.state;
    const { entryPc } = this.#machine.program.functions[this.#query.function];
    const isEntry = pc === entryPc && this.#branchedAt !== stepCounter;
    if (this.#branches.has(pc)) this.#branchedAt = stepCounter + 1;
    if (!isEntry || ++this.#entries < this.#query.nth) return undefined;
    return { step: stepCounter, pc, written: undefined };
  }

  /** Whether the predicate holds now. */
  #look(): FindResult | undefined {
    const { state } = this.#machine;
    if (this.#query.kind !== "predicate" || !this.#query.predicate.holds(state)) return undefined;
    return {
      step: state.stepCounter,
      pc: this.#machine.isRunning ? state.pc : -1,
      written: undefined,
    };
  }
}

function memoryBytes({ memories }: MachineState): number {
  return memories.reduce((sum, { bytes }) => sum + bytes.length, 0);
}

/** Calls `act` with each chunk of the ranges that its memory has. */
function forChunks(
  state: MachineState,
  ranges: readonly WrittenRange[],
  act: (memory: MachineState["memories"][number], chunk: number) => void,
): void {
  for (const range of ranges) {
    const memory = state.memories[range.memory];
    const last = Math.floor((range.address + range.length - 1) / chunkBytes);
    const end = Math.min(last + 1, memory.flags.length);
    for (let chunk = Math.floor(range.address / chunkBytes); chunk < end; chunk++)
      act(memory, chunk);
  }
}

/** Makes the chunks of ranges unchanged, so that a change is seen. */
function clearWritten(state: MachineState, ranges: readonly WrittenRange[]): void {
  forChunks(state, ranges, (memory, chunk) => {
    if ((memory.flags[chunk] & chunkFlags.stale) === 0) return;
    memory.flags[chunk] &= ~chunkFlags.stale;
    memory.staleChunks.splice(memory.staleChunks.lastIndexOf(chunk), 1);
  });
}

function isWritten(state: MachineState, ranges: readonly WrittenRange[]): boolean {
  let found = false;
  forChunks(state, ranges, (memory, chunk) => {
    if ((memory.flags[chunk] & chunkFlags.stale) !== 0) found = true;
  });
  return found;
}
