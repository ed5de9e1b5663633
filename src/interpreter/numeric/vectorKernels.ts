/**
 * The kernels of the vector instructions, made of what their rows say (isa/vectorTable.ts): how lanes are combined, and
 * the function of one lane.
 * Operands come as words in the order in which they lie on the stack, an immediate before them; a result goes to
 * `out[at] …` as the words of its slots.
 *
 * Invariant: every row with a form that computes gets its kernel here; a row whose columns do not suffice is refused when
 * the library is loaded.
 */

import type { LaneShape } from "../isa/instructionRow.ts";
import type { InstructionRow } from "../isa/table.ts";
import { extractLane, replaceLane, shuffle, splat, swizzle } from "./vectorBytes.ts";
import * as lanes from "./vectorLanes.ts";
import {
  clamp,
  eachPair,
  eachWord,
  type LaneFunction,
  maskOf,
  type PairFunction,
  pairMaskOf,
  pairOfDouble,
  readF32,
  readF64,
  type VectorKernel,
  wordOfFloat,
  wordOfLanes,
} from "./vectorWords.ts";

/** Kind, width in bits and number of the lanes of each shape. */
const laneShapes: Readonly<Record<LaneShape, lanes.Lanes>> = {
  i8x16: { isFloat: false, width: 8 },
  i16x8: { isFloat: false, width: 16 },
  i32x4: { isFloat: false, width: 32 },
  i64x2: { isFloat: false, width: 64 },
  f32x4: { isFloat: true, width: 32 },
  f64x2: { isFloat: true, width: 64 },
};

const isSigned = ({ sign }: InstructionRow): boolean => sign === "s";
const to = ({ lanes: shape = "i8x16" }: InstructionRow): lanes.Lanes => laneShapes[shape];
const from = ({ from: shape = "i8x16" }: InstructionRow): lanes.Lanes => laneShapes[shape];

/** The function of one lane, in the three shapes that it may have. */
const lane = ({ kernel }: InstructionRow) => kernel as unknown as LaneFunction;
const pair = ({ kernel }: InstructionRow) => kernel as unknown as PairFunction;

function lanewise(row: InstructionRow): VectorKernel {
  const { isFloat, width } = to(row);
  if (isFloat && !row.worksOnBits)
    return width === 32 ? eachWord(wordOfFloat(lane(row))) : eachPair(pairOfDouble(lane(row)));
  if (width === 64) return eachPair(pair(row));
  if (isFloat) return eachWord(lane(row));
  if (!row.saturates) return eachWord(wordOfLanes(width, isSigned(row), lane(row)));
  const inRange = clamp(width, isSigned(row));
  return eachWord(wordOfLanes(width, isSigned(row), (a, b) => inRange(lane(row)(a, b))));
}

function compare(row: InstructionRow): VectorKernel {
  const { isFloat, width } = to(row);
  const test = lane(row);
  if (width === 64) {
    if (!isFloat) return eachPair(pairMaskOf(test));
    const ofDoubles = pairOfTest(test);
    return eachPair(pairMaskOf(ofDoubles));
  }
  return eachWord(isFloat ? wordOfTest(test) : wordOfLanes(width, isSigned(row), maskOf(test)));
}

const wordOfTest =
  (test: LaneFunction): LaneFunction =>
  (a, b) =>
    -test(readF32(a), readF32(b));

const pairOfTest =
  (test: LaneFunction): LaneFunction =>
  (aLow, aHigh, bLow, bHigh) =>
    test(readF64(aLow, aHigh), readF64(bLow, bHigh));

function shift(row: InstructionRow): VectorKernel {
  return to(row).width === 64
    ? lanes.shiftPairs(pair(row))
    : lanes.shift(to(row), isSigned(row), lane(row));
}

/** A test of a whole vector gives an i32, which is a slot. */
function reduce(test: LaneFunction): VectorKernel {
  return (out, at, a0, a1, a2, a3) => {
    out[at] = test(a0, a1, a2, a3);
    out[at + 1] = 0;
  };
}

/** The kernel of a row that has a form; undefined for one that only moves whole values. */
export function vectorKernel(row: InstructionRow): VectorKernel | undefined {
  switch (row.form) {
    case undefined:
    case "whole":
    case "constant":
      return undefined;
    case "lanewise":
      return lanewise(row);
    case "choose":
      return lanes.choose(to(row), row.kernel as never);
    case "compare":
      return compare(row);
    case "shift":
      return shift(row);
    case "bitwise":
      return eachWord(lane(row));
    case "anyTrue":
      return reduce(lanes.anyTrue);
    case "allTrue":
      return reduce(lanes.allTrue(to(row)));
    case "bitmask":
      return reduce(lanes.bitmask(to(row)));
    case "splat":
      return splat(to(row));
    case "zero":
      return replaceLane(to(row));
    case "extractLane":
      return extractLane(to(row), isSigned(row));
    case "replaceLane":
      return replaceLane(to(row));
    case "shuffle":
      return shuffle;
    case "swizzle":
      return swizzle;
    default:
      return changing(row);
  }
}

/** Forms whose result has other lanes than their operands. */
function changing(row: InstructionRow): VectorKernel {
  switch (row.form) {
    case "extend":
    case "extendLow":
    case "extendHigh":
      return lanes.extend(to(row), from(row), isSigned(row), row.form === "extendHigh");
    case "multiplyLow":
    case "multiplyHigh":
      return lanes.multiply(to(row), from(row), isSigned(row), row.form === "multiplyHigh");
    case "addPairs":
      return lanes.addPairs(to(row), from(row), isSigned(row));
    case "dot":
      return to(row).width === 4 * from(row).width
        ? lanes.dotAdd(to(row), from(row))
        : lanes.dot(to(row), from(row), row.saturates === true);
    case "narrow":
      return lanes.narrow(to(row), from(row), isSigned(row));
    case "convert":
    case "convertLow":
    case "convertZero":
      return lanes.convert(to(row), from(row), isSigned(row), lane(row));
    default:
      throw new RangeError(`expected a form of vectors, got ${row.form} of ${row.mnemonic}`);
  }
}
