import { describe, expect, it } from "vitest";
import { disagreements } from "./executors.ts";
import { generateImporter, generateModule } from "./generator.ts";

const modules = 30;
const pairs = 10;
const withVectors = 20;

describe("random modules › by blocks, on the fast path and step by step", () => {
  it(`${modules} modules go through the same states`, () => {
    for (let seed = 1; seed <= modules; seed++) {
      expect({ seed, found: disagreements(generateModule(seed)) }).toEqual({ seed, found: [] });
    }
  });

  it(`${withVectors} modules with vectors do`, () => {
    for (let seed = 1; seed <= withVectors; seed++) {
      const module = seed % 4 === 0 ? generateImporter(seed, true) : generateModule(seed, true);
      expect({ seed, found: disagreements(module) }).toEqual({ seed, found: [] });
    }
  });

  it(`${pairs} modules that import everything from another do`, () => {
    for (let seed = 1; seed <= pairs; seed++) {
      expect({ seed, found: disagreements(generateImporter(seed)) }).toEqual({ seed, found: [] });
    }
  });
});
