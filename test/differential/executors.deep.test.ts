import { describe, expect, it } from "vitest";
import { disagreements } from "./executors.ts";
import { generateImporter, generateModule } from "./generator.ts";

const modules = 600;
const batch = 50;
const firstSeed = 50_000;

describe("random modules, deep › by blocks, on the fast path and step by step", () => {
  for (let from = firstSeed; from < firstSeed + modules; from += batch) {
    it(`seeds ${from} to ${from + batch - 1} go through the same states`, () => {
      for (let seed = from; seed < from + batch; seed++) {
        const module = seed % 4 === 0 ? generateImporter(seed) : generateModule(seed);
        expect({ seed, found: disagreements(module) }).toEqual({ seed, found: [] });
      }
    });
  }
});
