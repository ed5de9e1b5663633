/**
 * Handlers of float and conversion instructions from the stepper's kernels (src/interpreter/numeric): float
 * arithmetic is the host's in both, so writing it twice would add nothing; the judge's integer arithmetic and the
 * official suite are the second opinions on it.
 *
 * Invariant: a NaN result gets the canonical bits (docs/machine.md §7); kernels that work on bits see bits.
 */
import { codeOf, instructionOf } from "../../interpreter/isa/table.ts";
import { checks, kernels, type NumericMnemonic } from "../../interpreter/numeric/kernels.ts";
import { trapName } from "../../interpreter/trap.ts";
import type { Handler } from "./handlers.ts";
import { range } from "./machineStep.ts";

type AnyKernel = (...operands: unknown[]) => number | undefined;

const canonicalNan32 = 0xffc00000n;
const canonicalNan64 = 0xfff8000000000000n;

const view = new DataView(new ArrayBuffer(8));

function float32(slot: bigint): number {
  view.setUint32(0, Number(slot));
  return view.getFloat32(0);
}

function float64(slot: bigint): number {
  view.setBigUint64(0, slot);
  return view.getFloat64(0);
}

function float32Bits(value: number): bigint {
  if (Number.isNaN(value)) return canonicalNan32;
  view.setFloat32(0, value);
  return BigInt(view.getUint32(0));
}

function float64Bits(value: number): bigint {
  if (Number.isNaN(value)) return canonicalNan64;
  view.setFloat64(0, value);
  return view.getBigUint64(0);
}

/** A slot as the operands that a kernel takes for its letter. */
function operandsOf(letter: string, slot: bigint): number[] {
  if (letter === "f") return [float32(slot)];
  if (letter === "F") return [float64(slot)];
  const low = Number(BigInt.asIntN(32, slot));
  return letter === "i" ? [low] : [low, Number(BigInt.asIntN(32, slot >> 32n))];
}

const halves = new Int32Array(2);

/** Calls a kernel and gives its result as a slot. */
function apply(kernel: AnyKernel, letter: string, operands: readonly number[]): bigint {
  if (letter === "I") {
    kernel(halves, 0, ...operands);
    return (BigInt(halves[1] >>> 0) << 32n) | BigInt(halves[0] >>> 0);
  }
  const value = kernel(...operands) as number;
  if (letter === "f") return float32Bits(value);
  return letter === "F" ? float64Bits(value) : BigInt(value >>> 0);
}

const onBits = /\.(abs|neg|copysign)$/;

/** The handler that pops the operands of the row's signature and pushes what the kernel makes of them. */
export function fromKernel(mnemonic: NumericMnemonic): Handler {
  const row = instructionOf(codeOf(mnemonic));
  const signature = row?.signature ?? "";
  const seen = onBits.test(mnemonic)
    ? signature.replaceAll("f", "i").replaceAll("F", "I")
    : signature;
  const [params, result] = seen.split(":");
  const kernel = kernels[mnemonic] as AnyKernel;
  const check = (checks as Partial<Record<string, AnyKernel>>)[mnemonic];
  return (step) => {
    const { sp } = step.registers;
    const slots = range(sp - params.length, sp);
    const stack = step.openStack(...slots);
    const operands = slots.flatMap((slot, i) => operandsOf(params[i], stack.slot(slot)));
    const trap = trapName(check?.(...operands) ?? 0);
    if (trap !== "none") return step.trapWith(trap);
    step.replaceOperands(stack, params.length, apply(kernel, result, operands));
  };
}
