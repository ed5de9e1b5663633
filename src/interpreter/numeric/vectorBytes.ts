/**
 * Vector kernels that move lanes without computing with them: splat, single lanes, shuffle and swizzle (spec 3.0 §4.3.5,
 * §4.4.9). A scalar is a slot of two words, the low one first, whatever its type.
 *
 * Invariant: bits stay as they are; a lane's number is below the number of lanes, as the validator has seen.
 */
import type { Lanes } from "./vectorLanes.ts";
import { laneReader, type VectorKernel } from "./vectorWords.ts";

const words = new Int32Array(8);

/** Every lane the scalar: `low, high`. */
export function splat({ width }: Lanes): VectorKernel {
  if (width === 64) {
    return (out, at, low, high) => {
      out[at] = low;
      out[at + 1] = high;
      out[at + 2] = low;
      out[at + 3] = high;
    };
  }
  const mask = -1 >>> (32 - width);
  return (out, at, low) => {
    let word = 0;
    for (let bit = 0; bit < 32; bit += width) word |= (low & mask) << bit;
    out.fill(word, at, at + 4);
  };
}

/** `lane, a0 … a3` to a slot; narrow lanes are extended to an i32. */
export function extractLane({ width }: Lanes, isSigned: boolean): VectorKernel {
  if (width === 64) {
    return (out, at, lane, a0, a1, a2, a3) => {
      out[at] = lane === 0 ? a0 : a2;
      out[at + 1] = lane === 0 ? a1 : a3;
    };
  }
  const read = laneReader(width, isSigned);
  return (out, at, lane, a0, a1, a2, a3) => {
    words[0] = a0;
    words[1] = a1;
    words[2] = a2;
    words[3] = a3;
    const bit = lane * width;
    out[at] = read(words[bit >> 5], bit & 31);
    out[at + 1] = 0;
  };
}

/** `lane, a0 … a3, low, high`: the vector with the scalar in one lane. */
export function replaceLane({ width }: Lanes): VectorKernel {
  const mask = -1 >>> Math.max(32 - width, 0);
  return (out, at, lane, a0, a1, a2, a3, low, high) => {
    out[at] = a0;
    out[at + 1] = a1;
    out[at + 2] = a2;
    out[at + 3] = a3;
    const bit = lane * width;
    const word = at + (bit >> 5);
    const shift = bit & 31;
    out[word] = (out[word] & ~(mask << shift)) | ((low & mask) << shift);
    if (width === 64) out[word + 1] = high;
  };
}

/** Byte `index` of `words`. */
function byteOf(index: number): number {
  return (words[index >> 2] >>> (8 * (index & 3))) & 0xff;
}

/** Bytes of a by the numbers in b; 0 for a number of 16 or more. */
// biome-ignore format: one line a signature
export function swizzle(out: Int32Array, at: number, a0: number, a1: number, a2: number, a3: number, b0: number, b1: number, b2: number, b3: number): void {
  words[0] = a0;
  words[1] = a1;
  words[2] = a2;
  words[3] = a3;
  const pick = (numbers: number): number => {
    let word = 0;
    for (let bit = 0; bit < 32; bit += 8) {
      const index = (numbers >>> bit) & 0xff;
      if (index < 16) word |= byteOf(index) << bit;
    }
    return word;
  };
  out[at] = pick(b0);
  out[at + 1] = pick(b1);
  out[at + 2] = pick(b2);
  out[at + 3] = pick(b3);
}

/** Bits of a byte's number in the immediate of `i8x16.shuffle`. */
const indexBits = 5;

/** Fields a, b, c of the instruction of `i8x16.shuffle`: number i in bits [5i, 5i + 5) of a · 2^64 + b · 2^32 + c. */
export function shuffleFields(numbers: ArrayLike<number>): [a: number, b: number, c: number] {
  const fields: [number, number, number] = [0, 0, 0];
  for (let lane = 0; lane < 16; lane++) {
    const bit = lane * indexBits;
    const field = 2 - (bit >> 5);
    fields[field] |= numbers[lane] << (bit & 31);
    if ((bit & 31) > 32 - indexBits) fields[field - 1] |= numbers[lane] >>> (32 - (bit & 31));
  }
  return [fields[0] >>> 0, fields[1] >>> 0, fields[2] >>> 0];
}

/** Number `lane` of a shuffle from its instruction's fields. */
export function shuffleNumber(lane: number, a: number, b: number, c: number): number {
  const bit = lane * indexBits;
  const shift = bit & 31;
  const [low, high] = bit < 32 ? [c, b] : bit < 64 ? [b, a] : [a, 0];
  return ((low >>> shift) | (shift === 0 ? 0 : high << (32 - shift))) & 31;
}

/** `a, b, c` of the instruction, then the words of two vectors: 16 of their 32 bytes. */
// biome-ignore format: one line a signature
export function shuffle(out: Int32Array, at: number, a: number, b: number, c: number, ...operands: number[]): void {
  words.set(operands);
  for (let word = 0; word < 4; word++) {
    let value = 0;
    for (let byte = 0; byte < 4; byte++) {
      value |= byteOf(shuffleNumber(word * 4 + byte, a, b, c)) << (8 * byte);
    }
    out[at + word] = value;
  }
}
