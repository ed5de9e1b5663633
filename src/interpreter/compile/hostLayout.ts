/**
 * Where things lie in host memories: each program memory above hidden pages with one card a chunk, and the
 * machine memory, through which the executor and emitted code hand each other values.
 *
 * Invariant: a card is 0 only for a chunk that was written since the last checkpoint, and then the chunk is
 * dirty, stale and saved; so a store that finds 0 has nothing to do.
 */

import type { Program } from "../program/program.ts";
import { chunkBytes, pageBytes } from "../program/program.ts";
import { globalChunkSize } from "../state/globals.ts";

/** Most pages of a host memory with 32-bit addresses. */
export const hostPages = 65536;

/** Hidden pages below a program memory: room for a card a chunk. */
export function hiddenPages(maxPages: number): number {
  return Math.max(1, Math.ceil((maxPages * (pageBytes / chunkBytes)) / pageBytes));
}

/** Byte addresses in the machine memory. */
export const machineLayout = {
  /** What a call leads to that may leave the module: a function's index, or table + 1 in the high word and an entry. */
  callee: 0,
  /** Result of a runtime call, written by the executor. */
  result: 8,
  budget: 16,
  room: 24,
  spillPointer: 32,
  inputSize: 36,
  /** The budget at the last check: written by traced code only. */
  trace: 40,
  /** The budget that the executor reads and lowers. */
  budgetAtHand: 48,
  /** Milliseconds, written by the executor for `time_ms`. */
  time: 56,
  /** Bytes of input that lie in the host memory of the input (hostInput.ts). */
  inputAtHand: 64,
  /** The room at a refill of light code. */
  roomAtHand: 72,
  /** Written by the executor at a refill: whether the loop goes on in the module that resumes it. */
  moves: 80,
  globals: 88,
} as const;

/** Frames and slots that may lie on the host's stack at one time, at first; halved when it overflows. */
export const nestingAtFirst = { frames: 16384, slots: 131072 } as const;

/** Programs with fewer globals copy all of them at each entry: emitted code does not mark what it writes. */
const fewGlobals = 64;

/** Whether emitted code marks the chunks of globals that it writes. */
export function marksGlobals(program: Program): boolean {
  return program.globals > fewGlobals;
}

export interface MachineMemoryLayout {
  /** One byte for each chunk of globals: not 0 once emitted code has written to it since the last entry. */
  readonly globalMarks: number;
  /** Slots of the frame that is entered; its results when it returns. */
  readonly slots: number;
  readonly spill: number;
  readonly pages: number;
}

/** Bytes of a spill record before its values: safepoint u32, padding u32, budget i64. */
export const spillHeaderBytes = 16;
/** Every operand height may have a local of each of the five types, of which a vector takes two, beside the program's own locals. */
const valuesPerSlot = 7;

const layouts = new WeakMap<Program, MachineMemoryLayout>();

/** One for a program: it takes a look at all of its functions, and each module asks. */
export function machineMemoryLayout(program: Program): MachineMemoryLayout {
  let layout = layouts.get(program);
  if (layout === undefined) {
    layout = layOut(program);
    layouts.set(program, layout);
  }
  return layout;
}

function layOut(program: Program): MachineMemoryLayout {
  const globalMarks = machineLayout.globals + program.globals * 8;
  const marks = Math.ceil(program.globals / globalChunkSize);
  const slots = globalMarks + Math.ceil(marks / 8) * 8;
  let frame = 64;
  for (const entry of program.functions) frame = Math.max(frame, entry.frame, entry.results);
  const spill = slots + frame * 8;
  const nestedSlots = nestingAtFirst.slots + 2 * frame;
  const spillBytes = nestedSlots * valuesPerSlot * 8 + (nestingAtFirst.frames + 2) * 64;
  return { globalMarks, slots, spill, pages: Math.ceil((spill + spillBytes) / pageBytes) };
}

/** Names under which a module's imports and exports go; all imports come from one namespace. */
export const names = {
  namespace: "a",
  memory: (index: number) => `m${index}`,
  input: "input",
  table: (index: number) => `t${index}`,
  barrier: "barrier",
  runtimeCall: "runtimeCall",
  time: "time",
  nestedCall: "nestedCall",
  refill: "refill",
  move: "move",
  /** The host table of all functions, by program-wide index. */
  functions: "functions",
  function: (index: number) => `f${index}`,
  /** What stands for functions of a signature that no module holds. */
  stub: (index: number) => `s${index}`,
  global: (index: number) => `g${index}`,
  enter: (index: number) => `e${index}`,
  /** A function that goes on from a loop's header, for light code that moves there. */
  resumed: (index: number) => `r${index}`,
  loadGlobals: (chunk: number) => `load${chunk}`,
  storeGlobals: (chunk: number) => `store${chunk}`,
} as const;
