import { describe, expect, it } from "vitest";
import { checkMutations } from "./mutated.ts";

describe("mutated modules, deep", () => {
  it("10,000 of them give a typed error or run, as V8 says", () => {
    const report = checkMutations(10_000, 1_000_000);
    expect(report.findings).toEqual([]);
    expect(report.valid).toBeGreaterThan(500);
    expect(report.compared).toBeGreaterThan(8_000);
    expect(report.codes.size).toBeGreaterThan(40);
    expect(report.slowest).toBeLessThan(10_000);
  });
});
