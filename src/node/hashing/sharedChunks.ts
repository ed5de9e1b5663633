/**
 * What a hashing thread and the thread that asks it share: a state, a number of chunks, their keys, bytes and hashes.
 *
 * Invariant: keys, bytes and count belong to the asking thread but in the state `posted`, hashes but in `done`; a change of
 * the state hands them over.
 */
import { chunkBytes } from "../../interpreter/program/program.ts";
import { hashBytes } from "../../merkle/tree/keccak/kernel.ts";

export const threadStates = { starting: 0, idle: 1, posted: 2, done: 3 } as const;

/** What a thread is started with. */
export interface ThreadData {
  readonly buffer: SharedArrayBuffer;
  /** Chunks of which it remembers content and hashes. */
  readonly rememberedChunks: number;
}

/** Chunks that a thread is given at one time: 2 MiB. */
export const chunksOfPost = 512;
const headerBytes = 64;
const keyBytes = 8;
const places = {
  keys: headerBytes,
  input: headerBytes + chunksOfPost * keyBytes,
  hashes: headerBytes + chunksOfPost * (keyBytes + chunkBytes),
  end: headerBytes + chunksOfPost * (keyBytes + chunkBytes + hashBytes),
} as const;
const word = { state: 0, count: 1, isRemembered: 2 } as const;

export class SharedChunks {
  readonly buffer: SharedArrayBuffer;
  readonly input: Uint8Array;
  readonly hashes: Uint8Array;
  private readonly words: Int32Array;
  private readonly allKeys: Float64Array;

  constructor(buffer = new SharedArrayBuffer(places.end)) {
    this.buffer = buffer;
    this.words = new Int32Array(buffer, 0, headerBytes / 4);
    this.allKeys = new Float64Array(buffer, places.keys, chunksOfPost);
    this.input = new Uint8Array(buffer, places.input, chunksOfPost * chunkBytes);
    this.hashes = new Uint8Array(buffer, places.hashes, chunksOfPost * hashBytes);
  }

  get state(): number {
    return Atomics.load(this.words, word.state);
  }

  set state(state: number) {
    Atomics.store(this.words, word.state, state);
    Atomics.notify(this.words, word.state);
  }

  get count(): number {
    return this.words[word.count];
  }

  /** Chunks to be hashed whole. */
  set count(count: number) {
    this.words[word.count] = count;
    this.words[word.isRemembered] = 0;
  }

  /** Keys of chunks of which the thread remembers what it hashed last; undefined for chunks to be hashed whole. */
  get keys(): readonly number[] | undefined {
    if (this.words[word.isRemembered] === 0) return undefined;
    return Array.from(this.allKeys.subarray(0, this.count));
  }

  set keys(keys: readonly number[]) {
    this.count = keys.length;
    this.words[word.isRemembered] = 1;
    this.allKeys.set(keys);
  }

  /** Waits until the state is another; false if that took longer. */
  waitWhile(state: number, milliseconds = Number.POSITIVE_INFINITY): boolean {
    return Atomics.wait(this.words, word.state, state, milliseconds) !== "timed-out";
  }

  chunk(index: number): Uint8Array {
    return this.input.subarray(index * chunkBytes, (index + 1) * chunkBytes);
  }

  hash(index: number): Uint8Array {
    return this.hashes.subarray(index * hashBytes, (index + 1) * hashBytes);
  }
}
