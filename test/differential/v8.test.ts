import { describe, expect, it } from "vitest";
import { decodeModule } from "../../src/interpreter/binary/decode.ts";
import { InstructionCursor } from "../../src/interpreter/isa/immediates.ts";
import { codeOf, instructions } from "../../src/interpreter/isa/table.ts";
import { differences, returning } from "./compare.ts";
import { generateImporter, generateModule } from "./generator.ts";

const modules = 240;
const batch = 60;
const pairs = 40;
const firstSeed = 1;
const seeds = Array.from({ length: modules }, (_, index) => firstSeed + index);

/** Calls `visit` for each instruction of each body. */
function eachInstruction(bytes: Uint8Array, visit: (cursor: InstructionCursor) => void): void {
  const module = decodeModule(bytes);
  const cursor = new InstructionCursor(module.bytes, module.features);
  for (const { start, end } of module.bodies) {
    cursor.open(start, end);
    while (cursor.next()) visit(cursor);
  }
}

/** The module with every i64.add a subtraction: valid, and another program. */
function altered(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  eachInstruction(bytes, (cursor) => {
    if (cursor.code === codeOf("i64.add")) copy[cursor.offset] = codeOf("i64.sub");
  });
  return copy;
}

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

  it("and many of the invocations return", () => {
    const counts = seeds.slice(0, 50).map((seed) => returning(generateModule(seed)));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(300);
  });

  it("a subtraction in the place of an addition is found", () => {
    const found = seeds.slice(0, 30).filter((seed) => {
      const module = generateModule(seed);
      return differences({ ...module, denannedBytes: altered(module.denannedBytes) }).length > 0;
    });
    expect(found.length).toBeGreaterThan(0);
  });
});

describe("random modules › what they exercise", () => {
  it("every instruction that a binary can hold", () => {
    const used = new Set<number>();
    for (const seed of seeds.slice(0, 150)) {
      eachInstruction(generateModule(seed).bytes, (cursor) => used.add(cursor.code));
    }
    const missing = instructions.filter(
      ({ code, feature }) => feature !== "host" && !used.has(code),
    );
    expect(missing.map(({ mnemonic }) => mnemonic)).toEqual([]);
  });
});
