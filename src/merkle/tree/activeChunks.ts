/**
 * The chunks of a Merkle array that change again and again, or that were opened: for each a memo of its content and
 * its hashes (keccak/memos.ts), so that only what differs since the last look is hashed again.
 *
 * Invariant: a memo is up to date unless its chunk was invalidated since; at most `capacity` are remembered, and the
 * one that was remembered first goes first.
 */
import { chunkBytes, leafBytes } from "../../interpreter/program/program.ts";
import { batchLeaves, hashBytes, kernel } from "./keccak/kernel.ts";
import { hashPlace, memoBytesOf } from "./keccak/memos.ts";
import type { ByteSource } from "./merkleArray.ts";

export class ActiveChunks {
  readonly #leaves: number;
  readonly #capacity: number;
  readonly #source: ByteSource;
  readonly #memos = new Map<number, Uint8Array>();

  /** Remembers at most `capacity` chunks of `leaves` leaves each: 6 KiB for one of 32. */
  constructor(leaves: number, capacity: number, source: ByteSource) {
    this.#leaves = leaves;
    this.#capacity = capacity;
    this.#source = source;
  }

  has(chunk: number): boolean {
    return this.#memos.has(chunk);
  }

  /** Whether so many chunks could be remembered at once. */
  hasRoomFor(count: number): boolean {
    return count <= this.#capacity;
  }

  /** A hash inside a chunk whose bytes have not changed since its last `update`: node `index` of its heap. */
  hash(chunk: number, index: number): Uint8Array {
    if (!this.has(chunk)) this.update([chunk]);
    const place = hashPlace(this.#leaves, index);
    return this.#memo(chunk).slice(place, place + hashBytes);
  }

  /** Brings chunks up to date with the source; `each` is given every chunk and its own hash. */
  update(chunks: readonly number[], each?: (chunk: number, hash: Uint8Array) => void): void {
    const perBatch = batchLeaves / this.#leaves;
    for (let start = 0; start < chunks.length; start += perBatch) {
      const batch = chunks.slice(start, start + perBatch);
      const memos = batch.map((chunk) => this.#memo(chunk));
      this.#updateBatch(batch, memos);
      const place = hashPlace(this.#leaves);
      batch.forEach((chunk, i) => {
        each?.(chunk, memos[i].subarray(place, place + hashBytes));
      });
    }
  }

  #updateBatch(chunks: readonly number[], memos: readonly Uint8Array[]): void {
    const contentBytes = this.#leaves * leafBytes;
    const size = memoBytesOf(this.#leaves);
    memos.forEach((memo, i) => {
      const place = kernel.input.subarray(i * contentBytes, (i + 1) * contentBytes);
      this.#source(chunks[i] * chunkBytes, place);
      kernel.memos.set(memo, i * size);
    });
    const changed = kernel.update(chunks.length, this.#leaves);
    memos.forEach((memo, i) => {
      if (changed[i] !== 0) memo.set(kernel.memos.subarray(i * size, (i + 1) * size));
    });
  }

  #memo(chunk: number): Uint8Array {
    const known = this.#memos.get(chunk);
    if (known !== undefined) return known;
    if (this.#memos.size >= this.#capacity) {
      const [oldest] = this.#memos.keys();
      this.#memos.delete(oldest);
    }
    const memo = new Uint8Array(memoBytesOf(this.#leaves));
    this.#memos.set(chunk, memo);
    return memo;
  }
}
