import { describe, expect, it } from "vitest";
import { compareRandomRun, newTally } from "./randomRun.ts";

const modules = 5000;
const batch = 250;
const firstSeed = 500_000;

describe("fast path, deep › random modules in random pieces leave the reference's states", () => {
  for (let from = 0; from < modules; from += batch) {
    it(`modules ${from} to ${from + batch - 1}`, () => {
      const tally = newTally();
      for (let seed = firstSeed + from; seed < firstSeed + from + batch; seed++) {
        compareRandomRun(seed, tally, seed % 3 === 0);
      }
      expect(tally.found).toEqual([]);
      expect(tally.entries).toBeGreaterThan(batch * 10);
    });
  }
});
