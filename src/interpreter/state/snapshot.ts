/**
 * Copies of a whole machine state, detached from it and plain enough for `structuredClone` and `postMessage`.
 *
 * Invariant: restore(program, snapshot(state)) equals state in everything that the commitment sees, and in the set of
 * dirty chunks; the stack and the frames are cut at sp and depth.
 */
import type { Program } from "../program/program.ts";
import { outputOf } from "./callOutput.ts";
import { emptyState } from "./genesis.ts";
import type { MachineState, MemoryAllocator, StatusCode } from "./machineState.ts";
import { chunkFlags, registersIn } from "./machineState.ts";
import { defaultAllocator, newMemory, setAllocator } from "./memories.ts";
import { newTable } from "./tables.ts";

/**
 * A whole machine state as plain data, detached from the machine: for `structuredClone`, `postMessage` and
 * `Machine.restore`. It belongs to the program that it was taken of. Fields and units are those of `MachineState`;
 * `saveState` makes bytes that name program root and state hash, and are checked when they are loaded.
 */
export interface Snapshot {
  readonly status: StatusCode;
  readonly trap: number;
  readonly pc: number;
  readonly sp: number;
  readonly fp: number;
  readonly depth: number;
  readonly era: number;
  readonly stepCounter: number;
  readonly fuelCounter: number;
  readonly fuelLimit: number;
  /** Slots [0, sp). */
  readonly stack: Int32Array;
  /** Frames [0, depth). */
  readonly frames: Uint32Array;
  /** Slots of all globals. */
  readonly globals: Int32Array;
  /** Each memory whole: its pages of 64 KiB, and their bytes. */
  readonly memories: readonly {
    readonly pages: number;
    readonly bytes: Uint8Array;
    /** Chunks charged in the call at hand, ascending. */
    readonly dirtyChunks: readonly number[];
  }[];
  /** Entries [0, size) of each table. */
  readonly tables: readonly Uint32Array[];
  /** One byte a segment: 1 once dropped. */
  readonly dropped: Uint8Array;
  /** Input of the last gateway call. */
  readonly input: Uint8Array;
  /** What the last call has put out so far. */
  readonly output: Uint8Array;
}

/** A copy of a state; stack and frames are cut at sp and depth, memories are copied whole. */
export function snapshot(state: MachineState): Snapshot {
  return {
    ...registersIn(state),
    stack: state.stack.slice(0, state.sp * 2),
    frames: state.frames.slice(0, state.depth * 2),
    globals: state.globals.slice(),
    memories: state.memories.map((memory) => ({
      pages: memory.pages,
      bytes: memory.bytes.slice(),
      dirtyChunks: [...memory.dirtyChunks].sort((a, b) => a - b),
    })),
    tables: state.tables.map((table) => table.entries.slice(0, table.size)),
    dropped: state.dropped.slice(),
    input: state.input.slice(),
    output: outputOf(state).slice(),
  };
}

/** A state of `program` equal to the one that the snapshot was taken of, with memories of its own. */
export function restore(
  program: Program,
  from: Snapshot,
  allocator: MemoryAllocator = defaultAllocator,
): MachineState {
  const state: MachineState = {
    ...emptyState(program),
    ...registersIn(from),
    globals: from.globals.slice(),
    memories: from.memories.map(({ pages, bytes, dirtyChunks }, index) => {
      const maxPages = Math.max(pages, program.memories[index].maxPages);
      const memory = newMemory(allocator.allocate(index, pages, maxPages), pages);
      memory.bytes.set(bytes);
      for (const chunk of dirtyChunks) {
        memory.flags[chunk] = chunkFlags.dirty;
        memory.dirtyChunks.push(chunk);
      }
      return memory;
    }),
    tables: from.tables.map((entries) => newTable(entries.slice())),
    dropped: from.dropped.slice(),
    input: from.input.slice(),
    output: from.output.slice(),
    outputLength: from.output.length,
  };
  setAllocator(state, allocator);
  state.stack.set(from.stack);
  state.frames.set(from.frames);
  return state;
}
