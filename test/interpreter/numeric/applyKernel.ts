/**
 * A row's kernel and trap check on values as bits: what the machine computes, without a machine.
 */
import type { InstructionRow } from "../../../src/interpreter/isa/table.ts";
import { canonicalNan } from "../../../src/interpreter/numeric/float.ts";
import { kernelSignature, type NumericMnemonic } from "../../../src/interpreter/numeric/kernels.ts";

export interface KernelOutcome {
  readonly result: bigint;
  readonly trap: number;
}

type AnyKernel = (...operands: (number | Int32Array)[]) => number | undefined;

const view = new DataView(new ArrayBuffer(8));
const unsigned = (low: number, high: number): bigint =>
  (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);

function wordsOf(letter: string, bits: bigint): number[] {
  view.setBigUint64(0, bits);
  if (letter === "F") return [view.getFloat64(0)];
  if (letter === "f") return [view.getFloat32(4)];
  const low = view.getInt32(4);
  return letter === "i" ? [low] : [low, view.getInt32(0)];
}

function bitsOf(letter: string, value: number): bigint {
  if (letter === "i") return unsigned(value, 0);
  if (Number.isNaN(value)) {
    return letter === "f"
      ? unsigned(canonicalNan.f32, 0)
      : unsigned(canonicalNan.f64Low, canonicalNan.f64High);
  }
  view.setFloat64(0, value);
  if (letter === "F") return view.getBigUint64(0);
  view.setFloat32(0, value);
  return BigInt(view.getUint32(0));
}

/** Result and trap code, 0 if none. */
export function applyKernel(row: InstructionRow, values: readonly bigint[]): KernelOutcome {
  const { params, results } = kernelSignature(row.mnemonic as NumericMnemonic);
  const words = values.flatMap((value, index) => wordsOf(params[index], value));
  const trap = (row.check as AnyKernel | undefined)?.(...words) ?? 0;
  if (trap !== 0) return { result: 0n, trap };
  const kernel = row.kernel as unknown as AnyKernel;
  if (results !== "I") return { result: bitsOf(results, kernel(...words) as number), trap };
  const out = new Int32Array(2);
  kernel(out, 0, ...words);
  return { result: unsigned(out[0], out[1]), trap };
}
