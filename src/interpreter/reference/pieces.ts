/**
 * Pieces of long instructions (docs/machine.md §7 "Long instructions"): what one step handles lies within one leaf of the
 * destination.
 *
 * Invariant: `stepsOf` counts the pieces that `pieceInLeaf` cuts, whichever way it goes.
 */
import { leafBytes, referenceBytes } from "../program/program.ts";

/** Units of a leaf: bytes of memory, entries of a table. */
export const LEAF_BYTES = leafBytes;
export const LEAF_ENTRIES = leafBytes / referenceBytes;

/** Length of the next piece of `count` units from `first` on: the first one, or the last one if the way is backward. */
export function pieceInLeaf(
  first: number,
  count: number,
  unit: number,
  isForward: boolean,
): number {
  if (isForward || count === 0) return Math.min(count, unit - (first % unit));
  return Math.min(count, ((first + count - 1) % unit) + 1);
}

/** Steps of a long instruction on `count` units from `first` on: one a piece, and one if there is none. */
export function stepsOf(first: number, count: number, unit: number): number {
  if (count === 0) return 1;
  return Math.floor((first + count - 1) / unit) - Math.floor(first / unit) + 1;
}
