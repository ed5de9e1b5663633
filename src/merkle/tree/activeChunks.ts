/**
 * The chunks of a Merkle array that change again and again, or that were opened: for each a memo of its content and
 * its hashes (keccak/memos.ts), so that only what differs since the last look is hashed again.
 *
 * Invariant: a memo is up to date unless its chunk was invalidated or passed over since; at most `capacity` are remembered, and the
 * one that was remembered first goes first.
 */
import { leafBytes } from "../../interpreter/program/program.ts";
import type { ReadChunk, TakeHash } from "./chunkHasher.ts";
import { batchLeaves, hashBytes, kernel } from "./keccak/kernel.ts";
import { hashPlace, memoBytesOf } from "./keccak/memos.ts";

export class ActiveChunks {
  readonly #leaves: number;
  readonly #capacity: number;
  readonly #memos = new Map<number, Uint8Array>();
  readonly #passedOver = new Set<number>();

  /** Remembers at most `capacity` chunks of `leaves` leaves each: 6 KiB for one of 32. */
  constructor(leaves: number, capacity: number) {
    this.#leaves = leaves;
    this.#capacity = capacity;
  }

  has(chunk: number): boolean {
    return this.#memos.has(chunk);
  }

  /** Whether so many chunks could be remembered at once. */
  hasRoomFor(count: number): boolean {
    return count <= this.#capacity;
  }

  /** Says that others hash the chunk as it is now: its memo, if there is one, is of an earlier content. */
  passOver(chunk: number): void {
    if (this.has(chunk)) this.#passedOver.add(chunk);
  }

  /** A hash inside a chunk whose bytes have not changed since it was hashed last: node `index` of its heap. */
  hash(chunk: number, index: number, read: ReadChunk): Uint8Array {
    if (!this.has(chunk) || this.#passedOver.has(chunk)) this.update([chunk], read);
    const place = hashPlace(this.#leaves, index);
    return this.#memo(chunk).slice(place, place + hashBytes);
  }

  /** Brings chunks up to date with what `read` gives of each; `take` is given the hash of each, both by its place in the list. */
  update(chunks: readonly number[], read: ReadChunk, take?: TakeHash): void {
    const perBatch = batchLeaves / this.#leaves;
    const place = hashPlace(this.#leaves);
    for (let start = 0; start < chunks.length; start += perBatch) {
      const memos = chunks.slice(start, start + perBatch).map((chunk) => this.#memo(chunk));
      this.#updateBatch(start, memos, read);
      memos.forEach((memo, i) => {
        take?.(start + i, memo.subarray(place, place + hashBytes));
      });
    }
  }

  #updateBatch(start: number, memos: readonly Uint8Array[], read: ReadChunk): void {
    const contentBytes = this.#leaves * leafBytes;
    const size = memoBytesOf(this.#leaves);
    memos.forEach((memo, i) => {
      read(start + i, kernel.input.subarray(i * contentBytes, (i + 1) * contentBytes));
      kernel.memos.set(memo, i * size);
    });
    const changed = kernel.update(memos.length, this.#leaves);
    memos.forEach((memo, i) => {
      if (changed[i] !== 0) memo.set(kernel.memos.subarray(i * size, (i + 1) * size));
    });
  }

  /** The memo of a chunk that is brought up to date. */
  #memo(chunk: number): Uint8Array {
    this.#passedOver.delete(chunk);
    const known = this.#memos.get(chunk);
    if (known !== undefined) return known;
    if (this.#memos.size >= this.#capacity) {
      const [oldest] = this.#memos.keys();
      this.#memos.delete(oldest);
      this.#passedOver.delete(oldest);
    }
    const memo = new Uint8Array(memoBytesOf(this.#leaves));
    this.#memos.set(chunk, memo);
    return memo;
  }
}
