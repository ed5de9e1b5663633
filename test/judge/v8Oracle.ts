/**
 * V8 as the oracle of numeric instructions: one exported function an instruction, from and to 64-bit slots, so that
 * NaN payloads survive the way through JavaScript. Built from the rows of the instruction table alone.
 */

import { unsigned } from "../../spec-tests/corpus/assembler.ts";
import { isNumeric, signatureParts } from "../../src/interpreter/isa/columns.ts";
import { codeOf, type InstructionRow, instructions } from "../../src/interpreter/isa/table.ts";
import { trapCodes } from "../../src/interpreter/isa/trapCodes.ts";
import { applyKernel } from "../interpreter/numeric/applyKernel.ts";

export interface HostOutcome {
  readonly result: bigint;
  readonly trap: number;
}

/** Every row with a numeric kernel. */
export const numericRows = (instructions as readonly InstructionRow[]).filter(isNumeric);

const valueTypes = { i64: 0x7e } as const;

const sized = (bytes: readonly number[]): number[] => [...unsigned(bytes.length), ...bytes];
const section = (id: number, bytes: readonly number[]): number[] => [id, ...sized(bytes)];

function opcode(row: InstructionRow): number[] {
  return row.code <= 0xff ? [row.code] : [row.code >> 16, ...unsigned(row.code & 0xffff)];
}

/** From a slot to a value of the letter's type, and back. */
const fromSlot: Readonly<Record<string, readonly number[]>> = {
  i: [codeOf("i32.wrap_i64")],
  I: [],
  f: [codeOf("i32.wrap_i64"), codeOf("f32.reinterpret_i32")],
  F: [codeOf("f64.reinterpret_i64")],
};
const toSlot: Readonly<Record<string, readonly number[]>> = {
  i: [codeOf("i64.extend_i32_u")],
  I: [],
  f: [codeOf("i32.reinterpret_f32"), codeOf("i64.extend_i32_u")],
  F: [codeOf("i64.reinterpret_f64")],
};

/** Operand letters and result letter of a numeric row. */
export function shapeOf(row: InstructionRow): { operands: string; result: string } {
  const { params: operands, results: result } = signatureParts(row.signature);
  if (operands.length < 1 || operands.length > 2 || result.length !== 1) {
    throw new RangeError(`expected one or two operands and a result, got ${row.mnemonic}`);
  }
  return { operands, result };
}

function body(row: InstructionRow): number[] {
  const { operands, result } = shapeOf(row);
  const code = [...operands].flatMap((letter, index) => [
    codeOf("local.get"),
    index,
    ...fromSlot[letter],
  ]);
  return sized([0, ...code, ...opcode(row), ...toSlot[result], codeOf("end")]);
}

function moduleOf(rows: readonly InstructionRow[]): Uint8Array {
  const types = [2, 0x60, 1, valueTypes.i64, 1, valueTypes.i64];
  types.push(0x60, 2, valueTypes.i64, valueTypes.i64, 1, valueTypes.i64);
  const names = rows.map((row, index) => [
    ...sized([...new TextEncoder().encode(row.mnemonic)]),
    0,
    ...unsigned(index),
  ]);
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, types),
    ...section(3, [
      ...unsigned(rows.length),
      ...rows.map((row) => shapeOf(row).operands.length - 1),
    ]),
    ...section(7, [...unsigned(rows.length), ...names.flat()]),
    ...section(10, [...unsigned(rows.length), ...rows.flatMap(body)]),
  ]);
}

const layouts: Readonly<Record<string, { exponent: bigint; canonical: bigint; sign: bigint }>> = {
  f: { exponent: 0x7f80_0000n, canonical: 0xffc0_0000n, sign: 1n << 31n },
  F: { exponent: 0x7ff0n << 48n, canonical: 0xfff8n << 48n, sign: 1n << 63n },
};

export function isNanBits(letter: string, bits: bigint): boolean {
  const layout = layouts[letter];
  return layout !== undefined && (bits & (layout.sign - 1n)) > layout.exponent;
}

/** The function that applies a row to slots as V8 does, with this machine's NaN rule (docs/machine.md §7). */
export function v8Oracle(): (row: InstructionRow, operands: readonly bigint[]) => HostOutcome {
  const module = new WebAssembly.Module(
    moduleOf(numericRows.filter((row) => !row.hostLacks)) as BufferSource,
  );
  const functions = new WebAssembly.Instance(module).exports as Record<
    string,
    (...operands: bigint[]) => bigint
  >;
  return (row, operands) => {
    // Where no engine can be asked, the machine's own kernel is the other side.
    if (row.hostLacks) return applyKernel(row, operands);
    const { operands: letters, result: letter } = shapeOf(row);
    try {
      const result = BigInt.asUintN(64, functions[row.mnemonic](...operands));
      const canonical = isNanBits(letter, result) && !row.worksOnBits;
      return { result: canonical ? layouts[letter].canonical : result, trap: trapCodes.none };
    } catch (error) {
      return { result: 0n, trap: trapOf(error, isNanBits(letters[0], operands[0])) };
    }
  };
}

/** V8 does not tell an invalid conversion from an overflow; the operand does. */
function trapOf(error: unknown, operandIsNan: boolean): number {
  if (!(error instanceof WebAssembly.RuntimeError)) throw error;
  if (/by zero/.test(error.message)) return trapCodes.integerDivideByZero;
  if (/divide result unrepresentable/.test(error.message)) return trapCodes.integerOverflow;
  if (/float unrepresentable/.test(error.message)) {
    return operandIsNan ? trapCodes.invalidConversion : trapCodes.integerOverflow;
  }
  throw error;
}
