import { describe, expect, it } from "vitest";
import type { InstructionRow } from "../../src/interpreter/isa/instructionRow.ts";
import { instructions, isDecoded } from "../../src/interpreter/isa/table.ts";
import { altered, eachInstruction, type Mnemonic } from "./alteration.ts";
import { differences, returning } from "./compare.ts";
import { generateImporter, generateModule } from "./generator.ts";

const modules = 150;
const batch = 50;
const pairs = 25;
const withVectors = 40;
const firstSeed = 1;
const seeds = Array.from({ length: modules }, (_, index) => firstSeed + index);

/** Pairs of one signature that an executor might take for each other. */
const confusions: readonly (readonly [Mnemonic, Mnemonic])[] = [
  ["i64.add", "i64.sub"],
  ["i32.shr_s", "i32.shr_u"],
  ["f64.min", "f64.max"],
  ["i64.load8_s", "i64.load8_u"],
  ["i32.lt_u", "i32.lt_s"],
];

describe("random modules › V8 and the machine agree", () => {
  for (let from = 0; from < modules; from += batch) {
    it(`on outcomes, memories, tables and globals of modules ${from} to ${from + batch - 1}`, () => {
      const found = seeds
        .slice(from, from + batch)
        .flatMap((seed) =>
          differences(generateModule(seed)).map((line) => `seed ${seed}: ${line}`),
        );
      expect(found).toEqual([]);
    });
  }

  it(`and of ${pairs} that import everything from another`, () => {
    const found = seeds
      .slice(0, pairs)
      .flatMap((seed) =>
        differences(generateImporter(seed)).map((line) => `seed ${seed}: ${line}`),
      );
    expect(found).toEqual([]);
  });

  it(`and of ${withVectors} with vectors`, () => {
    const found = seeds
      .slice(0, withVectors)
      .flatMap((seed) =>
        differences(generateModule(seed, true)).map((line) => `seed ${seed}: ${line}`),
      );
    expect(found).toEqual([]);
  });

  it(`and of ${pairs} with vectors that import everything from another`, () => {
    const found = seeds
      .slice(0, pairs)
      .flatMap((seed) =>
        differences(generateImporter(seed, true)).map((line) => `seed ${seed}: ${line}`),
      );
    expect(found).toEqual([]);
  });

  it("and many of the invocations return", () => {
    const counts = seeds.slice(0, 50).map((seed) => returning(generateModule(seed)));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(300);
  });

  for (const [from, to] of confusions) {
    it(`${to} in the place of ${from} is found`, () => {
      const found = seeds.some((seed) => {
        const module = generateModule(seed);
        const denannedBytes = altered(module.denannedBytes, [[from, to]]);
        return differences({ ...module, denannedBytes }).length > 0;
      });
      expect(found).toBe(true);
    });
  }
});

describe("random modules › what they exercise", () => {
  it("every instruction that a binary can hold", () => {
    const used = new Set<number>();
    for (const seed of seeds) {
      eachInstruction(generateModule(seed).bytes, (cursor) => used.add(cursor.code));
      eachInstruction(generateModule(seed, true).bytes, (cursor) => used.add(cursor.code));
    }
    // Relaxed instructions mean what the host's processor has: test/interpreter/numeric/vectors.test.ts has them.
    // V8 does not wait in its main thread: test/interpreter/reference/traps.test.ts has what does.
    const missing = (instructions as readonly InstructionRow[]).filter(
      (row) =>
        isDecoded(row) &&
        !row.hostLacks &&
        row.feature !== "relaxedSimd" &&
        !row.traps.includes("deadlock") &&
        !used.has(row.code),
    );
    expect(missing.map(({ mnemonic }) => mnemonic)).toEqual([]);
  });
});
