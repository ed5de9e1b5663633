/**
 * The machine state VM (docs/machine.md §4): registers and flat arrays, as executors run on them.
 *
 * Invariant: at every point where an executor returns, the registers describe exactly the state after `stepCounter`
 * steps; slots at or above `sp`, frames at or above `depth`, memory beyond its pages and table entries beyond
 * their size count as zero in the commitment, whatever stale bytes the arrays hold there.
 */
import type { Program } from "../program/program.ts";
import type { GlobalChanges } from "./globals.ts";

/** Values of the status register (docs/machine.md §4). */
export const statusCodes = { running: 0, returned: 1, trapped: 2, exited: 3 } as const;
/** Value of the status register: 0 running, 1 returned, 2 trapped, 3 exited. */
export type StatusCode = (typeof statusCodes)[keyof typeof statusCodes];

/** Bits of a chunk's flag byte. A store may skip all bookkeeping when both are set. */
export const chunkFlags = {
  /** Charged in this gateway call: the fuel-dirty bit that is part of the state. */
  dirty: 1,
  /** Written since the last state hash: a matter of the Merkle cache, not of the state. */
  stale: 2,
} as const;

/** One memory, its fuel-dirty chunks, and what the commitment must hash again. */
export interface MemoryState {
  /** Exactly pages × 65536 bytes; replaced (not only resized) when the memory grows: re-read it after a grow. */
  bytes: Uint8Array;
  /** In pages of 64 KiB. */
  pages: number;
  /** One byte a 4 KiB chunk, see `chunkFlags`; length covers `pages`. */
  flags: Uint8Array;
  /** Chunks with the `dirty` bit, in the order in which they were charged. */
  readonly dirtyChunks: number[];
  /** Chunks with the `stale` bit. */
  readonly staleChunks: number[];
  /** Told of a chunk that becomes dirty, before its first byte changes (callJournal.ts). */
  onFirstWrite?: (chunk: number) => void;
}

/** One table. Whoever writes to it by hand calls `touchTable` before. */
export interface TableState {
  /** References (index + 1, 0 is null); capacity may exceed `size`. */
  entries: Uint32Array;
  /** In entries. */
  size: number;
  /** Counts changes: a table whose version is as it was has not changed (tables.ts). */
  version: number;
  /** Version at the last change of each chunk of 512 entries (`tableChunkEntries`); covers the capacity. */
  chunkVersions: Float64Array;
  /** Told of a chunk that is about to change (callJournal.ts). */
  onWrite?: (chunk: number) => void;
}

/** Where a memory's bytes come from; the fast path gives memories that live in a host memory. */
export interface MemoryAllocator {
  /** Zeroed bytes for `pages` pages that may grow to `maxPages`. */
  allocate(memory: number, pages: number, maxPages: number): Uint8Array;
  /** Bytes for the grown memory, which may grow on to `maxPages`, old content kept; the old view may be cut off. */
  grow(memory: number, bytes: Uint8Array, pages: number, maxPages: number): Uint8Array;
}

/**
 * The live state of a machine (docs/machine.md §4): executors change it in place. Whoever writes to it by hand
 * must keep the invariant above, and mark the chunks of memory as stale, or state hashes are wrong; `snapshot`
 * gives a copy that can be read at leisure.
 */
export interface MachineState {
  /** The program that runs here. */
  readonly program: Program;

  status: StatusCode;
  /** Trap code; 0 unless status is trapped. */
  trap: number;
  /** Index of the next instruction; −1 as u32 when the machine must stop. */
  pc: number;
  /** Operand stack pointer, frame pointer: in slots. */
  sp: number;
  fp: number;
  /** Frames below the running one. */
  depth: number;
  /** How often the counters have started again (invocation.ts); below 2^16. */
  era: number;
  /** Executed instructions of this era, which begins with genesis; below 2^53. */
  stepCounter: number;
  /** Fuel of this era; below 2^53. */
  fuelCounter: number;
  /** fuelCounter may not pass this value (absolute). */
  fuelLimit: number;

  /** 8-byte slots, little-endian: low word at 2i, high word at 2i + 1. */
  readonly stack: Int32Array;
  /** 8-byte frames, little-endian: return pc at 2i, caller's fp at 2i + 1. */
  readonly frames: Uint32Array;
  /** 8-byte slots like the stack's. */
  readonly globals: Int32Array;
  /** Whoever writes to a global by hand calls `touchGlobal` before (globals.ts). */
  readonly globalChanges: GlobalChanges;
  readonly memories: MemoryState[];
  readonly tables: TableState[];
  /** One byte a segment: 1 once dropped. */
  readonly dropped: Uint8Array;
  /** Input of the last gateway call. */
  input: Uint8Array;
  /** Output of the last call in its first `outputLength` bytes; see state/callOutput.ts. */
  output: Uint8Array;
  /** In bytes. */
  outputLength: number;
}

/** The fields of a state that are its registers; the lengths of input and output follow from those. */
export const registerNames = [
  "status",
  "trap",
  "pc",
  "sp",
  "fp",
  "depth",
  "era",
  "stepCounter",
  "fuelCounter",
  "fuelLimit",
] as const;

/** What `registerNames` names. */
export type StateRegisters = Pick<MachineState, (typeof registerNames)[number]>;

/** A copy of a state's registers. */
export function registersIn(state: Readonly<StateRegisters>): StateRegisters {
  const { status, trap, pc, sp, fp, depth, era, stepCounter, fuelCounter, fuelLimit } = state;
  return { status, trap, pc, sp, fp, depth, era, stepCounter, fuelCounter, fuelLimit };
}
