/**
 * Operands for vector instructions: every pair of edge values in some lane first, then pseudo-random lanes: any bits, edges,
 * and lanes near those of the first operand. Pinned seeds: the same cases in every run.
 *
 * Invariant: a case is three operands of 16 bytes, little-endian as in memory, so lane 0 comes first; a scalar operand
 * stands at the beginning of its 16 bytes, which are zero beyond it.
 */
import { signatureParts } from "../../src/interpreter/isa/columns.ts";
import type { InstructionRow } from "../../src/interpreter/isa/table.ts";
import { operandLists } from "./operands.ts";

/** Bytes of one operand, and of one case. */
export const operandBytes = 16;
export const caseBytes = 3 * operandBytes;

/** xorshift32: fast, and the same everywhere. */
class Words {
  private state: number;

  constructor(name: string) {
    this.state = [...name].reduce((hash, char) => Math.imul(hash, 31) + char.charCodeAt(0), 7) | 1;
  }

  next(): number {
    let x = this.state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.state = x;
    return x >>> 0;
  }

  below(limit: number): number {
    return this.next() % limit;
  }
}

const scalarBytes: Readonly<Record<string, number>> = { i: 4, I: 8, f: 4, F: 8 };
const floatLetters: Readonly<Record<string, string>> = { f32x4: "f", f64x2: "F" };

/** The lanes that the vector operands are divided into; bytes where an instruction knows no lanes. */
export function operandLanes(row: InstructionRow): string {
  return row.from ?? row.lanes ?? "i8x16";
}

/** Bytes of a lane. */
export function laneBytes(shape: string): number {
  return 16 / Number(shape.slice(shape.indexOf("x") + 1));
}

function integerEdges(bytes: number): bigint[] {
  const bits = BigInt(8 * bytes);
  const top = 1n << (bits - 1n);
  const half = 1n << (bits / 2n);
  const values = [0n, 1n, 2n, 3n, top - 1n, top, half - 1n, half, half / 2n, (top / 3n) * 2n];
  return [...new Set(values.flatMap((v) => [v, -v, ~v]).map((v) => BigInt.asUintN(8 * bytes, v)))];
}

function write(view: DataView, position: number, bytes: number, value: bigint): void {
  for (let i = 0; i < bytes; i++)
    view.setUint8(position + i, Number((value >> BigInt(8 * i)) & 0xffn));
}

/** Lanes of x and y take all pairs of the edges, one pair a lane; the first case that has not. */
function writeEdgePairs(view: DataView, bytes: number, edges: readonly bigint[]): number {
  const pairs = edges.flatMap((x) => edges.map((y) => [x, y] as const));
  const lanes = operandBytes / bytes;
  const cases = Math.min(Math.ceil(pairs.length / lanes), view.byteLength / caseBytes);
  for (let lane = 0; lane < cases * lanes; lane++) {
    const [x, y] = pairs[lane % pairs.length];
    const at = Math.floor(lane / lanes) * caseBytes + (lane % lanes) * bytes;
    write(view, at, bytes, x);
    write(view, at + operandBytes, bytes, y);
  }
  return cases;
}

/** Integer lanes from case `first` on. */
function writeIntegers(view: DataView, words: Words, bytes: number, first: number): void {
  const edges = integerEdges(bytes);
  for (let position = first * caseBytes; position < view.byteLength; position += bytes) {
    const operand = Math.floor(position / operandBytes) % 3;
    switch (words.below(8)) {
      case 0:
        write(view, position, bytes, edges[words.below(edges.length)]);
        break;
      case 1: {
        // Near the lane of the operand before it, whose bytes are written already.
        const shift = operand === 0 ? 0 : operandBytes;
        for (let i = 0; i < bytes; i++)
          view.setUint8(position + i, view.getUint8(position + i - shift));
        view.setUint8(position, view.getUint8(position) + words.below(3) - 1);
        break;
      }
      default:
        for (let i = 0; i < bytes; i++) view.setUint8(position + i, words.next() >>> 8);
    }
  }
}

/** Float lanes by the pairs that the scalar instructions are tested with; the third operand takes them in another order. */
function writeFloats(view: DataView, name: string, letter: string): void {
  const bytes = scalarBytes[letter];
  const lanes = operandBytes / bytes;
  const cases = view.byteLength / caseBytes;
  const pairs = operandLists(name, letter + letter, cases * lanes);
  for (let lane = 0; lane < cases * lanes; lane++) {
    const at = Math.floor(lane / lanes) * caseBytes + (lane % lanes) * bytes;
    const [x, y] = pairs[lane];
    write(view, at, bytes, x);
    write(view, at + operandBytes, bytes, y);
    write(view, at + 2 * operandBytes, bytes, pairs[(lane * 7 + 3) % pairs.length][lane % 2]);
  }
}

/** Replaces the operands that are no vectors: numbers at the beginning, zeros beyond. */
function writeScalars(view: DataView, words: Words, row: InstructionRow): void {
  const { params } = signatureParts(row.signature);
  for (const [index, letter] of [...params].entries()) {
    if (letter === "v") continue;
    for (let at = index * operandBytes; at < view.byteLength; at += caseBytes) {
      view.setBigUint64(at, 0n);
      view.setBigUint64(at + 8, 0n);
      for (let i = 0; i < scalarBytes[letter]; i++) view.setUint8(at + i, words.next() >>> 8);
      // Counts of shifts, and lanes with few bits.
      if (words.below(2) === 0) view.setUint32(at, words.below(130), true);
    }
  }
}

/** `count` cases of an instruction, one after another. */
export function vectorCases(row: InstructionRow, count: number): Uint8Array {
  const cases = new Uint8Array(count * caseBytes);
  const view = new DataView(cases.buffer);
  const words = new Words(row.mnemonic);
  const shape = operandLanes(row);
  const letter = floatLetters[shape];
  if (letter !== undefined) {
    writeFloats(view, row.mnemonic, letter);
  } else {
    const bytes = laneBytes(shape);
    writeIntegers(view, words, bytes, writeEdgePairs(view, bytes, integerEdges(bytes)));
  }
  writeScalars(view, words, row);
  return cases;
}
