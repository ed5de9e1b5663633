/**
 * Where a step's openings come from: a live machine's trees (recording, which yields the witness) or a witness
 * (replaying, which checks it).
 */

import type { Registers } from "../commitment/registers.ts";
import type { ArrayName } from "../tree/arrays.ts";
import type { Opening } from "../tree/multiproof.ts";

/** An instruction record (docs/machine.md §3). */
export interface InstructionRecord {
  readonly op: number;
  readonly cost: number;
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

export interface OpeningSource {
  /** Registers before the step; the step works on its own copy. */
  readonly registers: Registers;
  readonly record: InstructionRecord;
  /** Opens leaves of an array, given in ascending order; each array at most once. */
  open(array: ArrayName, leaves: readonly number[]): Opening;
  /** The label number that `br_table` is claimed to choose: min(index, labels), its index being in `slot`. */
  claimLabel(slot: number, labels: number): number;
}

/** The record of a pc within its opened leaf. */
export function readRecord(code: Opening, pc: number): InstructionRecord {
  const offset = pc * 16;
  const head = code.wordBigEndian(offset);
  return {
    op: head >>> 16,
    cost: head & 0xffff,
    a: code.wordBigEndian(offset + 4),
    b: code.wordBigEndian(offset + 8),
    c: code.wordBigEndian(offset + 12),
  };
}
