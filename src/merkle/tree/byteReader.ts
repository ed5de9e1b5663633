/**
 * A cursor over a witness: every byte is taken once, in order, and the end has to be reached exactly
 * (docs/proof-format.md §4).
 */

import { WitnessError } from "../witnessError.ts";
import { hashBytes } from "./keccak/kernel.ts";

export class ByteReader {
  #position = 0;
  readonly #bytes: Uint8Array;

  /** Of Node's Buffer only the bytes are taken: its `slice` is a view, ours must be a copy. */
  constructor(bytes: Uint8Array) {
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** The next `length` bytes, as a view. */
  take(length: number): Uint8Array {
    const end = this.#position + length;
    if (end > this.#bytes.length) {
      throw new WitnessError("witness-truncated", `byte ${end} of ${this.#bytes.length}`);
    }
    const part = this.#bytes.subarray(this.#position, end);
    this.#position = end;
    return part;
  }

  hash(): Uint8Array {
    return this.take(hashBytes);
  }

  u8(): number {
    return this.take(1)[0];
  }

  u32(): number {
    const part = this.take(4);
    return new DataView(part.buffer, part.byteOffset, 4).getUint32(0);
  }

  u64(): bigint {
    const part = this.take(8);
    return new DataView(part.buffer, part.byteOffset, 8).getBigUint64(0);
  }

  /** Throws unless everything has been taken. */
  end(): void {
    if (this.#position !== this.#bytes.length) {
      throw new WitnessError("witness-trailing", `${this.#bytes.length - this.#position} bytes`);
    }
  }
}

/** One byte string from several. */
export function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let position = 0;
  for (const part of parts) {
    whole.set(part, position);
    position += part.length;
  }
  return whole;
}
