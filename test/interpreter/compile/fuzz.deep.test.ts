import { describe, expect, it } from "vitest";
import { hasCargo } from "../../../spec-tests/smith/modules.ts";
import { expectedRefusals, fuzz, tiers } from "./fuzzRun.ts";

const batch = 500;
const batches = 6;
const firstSeeds = { smith: 1_000_000, adversary: 2_000_000, vectors: 3_000_000 } as const;

describe.each(tiers)("fast path, deep › generated programs under %s", (_, flags) => {
  it.each(["smith", "adversary", "vectors"] as const)(
    "%s › every stop equals the reference's",
    (generator) => {
      if (generator === "smith" && !hasCargo()) {
        throw new Error(
          "expected cargo: without a Rust tool-chain wasm-smith's modules are NOT tested",
        );
      }
      // Other seeds for each choice of tiers.
      const from = firstSeeds[generator] + flags.length * batch * batches;
      for (let at = 0; at < batches; at++) {
        const report = fuzz(flags, generator, from + at * batch, batch);
        expect(report.found).toEqual([]);
        expect(report.programs).toBeGreaterThan(batch * 0.5);
        expect(report.entries).toBeGreaterThan(batch * 5);
        const refusals = Object.keys(report.refusals).filter((code) => !expectedRefusals.has(code));
        expect(refusals).toEqual([]);
      }
    },
  );
});
