/**
 * The arithmetic of the k-ary search (docs/game.md §4.1.1); twin of contracts/src/game/libraries/Search.sol.
 *
 * Invariant: σ(0) = 0 < σ(1) < … < σ(m) = n for m = min(k, n), so every round shortens the segment, to at most
 * ⌈n/k⌉ steps.
 */
import { concat, keccak256 } from "ethers";
import { type Hash, zeroHash } from "../claim/claim.ts";

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

/** A part of a segment as `choosePart` wants it shown. */
export interface ShownPart {
  /** First and last state of the part. */
  readonly part: readonly [Hash, Hash];
  /** Its siblings in the tree, lowest first. */
  readonly path: Hash[];
}

/**
 * Commitment of a vector, given with the states between which it lies: Merkle root over the parts, each the hash of its
 * first and last state, padded with zeros to a power of two.
 */
export function commitment(states: readonly Hash[]): Hash {
  return levels(states).at(-1)?.[0] as Hash;
}

/** Shows part `index` (from 0) of the vector whose commitment is `commitment(states)`. */
export function showPart(states: readonly Hash[], index: number): ShownPart {
  const path: Hash[] = [];
  let position = index;
  for (const level of levels(states).slice(0, -1)) {
    path.push(level[position ^ 1]);
    position >>= 1;
  }
  return { part: [states[index], states[index + 1]], path };
}

/**
 * The first part whose last state two sides differ about; both lists begin with the agreed state and end with each
 * side's own. RangeError for lists of different lengths, or that differ nowhere.
 */
export function firstDenied(own: readonly Hash[], other: readonly Hash[]): number {
  if (own.length !== other.length) {
    throw new RangeError(`expected ${own.length} states, got ${other.length}`);
  }
  const index = own.findIndex((hash, i) => i > 0 && hash !== other[i]);
  if (index < 0) throw new RangeError("expected states of which one differs");
  return index - 1;
}

/** All levels of the tree over the parts between states, leaves first. */
function levels(states: readonly Hash[]): Hash[][] {
  const parent = (one: Hash, other: Hash) => keccak256(concat([one, other]));
  let level = states.slice(1).map((end, i) => parent(states[i], end));
  while ((level.length & (level.length - 1)) !== 0) level.push(zeroHash);
  const all = [level];
  while (level.length > 1) {
    const parents: Hash[] = [];
    for (let i = 0; i < level.length; i += 2) parents.push(parent(level[i], level[i + 1]));
    all.push(parents);
    level = parents;
  }
  return all;
}
