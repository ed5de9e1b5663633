import { describe, expect, it } from "vitest";
import { expectedRefusals, fuzz, tiers } from "./fuzzRun.ts";

/** Seeds and counts of both tiers: those of the slower one differ, so that together they are more. */
const plans = {
  sample: [
    [1, 40],
    [151, 26],
  ],
  adversary: [
    [1, 24],
    [10_001, 20],
  ],
  recovery: [
    [1, 12],
    [10_001, 11],
  ],
  vectors: [
    [1, 14],
    [10_001, 15],
  ],
  lanes: [
    [1, 11],
    [10_001, 11],
  ],
  light: [
    [1, 20],
    [10_001, 20],
  ],
} as const;

/** Kinds of traps that come about; programs that are little but vectors run out of fuel or return. */
const trapsOf = { sample: 8, adversary: 8, recovery: 5, vectors: 8, lanes: 1, light: 5 } as const;

describe.each(tiers)("fast path › generated programs under %s", (tier, flags) => {
  const at = flags.length === 0 ? 0 : 1;
  it.each(["sample", "adversary", "recovery", "vectors", "lanes", "light"] as const)(
    "%s › every stop equals the reference's",
    (generator) => {
      const [first, count] = plans[generator][at];
      const report = fuzz(flags, generator, first, count);
      expect([tier, report.found]).toEqual([tier, []]);
      expect(report.programs).toBeGreaterThan(count * 0.9);
      expect(report.stops).toBeGreaterThan(count * 20);
      expect(report.entries).toBeGreaterThan(count * 5);
      if (generator === "light") {
        for (const entries of Object.values(report.light)) expect(entries).toBeGreaterThan(count);
      }
      expect(report.traps.length).toBeGreaterThan(trapsOf[generator]);
      const refusals = Object.keys(report.refusals).filter(
        (reason) => !expectedRefusals.has(reason),
      );
      expect(refusals).toEqual([]);
    },
  );
});
