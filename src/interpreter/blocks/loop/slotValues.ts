/**
 * Operands and results of numeric operations: how a value of each type lies in the stack's words.
 *
 * Invariant: a result that is a NaN gets the canonical bits (docs/machine.md §7).
 */
import { canonicalNan } from "../../numeric/float.ts";
import type { Loop } from "./loopVariables.ts";

export type Read = (l: Loop, word: number) => number;
export type Write = (l: Loop, at: number, value: number) => void;

export const readers = { i: readI32, f: readF32, F: readF64 };

export function readI32(l: Loop, word: number): number {
  return l.stack[word];
}

export function readF32(l: Loop, word: number): number {
  return l.singles[word];
}

export function readF64(l: Loop, word: number): number {
  return l.floats[word >> 1];
}

export const writers = { i: writeI32, f: writeF32, F: writeF64 };

export function writeI32(l: Loop, at: number, value: number): void {
  l.stack[at] = value;
  l.stack[at + 1] = 0;
}

export function writeF32(l: Loop, at: number, value: number): void {
  // biome-ignore lint/suspicious/noSelfCompare: a NaN; the loop has no room for calls that V8 may not inline
  if (value === value) l.singles[at] = value;
  else l.stack[at] = canonicalNan.f32;
  l.stack[at + 1] = 0;
}

export function writeF64(l: Loop, at: number, value: number): void {
  // biome-ignore lint/suspicious/noSelfCompare: a NaN; the loop has no room for calls that V8 may not inline
  if (value === value) {
    l.floats[at >> 1] = value;
  } else {
    l.stack[at] = canonicalNan.f64Low;
    l.stack[at + 1] = canonicalNan.f64High;
  }
}
