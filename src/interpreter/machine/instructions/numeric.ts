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
import type { MachineState } from "../state.ts";
import type { Handler } from "./handler.ts";

const bits = new DataView(new ArrayBuffer(8));
const canonicalF32 = 0xffc00000;
const canonicalF64High = 0xfff80000;

/** Kernels and checks seen without their exact types: operands as numbers, in the order of the signature. */
type AnyKernel = (...operands: unknown[]) => number;

function pushOperand(state: MachineState, slot: number, letter: string, operands: unknown[]): void {
  const low = state.stack[slot * 2];
  const high = state.stack[slot * 2 + 1];
  switch (letter) {
    case "i":
      operands.push(low);
      return;
    case "I":
      operands.push(low, high);
      return;
    case "f":
      bits.setInt32(0, low);
      operands.push(bits.getFloat32(0));
      return;
    default:
      bits.setInt32(0, high);
      bits.setInt32(4, low);
      operands.push(bits.getFloat64(0));
  }
}

function storeResult(state: MachineState, slot: number, letter: string, value: number): void {
  const { stack } = state;
  if (letter === "i") {
    stack[slot * 2] = value;
    stack[slot * 2 + 1] = 0;
  } else if (letter === "f") {
    bits.setFloat32(0, value);
    stack[slot * 2] = Number.isNaN(value) ? canonicalF32 : bits.getInt32(0);
    stack[slot * 2 + 1] = 0;
  } else {
    bits.setFloat64(0, value);
    stack[slot * 2] = Number.isNaN(value) ? 0 : bits.getInt32(4);
    stack[slot * 2 + 1] = Number.isNaN(value) ? canonicalF64High : bits.getInt32(0);
  }
}

function handlerOf(mnemonic: NumericMnemonic): Handler {
  const [params, result] = kernelSignature(mnemonic).split(":");
  const kernel = kernels[mnemonic] as AnyKernel;
  const check = (checks as Partial<Record<NumericMnemonic, AnyKernel>>)[mnemonic];
  return (state, { pc }) => {
    const slot = state.sp - params.length;
    const operands: unknown[] = [];
    for (let index = 0; index < params.length; index++) {
      pushOperand(state, slot + index, params[index], operands);
    }
    const trap = check === undefined ? 0 : check(...operands);
    if (trap !== 0) return -trap;
    if (result === "I") kernel(state.stack, slot * 2, ...operands);
    else storeResult(state, slot, result, kernel(...operands));
    state.sp = slot + 1;
    return pc + 1;
  };
}

/** Handlers of all numeric rows of the table. */
export const numericHandlers = Object.fromEntries(
  (instructions as readonly InstructionRow[])
    .filter((row) => ["integer", "float", "conversion"].includes(row.family))
    .map((row) => [row.mnemonic, handlerOf(row.mnemonic as NumericMnemonic)]),
) as Record<NumericMnemonic, Handler>;
