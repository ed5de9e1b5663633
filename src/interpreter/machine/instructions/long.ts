/**
 * Pieces of the long instructions (docs/machine.md §7 "Long instructions"): how much of what remains one step
 * handles, and how its three operands move on.
 *
 * Invariant: a piece lies within one leaf of the destination: 128 bytes of memory, 32 entries of a table.
 */
import { leafBytes, referenceBytes } from "../../program.ts";
import type { MachineState } from "../state.ts";

export const pieceBytes = leafBytes;
export const pieceEntries = leafBytes / referenceBytes;

/** Length of the first piece of [d, d + n). */
export function forwardPiece(d: number, n: number, unit: number): number {
  return Math.min(n, unit - (d % unit));
}

/** Length of the last piece of [d, d + n). */
export function backwardPiece(d: number, n: number, unit: number): number {
  return Math.min(n, ((d + n - 1) % unit) + 1);
}

/**
 * Ends a step that has handled `m` of `n`: pops the operands (d, s, n) after the last piece, else updates them.
 * Returns the next pc. `moves` says which of d and s move.
 */
export function finishPiece(
  state: MachineState,
  pc: number,
  m: number,
  moves: { readonly d: boolean; readonly s: boolean },
): number {
  const top = (state.sp - 1) * 2;
  const left = (state.stack[top] >>> 0) - m;
  if (left === 0) {
    state.sp -= 3;
    return pc + 1;
  }
  state.stack[top] = left;
  if (moves.s) state.stack[top - 2] += m;
  if (moves.d) state.stack[top - 4] += m;
  return pc;
}

export const moves = {
  both: { d: true, s: true },
  destination: { d: true, s: false },
  neither: { d: false, s: false },
} as const;
