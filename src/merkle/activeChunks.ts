/**
 * The chunks of a Merkle array that change again and again, or that were opened: for each a record of its content and
 * its hashes (keccak/records.ts), so that only what differs since the last look is hashed again.
 *
 * Invariant: a record is up to date unless its chunk was invalidated since; at most `capacity` are remembered, and the
 * one that was remembered first goes first.
 */
import { chunkBytes, leafBytes } from "../interpreter/program.ts";
import { batchLeaves, hashBytes, kernel } from "./keccak/kernel.ts";
import { hashPlace, recordBytesOf } from "./keccak/records.ts";
import type { ByteSource } from "./merkleArray.ts";

export class ActiveChunks {
  readonly #leaves: number;
  readonly #capacity: number;
  readonly #source: ByteSource;
  readonly #records = new Map<number, Uint8Array>();

  /** Remembers at most `capacity` chunks of `leaves` leaves each: 6 KiB for one of 32. */
  constructor(leaves: number, capacity: number, source: ByteSource) {
    this.#leaves = leaves;
    this.#capacity = capacity;
    this.#source = source;
  }

  has(chunk: number): boolean {
    return this.#records.has(chunk);
  }

  /** Whether so many chunks could be remembered at once. */
  hasRoomFor(count: number): boolean {
    return count <= this.#capacity;
  }

  /** A hash inside a chunk whose bytes have not changed since its last `update`: node `index` of its heap. */
  hash(chunk: number, index: number): Uint8Array {
    if (!this.has(chunk)) this.update([chunk]);
    const place = hashPlace(this.#leaves, index);
    return this.#record(chunk).slice(place, place + hashBytes);
  }

  /** Brings chunks up to date with the source; `each` is given every chunk and its own hash. */
  update(chunks: readonly number[], each?: (chunk: number, hash: Uint8Array) => void): void {
    const perBatch = batchLeaves / this.#leaves;
    for (let start = 0; start < chunks.length; start += perBatch) {
      const batch = chunks.slice(start, start + perBatch);
      const records = batch.map((chunk) => this.#record(chunk));
      this.#updateBatch(batch, records);
      const place = hashPlace(this.#leaves);
      batch.forEach((chunk, i) => {
        each?.(chunk, records[i].subarray(place, place + hashBytes));
      });
    }
  }

  #updateBatch(chunks: readonly number[], records: readonly Uint8Array[]): void {
    const contentBytes = this.#leaves * leafBytes;
    const size = recordBytesOf(this.#leaves);
    records.forEach((record, i) => {
      const place = kernel.input.subarray(i * contentBytes, (i + 1) * contentBytes);
      this.#source(chunks[i] * chunkBytes, place);
      kernel.records.set(record, i * size);
    });
    const changed = kernel.update(chunks.length, this.#leaves);
    records.forEach((record, i) => {
      if (changed[i] !== 0) record.set(kernel.records.subarray(i * size, (i + 1) * size));
    });
  }

  #record(chunk: number): Uint8Array {
    const known = this.#records.get(chunk);
    if (known !== undefined) return known;
    if (this.#records.size >= this.#capacity) {
      const [oldest] = this.#records.keys();
      this.#records.delete(oldest);
    }
    const record = new Uint8Array(recordBytesOf(this.#leaves));
    this.#records.set(chunk, record);
    return record;
  }
}
