/**
 * Every vector kernel against V8, on edge lanes and random ones.
 */
import { describe, expect, test } from "vitest";
import { signatureParts } from "../../../src/interpreter/isa/columns.ts";
import type { InstructionRow } from "../../../src/interpreter/isa/table.ts";
import { shuffleFields, shuffleNumber } from "../../../src/interpreter/numeric/vectorBytes.ts";
import { vectorKernel } from "../../../src/interpreter/numeric/vectorKernels.ts";
import { Random } from "../../differential/random.ts";
import { immediatesOf, randomOperands } from "./vectorOperands.ts";
import { vectorOracle, vectorRows } from "./vectorOracle.ts";

/** Operand tuples an instruction and immediate. */
const tuples = 300;

/** Bytes of what a type's letter stands for on the stack. */
const slotBytes = (letter: string): number => (letter === "v" ? 16 : 8);
const valueBytes: Readonly<Record<string, number>> = { i: 4, f: 4, I: 8, F: 8, v: 16 };

function wordsOf(letter: string, operand: Uint8Array): number[] {
  const slot = new Uint8Array(slotBytes(letter));
  slot.set(operand.subarray(0, valueBytes[letter]));
  return [...new Int32Array(slot.buffer)];
}

/** What our kernel makes of operands, as bytes. */
function computed(row: InstructionRow, immediates: readonly number[], operands: Uint8Array[]) {
  const { params, results } = signatureParts(row.signature);
  const out = new Int32Array(4);
  const words = operands.map((operand, index) => wordsOf(params[index], operand));
  const before = row.immediates === "shuffle" ? shuffleFields(immediates) : immediates;
  vectorKernel(row)?.(out, 0, ...before, ...words.flat());
  const bytes = new Uint8Array(16);
  bytes.set(new Uint8Array(out.buffer).subarray(0, valueBytes[results]));
  return bytes;
}

const computing = vectorRows.filter(
  (row) => row.access === undefined && row.form !== "whole" && row.form !== "constant",
);

describe("vector kernels › as V8", () => {
  test("are those of 233 instructions", () => {
    expect(computing.length).toBe(233);
  });

  for (const row of computing) {
    test(row.mnemonic, () => {
      const random = new Random(row.code);
      for (const immediates of immediatesOf(row, random)) {
        const oracle = vectorOracle(row, immediates);
        for (let tuple = 0; tuple < tuples; tuple++) {
          const operands = randomOperands(row, random);
          const expected = oracle(operands);
          expect(computed(row, immediates, operands), `${immediates} ${operands}`).toEqual(
            expected,
          );
        }
      }
    });
  }
});

describe("shuffle › its instruction", () => {
  test("holds 16 numbers of 5 bits", () => {
    const random = new Random(1);
    for (let round = 0; round < 100; round++) {
      const numbers = Array.from({ length: 16 }, () => random.below(32));
      const fields = shuffleFields(numbers);
      const [a, b, c] = fields;
      const whole = numbers.reduceRight((sum, number) => (sum << 5n) | BigInt(number), 0n);
      expect((BigInt(a) << 64n) | (BigInt(b) << 32n) | BigInt(c)).toBe(whole);
      expect(numbers.map((_, lane) => shuffleNumber(lane, a, b, c))).toEqual(numbers);
    }
  });
});
