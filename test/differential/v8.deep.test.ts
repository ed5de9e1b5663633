import { describe, expect, it } from "vitest";
import { differences } from "./compare.ts";
import { generateImporter, generateModule } from "./generator.ts";

const modules = 2500;
const batch = 125;
const pairs = 250;
/** Other seeds than those of the fast test. */
const firstSeed = 100_000;

describe.each([
  ["", false],
  [" with vectors, 64-bit and shared memories, 64-bit tables", true],
])("random modules%s, deep › V8 and the machine agree", (_, vectors) => {
  for (let from = 0; from < modules; from += batch) {
    it(`on modules ${from} to ${from + batch - 1}`, () => {
      const found: string[] = [];
      for (let seed = firstSeed + from; seed < firstSeed + from + batch; seed++) {
        for (const line of differences(generateModule(seed, vectors))) {
          found.push(`seed ${seed}: ${line}`);
        }
      }
      expect(found).toEqual([]);
    });
  }

  it(`on ${pairs} modules that import everything from another`, () => {
    const found: string[] = [];
    for (let seed = firstSeed; seed < firstSeed + pairs; seed++) {
      for (const line of differences(generateImporter(seed, vectors))) {
        found.push(`seed ${seed}: ${line}`);
      }
    }
    expect(found).toEqual([]);
  });
});
