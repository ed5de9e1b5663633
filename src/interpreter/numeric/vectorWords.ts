/**
 * Lane combinators that go word by word: from a function of one lane to a kernel of whole vectors (spec 3.0 §4.3.5).
 * A vector is four int32 words, the lowest lanes first; a kernel takes the words of its operands one by one and writes
 * four words to `out[at] …`.
 *
 * Invariant: operands are parameters and read before anything is written, so `out` may be the stack they came from. A
 * NaN that a float lane computes is stored as the canonical one (docs/machine.md §7).
 */
import { canonicalNan } from "./float.ts";

/** Any number of operand words; four result words. */
export type VectorKernel = (out: Int32Array, at: number, ...words: number[]) => void;
/** A lane's result from its operands, each one number. */
export type LaneFunction = (...lanes: number[]) => number;
/** The same for lanes of 64 bits, as halves, the low one first. */
export type PairFunction = (out: Int32Array, at: number, ...halves: number[]) => void;

const bits = new Int32Array(2);
const f32 = new Float32Array(bits.buffer);
const f64 = new DataView(bits.buffer);

/** The f32 with these bits. */
export function readF32(word: number): number {
  bits[0] = word;
  return f32[0];
}

/** The bits of an f32; of a NaN the canonical ones. */
export function f32Bits(value: number): number {
  f32[0] = value;
  return Number.isNaN(value) ? canonicalNan.f32 : bits[0];
}

/** The f64 with these halves. */
export function readF64(low: number, high: number): number {
  f64.setInt32(0, low, true);
  f64.setInt32(4, high, true);
  return f64.getFloat64(0, true);
}

/** Writes the halves of an f64; of a NaN the canonical ones. */
export function writeF64(out: Int32Array, at: number, value: number): void {
  f64.setFloat64(0, value, true);
  out[at] = Number.isNaN(value) ? canonicalNan.f64Low : f64.getInt32(0, true);
  out[at + 1] = Number.isNaN(value) ? canonicalNan.f64High : f64.getInt32(4, true);
}

/** Reads the lane of a word that begins at bit `at`. */
export type LaneReader = (word: number, at: number) => number;

export function laneReader(width: number, isSigned: boolean): LaneReader {
  const rest = 32 - width;
  return isSigned
    ? (word, at) => (word << (rest - at)) >> rest
    : (word, at) => (word << (rest - at)) >>> rest;
}

/** What brings a lane's result into the range of its width. */
export function clamp(width: number, isSigned: boolean): (value: number) => number {
  const least = isSigned ? -(2 ** (width - 1)) : 0;
  const most = 2 ** (isSigned ? width - 1 : width) - 1;
  return (value) => (value < least ? least : value > most ? most : value);
}

/** A function of words from one of lanes of `width` bits. */
export function wordOfLanes(width: number, isSigned: boolean, lane: LaneFunction): LaneFunction {
  const mask = -1 >>> (32 - width);
  const read = laneReader(width, isSigned);
  return (a, b, c) => {
    let word = 0;
    for (let at = 0; at < 32; at += width) {
      word |= (lane(read(a, at), read(b, at), read(c, at)) & mask) << at;
    }
    return word;
  };
}

/** The same for an f32 in each word. */
export function wordOfFloat(lane: LaneFunction): LaneFunction {
  return (a, b, c) => f32Bits(lane(readF32(a), readF32(b), readF32(c)));
}

/** A pair function from a function of f64 lanes. */
export function pairOfDouble(lane: LaneFunction): PairFunction {
  return (out, at, aLow, aHigh, bLow, bHigh, cLow, cHigh) =>
    writeF64(out, at, lane(readF64(aLow, aHigh), readF64(bLow, bHigh), readF64(cLow, cHigh)));
}

/** All ones where a test of one lane is true. */
export function maskOf(test: LaneFunction): LaneFunction {
  return (...lanes) => -test(...lanes);
}

/** The same for a test of halves. */
export function pairMaskOf(test: LaneFunction): PairFunction {
  return (out, at, ...halves) => {
    const mask = -test(...halves);
    out[at] = mask;
    out[at + 1] = mask;
  };
}

/** A kernel of one, two or three vectors from a function of their words. */
export function eachWord(word: LaneFunction): VectorKernel {
  return (out, at, a0, a1, a2, a3, b0, b1, b2, b3, c0, c1, c2, c3) => {
    out[at] = word(a0, b0, c0);
    out[at + 1] = word(a1, b1, c1);
    out[at + 2] = word(a2, b2, c2);
    out[at + 3] = word(a3, b3, c3);
  };
}

/** A kernel of one, two or three vectors from a function of their pairs of words. */
export function eachPair(pair: PairFunction): VectorKernel {
  return (out, at, a0, a1, a2, a3, b0, b1, b2, b3, c0, c1, c2, c3) => {
    pair(out, at, a0, a1, b0, b1, c0, c1);
    pair(out, at + 2, a2, a3, b2, b3, c2, c3);
  };
}
