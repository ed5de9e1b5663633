/**
 * Hashes chunks of 4 KiB: by the kernel, or, where they are many and the host has threads to spare, by a hasher that
 * it has installed (src/node/hashing/). Of chunks that change again and again, whoever hashes one remembers it.
 *
 * Invariant: the hashes are those of the kernel, whoever makes them.
 */
import { chunkBytes, leafBytes } from "../../interpreter/program/program.ts";
import { batchLeaves, hashBytes, kernel } from "./keccak/kernel.ts";

/** Copies the bytes of chunk number `index` of those that are hashed. */
export type ReadChunk = (index: number, target: Uint8Array) => void;
/** Is given the hash of chunk number `index`, in any order; the bytes are good until it returns. */
export type TakeHash = (index: number, hash: Uint8Array) => void;

export interface ChunkHasher {
  /** Hashes chunks 0 to `count` − 1; false, and nothing done, if they are too few for it. */
  hash(count: number, read: ReadChunk, take: TakeHash): boolean;
  /**
   * Begins to hash some of these chunks by what differs since they were begun last, and returns their indices; the others
   * are left to the caller. A chunk is known by its key, an integer. Bytes are read at once; hashes are given to `take` in
   * later calls of the hasher, in `settle` at the latest.
   */
  begin(keys: readonly number[], read: ReadChunk, take: TakeHash): readonly number[];
  /** Waits until all hashes of what was begun have been given. */
  settle(): void;
}

export const leavesOfChunk = chunkBytes / leafBytes;
/** Chunks that the kernel hashes at one time. */
export const chunksOfBatch = batchLeaves / leavesOfChunk;

let installed: ChunkHasher | undefined;

/** Hands chunks that are many to this hasher from now on; undefined for the kernel alone. */
export function installChunkHasher(hasher: ChunkHasher | undefined): void {
  installed = hasher;
}

/** Fewer chunks are hashed sooner than a thread wakes up. */
const fewChunks = 16;

/** The hasher that may take a share of so many chunks that change again and again. */
export function sharingHasher(count: number): ChunkHasher | undefined {
  return count < fewChunks ? undefined : installed;
}

export function hashChunks(count: number, read: ReadChunk, take: TakeHash): void {
  if (installed?.hash(count, read, take)) return;
  for (let first = 0; first < count; first += chunksOfBatch) {
    hashBatch(first, Math.min(chunksOfBatch, count - first), read, take);
  }
}

/** The same for at most `chunksOfBatch` chunks from number `first` on, by the kernel. */
export function hashBatch(first: number, count: number, read: ReadChunk, take: TakeHash): void {
  for (let i = 0; i < count; i++) {
    read(first + i, kernel.input.subarray(i * chunkBytes, (i + 1) * chunkBytes));
  }
  const hashes = kernel.reduce(count * leavesOfChunk, Math.log2(leavesOfChunk));
  for (let i = 0; i < count; i++) {
    const from = hashes + i * hashBytes;
    take(first + i, kernel.output.subarray(from, from + hashBytes));
  }
}
