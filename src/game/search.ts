/**
 * The arithmetic of the k-ary search (docs/game.md §4.1.1); twin of contracts/src/game/libraries/Search.sol.
 *
 * Invariant: σ(0) = 0 < σ(1) < … < σ(m) = n for m = min(k, n), so every round shortens the segment, to at most
 * ⌈n/k⌉ steps.
 */
import { concat, keccak256 } from "ethers";
import { type Hash, zeroHash } from "./claim.ts";

/** Parts into which a segment of `steps` steps is cut. */
export function parts(steps: bigint, k: number): number {
  return steps < BigInt(k) ? Number(steps) : k;
}

/** σ(j) = ⌈j·n/m⌉. */
export function point(steps: bigint, m: number, j: number): bigint {
  return (BigInt(j) * steps + BigInt(m) - 1n) / BigInt(m);
}

/** Step numbers at which a round of the search on [start, end] asks for state hashes. */
export function points(start: bigint, end: bigint, k: number): bigint[] {
  const m = parts(end - start, k);
  return Array.from({ length: m - 1 }, (_, i) => start + point(end - start, m, i + 1));
}

/** Where two vectors part, in the form that `postVector` wants. */
export interface Divergence {
  /** First entry in which they differ; their length if they are equal. */
  readonly index: number;
  /** The other's entry and its right siblings, lowest first; empty if the vectors are equal. */
  readonly path: Hash[];
}

/** Commitment of a vector: hash of the Merkle root over it, padded with zeros to a power of two. */
export function commitment(vector: readonly Hash[]): Hash {
  return keccak256(levels(vector).at(-1)?.[0] as Hash);
}

export function divergence(own: readonly Hash[], other: readonly Hash[]): Divergence {
  if (own.length !== other.length) {
    throw new RangeError(`expected a vector of ${own.length} hashes, got ${other.length}`);
  }
  const index = own.findIndex((hash, i) => hash !== other[i]);
  if (index < 0) return { index: own.length, path: [] };
  const path = [other[index]];
  let position = index;
  for (const level of levels(other).slice(0, -1)) {
    if (position % 2 === 0) path.push(level[position + 1]);
    position >>= 1;
  }
  return { index, path };
}

/** All levels of the tree over a vector, leaves first. */
function levels(vector: readonly Hash[]): Hash[][] {
  let level = [...vector];
  while (level.length === 0 || (level.length & (level.length - 1)) !== 0) level.push(zeroHash);
  const all = [level];
  while (level.length > 1) {
    const parents: Hash[] = [];
    for (let i = 0; i < level.length; i += 2) {
      parents.push(keccak256(concat([level[i], level[i + 1]])));
    }
    all.push(parents);
    level = parents;
  }
  return all;
}
