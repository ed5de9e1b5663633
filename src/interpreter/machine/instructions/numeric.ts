/**
 * Handlers of the integer, float and conversion families: operands off the stack by signature, trap check, kernel,
 * result onto the stack (docs/machine.md §1, §7 "Floats").
 *
 * Invariant: one rule for all rows; what differs between instructions is in numeric/.
 */
import type { InstructionRow } from "../../isa/table.ts";
import { instructions } from "../../isa/table.ts";
import type { NumericMnemonic } from "../../numeric/kernels.ts";
import { checks, kernelSignature, kernels } from "../../numeric/kernels.ts";
import type { Handler } from "./handler.ts";

/** One slot seen as words (low first) and as floats, on a little-endian host and on any other. */
const bits = new DataView(new ArrayBuffer(8));
const canonicalF32 = 0xffc00000;
const canonicalF64High = 0xfff80000;

/** Kernels and checks seen without their exact types. */
type ValueKernel = (...operands: number[]) => number;
type PairKernel = (out: Int32Array, at: number, ...operands: number[]) => void;

type Read = (stack: Int32Array, at: number) => number;
type Write = (stack: Int32Array, at: number, value: number) => void;

/** Reads an operand that is one number: i, f, F. */
const readers: Readonly<Record<string, Read>> = {
  i: (stack, at) => stack[at],
  f: (stack, at) => {
    bits.setInt32(0, stack[at]);
    return bits.getFloat32(0);
  },
  F: (stack, at) => {
    bits.setInt32(0, stack[at + 1]);
    bits.setInt32(4, stack[at]);
    return bits.getFloat64(0);
  },
};

const writers: Readonly<Record<string, Write>> = {
  i: (stack, at, value) => {
    stack[at] = value;
    stack[at + 1] = 0;
  },
  f: (stack, at, value) => {
    bits.setFloat32(0, value);
    stack[at] = Number.isNaN(value) ? canonicalF32 : bits.getInt32(0);
    stack[at + 1] = 0;
  },
  F: (stack, at, value) => {
    bits.setFloat64(0, value);
    stack[at] = Number.isNaN(value) ? 0 : bits.getInt32(4);
    stack[at + 1] = Number.isNaN(value) ? canonicalF64High : bits.getInt32(0);
  },
};

/** Checks, computes and stores for operands that are in hand; returns the trap code, 0 if none. */
type Apply = (stack: Int32Array, at: number, a: number, b: number, c: number, d: number) => number;

function applyOf(mnemonic: NumericMnemonic, result: string): Apply {
  const check = (checks as Partial<Record<NumericMnemonic, ValueKernel>>)[mnemonic];
  const pair = kernels[mnemonic] as PairKernel;
  const value = kernels[mnemonic] as ValueKernel;
  const write = writers[result];
  return (stack, at, a, b, c, d) => {
    const trap = check === undefined ? 0 : check(a, b, c, d);
    if (trap !== 0) return trap;
    if (write === undefined) pair(stack, at, a, b, c, d);
    else write(stack, at, value(a, b, c, d));
    return 0;
  };
}

/** Operands of one instruction have one type: two of i, f or F, or one, or one or two pairs of halves. */
function handlerOf(mnemonic: NumericMnemonic): Handler {
  const [params, result] = kernelSignature(mnemonic).split(":");
  const apply = applyOf(mnemonic, result);
  const count = params.length;
  const read = readers[params[0]];
  return (state, { pc }) => {
    const { stack } = state;
    const at = (state.sp - count) * 2;
    const next = count === 2 ? at + 2 : at;
    const trap =
      read === undefined
        ? apply(stack, at, stack[at], stack[at + 1], stack[next], stack[next + 1])
        : apply(stack, at, read(stack, at), read(stack, next), 0, 0);
    if (trap !== 0) return -trap;
    state.sp -= count - 1;
    return pc + 1;
  };
}

/** Handlers of all numeric rows of the table. */
export const numericHandlers = Object.fromEntries(
  (instructions as readonly InstructionRow[])
    .filter((row) => ["integer", "float", "conversion"].includes(row.family))
    .map((row) => [row.mnemonic, handlerOf(row.mnemonic as NumericMnemonic)]),
) as Record<NumericMnemonic, Handler>;
