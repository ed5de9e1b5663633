/**
 * A state of a trace as a party keeps it (docs/game.md §7): memory as chunks that states share as long as nothing was
 * written to them, so that a state costs what changed since the one before it.
 *
 * Invariant: a kept state never changes; `putInto` makes a machine's state equal to it in everything that the
 * commitment sees, touching only chunks that differ.
 */

import { chunkBytes, pageBytes } from "../../interpreter/program/program.ts";
import { outputOf } from "../../interpreter/state/callOutput.ts";
import { touchAllGlobals } from "../../interpreter/state/globals.ts";
import type { MachineState, MemoryState } from "../../interpreter/state/machineState.ts";
import { chunkFlags, registerNames } from "../../interpreter/state/machineState.ts";
import { markStale } from "../../interpreter/state/memories.ts";
import type { Snapshot } from "../../interpreter/state/snapshot.ts";

/** Chunks in a group: 256 KiB of memory are shared, or not, at once. */
const groupChunks = 64;

/** Something that states share; `uses` counts the stored states that hold it (keptStates.ts). */
interface Shared {
  uses: number;
}

/** 4 KiB of content. */
export interface Chunk extends Shared {
  readonly bytes: Uint8Array;
}

/** A run of chunks; undefined: all zeros. */
export interface ChunkGroup extends Shared {
  readonly chunks: readonly (Chunk | undefined)[];
}

/** An array of words, shared by the states between which it did not change. */
export interface KeptWords extends Shared {
  readonly words: Int32Array | Uint32Array | Uint8Array;
}

interface KeptMemory {
  readonly pages: number;
  readonly groups: readonly ChunkGroup[];
  readonly dirtyChunks: KeptWords;
}

/** Chunks of each memory that were written since a kept state. */
export type ChangedChunks = readonly Set<number>[];

const keptRegisters = [...registerNames, "outputLength"] as const;
const arrayNames = [
  ...(["stack", "frames", "globals", "dropped"] as const),
  ...(["tables", "memories", "output"] as const),
] as const;
type Registers = Pick<MachineState, (typeof keptRegisters)[number]>;
type Kept =
  | (typeof keptRegisters)[number]
  | (typeof arrayNames)[number]
  | "program"
  | "input"
  | "globalChanges";
/**
 * Does not compile once a machine state has a field that is not kept; program and input are one for all of a trace,
 * and what a state tells of changed globals is no part of it.
 */
const isEverythingKept: Exclude<keyof MachineState, Kept> extends never ? true : never = true;

export interface KeptState {
  /** stepCounter */
  readonly step: number;
  readonly registers: Registers;
  readonly stack: KeptWords;
  readonly frames: KeptWords;
  readonly globals: KeptWords;
  readonly dropped: KeptWords;
  /** A view of what the call had put out, which no later step of it changes. */
  readonly output: Uint8Array;
  readonly tables: readonly KeptWords[];
  readonly memories: readonly KeptMemory[];
}

/**
 * The state of a machine, given the last kept state on its way and what was written to memory since. The first state
 * of a trace, which has no such base, is a view of the machine's memory: the machine must not run on.
 */
export function keptAfter(
  state: MachineState,
  base: KeptState | undefined,
  changed: ChangedChunks,
): KeptState {
  const { sp, depth } = state;
  return {
    step: state.stepCounter,
    registers: registersOf(state),
    stack: wordsOf(state.stack.subarray(0, sp * 2), base?.stack),
    frames: wordsOf(state.frames.subarray(0, depth * 2), base?.frames),
    globals: wordsOf(state.globals, base?.globals),
    dropped: wordsOf(state.dropped, base?.dropped),
    output: outputOf(state),
    tables: state.tables.map(({ entries, size }, i) =>
      wordsOf(entries.subarray(0, size), base?.tables[i]),
    ),
    memories: state.memories.map((memory, i) => ({
      pages: memory.pages,
      groups: groupsOf(memory, base?.memories[i].groups, changed[i]),
      dirtyChunks: wordsOf(memory.dirtyChunks, base?.memories[i].dirtyChunks),
    })),
  };
}

/**
 * Turns a machine's state into a kept one, given the kept state it came from and what was written since. Returns false
 * and changes nothing where a memory or a table is another size or a table was written: a new machine is needed then.
 */
export function putInto(
  state: MachineState,
  kept: KeptState,
  base: KeptState,
  changed: ChangedChunks,
): boolean {
  const isResized = state.memories.some(({ pages }, i) => pages !== kept.memories[i].pages);
  const isTableOther = state.tables.some(
    ({ entries, size }, i) => !sameWords(entries.subarray(0, size), kept.tables[i].words),
  );
  if (!isEverythingKept || isResized || isTableOther) return false;
  Object.assign(state, kept.registers);
  state.stack.set(kept.stack.words as Int32Array);
  state.frames.set(kept.frames.words as Uint32Array);
  touchAllGlobals(state);
  state.globals.set(kept.globals.words as Int32Array);
  state.dropped.set(kept.dropped.words as Uint8Array);
  state.output = kept.output.slice();
  kept.memories.forEach((target, i) => {
    const memory = state.memories[i];
    for (const chunk of differing(target.groups, base.memories[i].groups, changed[i])) {
      putChunk(memory, chunk, chunkIn(target.groups, chunk));
    }
    putDirtyChunks(memory, target.dirtyChunks.words);
  });
  return true;
}

/** A kept state as a plain snapshot. */
export function snapshotOf(kept: KeptState, input: Uint8Array): Snapshot {
  return {
    ...kept.registers,
    stack: kept.stack.words.slice() as Int32Array,
    frames: kept.frames.words.slice() as Uint32Array,
    globals: kept.globals.words.slice() as Int32Array,
    tables: kept.tables.map(({ words }) => words.slice() as Uint32Array),
    dropped: kept.dropped.words.slice() as Uint8Array,
    memories: kept.memories.map(({ pages, groups, dirtyChunks }) => {
      const bytes = new Uint8Array(pages * pageBytes);
      for (let chunk = 0; chunk * chunkBytes < bytes.length; chunk++) {
        const content = chunkIn(groups, chunk);
        if (content !== undefined) bytes.set(content.bytes, chunk * chunkBytes);
      }
      return { pages, bytes, dirtyChunks: [...dirtyChunks.words].sort((a, b) => a - b) };
    }),
    input,
    output: kept.output.slice(),
  };
}

/** Everything that a state holds and may share with others, with its bytes. */
export function* partsOf(kept: KeptState): Generator<[Shared, number, ChunkGroup?]> {
  const { stack, frames, globals, dropped, tables, memories } = kept;
  for (const part of [stack, frames, globals, dropped, ...tables]) {
    yield [part, part.words.byteLength];
  }
  for (const { groups, dirtyChunks } of memories) {
    yield [dirtyChunks, dirtyChunks.words.byteLength];
    for (const group of groups) yield [group, groupChunks * 8, group];
  }
}

function registersOf(state: MachineState): Registers {
  return Object.fromEntries(keptRegisters.map((name) => [name, state[name]])) as Registers;
}

/** A copy, or what is kept already if it is the same. */
function wordsOf(now: KeptWords["words"] | readonly number[], before?: KeptWords): KeptWords {
  if (before !== undefined && sameWords(now, before.words)) return before;
  return { words: ArrayBuffer.isView(now) ? now.slice() : Uint32Array.from(now), uses: 0 };
}

function sameWords(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function groupsOf(
  memory: MemoryState,
  base: readonly ChunkGroup[] | undefined,
  changed: ReadonlySet<number>,
): readonly ChunkGroup[] {
  const chunkCount = memory.bytes.length / chunkBytes;
  const groups = base?.slice() ?? [];
  const written = base === undefined ? Array(chunkCount).keys() : changed;
  const fresh = new Map<number, (Chunk | undefined)[]>();
  for (const chunk of written) {
    if (chunk >= chunkCount) continue;
    const group = Math.floor(chunk / groupChunks);
    let chunks = fresh.get(group);
    if (chunks === undefined) {
      chunks = groups[group]?.chunks.slice() ?? [];
      fresh.set(group, chunks);
    }
    chunks[chunk % groupChunks] = chunkOf(memory.bytes, chunk, base === undefined);
  }
  for (const [group, chunks] of fresh) groups[group] = { chunks, uses: 0 };
  // What a memory grew by and nobody wrote.
  for (let i = 0; i < groups.length; i++) groups[i] ??= { chunks: [], uses: 0 };
  return groups;
}

/** A copy of a chunk, or a view of it where the memory will not change any more. */
function chunkOf(bytes: Uint8Array, chunk: number, isShared: boolean): Chunk | undefined {
  const start = chunk * chunkBytes;
  const view = new Int32Array(bytes.buffer, bytes.byteOffset + start, chunkBytes / 4);
  if (view.every((word) => word === 0)) return undefined;
  const content = isShared
    ? bytes.subarray(start, start + chunkBytes)
    : bytes.slice(start, start + chunkBytes);
  return { bytes: content, uses: 0 };
}

const chunkIn = (groups: readonly ChunkGroup[], chunk: number): Chunk | undefined =>
  groups[Math.floor(chunk / groupChunks)]?.chunks[chunk % groupChunks];

function differing(
  target: readonly ChunkGroup[],
  base: readonly ChunkGroup[],
  changed: ReadonlySet<number>,
): Set<number> {
  const chunks = new Set(changed);
  for (let group = 0; group < Math.max(target.length, base.length); group++) {
    if (target[group] === base[group]) continue;
    for (let i = 0; i < groupChunks; i++) {
      if (target[group]?.chunks[i] !== base[group]?.chunks[i]) chunks.add(group * groupChunks + i);
    }
  }
  return chunks;
}

function putChunk(memory: MemoryState, chunk: number, content: Chunk | undefined): void {
  const start = chunk * chunkBytes;
  if (start >= memory.bytes.length) return;
  if (content === undefined) memory.bytes.fill(0, start, start + chunkBytes);
  else memory.bytes.set(content.bytes, start);
  markStale(memory, start, chunkBytes);
}

function putDirtyChunks(memory: MemoryState, chunks: ArrayLike<number>): void {
  for (const chunk of memory.dirtyChunks) memory.flags[chunk] &= ~chunkFlags.dirty;
  memory.dirtyChunks.length = 0;
  for (let i = 0; i < chunks.length; i++) {
    memory.flags[chunks[i]] |= chunkFlags.dirty;
    memory.dirtyChunks.push(chunks[i]);
  }
}
