/**
 * Vector kernels whose result has other lanes than their operands (spec 3.0 §4.3.5): widening, narrowing, products and
 * sums of neighbours, conversions, and what takes or gives single lanes.
 * Lanes pass through as numbers in a small array; lanes of 64 bits that no number holds are made of halves.
 *
 * Invariant: operands are read whole before anything is written.
 */
import * as i64 from "./i64.ts";
import {
  clamp,
  f32Bits,
  type LaneFunction,
  laneReader,
  type PairFunction,
  readF32,
  readF64,
  type VectorKernel,
  writeF64,
} from "./vectorWords.ts";

/** Lanes of the operands, for one kernel at a time. */
const lanesOfA = new Float64Array(16);
const lanesOfB = new Float64Array(16);
const words = new Int32Array(4);

const two32 = 4294967296;

type Reader = (lanes: Float64Array, w0: number, w1: number, w2: number, w3: number) => void;
type Writer = (out: Int32Array, at: number, lanes: Float64Array) => void;

/** Reads integer lanes of 8, 16 or 32 bits. */
function integerReader(width: number, isSigned: boolean): Reader {
  const read = laneReader(width, isSigned);
  return (lanes, w0, w1, w2, w3) => {
    words[0] = w0;
    words[1] = w1;
    words[2] = w2;
    words[3] = w3;
    for (let lane = 0; lane < 128 / width; lane++) {
      const bit = lane * width;
      lanes[lane] = read(words[bit >> 5], bit & 31);
    }
  };
}

function floatReader(lanes: Float64Array, w0: number, w1: number, w2: number, w3: number): void {
  lanes[0] = readF32(w0);
  lanes[1] = readF32(w1);
  lanes[2] = readF32(w2);
  lanes[3] = readF32(w3);
}

function doubleReader(lanes: Float64Array, w0: number, w1: number, w2: number, w3: number): void {
  lanes[0] = readF64(w0, w1);
  lanes[1] = readF64(w2, w3);
}

/** Writes integer lanes; those of 64 bits are numbers of less than 2^53. */
function integerWriter(width: number): Writer {
  if (width === 64) {
    return (out, at, lanes) => {
      for (let lane = 0; lane < 2; lane++) {
        out[at + 2 * lane] = lanes[lane] | 0;
        out[at + 2 * lane + 1] = Math.floor(lanes[lane] / two32);
      }
    };
  }
  const mask = -1 >>> (32 - width);
  return (out, at, lanes) => {
    for (let word = 0, lane = 0; word < 4; word++) {
      let value = 0;
      for (let bit = 0; bit < 32; bit += width) value |= (lanes[lane++] & mask) << bit;
      out[at + word] = value;
    }
  };
}

function floatWriter(out: Int32Array, at: number, lanes: Float64Array): void {
  for (let lane = 0; lane < 4; lane++) out[at + lane] = f32Bits(lanes[lane]);
}

function doubleWriter(out: Int32Array, at: number, lanes: Float64Array): void {
  writeF64(out, at, lanes[0]);
  writeF64(out, at + 2, lanes[1]);
}

/** Kind and width in bits of the lanes of a shape. */
export interface Lanes {
  readonly isFloat: boolean;
  readonly width: number;
}

const readerOf = ({ isFloat, width }: Lanes, isSigned: boolean): Reader =>
  isFloat ? (width === 32 ? floatReader : doubleReader) : integerReader(width, isSigned);
const writerOf = ({ isFloat, width }: Lanes): Writer =>
  isFloat ? (width === 32 ? floatWriter : doubleWriter) : integerWriter(width);

/** Lanes [first, first + count of `to`) of `from` in the width of `to`. */
export function extend(to: Lanes, from: Lanes, isSigned: boolean, isUpper: boolean): VectorKernel {
  const read = readerOf(from, isSigned);
  const write = writerOf(to);
  const first = isUpper ? 128 / to.width : 0;
  return (out, at, a0, a1, a2, a3) => {
    read(lanesOfA, a0, a1, a2, a3);
    lanesOfA.copyWithin(0, first);
    write(out, at, lanesOfA);
  };
}

/** Products of the lanes that `extend` takes. */
// biome-ignore format: one line a signature
export function multiply(to: Lanes, from: Lanes, isSigned: boolean, isUpper: boolean): VectorKernel {
  if (to.width === 64) return multiplyPairs(isSigned, isUpper);
  const read = readerOf(from, isSigned);
  const write = writerOf(to);
  const count = 128 / to.width;
  const first = isUpper ? count : 0;
  return (out, at, a0, a1, a2, a3, b0, b1, b2, b3) => {
    read(lanesOfA, a0, a1, a2, a3);
    read(lanesOfB, b0, b1, b2, b3);
    for (let lane = 0; lane < count; lane++)
      lanesOfA[lane] = lanesOfA[first + lane] * lanesOfB[first + lane];
    write(out, at, lanesOfA);
  };
}

function multiplyPairs(isSigned: boolean, isUpper: boolean): VectorKernel {
  const high = (word: number): number => (isSigned ? word >> 31 : 0);
  return (out, at, a0, a1, a2, a3, b0, b1, b2, b3) => {
    const [x, y, z, w] = isUpper ? [a2, b2, a3, b3] : [a0, b0, a1, b1];
    i64.mul(out, at, x, high(x), y, high(y));
    i64.mul(out, at + 2, z, high(z), w, high(w));
  };
}

/** Sums of neighbours. */
export function addPairs(to: Lanes, from: Lanes, isSigned: boolean): VectorKernel {
  const read = readerOf(from, isSigned);
  const write = writerOf(to);
  return (out, at, a0, a1, a2, a3) => {
    read(lanesOfA, a0, a1, a2, a3);
    for (let lane = 0; lane < 128 / to.width; lane++)
      lanesOfA[lane] = lanesOfA[2 * lane] + lanesOfA[2 * lane + 1];
    write(out, at, lanesOfA);
  };
}

/** Sums of neighbouring products of signed lanes, brought into range where `saturates`. */
export function dot(to: Lanes, from: Lanes, saturates: boolean): VectorKernel {
  const read = readerOf(from, true);
  const write = writerOf(to);
  const inRange = saturates ? clamp(to.width, true) : (value: number) => value;
  return (out, at, a0, a1, a2, a3, b0, b1, b2, b3) => {
    read(lanesOfA, a0, a1, a2, a3);
    read(lanesOfB, b0, b1, b2, b3);
    for (let lane = 0; lane < 128 / to.width; lane++) {
      const [even, odd] = [2 * lane, 2 * lane + 1];
      lanesOfA[lane] = inRange(lanesOfA[even] * lanesOfB[even] + lanesOfA[odd] * lanesOfB[odd]);
    }
    write(out, at, lanesOfA);
  };
}

/** `dot` into lanes of half the width, their neighbours' sums, and a third vector. */
export function dotAdd(to: Lanes, from: Lanes): VectorKernel {
  const middle = { isFloat: false, width: to.width / 2 };
  const [products, sums] = [dot(middle, from, true), addPairs(to, middle, true)];
  const sum = new Int32Array(4);
  return (out, at, a0, a1, a2, a3, b0, b1, b2, b3, c0, c1, c2, c3) => {
    products(sum, 0, a0, a1, a2, a3, b0, b1, b2, b3);
    sums(sum, 0, sum[0], sum[1], sum[2], sum[3]);
    out[at] = sum[0] + c0;
    out[at + 1] = sum[1] + c1;
    out[at + 2] = sum[2] + c2;
    out[at + 3] = sum[3] + c3;
  };
}

/** Signed lanes of two vectors brought into the range of narrower ones, which are signed or not. */
export function narrow(to: Lanes, from: Lanes, isSigned: boolean): VectorKernel {
  const read = readerOf(from, true);
  const write = writerOf(to);
  const inRange = clamp(to.width, isSigned);
  const count = 128 / from.width;
  return (out, at, a0, a1, a2, a3, b0, b1, b2, b3) => {
    read(lanesOfA, a0, a1, a2, a3);
    read(lanesOfB, b0, b1, b2, b3);
    lanesOfA.set(lanesOfB.subarray(0, count), count);
    for (let lane = 0; lane < 2 * count; lane++) lanesOfA[lane] = inRange(lanesOfA[lane]);
    write(out, at, lanesOfA);
  };
}

/** As many lanes as both have, converted; what `to` has above is zero. */
export function convert(
  to: Lanes,
  from: Lanes,
  isSigned: boolean,
  lane: LaneFunction,
): VectorKernel {
  const read = readerOf(from, isSigned);
  const write = writerOf(to);
  const count = 128 / Math.max(to.width, from.width);
  return (out, at, a0, a1, a2, a3) => {
    read(lanesOfA, a0, a1, a2, a3);
    for (let index = 0; index < count; index++) lanesOfA[index] = lane(lanesOfA[index]);
    lanesOfA.fill(0, count, 128 / to.width);
    write(out, at, lanesOfA);
  };
}

/** One of two operands' lanes, whose bits stay: the second where `isSecond`. */
export function choose(
  { width }: Lanes,
  isSecond: (a: number, b: number) => boolean,
): VectorKernel {
  if (width === 32) {
    const word = (a: number, b: number) => (isSecond(readF32(a), readF32(b)) ? b : a);
    return (out, at, a0, a1, a2, a3, b0, b1, b2, b3) => {
      out[at] = word(a0, b0);
      out[at + 1] = word(a1, b1);
      out[at + 2] = word(a2, b2);
      out[at + 3] = word(a3, b3);
    };
  }
  const pair: PairFunction = (out, at, aLow, aHigh, bLow, bHigh) => {
    const second = isSecond(readF64(aLow, aHigh), readF64(bLow, bHigh));
    out[at] = second ? bLow : aLow;
    out[at + 1] = second ? bHigh : aHigh;
  };
  return (out, at, a0, a1, a2, a3, b0, b1, b2, b3) => {
    pair(out, at, a0, a1, b0, b1);
    pair(out, at + 2, a2, a3, b2, b3);
  };
}

/** Every lane of 8, 16 or 32 bits by the same count, modulo the width. */
export function shift({ width }: Lanes, isSigned: boolean, lane: LaneFunction): VectorKernel {
  const mask = -1 >>> (32 - width);
  const read = laneReader(width, isSigned);
  const word = (a: number, by: number) => {
    let result = 0;
    for (let bit = 0; bit < 32; bit += width) result |= (lane(read(a, bit), by) & mask) << bit;
    return result;
  };
  return (out, at, a0, a1, a2, a3, count) => {
    const by = count & (width - 1);
    out[at] = word(a0, by);
    out[at + 1] = word(a1, by);
    out[at + 2] = word(a2, by);
    out[at + 3] = word(a3, by);
  };
}

/** Both lanes of 64 bits by the same count, modulo 64. */
export function shiftPairs(pair: PairFunction): VectorKernel {
  return (out, at, a0, a1, a2, a3, count) => {
    pair(out, at, a0, a1, count & 63, 0);
    pair(out, at + 2, a2, a3, count & 63, 0);
  };
}

/** Whether no lane is zero. */
export function allTrue({ width }: Lanes): LaneFunction {
  if (width === 64) return (a0, a1, a2, a3) => ((a0 | a1) !== 0 && (a2 | a3) !== 0 ? 1 : 0);
  const read = laneReader(width, false);
  return (...all) => {
    for (const word of all)
      for (let bit = 0; bit < 32; bit += width) if (read(word, bit) === 0) return 0;
    return 1;
  };
}

export function anyTrue(a0: number, a1: number, a2: number, a3: number): number {
  return (a0 | a1 | a2 | a3) !== 0 ? 1 : 0;
}

/** The highest bits of the lanes, the first lane's lowest. */
export function bitmask({ width }: Lanes): LaneFunction {
  return (a0, a1, a2, a3) => {
    words[0] = a0;
    words[1] = a1;
    words[2] = a2;
    words[3] = a3;
    let mask = 0;
    for (let lane = 0; lane < 128 / width; lane++) {
      const bit = (lane + 1) * width - 1;
      mask |= ((words[bit >> 5] >>> (bit & 31)) & 1) << lane;
    }
    return mask;
  };
}
