/**
 * Positions of claims in a fault dispute game of the OP Stack: generalized indices of a binary tree, 1 the root.
 *
 * Invariant: a claim commits to the trace up to the rightmost leaf below its position; the moves against it are its
 * attack (that leaf is disputed: the left half) and its defence (it is not: the half to its right).
 */

/** Levels below the root. */
export function depthOf(position: bigint): number {
  return position.toString(2).length - 1;
}

/** Where a move against a claim at `position` stands. */
export function moved(position: bigint, isAttack: boolean): bigint {
  return (isAttack ? position : position | 1n) << 1n;
}

/** Number of the leaf, at `depth`, that a position commits to. */
export function leafOf(position: bigint, depth: number): bigint {
  return ((position + 1n) << BigInt(depth - depthOf(position))) - 1n - (1n << BigInt(depth));
}

/** Highest position of depth `least` or more that commits to the same leaf. */
export function traceAncestor(position: bigint, least = 0): bigint {
  let ancestor = position;
  while ((ancestor & 1n) === 1n && depthOf(ancestor) > least) ancestor >>= 1n;
  return ancestor;
}
