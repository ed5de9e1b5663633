import { describe, expect, it } from "vitest";
import { expectedRefusals, fuzz, tiers } from "./fuzzRun.ts";

/** Seeds and counts of both tiers: those of the slower one differ, so that together they are more. */
const plans = {
  sample: [
    [1, 150],
    [151, 100],
  ],
  adversary: [
    [1, 80],
    [10_001, 80],
  ],
  vectors: [
    [1, 30],
    [10_001, 20],
  ],
  lanes: [
    [1, 40],
    [10_001, 40],
  ],
} as const;

describe.each(tiers)("fast path › generated programs under %s", (tier, flags) => {
  const at = flags.length === 0 ? 0 : 1;
  it.each(["sample", "adversary", "vectors", "lanes"] as const)(
    "%s › every stop equals the reference's",
    (generator) => {
      const [first, count] = plans[generator][at];
      const report = fuzz(flags, generator, first, count);
      expect([tier, report.found]).toEqual([tier, []]);
      expect(report.programs).toBeGreaterThan(count * 0.9);
      expect(report.stops).toBeGreaterThan(count * 20);
      expect(report.entries).toBeGreaterThan(count * 5);
      // Programs that are little but vectors run out of fuel or return.
      expect(report.traps.length).toBeGreaterThan(generator === "lanes" ? 1 : 8);
      const refusals = Object.keys(report.refusals).filter(
        (reason) => !expectedRefusals.has(reason),
      );
      expect(refusals).toEqual([]);
    },
  );
});
