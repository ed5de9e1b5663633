/**
 * Operands of vector instructions: vectors whose lanes are edge values or random bits, by shape, from a pinned seed.
 */

import type { LaneShape } from "../../../src/interpreter/isa/instructionRow.ts";
import type { InstructionRow } from "../../../src/interpreter/isa/table.ts";
import { laneCount } from "../../../src/interpreter/isa/vectorTable.ts";
import type { Random } from "../../differential/random.ts";

export const f32x4Nan = 0xffc00000;
export const f64x2Nan = 0xfff8000000000000n;

const floatBits32 = [
  ...[0n, 0x80000000n, 1n, 0x80000001n, 0x7fffffn, 0x800000n, 0x3f000000n, 0xbf000000n],
  ...[0x3f800000n, 0xbf800000n, 0x3fc00000n, 0x40200000n, 0xc0200000n, 0x4effffffn, 0x4f000000n],
  ...[0xcf000000n, 0xcf000001n, 0x4f7fffffn, 0x4f800000n, 0x7f7fffffn, 0xff7fffffn, 0x7f800000n],
  ...[0xff800000n, 0x7fc00000n, 0xffc00000n, 0x7f800001n, 0xffbfffffn, 0x4b000001n, 0xbf7fffffn],
];
const floatBits64 = [
  ...[0n, 1n << 63n, 1n, (1n << 63n) | 1n, 0xfffffffffffffn, 0x10000000000000n],
  ...[0x3fe0000000000000n, 0xbfe0000000000000n, 0x3ff0000000000000n, 0xbff0000000000000n],
  ...[0x3ff8000000000000n, 0x4004000000000000n, 0x41dfffffffc00000n, 0x41e0000000000000n],
  ...[0xc1e0000000000000n, 0xc1e0000000200000n, 0x41efffffffe00000n, 0x41f0000000000000n],
  ...[0x7fefffffffffffffn, 0xffefffffffffffffn, 0x7ff0000000000000n, 0xfff0000000000000n],
  ...[0x7ff8000000000000n, 0xfff8000000000000n, 0x7ff0000000000001n, 0xfff7ffffffffffffn],
  ...[0x47efffffefffffffn, 0x47effffff0000000n, 0x36a0000000000000n, 0x3690000000000001n],
];

function integers(width: number): bigint[] {
  const top = 1n << BigInt(width - 1);
  const all = [0n, 1n, -1n, top, top - 1n, top + 1n, 2n, -2n, 0x55n, 0x80n, 0x7fn, 0xffn, 0x8000n];
  return [...all, 0x7fffn, 0xffffn, 0x4000n, 0x80000000n, 0x7fffffffn, 15n, 16n, 31n].map((value) =>
    BigInt.asUintN(width, value),
  );
}

const edges: Readonly<Record<LaneShape, readonly bigint[]>> = {
  i8x16: integers(8),
  i16x8: integers(16),
  i32x4: integers(32),
  i64x2: integers(64),
  f32x4: floatBits32,
  f64x2: floatBits64,
};

function randomBits(random: Random): bigint {
  return (BigInt(random.next()) << 32n) | BigInt(random.next());
}

/** A vector of a shape: each lane an edge value, random bits or, at times, the lane before it. */
export function randomVector(shape: LaneShape, random: Random): Uint8Array {
  const bytes = new Uint8Array(16);
  const count = laneCount(shape);
  const width = 16 / count;
  let lane = 0n;
  for (let index = 0; index < count; index++) {
    if (!random.oneIn(5)) lane = random.oneIn(3) ? randomBits(random) : random.pick(edges[shape]);
    for (let byte = 0; byte < width; byte++)
      bytes[index * width + byte] = Number((lane >> BigInt(8 * byte)) & 0xffn);
  }
  return bytes;
}

const scalarShapes: Readonly<Record<string, LaneShape>> = {
  i: "i32x4",
  I: "i64x2",
  f: "f32x4",
  F: "f64x2",
};

/** Operands of a row, 16 bytes each: a scalar is what its first bytes hold. */
export function randomOperands(
  { from, lanes, signature }: InstructionRow,
  random: Random,
): Uint8Array[] {
  const shape = from ?? lanes ?? "i32x4";
  const letters = (signature ?? ":").split(":")[0];
  return [...letters].map((letter) => randomVector(scalarShapes[letter] ?? shape, random));
}

/** All immediates worth asking for: none, every lane, or some shuffles. */
export function immediatesOf(row: InstructionRow, random: Random): number[][] {
  if (row.immediates === "lane")
    return Array.from({ length: laneCount(row.lanes ?? "i8x16") }, (_, lane) => [lane]);
  if (row.immediates === "shuffle")
    return Array.from({ length: 8 }, () => Array.from({ length: 16 }, () => random.below(32)));
  return [[]];
}
