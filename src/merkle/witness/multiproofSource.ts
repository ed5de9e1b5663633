/**
 * Where a step's multiproofs come from: a live machine's trees (recording, which yields the witness) or a witness
 * (replaying, which checks it).
 */

import type { Registers } from "../commitment/registers.ts";
import type { ArrayName } from "../tree/arrays.ts";
import type { Multiproof } from "../tree/multiproof.ts";

/** An instruction as the program holds it (docs/machine.md §3). */
export interface Instruction {
  readonly op: number;
  readonly cost: number;
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

export interface MultiproofSource {
  /** Registers before the step; the step works on its own copy. */
  readonly registers: Registers;
  readonly instruction: Instruction;
  /** Opens leaves of an array, given in ascending order; each array at most once. */
  open(array: ArrayName, leaves: readonly number[]): Multiproof;
  /** The label number that `br_table` is claimed to choose: min(index, labels), its index being in `slot`. */
  claimLabel(slot: number, labels: number): number;
}

/** The instruction of a pc within its opened leaf. */
export function readInstruction(code: Multiproof, pc: number): Instruction {
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
