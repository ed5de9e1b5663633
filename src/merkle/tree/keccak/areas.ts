/**
 * What every kernel offers, and the areas of its memory, which all kernels divide alike.
 *
 * Invariant: addresses in lists and memos mean the same bytes in every kernel.
 */
import {
  batchLeaves,
  hashBytes,
  kernelMemory,
  leafStride,
  listEntryBytes,
} from "./kernelLayout.ts";

/** The byte that ends each kind of preimage. */
export const tags = { leaf: 0, node: 1, state: 2, program: 3, config: 4 } as const;
export type Tag = (typeof tags)[keyof typeof tags];

/**
 * A Keccak-256 implementation that hashes leaves and levels of nodes in batches, in a memory of its own.
 */
export interface Kernel {
  readonly name: "simd" | "scalar" | "javascript";
  /** Where a caller puts up to `capacity` bytes of preimages before `leaves`. */
  readonly input: Uint8Array;
  /** Hashes of the levels that `reduce` computed, one level after the other. */
  readonly output: Uint8Array;
  /**
   * Hashes `count` leaves of `input` and then `levels` levels of nodes above them; `output` then holds
   * count + count / 2 + … hashes. Returns the position in `output` of the last level. Zero leaf → 0, zero pair → 0.
   */
  reduce(count: number, levels: number): number;
  /** Memos of chunks (memos.ts): where a caller puts them before `update`, and finds them afterwards. */
  readonly memos: Uint8Array;
  /**
   * Gives the first `count` memos of chunks of `leaves` leaves (at most 32) the contents in `input`, and hashes again
   * the leaves that differ and the nodes above them. Returns which memos have changed: a word for each, 0 if it has not.
   */
  update(count: number, leaves: number): Int32Array;
  /** Hashes `count` pairs of hashes at the start of `input` to the start of `output`; zero pair → 0. */
  nodes(count: number): void;
  /** Keccak-256 of at most 135 bytes; no zero rule. */
  hash(preimage: Uint8Array): Uint8Array;
}

export interface Areas {
  readonly input: Uint8Array;
  readonly output: Uint8Array;
  readonly memos: Uint8Array;
  readonly list: Int32Array;
}

export function areasOf(memory: ArrayBuffer): Areas {
  const area = (start: number, length: number) => new Uint8Array(memory, start, length);
  return {
    input: area(kernelMemory.input, batchLeaves * leafStride),
    output: area(kernelMemory.output, 2 * batchLeaves * hashBytes),
    memos: area(kernelMemory.memos, batchLeaves * (leafStride + 2 * hashBytes)),
    list: new Int32Array(memory, kernelMemory.list, (batchLeaves * listEntryBytes) / 4),
  };
}
