/**
 * Compares the judge's vector kernels with V8, operation by operation, on the operands of vectorCases.ts.
 * The contracts under test are the family contracts themselves, called through their test-only batch heirs.
 */
import { signatureParts } from "../../src/interpreter/isa/columns.ts";
import type { InstructionRow } from "../../src/interpreter/isa/table.ts";
import { vectorInstructions } from "../../src/interpreter/isa/vectorTable.ts";
import { vectorOracle } from "../interpreter/numeric/vectorOracle.ts";
import type { Chain, Contract } from "./chain.ts";
import { caseBytes, operandBytes, operandLanes, vectorCases } from "./vectorCases.ts";

/** Cases of one call; bounded by the size of a sensible message. */
const casesACall = 12_500;

const batchContracts: Readonly<Record<string, string>> = {
  vectorLane: "VectorLaneBatch",
  vectorInteger: "VectorIntegerBatch",
  vectorConversion: "VectorConversionBatch",
  vectorFloat: "VectorFloatBatch",
};

/** Every row with a vector kernel. */
export const vectorRows = (vectorInstructions as readonly InstructionRow[]).filter(
  ({ family }) => family in batchContracts,
);

export interface VectorDifferential {
  /** Number of cases compared; throws an Error that names the first difference. */
  compare(row: InstructionRow, count: number): Promise<number>;
}

/** An immediate's bytes in a binary, and its instruction fields a ‖ b ‖ c as a number. */
interface Immediate {
  readonly bytes: readonly number[];
  readonly fields: bigint;
}

const shuffles: readonly (readonly number[])[] = [
  Array.from({ length: 16 }, (_, i) => i),
  Array.from({ length: 16 }, (_, i) => 31 - i),
  Array.from({ length: 16 }, (_, i) => (i * 13 + 5) % 32),
  Array.from({ length: 16 }, (_, i) => (i * i + 7) % 32),
];

function immediatesOf(row: InstructionRow): readonly Immediate[] {
  if (row.immediates === "shuffle") {
    return shuffles.map((bytes) => ({
      bytes,
      fields: bytes.reduce((sum, index, i) => sum | (BigInt(index) << BigInt(5 * i)), 0n),
    }));
  }
  if (row.immediates !== "lane") return [{ bytes: [], fields: 0n }];
  const shape = operandLanes(row);
  const lanes = Number(shape.slice(shape.indexOf("x") + 1));
  return Array.from({ length: lanes }, (_, lane) => ({
    bytes: [lane],
    fields: BigInt(lane) << 64n,
  }));
}

/** Each group of 16 bytes in the other order of bytes. */
function reversed(bytes: Uint8Array): Uint8Array {
  const result = new Uint8Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) result[i ^ (operandBytes - 1)] = bytes[i];
  return result;
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** Digits of a word of the ABI; where the third argument's bytes begin. */
const wordDigits = 64;
const bytesOffset = 96n;
const word = (value: bigint): string => value.toString(16).padStart(wordDigits, "0");
const paddedDigits = ({ length }: Uint8Array): number => Math.ceil(length / 32) * wordDigits;

/** What V8 makes of the cases, 16 bytes each. */
function v8Results(row: InstructionRow, immediate: Immediate, cases: Uint8Array): Uint8Array {
  const oracle = vectorOracle(row, immediate.bytes);
  const count = signatureParts(row.signature).params.length;
  const results = new Uint8Array((cases.length / caseBytes) * operandBytes);
  for (let index = 0; index < cases.length / caseBytes; index++) {
    const operands = Array.from({ length: count }, (_, operand) => {
      const at = index * caseBytes + operand * operandBytes;
      return cases.subarray(at, at + operandBytes);
    });
    results.set(oracle(operands), index * operandBytes);
  }
  return results;
}

export async function vectorDifferential(chain: Chain): Promise<VectorDifferential> {
  const contracts = new Map<string, Contract>();
  for (const [family, name] of Object.entries(batchContracts)) {
    contracts.set(family, await chain.deploy(name));
  }

  async function compareBatch(
    row: InstructionRow,
    immediate: Immediate,
    cases: Uint8Array,
  ): Promise<void> {
    const contract = contracts.get(row.family);
    if (contract === undefined) throw new RangeError(`expected a vector row, got ${row.mnemonic}`);
    const expected = hex(reversed(v8Results(row, immediate, cases)));
    const head = [BigInt(row.op ?? 0), immediate.fields, bytesOffset, BigInt(cases.length)];
    const args = head.map(word).join("") + hex(reversed(cases)).padEnd(paddedDigits(cases), "0");
    const results = await contract.callEncoded("apply_", args);
    // An offset and a length stand before them.
    const actual = results.slice(2 * wordDigits, 2 * wordDigits + expected.length);
    if (actual === expected) return;
    const digits = 2 * operandBytes;
    const at = [...Array(expected.length / digits).keys()].find(
      (i) =>
        actual.slice(i * digits, (i + 1) * digits) !== expected.slice(i * digits, (i + 1) * digits),
    );
    const index = at ?? 0;
    const operands = hex(reversed(cases.subarray(index * caseBytes, (index + 1) * caseBytes)));
    throw new Error(
      `${row.mnemonic} [${immediate.bytes}] ${operands.replaceAll(/(.{32})(?!$)/g, "$1, ")}: ` +
        `expected ${expected.slice(index * digits, (index + 1) * digits)}, ` +
        `got ${actual.slice(index * digits, (index + 1) * digits)}`,
    );
  }

  return {
    async compare(row, count) {
      const immediates = immediatesOf(row);
      const cases = vectorCases(row, Math.ceil(count / immediates.length) * immediates.length);
      const share = cases.length / immediates.length;
      for (const [index, immediate] of immediates.entries()) {
        const own = cases.subarray(index * share, (index + 1) * share);
        for (let at = 0; at < own.length; at += casesACall * caseBytes) {
          await compareBatch(row, immediate, own.subarray(at, at + casesACall * caseBytes));
        }
      }
      return cases.length / caseBytes;
    },
  };
}
