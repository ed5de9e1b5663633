/**
 * Loads and stores of memory 0, whose addresses are int32 in the loop (blockContext.ts, `addressCeiling`). Parameters after `l`
 * are filled in by the generator from the row's columns.
 *
 * Invariant: bounds, then the fuel of clean chunks, then the write; an address of 2^31 or more is out of bounds.
 */
import { trapCodes } from "../../isa/trapCodes.ts";
import { type Loop, leave, type Next, operation } from "./loopVariables.ts";

/** What stands at an address. */
type Word = (l: Loop, at: number) => number;
/** The high word of what is loaded. */
type Extension = (l: Loop, at: number, low: number) => number;
type Put = (l: Loop, at: number, slot: number) => void;
type Mark = (l: Loop, at: number) => number;

/** `last`: bytes of the access less one. */
export function load(l: Loop, last: number, word: Word, extension: Extension): Next {
  const address = l.stack[l.base + l.code[l.p + 2]];
  const at = (address + l.code[l.p + 3]) | 0;
  if (address < 0 || (at + last) >>> 0 >= l.bytes) {
    l.trap = trapCodes.outOfBoundsMemory;
    return leave;
  }
  const low = word(l, at);
  const slot = l.base + l.code[l.p + 1];
  l.stack[slot + 1] = extension(l, at, low);
  l.stack[slot] = low;
  l.p += 4;
  return operation;
}

export function store(l: Loop, width: number, last: number, marks: Mark, put: Put): Next {
  const address = l.stack[l.base + l.code[l.p + 1]];
  const at = (address + l.code[l.p + 3]) | 0;
  if (address < 0 || (at + last) >>> 0 >= l.bytes) {
    l.trap = trapCodes.outOfBoundsMemory;
    return leave;
  }
  if (marks(l, at) !== 3) l.fuel = (l.fuel - l.context.writeBarrier(at, width)) | 0;
  const slot = l.base + l.code[l.p + 2];
  put(l, at, slot);
  l.p += 4;
  return operation;
}

/** By bytes and sign. */
export const words = {
  "1s": int8,
  "1": uint8,
  "2s": int16,
  "2": uint16,
  "4s": int32,
  "4": int32,
  "8": int32,
};

export function int8(l: Loop, at: number): number {
  return l.memory.getInt8(at);
}

export function uint8(l: Loop, at: number): number {
  return l.memory.getUint8(at);
}

export function int16(l: Loop, at: number): number {
  return l.memory.getInt16(at, true);
}

export function uint16(l: Loop, at: number): number {
  return l.memory.getUint16(at, true);
}

export function int32(l: Loop, at: number): number {
  return l.memory.getInt32(at, true);
}

export const extensions = { none, sign, second };

export function none(_l: Loop, _at: number, _low: number): number {
  return 0;
}

export function sign(_l: Loop, _at: number, low: number): number {
  return low >> 31;
}

export function second(l: Loop, at: number, _low: number): number {
  return l.memory.getInt32(at + 4, true);
}

/** By bytes. */
export const puts = { 1: put8, 2: put16, 4: put32, 8: put64 };

export function put8(l: Loop, at: number, slot: number): void {
  l.memory.setInt8(at, l.stack[slot]);
}

export function put16(l: Loop, at: number, slot: number): void {
  l.memory.setInt16(at, l.stack[slot], true);
}

export function put32(l: Loop, at: number, slot: number): void {
  l.memory.setInt32(at, l.stack[slot], true);
}

export function put64(l: Loop, at: number, slot: number): void {
  l.memory.setInt32(at, l.stack[slot], true);
  l.memory.setInt32(at + 4, l.stack[slot + 1], true);
}

/** By bytes: flags of the chunks that the access touches. */
export const marks = { 1: mark8, 2: mark16, 4: mark32, 8: mark64 };

export function mark8(l: Loop, at: number): number {
  return l.flags[at >>> 12];
}

export function mark16(l: Loop, at: number): number {
  return l.flags[at >>> 12] & l.flags[(at + 1) >>> 12];
}

export function mark32(l: Loop, at: number): number {
  return l.flags[at >>> 12] & l.flags[(at + 3) >>> 12];
}

export function mark64(l: Loop, at: number): number {
  return l.flags[at >>> 12] & l.flags[(at + 7) >>> 12];
}
