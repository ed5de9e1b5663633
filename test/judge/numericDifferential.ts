/**
 * Compares the judge's numeric kernels with V8, operation by operation, on the operands of operands.ts.
 * The contracts under test are the family contracts themselves, called through their test-only batch heirs.
 */
import type { InstructionRow } from "../../src/interpreter/isa/table.ts";
import type { Chain, Contract } from "./chain.ts";
import { operandLists } from "./operands.ts";
import { type HostOutcome, shapeOf, v8Oracle } from "./v8Oracle.ts";

const resultBytes = 9;
/** Cases of one call; bounded by the size of a sensible message. */
const casesACall = 20_000;

const batchContracts: Readonly<Record<string, string>> = {
  integer: "IntegerBatch",
  float: "FloatBatch",
  conversion: "ConversionBatch",
};

export interface Differential {
  /** Number of cases compared; throws an Error that names the first difference. */
  compare(row: InstructionRow, count: number): Promise<number>;
}

const hex = (value: bigint): string => value.toString(16).padStart(16, "0");

function decode(results: string, index: number): HostOutcome {
  const start = 2 + index * resultBytes * 2;
  return {
    result: BigInt(`0x${results.slice(start, start + 16)}`),
    trap: Number.parseInt(results.slice(start + 16, start + 18), 16),
  };
}

export async function numericDifferential(chain: Chain): Promise<Differential> {
  const contracts = new Map<string, Contract>();
  for (const [family, name] of Object.entries(batchContracts)) {
    contracts.set(family, await chain.deploy(name));
  }
  const oracle = v8Oracle();

  async function compareBatch(row: InstructionRow, lists: readonly bigint[][]): Promise<void> {
    const method = shapeOf(row).operands.length === 1 ? "unary" : "binary";
    const contract = contracts.get(row.family);
    if (contract === undefined) throw new RangeError(`expected a numeric row, got ${row.mnemonic}`);
    const operands = `0x${lists.map((list) => list.map(hex).join("")).join("")}`;
    const [results] = await contract.call(method, [row.op, operands]);
    for (const [index, list] of lists.entries()) {
      const expected = oracle(row, list);
      const actual = decode(results as string, index);
      const same =
        actual.trap === expected.trap && (actual.trap !== 0 || actual.result === expected.result);
      if (same) continue;
      throw new Error(
        `${row.mnemonic} ${list.map(hex).join(", ")}: ` +
          `expected ${hex(expected.result)} trap ${expected.trap}, ` +
          `got ${hex(actual.result)} trap ${actual.trap}`,
      );
    }
  }

  return {
    async compare(row, count) {
      const lists = operandLists(row.mnemonic, shapeOf(row).operands, count);
      for (let from = 0; from < lists.length; from += casesACall) {
        await compareBatch(row, lists.slice(from, from + casesACall));
      }
      return lists.length;
    },
  };
}
