/**
 * Every integer row of the specification against plain bigint arithmetic, on edge operands and on random ones.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { InstructionRow } from "../../../src/interpreter/isa/table.ts";
import { instructions } from "../../../src/interpreter/isa/table.ts";
import { type TrapName, trapName } from "../../../src/interpreter/isa/trapCodes.ts";
import { kernelSignature, type NumericMnemonic } from "../../../src/interpreter/numeric/kernels.ts";
import { applyKernel } from "./applyKernel.ts";
import { integerOracle } from "./integerOracle.ts";
import { operandTuples } from "./operandValues.ts";

const rows: readonly InstructionRow[] = (instructions as readonly InstructionRow[]).filter(
  ({ family, feature, hostLacks }) =>
    !hostLacks && family === "integer" && (feature === "mvp" || feature === "signExtension"),
);

/** Result of a kernel on values as bits, or the name of the trap that its check finds. */
function compute(row: InstructionRow, values: readonly bigint[]): bigint | TrapName {
  const { result, trap } = applyKernel(row, values);
  return trap === 0 ? result : trapName(trap);
}

describe("integer oracle", () => {
  test("has the rows of the specification", () => {
    expect(Object.keys(integerOracle).sort()).toEqual(rows.map((row) => row.mnemonic).sort());
  });

  test.each(rows)("$mnemonic › on edge operands and on random ones", (row) => {
    const mnemonic = row.mnemonic as NumericMnemonic;
    const { params } = kernelSignature(mnemonic);
    const agree = (values: readonly bigint[]) => {
      const [a, b = 0n] = values;
      expect(compute(row, values), values.join(" ")).toBe(integerOracle[mnemonic](a, b));
    };
    for (const values of operandTuples(params)) agree(values);
    const operand = (letter: string) =>
      fc.bigInt({ min: 0n, max: letter === "i" ? 2n ** 32n - 1n : 2n ** 64n - 1n });
    const operands = fc.tuple(...[...params].map(operand));
    fc.assert(fc.property(operands, agree), { seed: 12, numRuns: 300 });
  });
});
