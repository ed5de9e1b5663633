/**
 * A Merkle array over bytes that live elsewhere (docs/proof-format.md §1): fixed depth, sparse, inner nodes cached
 * from the 4 KiB chunk upward; what lies inside a chunk is hashed again when an opening needs it.
 *
 * Invariant: after `root()` every cached node agrees with the source; between calls the owner invalidates each
 * chunk whose bytes change. The cost of `root()` is proportional to the number of invalid chunks.
 */
import { chunkBytes, leafBytes } from "../interpreter/program.ts";
import { zeroHash } from "./arrays.ts";
import { batchLeaves, hashBytes, kernel } from "./keccak/kernel.ts";
import { NodeStore } from "./nodeStore.ts";
import { type NodePosition, Opening, siblingPositions } from "./opening.ts";

/** Copies the bytes of the array from `offset` on into `target`; what lies beyond the content is 0. */
export type ByteSource = (offset: number, target: Uint8Array) => void;

const chunkLevel = Math.log2(chunkBytes / leafBytes);
const batchPairs = batchLeaves;
/** Chunks whose inner hashes are remembered for openings; a witness of each step reads the same few. */
const interiorCapacity = 256;

export class MerkleArray {
  readonly depth: number;
  /** Level of the lowest cached nodes. */
  readonly #base: number;
  readonly #leavesPerChunk: number;
  readonly #source: ByteSource;
  readonly #nodes: NodeStore;
  readonly #stale = new Set<number>();
  readonly #interiors = new Map<number, Uint8Array>();

  constructor(depth: number, source: ByteSource) {
    this.depth = depth;
    this.#base = Math.min(chunkLevel, depth);
    this.#leavesPerChunk = 2 ** this.#base;
    this.#source = source;
    this.#nodes = new NodeStore(depth - this.#base + 1);
  }

  /** Says that bytes of the chunk (4 KiB, by number) have changed. */
  invalidate(chunk: number): void {
    this.#stale.add(chunk);
  }

  /** Says that bytes in [start, end) have changed. */
  invalidateRange(start: number, end: number): void {
    for (let chunk = Math.floor(start / chunkBytes); chunk * chunkBytes < end; chunk++) {
      this.#stale.add(chunk);
    }
  }

  root(): Uint8Array {
    if (this.#stale.size > 0) this.#rehash();
    return this.#nodes.node(this.depth - this.#base, 0);
  }

  /** Opens leaves, given in ascending order. */
  open(leaves: readonly number[]): Opening {
    if (this.#stale.size > 0) this.#rehash();
    const bytes = new Uint8Array(leaves.length * leafBytes);
    leaves.forEach((leaf, i) => {
      this.#source(leaf * leafBytes, bytes.subarray(i * leafBytes, (i + 1) * leafBytes));
    });
    const positions = siblingPositions(this.depth, leaves);
    return new Opening(this.depth, leaves, bytes, (position) => this.#node(position), positions);
  }

  #node({ level, index }: NodePosition): Uint8Array {
    if (level >= this.#base) return this.#nodes.node(level - this.#base, index);
    const width = 2 ** (this.#base - level);
    const interior = this.#interior(Math.floor(index / width));
    // Level l of a chunk of n leaves begins after n + n/2 + … (l terms) = 2n − 2n / 2^l hashes.
    const levelStart = 2 * this.#leavesPerChunk - (2 * this.#leavesPerChunk) / 2 ** level;
    const start = (levelStart + (index % width)) * hashBytes;
    return interior.slice(start, start + hashBytes);
  }

  /** All hashes inside a chunk, level after level. */
  #interior(chunk: number): Uint8Array {
    const known = this.#interiors.get(chunk);
    if (known !== undefined) return known;
    const leaves = this.#leavesPerChunk;
    this.#source(chunk * chunkBytes, kernel.input.subarray(0, leaves * leafBytes));
    kernel.reduce(leaves, this.#base);
    const interior = kernel.output.slice(0, 2 * leaves * hashBytes);
    if (this.#interiors.size >= interiorCapacity) this.#interiors.clear();
    this.#interiors.set(chunk, interior);
    return interior;
  }

  #rehash(): void {
    const chunks = [...this.#stale].sort((a, b) => a - b);
    this.#stale.clear();
    for (const chunk of chunks) this.#interiors.delete(chunk);
    this.#rehashChunks(chunks);
    let nodes = chunks;
    for (let level = 1; level <= this.depth - this.#base; level++) {
      nodes = this.#rehashLevel(level, nodes);
    }
  }

  #rehashChunks(chunks: readonly number[]): void {
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

  /** Rehashes the parents of `nodes` of the level below; returns the parents. */
  #rehashLevel(level: number, nodes: readonly number[]): number[] {
    const parents: number[] = [];
    for (const node of nodes) {
      const parent = Math.floor(node / 2);
      if (parents[parents.length - 1] !== parent) parents.push(parent);
    }
    for (let start = 0; start < parents.length; start += batchPairs) {
      const batch = parents.slice(start, start + batchPairs);
      batch.forEach((parent, i) => {
        const pair = this.#nodes.get(level - 1, 2 * parent, 2);
        if (pair !== undefined) kernel.input.set(pair, i * 2 * hashBytes);
        else kernel.input.fill(0, i * 2 * hashBytes, (i + 1) * 2 * hashBytes);
      });
      kernel.nodes(batch.length);
      batch.forEach((parent, i) => {
        const hash = kernel.output.subarray(i * hashBytes, (i + 1) * hashBytes);
        this.#nodes.set(level, parent, hash);
      });
    }
    return parents;
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

/** The source that reads a byte string, zero-extended. */
export function copyFrom(bytes: Uint8Array): ByteSource {
  return (offset, target) => {
    const part = bytes.subarray(Math.min(offset, bytes.length), offset + target.length);
    target.set(part);
    target.fill(0, part.length);
  };
}
