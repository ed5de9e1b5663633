/**
 * What a hashing thread and the thread that asks it share: a state, a number of chunks, their bytes, their hashes.
 *
 * Invariant: bytes and count belong to the asking thread but in the state `posted`, hashes but in `done`; a change of the state
 * hands them over.
 */
import { chunkBytes } from "../../interpreter/program/program.ts";
import { hashBytes } from "../../merkle/tree/keccak/kernel.ts";

export const threadStates = { starting: 0, idle: 1, posted: 2, done: 3 } as const;

/** Chunks that a thread is given at one time: 2 MiB. */
export const chunksOfPost = 512;
const headerBytes = 64;

export class SharedChunks {
  readonly buffer: SharedArrayBuffer;
  readonly input: Uint8Array;
  readonly hashes: Uint8Array;
  private readonly words: Int32Array;

  constructor(
    buffer = new SharedArrayBuffer(headerBytes + chunksOfPost * (chunkBytes + hashBytes)),
  ) {
    this.buffer = buffer;
    this.words = new Int32Array(buffer, 0, headerBytes / 4);
    this.input = new Uint8Array(buffer, headerBytes, chunksOfPost * chunkBytes);
    this.hashes = new Uint8Array(
      buffer,
      headerBytes + chunksOfPost * chunkBytes,
      chunksOfPost * hashBytes,
    );
  }

  get state(): number {
    return Atomics.load(this.words, 0);
  }

  set state(state: number) {
    Atomics.store(this.words, 0, state);
    Atomics.notify(this.words, 0);
  }

  get count(): number {
    return this.words[1];
  }

  set count(count: number) {
    this.words[1] = count;
  }

  /** Waits until the state is another; false if that took longer. */
  waitWhile(state: number, milliseconds = Number.POSITIVE_INFINITY): boolean {
    return Atomics.wait(this.words, 0, state, milliseconds) !== "timed-out";
  }

  chunk(index: number): Uint8Array {
    return this.input.subarray(index * chunkBytes, (index + 1) * chunkBytes);
  }

  hash(index: number): Uint8Array {
    return this.hashes.subarray(index * hashBytes, (index + 1) * hashBytes);
  }
}
