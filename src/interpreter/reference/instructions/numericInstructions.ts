/**
 * Handlers of the integer, float and conversion families: operands off the stack by signature, trap check, kernel,
 * result onto the stack (docs/machine.md §1, §7 "Floats"). Twin of `UnaryFamily` and `BinaryFamily` in contracts/src/judge/step.
 *
 * Invariant: one rule for all rows; what differs between instructions is in numeric/.
 */

import { isNumeric } from "../../isa/columns.ts";
import type { InstructionRow } from "../../isa/table.ts";
import { instructions } from "../../isa/table.ts";
import { canonicalNan } from "../../numeric/float.ts";
import type { NumericMnemonic } from "../../numeric/kernels.ts";
import { checks, kernelSignature, kernels } from "../../numeric/kernels.ts";
import { type Handler, TRAP_NONE } from "./handler.ts";

/** One slot seen as words (low first) and as floats, on a little-endian host and on any other. */
const bits = new DataView(new ArrayBuffer(8));

/** Kernels and checks seen without their exact types. */
type ValueKernel = (...operands: number[]) => number;
type PairKernel = (out: Int32Array, at: number, ...operands: number[]) => void;

type Read = (low: number, high: number) => number;
type Write = (value: number) => void;

/** Reads an operand that is one number: i, f, F. */
const readers: Readonly<Record<string, Read>> = {
  i: (low) => low,
  f: (low) => {
    bits.setInt32(0, low);
    return bits.getFloat32(0);
  },
  F: (low, high) => {
    bits.setInt32(0, high);
    bits.setInt32(4, low);
    return bits.getFloat64(0);
  },
};

/** The result's words, low first; one for all, since a step is not re-entrant. */
const result = new Int32Array(2);

const writers: Readonly<Record<string, Write>> = {
  i: (value) => {
    result[0] = value;
    result[1] = 0;
  },
  f: (value) => {
    bits.setFloat32(0, value);
    result[0] = Number.isNaN(value) ? canonicalNan.f32 : bits.getInt32(0);
    result[1] = 0;
  },
  F: (value) => {
    bits.setFloat64(0, value);
    result[0] = Number.isNaN(value) ? canonicalNan.f64Low : bits.getInt32(4);
    result[1] = Number.isNaN(value) ? canonicalNan.f64High : bits.getInt32(0);
  },
};

/** Checks and computes for operands that are in hand; returns the trap code, 0 if none. */
type Apply = (a: number, b: number, c: number, d: number) => number;

function applyOf(mnemonic: NumericMnemonic, letter: string): Apply {
  const check = (checks as Partial<Record<NumericMnemonic, ValueKernel>>)[mnemonic];
  const pair = kernels[mnemonic] as PairKernel;
  const value = kernels[mnemonic] as ValueKernel;
  const write = writers[letter];
  return (a, b, c, d) => {
    const trap = check === undefined ? TRAP_NONE : check(a, b, c, d);
    if (trap !== TRAP_NONE) return trap;
    if (write === undefined) pair(result, 0, a, b, c, d);
    else write(value(a, b, c, d));
    return TRAP_NONE;
  };
}

/** Operands of one instruction have one type: one or two of i, f or F, or one or two pairs of halves. */
function handlerOf(mnemonic: NumericMnemonic): Handler {
  const { params, results } = kernelSignature(mnemonic);
  const apply = applyOf(mnemonic, results);
  const count = params.length;
  const read = readers[params[0]];
  return (m) => {
    const last = m.sp - 1;
    const first = m.sp - count;
    m.openStack(first, last);
    const trap =
      read === undefined
        ? apply(m.low(first), m.high(first), m.low(last), m.high(last))
        : apply(read(m.low(first), m.high(first)), read(m.low(last), m.high(last)), 0, 0);
    if (trap !== TRAP_NONE) return trap;
    m.setSlot(first, result[0], result[1]);
    m.pop(count - 1);
    return TRAP_NONE;
  };
}

/** Handlers of all numeric rows of the table. */
export const numericHandlers = Object.fromEntries(
  (instructions as readonly InstructionRow[])
    .filter(isNumeric)
    .map((row) => [row.mnemonic, handlerOf(row.mnemonic as NumericMnemonic)]),
) as Record<NumericMnemonic, Handler>;
