/**
 * Reads the primitive items of the binary format: bytes, LEB128 integers, floats, names (spec §5.2).
 * Strict: an integer may use no more bytes than its width allows, unused bits must be zero or sign.
 *
 * Invariant: `position` never passes `limit`, the end of the section or body being read; an error's offset is
 * that of the first byte of the item that is wrong, or of the end where bytes are missing.
 */
import { MalformedError } from "../errors.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export class Reader {
  readonly bytes: Uint8Array;
  position: number;
  limit: number;
  /** The two int32 halves of the last 64-bit item. */
  low = 0;
  high = 0;

  constructor(bytes: Uint8Array, start = 0, limit = bytes.length) {
    this.bytes = bytes;
    this.position = start;
    this.limit = limit;
  }

  u8(): number {
    if (this.position >= this.limit) this.failAtEnd();
    return this.bytes[this.position++];
  }

  u32(): number {
    if (this.position < this.limit) {
      const byte = this.bytes[this.position];
      if (byte < 0x80) {
        this.position++;
        return byte;
      }
    }
    return this.longU32();
  }

  private longU32(): number {
    const start = this.position;
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.u8();
      if (shift === 28 && (byte & 0x7f) > 0x0f) failTooLarge(start, "u32");
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
    return failTooLong(start, "u32");
  }

  /** An unsigned 64-bit integer; exact below 2^53, which is all that its users tell apart. */
  u64(): number {
    const start = this.position;
    if (start < this.limit && this.bytes[start] < 0x80) return this.bytes[this.position++];
    let value = 0;
    for (let index = 0; index < 10; index++) {
      const byte = this.u8();
      if (index === 9 && (byte & 0x7f) > 0x01) failTooLarge(start, "u64");
      value += (byte & 0x7f) * 2 ** (7 * index);
      if (byte < 0x80) return value;
    }
    return failTooLong(start, "u64");
  }

  s32(): number {
    const start = this.position;
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.u8();
      if (shift === 28 && !isSignExtension(byte, 0x78)) failTooLarge(start, "s32");
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return shift < 28 ? (value << (25 - shift)) >> (25 - shift) : value;
    }
    return failTooLong(start, "s32");
  }

  /** The 33-bit integer of a block or heap type (spec §5.4.1). */
  s33(): number {
    const start = this.position;
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.u8();
      if (shift === 28 && !isSignExtension(byte, 0x70)) failTooLarge(start, "s33");
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return (byte & 0x40) === 0 ? value : value - 2 ** (shift + 7);
    }
    return failTooLong(start, "s33");
  }

  /** Leaves the value in `low` and `high`. */
  s64(): void {
    const start = this.position;
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.u8();
      if (shift === 63 && !isSignExtension(byte, 0x7f)) failTooLarge(start, "s64");
      const bits = byte & 0x7f;
      if (shift <= 28) low |= bits << shift;
      if (shift === 28) high = bits >> 4;
      else if (shift > 28) high |= bits << (shift - 32);
      if (byte < 0x80) {
        if ((byte & 0x40) !== 0) {
          if (shift < 25) low |= -1 << (shift + 7);
          if (shift < 28) high = -1;
          else if (shift <= 56) high |= -1 << (shift - 25);
        }
        this.low = low;
        this.high = high;
        return;
      }
    }
    failTooLong(start, "s64");
  }

  /** The bits of an f32 as an int32. */
  f32(): number {
    if (this.limit - this.position < 4) this.failAtEnd();
    const { bytes, position } = this;
    this.position += 4;
    return (
      bytes[position] |
      (bytes[position + 1] << 8) |
      (bytes[position + 2] << 16) |
      (bytes[position + 3] << 24)
    );
  }

  /** Leaves the bits of an f64 in `low` and `high`. */
  f64(): void {
    if (this.limit - this.position < 8) this.failAtEnd();
    this.low = this.f32();
    this.high = this.f32();
  }

  /** Passes over `length` bytes that begin after a length field at `lengthOffset`. */
  skip(length: number, lengthOffset: number): void {
    if (length > this.limit - this.position) {
      throw new MalformedError(
        "length-out-of-bounds",
        lengthOffset,
        `length out of bounds: ${length} bytes declared, ${this.limit - this.position} left`,
      );
    }
    this.position += length;
  }

  /** A name: length, then strict UTF-8 (spec §5.2.4). */
  name(): string {
    const lengthOffset = this.position;
    const length = this.u32();
    const start = this.position;
    this.skip(length, lengthOffset);
    return text(this.bytes, start, this.position);
  }

  failAtEnd(): never {
    const what = this.limit < this.bytes.length ? " of section or function" : "";
    throw new MalformedError("unexpected-end", this.limit, `unexpected end${what}`);
  }
}

/** Whether the bits of a last byte that lie beyond the integer's width all equal its sign. */
function isSignExtension(byte: number, mask: number): boolean {
  const bits = byte & mask;
  return bits === 0 || bits === mask;
}

function text(bytes: Uint8Array, start: number, end: number): string {
  try {
    return utf8.decode(bytes.subarray(start, end));
  } catch {
    throw new MalformedError("malformed-utf8", start, "malformed UTF-8 encoding");
  }
}

function failTooLarge(offset: number, kind: string): never {
  throw new MalformedError(
    "integer-too-large",
    offset,
    `integer too large: expected a ${kind}, unused bits are set`,
  );
}

function failTooLong(offset: number, kind: string): never {
  throw new MalformedError(
    "integer-too-long",
    offset,
    `integer representation too long: expected a ${kind}`,
  );
}
