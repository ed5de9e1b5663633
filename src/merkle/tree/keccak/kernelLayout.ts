/**
 * Sizes of what is hashed, and how every kernel divides its memory: constants, then areas for a batch of 64 chunks.
 *
 * Invariant: areas do not overlap, and the last one ends with the memory.
 */

export const hashBytes = 32;
/** Bytes of a leaf's content, and of the two hashes under a node. */
export const leafStride = 128;
export const nodeStride = 64;
/** Most leaves in one batch: 64 chunks of 4 KiB. */
export const batchLeaves = 2048;
/** Source and target of a preimage, as addresses. */
export const listEntryBytes = 8;

export const kernelMemory = {
  pages: 16,
  input: 4096,
  list: 266240,
  output: 524288,
  memos: 655360,
} as const;
