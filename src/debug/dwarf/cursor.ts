/**
 * Reads the primitive items of DWARF (DWARF 5 §7.4, §7.6): little-endian integers, LEB128, addresses, strings.
 *
 * Invariant: nothing is read outside `[position, limit)`; a `WorkBudget` that all cursors of a module share bounds what is read
 * in all, whatever refers to what how often.
 */
import { DebugDataError } from "../debugDataError.ts";

/** Items that may be read beside four a byte of debugging data. */
const leastItems = 1 << 18;
/** Longer names are cut. */
const mostNameBytes = 1024;

/** How many items may still be read: honest data needs about one a byte, data whose parts refer to one another any number. */
export class WorkBudget {
  #left: number;

  /** @param bytes size of all debugging data of the module. */
  constructor(bytes: number) {
    this.#left = leastItems + 4 * bytes;
  }

  spend(items: number, section: string): void {
    this.#left -= items;
    if (this.#left < 0) {
      throw new DebugDataError(section, -1, "it refers to itself so often that it is not read");
    }
  }
}

const utf8 = new TextDecoder();

export class Cursor {
  readonly section: string;
  readonly bytes: Uint8Array;
  readonly budget: WorkBudget;
  position: number;
  limit: number;

  constructor(section: string, bytes: Uint8Array, budget: WorkBudget, position = 0) {
    this.section = section;
    this.bytes = bytes;
    this.budget = budget;
    this.position = position;
    this.limit = bytes.length;
    if (!(position >= 0 && position <= bytes.length)) this.fail("refers outside of the section");
  }

  fail(problem: string): never {
    throw new DebugDataError(this.section, this.position, problem);
  }

  #expect(bytes: number): void {
    if (!(bytes <= this.limit - this.position)) this.fail("ends too early");
  }

  skip(bytes: number): void {
    this.#expect(bytes);
    this.position += bytes;
  }

  u8(): number {
    this.#expect(1);
    return this.bytes[this.position++];
  }

  s8(): number {
    return (this.u8() << 24) >> 24;
  }

  u16(): number {
    return this.u8() | (this.u8() << 8);
  }

  u32(): number {
    return (this.u16() | (this.u16() << 16)) >>> 0;
  }

  /** Exact below 2^53; what is larger is no offset in anything. */
  u64(): number {
    const low = this.u32();
    return low + this.u32() * 2 ** 32;
  }

  /** An unsigned integer of 1 to 8 bytes. */
  unsigned(size: number): number {
    let value = 0;
    for (let i = 0; i < size; i++) value += this.u8() * 2 ** (8 * i);
    return value;
  }

  uleb(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      if (scale > 2 ** 63) this.fail("has an integer of more than 64 bits");
    }
  }

  sleb(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return byte < 0x40 ? value : value - 128 * scale;
      if (scale > 2 ** 63) this.fail("has an integer of more than 64 bits");
    }
  }

  /** An offset or a length of the 32-bit or the 64-bit format (§7.4). */
  offset(is64: boolean): number {
    return is64 ? this.u64() : this.u32();
  }

  /** Passes over a string that ends in 0. */
  skipString(): void {
    const end = this.bytes.indexOf(0, this.position);
    if (end < 0 || end >= this.limit) this.fail("has a string without end");
    this.position = end + 1;
  }

  /** A string that ends in 0, passed over; cut if it is very long, bytes that are no UTF-8 replaced. */
  string(): string {
    const start = this.position;
    this.skipString();
    return utf8.decode(
      this.bytes.subarray(start, Math.min(this.position - 1, start + mostNameBytes)),
    );
  }

  /** The string here, for which no more is looked at than is kept: others may point into the same long one. */
  stringHere(): string {
    this.budget.spend(1, this.section);
    const window = this.bytes.subarray(
      this.position,
      Math.min(this.limit, this.position + mostNameBytes),
    );
    const end = window.indexOf(0);
    return utf8.decode(end < 0 ? window : window.subarray(0, end));
  }
}
