/**
 * Holds the fast path and the block executor against single steps at stops: each executor runs pieces of the same
 * lengths, and the states are compared whole after every piece, without copying them.
 *
 * Invariant: everything is a function of the program, the beginning and the given lengths; the states to reach are the reference's.
 */

import { runBlockwise } from "../../../src/interpreter/blocks/runBlockwise.ts";
import { runExactly } from "../../../src/interpreter/blocks/runSteps.ts";
import type { FastOptions } from "../../../src/interpreter/compile/fastExecutor.ts";
import { FastExecutor } from "../../../src/interpreter/compile/fastExecutor.ts";
import type { Program } from "../../../src/interpreter/program/program.ts";
import { outputOf } from "../../../src/interpreter/state/callOutput.ts";
import { genesis } from "../../../src/interpreter/state/genesis.ts";
import { touchAllGlobals } from "../../../src/interpreter/state/globals.ts";
import type { MachineState } from "../../../src/interpreter/state/machineState.ts";
import {
  chunkFlags,
  registerNames,
  statusCodes,
} from "../../../src/interpreter/state/machineState.ts";
import type { Snapshot } from "../../../src/interpreter/state/snapshot.ts";
import { snapshot } from "../../../src/interpreter/state/snapshot.ts";
import { shrinkTable, touchTable } from "../../../src/interpreter/state/tables.ts";
import { refusedGrow, trapRecord } from "../../../src/interpreter/state/trapRecord.ts";

/** Brings a state to the beginning of a call. */
export type Begin = (state: MachineState) => void;

/** Emitted code is entered wherever it can be. */
export const eager: FastOptions = { worthwhileSteps: 1, loopPatience: 0 };

function areSame(a: ArrayBufferView, b: ArrayBufferView): boolean {
  const bytes = (view: ArrayBufferView) =>
    Buffer.from(view.buffer, view.byteOffset, view.byteLength);
  return Buffer.compare(bytes(a), bytes(b)) === 0;
}

const sorted = (chunks: readonly number[]): string => [...chunks].sort((a, b) => a - b).join();

/** Parts in which a state differs from the reference. */
export function partings(state: MachineState, reference: MachineState): string[] {
  const found: string[] = registerNames
    .filter((name) => state[name] !== reference[name])
    .map((name) => `${name} ${state[name]}, not ${reference[name]}`);
  if (found.length > 0) return found;
  const { sp, depth } = reference;
  const parts: readonly (readonly [string, ArrayBufferView, ArrayBufferView])[] = [
    ["stack", state.stack.subarray(0, sp * 2), reference.stack.subarray(0, sp * 2)],
    ["frames", state.frames.subarray(0, depth * 2), reference.frames.subarray(0, depth * 2)],
    ["globals", state.globals, reference.globals],
    ["dropped", state.dropped, reference.dropped],
    ["input", state.input, reference.input],
    ["output", outputOf(state), outputOf(reference)],
  ];
  for (const [name, own, wanted] of parts) if (!areSame(own, wanted)) found.push(name);
  reference.memories.forEach(({ pages, bytes, dirtyChunks }, index) => {
    const memory = state.memories[index];
    if (memory.pages !== pages || !areSame(memory.bytes, bytes)) found.push(`memory ${index}`);
    if (sorted(memory.dirtyChunks) !== sorted(dirtyChunks)) found.push(`dirty chunks of ${index}`);
  });
  reference.tables.forEach(({ size, entries }, index) => {
    const table = state.tables[index];
    const isEqual =
      table.size === size && areSame(table.entries.subarray(0, size), entries.subarray(0, size));
    if (!isEqual) found.push(`table ${index}`);
  });
  return found;
}

/** What is known of traps and refused growth beside the state (state/trapRecord.ts). */
function recordPartings(state: MachineState, reference: MachineState): string[] {
  const told = (of: MachineState) => JSON.stringify([trapRecord(of), refusedGrow(of)]);
  return told(state) === told(reference) ? [] : [`told ${told(state)}, not ${told(reference)}`];
}

/** What a comparison has done, to show that it did something. */
export interface Tally {
  /** One line for the first parting of each program. */
  readonly found: string[];
  programs: number;
  stops: number;
  /** Entries into emitted code. */
  entries: number;
  /** Entries of light code that came to their end, that were lost, and loops that moved. */
  readonly light: { kept: number; lost: number; moves: number };
  steps: number;
  /** Programs that the host refuses, by reason. */
  readonly refusals: Map<string, number>;
  readonly traps: Set<number>;
}

export function newTally(): Tally {
  const counts = { programs: 0, stops: 0, entries: 0, steps: 0 };
  const light = { kept: 0, lost: 0, moves: 0 };
  return { found: [], ...counts, light, refusals: new Map(), traps: new Set() };
}

/** Whether a refusal tells of a fault of the emitter: of a contradiction, or of code that is no WebAssembly. */
function isFault(reason: string | undefined): reason is string {
  return /^(unsoundEmission|hostCode)/.test(reason ?? "");
}

/** Counts what an executor's light code comes to while something runs. */
function countingLight(tally: Tally, { light }: FastExecutor, run: () => void): void {
  const { kept, lost, moves } = light;
  run();
  tally.light.kept += light.kept - kept;
  tally.light.lost += light.lost - lost;
  tally.light.moves += light.moves - moves;
}

/** The three executors on states of one program. */
export class Trio {
  readonly reference: MachineState;
  readonly fast: FastExecutor;
  private readonly blocks: MachineState;
  private readonly tally: Tally;

  constructor(program: Program, options: FastOptions, tally: Tally) {
    this.reference = genesis(program);
    this.blocks = genesis(program);
    this.fast = new FastExecutor(genesis(program), options);
    this.tally = tally;
    const { refusal } = this.fast;
    if (refusal === undefined) return;
    tally.refusals.set(refusal, (tally.refusals.get(refusal) ?? 0) + 1);
    if (refusal.startsWith("unsoundEmission")) tally.found.push(refusal);
  }

  begin(begin: Begin): void {
    for (const state of [this.reference, this.blocks, this.fast.state]) begin(state);
  }

  get isRunning(): boolean {
    return this.reference.status === statusCodes.running;
  }

  /**
   * Runs a piece on all three, on the reference last, which would have every function lowered that they come to; returns
   * where they part.
   */
  run(steps: number): string[] {
    const { reference, blocks, fast, tally } = this;
    const from = reference.stepCounter;
    const entries = fast.entries;
    const others = [() => runBlockwise(blocks, steps), () => fast.run(steps)];
    countingLight(tally, fast, () => {
      for (const run of tally.programs % 2 === 0 ? others : others.reverse()) run();
    });
    runExactly(reference, steps);
    tally.stops++;
    tally.steps += reference.stepCounter - from;
    tally.entries += fast.entries - entries;
    const named = (name: string, state: MachineState) =>
      [...partings(state, reference), ...recordPartings(state, reference)].map(
        (part) => `${name}, steps ${from} + ${steps}: ${part}`,
      );
    const { refusal } = fast;
    const unsound = [refusal, fast.batchRefusal].filter((reason) => isFault(reason));
    return [...unsound, ...named("fast", fast.state), ...named("blocks", blocks)];
  }
}

/** Stops the fast path at each of the given steps, ascending, in a run of its own, and goes on from there to `end`. */
export function stopsApart(
  program: Program,
  begin: Begin,
  stops: Iterable<number>,
  end: number,
  options: FastOptions = eager,
): Tally {
  const tally = newTally();
  const [reference, whole] = [genesis(program), genesis(program)];
  for (const state of [reference, whole]) begin(state);
  runExactly(whole, end);
  for (const stop of stops) {
    runExactly(reference, stop - reference.stepCounter);
    const executor = new FastExecutor(genesis(program), options);
    begin(executor.state);
    if (executor.refusal !== undefined) tally.found.push(executor.refusal);
    executor.run(stop);
    const atStop = partings(executor.state, reference);
    executor.run(end - stop);
    const atEnd = partings(executor.state, whole);
    tally.found.push(...[...atStop, ...atEnd].map((part) => `stop ${stop}: ${part}`));
    tally.stops++;
    tally.entries += executor.entries;
  }
  return tally;
}

/** Puts a state back to a snapshot in place, so that what is compiled stays; false if memories have grown. */
function rewind(state: MachineState, to: Snapshot): boolean {
  if (state.memories.some(({ pages }, index) => pages !== to.memories[index].pages)) return false;
  for (const name of registerNames) Object.assign(state, { [name]: to[name] });
  state.stack.set(to.stack);
  state.frames.set(to.frames);
  touchAllGlobals(state);
  state.globals.set(to.globals);
  state.dropped.set(to.dropped);
  state.input = to.input;
  state.output = to.output.slice();
  state.outputLength = to.output.length;
  state.memories.forEach((memory, index) => {
    memory.bytes.set(to.memories[index].bytes);
    for (const chunk of memory.dirtyChunks.splice(0)) memory.flags[chunk] &= ~chunkFlags.dirty;
    for (const chunk of to.memories[index].dirtyChunks) {
      memory.flags[chunk] |= chunkFlags.dirty;
      memory.dirtyChunks.push(chunk);
    }
  });
  state.tables.forEach((table, index) => {
    const entries = to.tables[index];
    touchTable(table, 0, table.size);
    shrinkTable(table, entries.length);
    table.entries.set(entries);
  });
  return true;
}

/** Steps that a run goes on for after each stop. */
const beyond = 500;

/**
 * As `stopsApart`, on a state that is put back to the beginning after each stop, and so many steps beyond it; the first
 * partings.
 */
export function rewoundStops(
  program: Program,
  begin: Begin,
  stops: Iterable<number>,
  options: FastOptions,
  tally: Tally,
): string[] {
  const [reference, ahead] = [genesis(program), genesis(program)];
  for (const state of [reference, ahead]) begin(state);
  const start = snapshot(reference);
  let executor: FastExecutor | undefined;
  for (const stop of stops) {
    if (reference.status !== statusCodes.running) break;
    runExactly(reference, start.stepCounter + stop - reference.stepCounter);
    runExactly(ahead, start.stepCounter + stop + beyond - ahead.stepCounter);
    if (executor === undefined || !rewind(executor.state, start)) {
      executor = new FastExecutor(genesis(program), options);
      begin(executor.state);
    }
    const { entries, state } = executor;
    const ran = executor;
    countingLight(tally, ran, () => ran.run(stop));
    const found = partings(state, reference);
    countingLight(tally, ran, () => ran.run(beyond));
    found.push(...partings(state, ahead).map((part) => `and ${beyond} on: ${part}`));
    tally.stops += 2;
    tally.steps += state.stepCounter - start.stepCounter;
    tally.entries += executor.entries - entries;
    if (executor.refusal?.startsWith("unsoundEmission") === true) found.push(executor.refusal);
    if (found.length > 0) return found.map((part) => `stop ${stop}: ${part}`);
  }
  return [];
}
