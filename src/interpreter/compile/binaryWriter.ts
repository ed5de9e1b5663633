/**
 * Writes WebAssembly binaries for the host engine (spec §5): bytes, LEB128, sections.
 *
 * Invariant: opcodes come from the instruction table; this file knows only the framing of the binary format.
 */
import { codeOf } from "../isa/table.ts";

type Mnemonic = Parameters<typeof codeOf>[0];

/** Block type of a block without parameters and results. */
const voidBlock = 0x40;
/** Bit of a memarg's alignment that announces a memory index. */
const explicitMemory = 0x40;

export const wasmMagic = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00] as const;

/** Binary section numbers (spec §5.5.2) that emitted modules have. */
export const sectionIds = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  element: 9,
  code: 10,
} as const;

const LOCAL_GET = codeOf("local.get");
const LOCAL_SET = codeOf("local.set");
const LOCAL_TEE = codeOf("local.tee");
const opening = { block: codeOf("block"), loop: codeOf("loop"), if: codeOf("if") } as const;
const I32_CONST = codeOf("i32.const");
const I64_CONST = codeOf("i64.const");

/** Bytes of the longest LEB128 integer of 64 bits. */
const mostBytes64 = 10;

export class Writer {
  private buffer: Uint8Array;
  length = 0;

  constructor(capacity = 256) {
    this.buffer = new Uint8Array(capacity);
  }

  get bytes(): Uint8Array<ArrayBuffer> {
    return this.buffer.slice(0, this.length) as Uint8Array<ArrayBuffer>;
  }

  /** The bytes without a copy; valid until the next write. */
  get view(): Uint8Array {
    return this.buffer.subarray(0, this.length);
  }

  get capacity(): number {
    return this.buffer.length;
  }

  /** Moves the bytes from an offset on to the beginning of an array that has room; returns how many. They are few. */
  cutOff(offset: number, to: Uint8Array): number {
    const count = this.length - offset;
    for (let at = 0; at < count; at++) to[at] = this.buffer[offset + at];
    this.length = offset;
    return count;
  }

  private reserve(count: number): void {
    if (this.length + count <= this.buffer.length) return;
    const larger = new Uint8Array(Math.max(this.buffer.length * 2, this.length + count));
    larger.set(this.buffer.subarray(0, this.length));
    this.buffer = larger;
  }

  u8(value: number): this {
    if (this.length === this.buffer.length) this.reserve(1);
    this.buffer[this.length++] = value;
    return this;
  }

  raw(bytes: ArrayLike<number>): this {
    this.reserve(bytes.length);
    this.buffer.set(bytes, this.length);
    this.length += bytes.length;
    return this;
  }

  /** The bytes of an array from `start` to `end`: few, for which a loop takes less than a view. */
  range(bytes: Uint8Array, start: number, end: number): this {
    this.reserve(end - start);
    for (let at = start; at < end; at++) this.buffer[this.length++] = bytes[at];
    return this;
  }

  /** A 32-bit word, little-endian. */
  word(bits: number): this {
    return this.u8(bits & 0xff)
      .u8((bits >>> 8) & 0xff)
      .u8((bits >>> 16) & 0xff)
      .u8(bits >>> 24);
  }

  unsigned(value: number): this {
    if (value >= 0 && value < 0x80) return this.u8(value);
    let rest = value >>> 0;
    while (rest >= 0x80) {
      this.u8((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    return this.u8(rest);
  }

  signed(value: number): this {
    let rest = value | 0;
    while (rest < -64 || rest >= 64) {
      this.u8((rest & 0x7f) | 0x80);
      rest >>= 7;
    }
    return this.u8(rest & 0x7f);
  }

  signed64(value: bigint): this {
    return this.signedHalves(
      Number(BigInt.asIntN(32, value)),
      Number(BigInt.asIntN(32, value >> 32n)),
    );
  }

  /** A signed number of 64 bits by its halves, both as int32. */
  private signedHalves(lowHalf: number, highHalf: number): this {
    let low = lowHalf;
    let high = highHalf;
    this.reserve(mostBytes64);
    const { buffer } = this;
    let at = this.length;
    while (high !== low >> 31 || low < -64 || low >= 64) {
      buffer[at++] = (low & 0x7f) | 0x80;
      low = (low >>> 7) | (high << 25);
      high >>= 7;
    }
    buffer[at] = low & 0x7f;
    this.length = at + 1;
    return this;
  }

  /** A name, of ASCII characters alone, as all are that emitted modules have. */
  name(text: string): this {
    this.unsigned(text.length);
    for (let at = 0; at < text.length; at++) this.u8(text.charCodeAt(at));
    return this;
  }

  /** An instruction by its code in the table. */
  code(code: number): this {
    const prefix = code >> 16;
    return prefix === 0 ? this.u8(code) : this.u8(prefix).unsigned(code & 0xffff);
  }

  op(mnemonic: Mnemonic): this {
    return this.code(codeOf(mnemonic));
  }

  /** An instruction with one index immediate: locals, globals, labels, functions. */
  at(mnemonic: Mnemonic, index: number): this {
    // Half of what is written is one of these two.
    if (mnemonic === "local.get") return this.localGet(index);
    if (mnemonic === "local.set") return this.localSet(index);
    return this.code(codeOf(mnemonic)).unsigned(index);
  }

  localGet(local: number): this {
    return this.indexed(LOCAL_GET, local);
  }

  localSet(local: number): this {
    return this.indexed(LOCAL_SET, local);
  }

  localTee(local: number): this {
    return this.indexed(LOCAL_TEE, local);
  }

  /** A code of one byte and an index, which is one byte as a rule. */
  private indexed(code: number, index: number): this {
    const { buffer, length } = this;
    if (index >= 0x80 || length + 2 > buffer.length) return this.u8(code).unsigned(index);
    buffer[length] = code;
    buffer[length + 1] = index;
    this.length = length + 2;
    return this;
  }

  i32(value: number): this {
    return this.u8(I32_CONST).signed(value);
  }

  i64(value: bigint): this {
    return this.u8(I64_CONST).signed64(value);
  }

  /** `i64.const` by the halves of the value, both as int32. */
  i64Halves(low: number, high: number): this {
    return this.u8(I64_CONST).signedHalves(low, high);
  }

  /** `block`, `loop` or `if` without parameters and results: values cross labels in locals. */
  open(mnemonic: "block" | "loop" | "if"): this {
    return this.u8(opening[mnemonic]).u8(voidBlock);
  }

  /** A load or store; alignment, as its exponent, is a hint that no engine here needs, but atomic instructions name theirs. */
  access(code: number, memory: number, offset: number, alignment = 0): this {
    this.code(code);
    if (memory === 0) this.u8(alignment);
    else this.u8(explicitMemory | alignment).unsigned(memory);
    return this.unsigned(offset);
  }

  load(mnemonic: Mnemonic, memory: number, offset: number): this {
    return this.access(codeOf(mnemonic), memory, offset);
  }

  store(mnemonic: Mnemonic, memory: number, offset: number): this {
    return this.access(codeOf(mnemonic), memory, offset);
  }

  /** A section, or any other content that its size precedes. */
  sized(content: Writer): this {
    return this.unsigned(content.length).raw(content.view);
  }

  section(id: number, content: Writer): this {
    return this.u8(id).sized(content);
  }

  /** A section that is a vector. */
  vector(id: number, items: readonly Writer[]): this {
    if (items.length === 0) return this;
    const bytes = items.reduce((sum, { length }) => sum + length, 0);
    const content = new Writer(bytes + 8).unsigned(items.length);
    for (const item of items) content.raw(item.view);
    return this.section(id, content);
  }
}

/** Writers of functions that are finished, for the next ones: a buffer costs the host more than what is written to it. */
const idleWriters: Writer[] = [];
/** Larger buffers are not kept. */
const idleBytes = 2 ** 20;

/** An empty writer for a function's code. */
export function takeWriter(): Writer {
  return idleWriters.pop() ?? new Writer(2 ** 16);
}

/** Takes back a writer whose bytes were copied. */
export function returnWriter(writer: Writer): void {
  if (writer.capacity > idleBytes) return;
  writer.length = 0;
  idleWriters.push(writer);
}

/** One function's entry in the section of branch hints (branch hinting proposal). */
export function hintsOf(index: number, unlikely: readonly number[]): Writer {
  const out = new Writer(unlikely.length * 5 + 8).unsigned(index).unsigned(unlikely.length);
  for (const offset of unlikely) out.unsigned(offset).u8(1).u8(0);
  return out;
}
