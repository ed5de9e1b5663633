/**
 * CometBFT's Merkle tree (RFC 6962 §2.1): SHA-256 over 0x00 ‖ leaf and 0x01 ‖ left ‖ right, the left part being the
 * largest power of two below the number of leaves. The paper's merkle_tm.
 *
 * Invariant: a path proves that a leaf is in the tree; since leaves and nodes have different prefixes, nothing but
 * a leaf can be proven, but where it stands is only as sure as the number of leaves.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { concatBytes } from "@noble/hashes/utils.js";

const leafPrefix = Uint8Array.of(0);
const nodePrefix = Uint8Array.of(1);

/** One sibling on the way from a leaf to the root. */
export interface Aunt {
  /** Whether the sibling stands left of the path. */
  readonly left: boolean;
  readonly hash: Uint8Array;
}

/** Hash of a leaf's bytes. */
export function leafHash(leaf: Uint8Array): Uint8Array {
  return sha256(concatBytes(leafPrefix, leaf));
}

function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(concatBytes(nodePrefix, left, right));
}

/** Leaves in the left part of a tree of `count` ≥ 2 leaves. */
function splitPoint(count: number): number {
  return 2 ** (31 - Math.clz32(count - 1));
}

/** The root over leaves' bytes; that of no leaves is SHA-256 of nothing. */
export function treeRoot(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return sha256(new Uint8Array());
  const subtree = (from: number, to: number): Uint8Array => {
    if (to - from === 1) return leafHash(leaves[from]);
    const middle = from + splitPoint(to - from);
    return nodeHash(subtree(from, middle), subtree(middle, to));
  };
  return subtree(0, leaves.length);
}

/**
 * Whether each sibling on the path of leaf `index` among `count` stands left, lowest first: what a path has to look like
 * that is to prove a leaf's place.
 */
export function sidesOf(index: number, count: number): boolean[] {
  const sides: boolean[] = [];
  let from = 0;
  let to = count;
  while (to - from > 1) {
    const middle = from + splitPoint(to - from);
    const left = index >= middle;
    sides.push(left);
    if (left) from = middle;
    else to = middle;
  }
  return sides.reverse();
}

/** The path from leaf `index` to the root, lowest sibling first; throws a RangeError if there is no such leaf. */
export function treePath(leaves: readonly Uint8Array[], index: number): Aunt[] {
  if (!Number.isInteger(index) || index < 0 || index >= leaves.length) {
    throw new RangeError(`expected a leaf below ${leaves.length}, got ${index}`);
  }
  const path: Aunt[] = [];
  let from = 0;
  let to = leaves.length;
  while (to - from > 1) {
    const middle = from + splitPoint(to - from);
    const left = index >= middle;
    const sibling = left ? leaves.slice(from, middle) : leaves.slice(middle, to);
    path.push({ left, hash: treeRoot(sibling) });
    if (left) from = middle;
    else to = middle;
  }
  return path.reverse();
}

/** The root to which a path leads from a leaf's bytes. */
export function rootOfPath(leaf: Uint8Array, path: readonly Aunt[]): Uint8Array {
  return path.reduce(
    (hash, aunt) => (aunt.left ? nodeHash(aunt.hash, hash) : nodeHash(hash, aunt.hash)),
    leafHash(leaf),
  );
}
