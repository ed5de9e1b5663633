/**
 * Walks the instructions of one expression and reads their immediates, one method an immediate kind
 * (spec §5.4). Decoder, validator, lowering and disassembler all walk bodies with this cursor.
 *
 * Invariant: what the binary grammar says is checked here (known and enabled codes, immediates, nesting of
 * blocks, the closing `end`); what needs types or index spaces is the validator's. Moving on allocates nothing.
 */
import { Reader } from "../binary/binaryReader.ts";
import { unsupported } from "../binary/unsupported.ts";
import { blockType, heapType, valueType } from "../binary/valueType.ts";
import { MalformedError } from "../errors.ts";
import type { Features } from "./features.ts";
import {
  foreignExtended,
  foreignMnemonic,
  foreignProposal,
  isForeignPage,
} from "./foreignInstructions.ts";
import type { ImmediateKind, InstructionFeature, InstructionRow } from "./table.ts";
import {
  codeOf,
  codeOfDense,
  codePages,
  denseCode,
  denseCodes,
  densePage,
  instructions,
  isDecoded,
} from "./table.ts";

/** Dense number of `0xfc 0x00`, and of what follows that page. */
const extendedStart = densePage(codePages.extended)?.start as number;
const extendedEnd = extendedStart + (densePage(codePages.extended)?.size as number);
/** The same of `0xfd 0x00`. */
const vectorStart = densePage(codePages.vector)?.start as number;
const vectorEnd = vectorStart + (densePage(codePages.vector)?.size as number);
/** The same of `0xfe 0x00`. */
const atomicStart = densePage(codePages.atomic)?.start as number;
const atomicEnd = atomicStart + (densePage(codePages.atomic)?.size as number);

/** Whether a dense number is that of a vector instruction. */
export function isVectorCode(dense: number): boolean {
  return dense >= vectorStart && dense < vectorEnd;
}

const codes = Uint32Array.from({ length: denseCodes }, (_, dense) => codeOfDense(dense));

const rows: (InstructionRow | undefined)[] = new Array(denseCodes).fill(undefined);
for (const row of instructions as readonly InstructionRow[]) {
  if (isDecoded(row)) rows[denseCode(row.code)] = row;
}

/** Row of a dense number, or undefined where no instruction has it. */
export function rowOfDense(dense: number): InstructionRow | undefined {
  return rows[dense];
}

const kinds: readonly (ImmediateKind | undefined)[] = rows.map((row) => row?.immediates);

const BLOCK = codeOf("block");
const LOOP = codeOf("loop");
const IF = codeOf("if");
const ELSE = codeOf("else");
const END = codeOf("end");

/** What opened the innermost block, as far as `else` and `end` care. */
const opened = { other: 0, if: 1 } as const;

function isEnabled(feature: InstructionFeature, features: Features): boolean {
  return feature === "mvp" || (feature !== "host" && features[feature]);
}

/** One array a set of features: listings make a cursor for every instruction. */
const enabledCache = new WeakMap<Features, Uint8Array>();

/** 1 for each dense number whose instruction the features switch on. */
function enabledRows(features: Features): Uint8Array {
  let enabled = enabledCache.get(features);
  if (enabled === undefined) {
    enabled = Uint8Array.from(rows, (row) =>
      row !== undefined && isEnabled(row.feature, features) ? 1 : 0,
    );
    enabledCache.set(features, enabled);
  }
  return enabled;
}

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

  /** Goes on at a byte offset before which only instructions were passed that neither open nor close a block. */
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
  private nest(code: number): void {
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

const hex = (value: number): string => value.toString(16).padStart(2, "0");

function failAtCode(dense: number, offset: number, reader: Reader): never {
  if (isVectorCode(dense)) failAtPage(codePages.vector, dense - vectorStart, offset);
  if (dense >= atomicStart && dense < atomicEnd) {
    failAtPage(codePages.atomic, dense - atomicStart, offset);
  }
  if (dense >= extendedStart) failAtExtended(dense - extendedStart, offset);
  const proposal = foreignProposal(dense);
  if (proposal !== undefined) {
    const sub = isForeignPage(dense) ? reader.u32() : undefined;
    throw unsupported(proposal, `instruction ${foreignMnemonic(dense, sub)}`, offset);
  }
  throw new MalformedError(
    "illegal-opcode",
    offset,
    `illegal opcode ${hex(dense)}${reason(dense)}`,
  );
}

/** At a number of a page that has no names of other proposals. */
function failAtPage(prefix: number, sub: number, offset: number): never {
  const page = densePage(prefix);
  const because = page !== undefined && sub < page.size ? reason(page.start + sub) : "";
  const code = `${hex(prefix)} ${hex(sub)}`;
  throw new MalformedError("illegal-opcode", offset, `illegal opcode ${code}${because}`);
}

function failAtExtended(sub: number, offset: number): never {
  const name = foreignExtended(sub);
  if (name !== undefined) throw unsupported("wide-arithmetic", `instruction ${name}`, offset);
  const code = `${hex(codePages.extended)} ${hex(sub)}`;
  const because = sub < extendedEnd - extendedStart ? reason(extendedStart + sub) : "";
  throw new MalformedError("illegal-opcode", offset, `illegal opcode ${code}${because}`);
}

/** Why a code of the table is refused all the same. */
function reason(dense: number): string {
  const row = rows[dense];
  return row === undefined ? "" : `: ${row.mnemonic} needs the feature ${row.feature}`;
}
