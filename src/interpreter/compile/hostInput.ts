/**
 * The input of the call in a host memory, so that emitted code reads a few bytes of it without leaving.
 * It is brought in by the first short read: a program that takes its input at once needs no second copy.
 *
 * Invariant: the first `atHand` bytes of the memory are those of the input that was asked for last.
 */
import { chunkBytes, pageBytes } from "../program/program.ts";

export class HostInput {
  readonly memory = new WebAssembly.Memory({ initial: 0 });
  private held: Uint8Array | undefined;

  /** Bytes of an input that emitted code may read here: all or none. */
  atHand(input: Uint8Array): number {
    return this.held === input ? input.length : 0;
  }

  /** Brings the input in, after a read of so many bytes, if more such are to be expected; none if the host refuses. */
  bring(input: Uint8Array, read: number): void {
    if (this.held === input || read > chunkBytes || read === input.length) return;
    const { memory } = this;
    const missing = Math.ceil((input.length - memory.buffer.byteLength) / pageBytes);
    try {
      if (missing > 0) memory.grow(missing);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return;
    }
    new Uint8Array(memory.buffer).set(input);
    this.held = input;
  }
}
