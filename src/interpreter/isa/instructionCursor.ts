/**
 * Walks the instructions of one expression and reads their immediates, one method an immediate kind
 * (spec §5.4). Decoder, validator, lowering and disassembler all walk bodies with this cursor.
 *
 * Invariant: what the binary grammar says is checked here (known and enabled codes, immediates, nesting of
 * blocks, the closing `end`); what needs types or index spaces is the validator's. Moving on allocates nothing.
 */
import { Reader } from "../binary/binaryReader.ts";
import { blockType, heapType, valueType } from "../binary/valueType.ts";
import { MalformedError } from "../errors.ts";
import { densePages, enabledRows, rowOfDense } from "./denseRows.ts";
import type { Features } from "./features.ts";
import { failAtCode, failAtExtended, failAtPage } from "./refusedCodes.ts";
import type { ImmediateKind } from "./table.ts";
import { codeOf, codeOfDense, codePages, denseCodes } from "./table.ts";

const { start: extendedStart, end: extendedEnd } = densePages.extended;
const { start: vectorStart, end: vectorEnd } = densePages.vector;
const { start: atomicStart, end: atomicEnd } = densePages.atomic;

const codes = Uint32Array.from({ length: denseCodes }, (_, dense) => codeOfDense(dense));
const kinds: readonly (ImmediateKind | undefined)[] = Array.from(
  { length: denseCodes },
  (_, dense) => rowOfDense(dense)?.immediates,
);

const BLOCK = codeOf("block");
const LOOP = codeOf("loop");
const IF = codeOf("if");
const ELSE = codeOf("else");
const END = codeOf("end");

/** What opened the innermost block, as far as `else` and `end` care. */
const opened = { other: 0, if: 1 } as const;

export class InstructionCursor {
  readonly features: Features;
  private readonly reader: Reader;
  private readonly enabled: Uint8Array;
  private openers = new Uint8Array(64);

  /** Byte offset of the current instruction. */
  offset = 0;
  /** Code of the current instruction, as in the table. */
  code = 0;
  /** Its dense number. */
  dense = 0;
  /** Kind of its immediates. */
  kind: ImmediateKind = "none";
  /** Blocks that enclose the next instruction, the expression itself counted; 0 after the last `end`. */
  depth = 0;
  /** Offset of the first instruction that needs the data count section; −1 if none was met. */
  firstDataUse = -1;

  /** Label, function, type (`typeTable`), local, global, table, memory, segment; block, heap or value type. */
  index = 0;
  /** Table (`typeTable`, `elementTable`), memory (`dataMemory`), source (`…Memory`, `…Table`), log2 of the alignment, number of types. */
  second = 0;
  /** Bits of a constant (i32 and f32: `low` alone) as int32; static offset of a memory access, unsigned. */
  low = 0;
  high = 0;
  /** Number of a lane. */
  lane = 0;
  /** Bytes of a v128, or numbers of a shuffle. */
  readonly vector = new Uint8Array(16);
  /** Labels of `br_table`, the default last: `labels[0 … labelCount]`. */
  labels = new Uint32Array(16);
  labelCount = 0;

  constructor(bytes: Uint8Array, features: Features) {
    this.reader = new Reader(bytes);
    this.features = features;
    this.enabled = enabledRows(features);
  }

  /** Byte offset of what follows the current instruction. */
  get position(): number {
    return this.reader.position;
  }

  get bytes(): Uint8Array {
    return this.reader.bytes;
  }

  /** Byte offset that the expression may not reach past. */
  get limit(): number {
    return this.reader.limit;
  }

  /** Goes on at a byte offset; instructions before it that open or close a block have been told to `nest`. */
  skipTo(position: number): void {
    this.reader.position = position;
  }

  /** Begins an expression at `start` that may not reach past `limit`. */
  open(start: number, limit: number): void {
    this.reader.position = start;
    this.reader.limit = limit;
    this.openers[0] = opened.other;
    this.depth = 1;
  }

  /** Begins in the middle of an expression, at an instruction that may be an `else`. */
  openInside(start: number, limit: number): void {
    this.open(start, limit);
    this.openers[0] = opened.if;
  }

  /** Reads the next instruction, the final `end` included; false when there is none left. */
  next(): boolean {
    if (this.depth === 0) return false;
    const reader = this.reader;
    const offset = reader.position;
    this.offset = offset;
    const byte = reader.u8();
    const dense = byte >= codePages.extended ? this.prefixedCode(byte) : byte;
    if (this.enabled[dense] !== 1) failAtCode(dense, offset, reader);
    this.dense = dense;
    this.code = codes[dense];
    const kind = kinds[dense] as ImmediateKind;
    this.kind = kind;
    if (kind !== "none") this.readImmediates(kind);
    if (dense <= END) this.nest(dense);
    return true;
  }

  private prefixedCode(byte: number): number {
    if (byte === codePages.extended) {
      const sub = this.reader.u32();
      if (sub >= extendedEnd - extendedStart) failAtExtended(sub, this.offset);
      return extendedStart + sub;
    }
    if (byte === codePages.vector) {
      const sub = this.reader.u32();
      if (sub >= vectorEnd - vectorStart) failAtPage(codePages.vector, sub, this.offset);
      return vectorStart + sub;
    }
    if (byte !== codePages.atomic) return byte;
    const sub = this.reader.u32();
    if (sub >= atomicEnd - atomicStart) failAtPage(codePages.atomic, sub, this.offset);
    return atomicStart + sub;
  }

  /** Keeps the nesting of blocks: every `else` in an `if`, every block closed. */
  nest(code: number): void {
    if (code === END) {
      this.depth--;
    } else if (code === ELSE) {
      if (this.openers[this.depth - 1] !== opened.if) {
        throw new MalformedError("misplaced-else", this.offset, "END opcode expected, got else");
      }
      this.openers[this.depth - 1] = opened.other;
    } else if (code === BLOCK || code === LOOP || code === IF) {
      if (this.depth === this.openers.length) this.openers = grown(this.openers);
      this.openers[this.depth++] = code === IF ? opened.if : opened.other;
    }
  }

  private readImmediates(kind: ImmediateKind): void {
    const reader = this.reader;
    switch (kind) {
      case "local":
      case "label":
      case "function":
      case "global":
      case "table":
      case "element":
        this.index = reader.u32();
        return;
      case "i32":
        this.low = reader.s32();
        return;
      case "memarg":
        this.readMemarg();
        return;
      case "i64":
        reader.s64();
        this.low = reader.low;
        this.high = reader.high;
        return;
      case "f32":
        this.low = reader.f32();
        return;
      case "f64":
        reader.f64();
        this.low = reader.low;
        this.high = reader.high;
        return;
      default:
        this.readRareImmediates(kind);
    }
  }

  private readRareImmediates(kind: ImmediateKind): void {
    const reader = this.reader;
    switch (kind) {
      case "block":
        this.index = blockType(reader, this.features);
        return;
      case "labels":
        this.readLabels();
        return;
      case "typeTable":
        this.index = reader.u32();
        this.second = this.features.referenceTypes ? reader.u32() : this.zeroByte();
        return;
      case "types":
        this.second = reader.u32();
        for (let left = this.second; left > 0; left--)
          this.index = valueType(reader, this.features);
        return;
      case "memory":
        this.index = this.memoryIndex();
        return;
      case "heapType":
        this.index = heapType(reader, this.features);
        return;
      case "data":
        this.noteDataUse();
        this.index = reader.u32();
        return;
      case "dataMemory":
        this.noteDataUse();
        this.index = reader.u32();
        this.second = this.memoryIndex();
        return;
      case "memoryMemory":
        this.index = this.memoryIndex();
        this.second = this.memoryIndex();
        return;
      case "elementTable":
      case "tableTable":
        this.index = reader.u32();
        this.second = reader.u32();
        return;
      case "lane":
        this.lane = reader.u8();
        return;
      case "memargLane":
        this.readMemarg();
        this.lane = reader.u8();
        return;
      case "zero":
        this.zeroByte();
        return;
      case "v128":
      case "shuffle":
        for (let index = 0; index < 16; index++) this.vector[index] = reader.u8();
        return;
      default:
        throw new RangeError(`expected a kind with immediates, got ${kind}`);
    }
  }

  /** Alignment and offset; bit 6 of the alignment says that a memory index follows (3.0). */
  private readMemarg(): void {
    const reader = this.reader;
    const start = reader.position;
    const flags = reader.u32();
    const { multiMemory, wideLimits } = this.features;
    if (flags >= (multiMemory ? 0x80 : 0x20)) {
      throw new MalformedError(
        "malformed-memop-flags",
        start,
        `malformed memop flags: expected an alignment exponent, got ${flags}`,
      );
    }
    this.second = flags & 0x3f;
    this.index = (flags & 0x40) === 0 ? 0 : reader.u32();
    this.low = wideLimits ? reader.u64() : reader.u32();
  }

  private memoryIndex(): number {
    return this.features.multiMemory ? this.reader.u32() : this.zeroByte();
  }

  /** A reserved byte where a later version of the specification has an index. */
  private zeroByte(): number {
    const offset = this.reader.position;
    const byte = this.reader.u8();
    if (byte === 0) return 0;
    throw new MalformedError("zero-byte-expected", offset, `zero byte expected, got ${byte}`);
  }

  private readLabels(): void {
    const count = this.reader.u32();
    this.labelCount = count;
    for (let label = 0; label <= count; label++) {
      if (label === this.labels.length) this.labels = grown(this.labels);
      this.labels[label] = this.reader.u32();
    }
  }

  private noteDataUse(): void {
    if (this.firstDataUse < 0) this.firstDataUse = this.offset;
  }
}

function grown<T extends Uint8Array | Uint32Array>(array: T): T {
  const larger = (
    array instanceof Uint8Array
      ? new Uint8Array(array.length * 2)
      : new Uint32Array(array.length * 2)
  ) as T;
  larger.set(array);
  return larger;
}
