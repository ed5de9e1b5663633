/**
 * A Merkle array over bytes that live elsewhere (docs/proof-format.md §1): fixed depth, sparse, inner nodes cached
 * from the 4 KiB chunk upward; what lies inside a chunk is remembered for the chunks that change (activeChunks.ts).
 *
 * Invariant: after `root()` every cached node agrees with the source; between calls the owner invalidates each
 * chunk whose bytes change. The cost of `root()` is one comparison of each invalid chunk, and the hashes of the
 * leaves that differ and of the nodes above them.
 */
import { chunkBytes, leafBytes } from "../../interpreter/program/program.ts";
import { ActiveChunks } from "./activeChunks.ts";
import { zeroHash } from "./arrays.ts";
import {
  type ChunkHasher,
  chunksOfBatch,
  hashChunks,
  type ReadChunk,
  sharingHasher,
} from "./chunkHasher.ts";
import { batchLeaves, hashBytes, kernel } from "./keccak/kernel.ts";
import { Multiproof, type NodePosition } from "./multiproof.ts";
import { NodeStore } from "./nodeStore.ts";

/** Copies the bytes of the array from `offset` on into `target`; what lies beyond the content is 0. */
export type ByteSource = (offset: number, target: Uint8Array) => void;

const chunkLevel = Math.log2(chunkBytes / leafBytes);
/** Chunks whose content and inner hashes are remembered unless told otherwise; a witness of each step reads the same few. */
const fewChunks = 256;
/** Chunks of the longest array: keys of two arrays do not meet. */
const mostChunks = 2 ** 28;
let arraysWithKeys = 0;

export class MerkleArray {
  readonly depth: number;
  /** Level of the lowest nodes that are cached for every chunk. */
  readonly #base: number;
  readonly #leavesPerChunk: number;
  readonly #source: ByteSource;
  readonly #nodes: NodeStore;
  readonly #active: ActiveChunks;
  readonly #stale = new Set<number>();
  readonly #staleInBulk = new Set<number>();
  /** Key of its first chunk with a hasher. */
  #firstKey: number | undefined;

  /** `activeChunks`: how many chunks may be rehashed by their changed leaves, at 6 KiB each. */
  constructor(depth: number, source: ByteSource, activeChunks = fewChunks) {
    this.depth = depth;
    this.#base = Math.min(chunkLevel, depth);
    this.#leavesPerChunk = 2 ** this.#base;
    this.#source = source;
    this.#nodes = new NodeStore(depth - this.#base + 1);
    this.#active = new ActiveChunks(this.#leavesPerChunk, activeChunks);
  }

  /** Says that some bytes of the chunk (4 KiB, by number) have changed, and that more may do so later. */
  invalidate(chunk: number): void {
    this.#stale.add(chunk);
  }

  /** Says that bytes in [start, end) have changed as a whole, and are to be hashed without being remembered. */
  invalidateRange(start: number, end: number): void {
    for (let chunk = Math.floor(start / chunkBytes); chunk * chunkBytes < end; chunk++) {
      const stale = this.#active.has(chunk) ? this.#stale : this.#staleInBulk;
      stale.add(chunk);
    }
  }

  root(): Uint8Array {
    this.#rehash();
    return this.#nodes.node(this.depth - this.#base, 0);
  }

  /** Hashes of the first `count` chunks, one after another: what `restore` takes. */
  chunkHashes(count: number): Uint8Array {
    this.#rehash();
    const hashes = new Uint8Array(count * hashBytes);
    for (let chunk = 0; chunk < count; chunk++) {
      hashes.set(this.#nodes.node(0, chunk), chunk * hashBytes);
    }
    return hashes;
  }

  /** Takes these for the hashes of the first chunks, instead of hashing their bytes. */
  restore(hashes: Uint8Array): void {
    const chunks = Array.from({ length: hashes.length / hashBytes }, (_, chunk) => chunk);
    for (const chunk of chunks) {
      this.#stale.delete(chunk);
      this.#staleInBulk.delete(chunk);
      this.#active.passOver(chunk);
    }
    this.#nodes.setAll(hashes);
    this.#rehashAbove(chunks);
  }

  /** Opens leaves, given in ascending order. */
  open(leaves: readonly number[]): Multiproof {
    this.#rehash();
    const bytes = new Uint8Array(leaves.length * leafBytes);
    leaves.forEach((leaf, i) => {
      this.#source(leaf * leafBytes, bytes.subarray(i * leafBytes, (i + 1) * leafBytes));
    });
    return new Multiproof(this.depth, leaves, bytes, (position) => this.#node(position));
  }

  #node({ level, index }: NodePosition): Uint8Array {
    if (level >= this.#base) return this.#nodes.node(level - this.#base, index);
    const width = 2 ** (this.#base - level);
    const chunk = Math.floor(index / width);
    return this.#active.hash(chunk, width + (index % width), this.#readOf([chunk]));
  }

  #readOf(chunks: readonly number[]): ReadChunk {
    return (index, target) => this.#source(chunks[index] * chunkBytes, target);
  }

  #rehash(): void {
    if (this.#stale.size === 0 && this.#staleInBulk.size === 0) return;
    if (!this.#active.hasRoomFor(this.#stale.size)) this.#moveToBulk();
    const stale = [...this.#stale];
    const staleInBulk = [...this.#staleInBulk].filter((chunk) => !this.#stale.has(chunk));
    this.#stale.clear();
    this.#staleInBulk.clear();
    this.#rehashActive(stale);
    this.#rehashInBulk(staleInBulk);
    this.#rehashAbove([...stale, ...staleInBulk].sort((a, b) => a - b));
  }

  #rehashActive(stale: readonly number[]): void {
    const hasher = this.#base === chunkLevel ? sharingHasher(stale.length) : undefined;
    if (hasher === undefined) this.#rehashByMemos(stale);
    else this.#rehashShared(hasher, stale);
  }

  #rehashByMemos(chunks: readonly number[]): void {
    this.#active.update(chunks, this.#readOf(chunks), (index, hash) =>
      this.#nodes.set(0, chunks[index], hash),
    );
  }

  /** Batch after batch, while threads have their share, and more of what is left once they are done with it. */
  #rehashShared(hasher: ChunkHasher, stale: readonly number[]): void {
    let left = this.#begin(hasher, stale);
    const isShared = left.length < stale.length;
    while (left.length > 0) {
      this.#rehashByMemos(left.slice(0, chunksOfBatch));
      left = left.slice(chunksOfBatch);
      if (isShared) left = this.#begin(hasher, left);
    }
    if (isShared) hasher.settle();
  }

  /** Begins to hash some of these chunks on threads; returns the others. */
  #begin(hasher: ChunkHasher, chunks: readonly number[]): readonly number[] {
    this.#firstKey ??= mostChunks * arraysWithKeys++;
    const firstKey = this.#firstKey;
    const begun = hasher.begin(
      chunks.map((chunk) => firstKey + chunk),
      this.#readOf(chunks),
      (index, hash) => this.#nodes.set(0, chunks[index], hash),
    );
    if (begun.length === 0) return chunks;
    for (const index of begun) this.#active.passOver(chunks[index]);
    const isBegun = new Set(begun);
    return chunks.filter((_, index) => !isBegun.has(index));
  }

  /** The nodes above chunks, given in ascending order. */
  #rehashAbove(chunks: readonly number[]): void {
    let nodes = chunks;
    for (let level = 1; level <= this.depth - this.#base; level++) {
      nodes = this.#nodes.rehashParents(level, nodes);
    }
  }

  /** More chunks than can be remembered are hashed whole, but for those that are remembered already. */
  #moveToBulk(): void {
    for (const chunk of this.#stale) {
      if (this.#active.has(chunk)) continue;
      this.#stale.delete(chunk);
      this.#staleInBulk.add(chunk);
    }
  }

  #rehashInBulk(chunks: readonly number[]): void {
    if (this.#base === chunkLevel) {
      hashChunks(chunks.length, this.#readOf(chunks), (index, hash) =>
        this.#nodes.set(0, chunks[index], hash),
      );
      return;
    }
    const chunkSize = this.#leavesPerChunk * leafBytes;
    const perBatch = batchLeaves / this.#leavesPerChunk;
    for (let start = 0; start < chunks.length; start += perBatch) {
      const batch = chunks.slice(start, start + perBatch);
      batch.forEach((chunk, i) => {
        const place = kernel.input.subarray(i * chunkSize, (i + 1) * chunkSize);
        this.#source(chunk * chunkBytes, place);
      });
      const hashes = kernel.reduce(batch.length * this.#leavesPerChunk, this.#base);
      batch.forEach((chunk, i) => {
        const from = hashes + i * hashBytes;
        this.#nodes.set(0, chunk, kernel.output.subarray(from, from + hashBytes));
      });
    }
  }
}

/** Root of a Merkle array whose content is these bytes. */
export function rootOfBytes(depth: number, bytes: Uint8Array): Uint8Array {
  return bytes.length === 0 ? zeroHash : arrayOfBytes(depth, bytes).root();
}

/** A Merkle array over bytes that do not change. */
export function arrayOfBytes(depth: number, bytes: Uint8Array): MerkleArray {
  const array = new MerkleArray(depth, copyFrom(bytes));
  array.invalidateRange(0, bytes.length);
  return array;
}

/** A Merkle array over bytes that do not change, of whose chunks these are the hashes; `read` is asked for the bytes when a leaf is opened. */
export function arrayOfHashes(
  depth: number,
  hashes: Uint8Array,
  read: () => Uint8Array,
): MerkleArray {
  const array = new MerkleArray(depth, (offset, target) => copyFrom(read())(offset, target));
  array.restore(hashes);
  return array;
}

/** The source that reads a byte string, zero-extended. */
export function copyFrom(bytes: Uint8Array): ByteSource {
  return (offset, target) => {
    const part = bytes.subarray(Math.min(offset, bytes.length), offset + target.length);
    target.set(part);
    target.fill(0, part.length);
  };
}
