import { describe, expect, it } from "vitest";
import { checkMutations } from "./mutated.ts";

describe("mutated modules", () => {
  it("1,500 of them give a typed error or run, as V8 says", () => {
    const report = checkMutations(1_500, 1);
    expect(report.findings).toEqual([]);
    expect(report.valid).toBeGreaterThan(50);
    expect(report.compared).toBeGreaterThan(1_000);
    expect(report.codes.size).toBeGreaterThan(30);
    expect(report.slowest).toBeLessThan(10_000);
  });
});
