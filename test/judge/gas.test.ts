import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { type GasReport, gasReport } from "../../bench/gasReport.ts";

interface Snapshot {
  readonly instructions: Readonly<Record<string, number>>;
  readonly contracts: Readonly<Record<string, number>>;
}

/** How far a figure may rise before it counts as a regression; falls are welcome and only make the snapshot old. */
const tolerance = 1.02;
const contractLimit = 24_576;
/** Part of the limit that a contract may fill, so that there is room for what is yet to come. */
const sizeShare = 0.6;

const goals = {
  median: 110_000,
  worst: 400_000,
  cheap: 100_000,
  memory: 150_000,
  vector: 200_000,
} as const;
const cheapFamilies = ["control", "parametric", "integer"];

describe("gas of a judged step, whole transaction", () => {
  const url = new URL("../../bench/gas-snapshot.json", import.meta.url);
  const snapshot = JSON.parse(readFileSync(url, "utf8")) as Snapshot;
  let report: GasReport;

  beforeAll(async () => {
    report = await gasReport(3);
  });

  it("program › as large as the goals ask", () => {
    expect(report.programInstructions).toBeGreaterThanOrEqual(100_000);
    expect(report.memoryBytes).toBe(16 * 2 ** 20);
  });

  it("goals › met", () => {
    expect(report.median).toBeLessThanOrEqual(goals.median);
    const extremes = [
      "br with 128 slots, full trees",
      "br with 128 values",
      "i64.store, full trees",
      "memory.copy, full trees",
      "return_call_indirect with 128 slots, full trees",
      "table.copy, full trees",
    ];
    expect(Object.keys(report.extremes).sort()).toEqual(extremes);
    expect(report.worst).toBeLessThanOrEqual(goals.worst);
    for (const family of cheapFamilies) {
      expect(report.families[family].worst, family).toBeLessThanOrEqual(goals.cheap);
    }
    expect(report.families.memory.worst).toBeLessThanOrEqual(goals.memory);
    expect(report.vectors.worst).toBeLessThanOrEqual(goals.vector);
  });

  it("instructions › none costs more than its snapshot (npm run bench:gas -- --snapshot)", () => {
    const measured = Object.keys(report.instructions).sort();
    expect(measured).toEqual(Object.keys(snapshot.instructions).sort());
    const risen = measured.filter(
      (name) => report.instructions[name].worst > snapshot.instructions[name] * tolerance,
    );
    expect(risen).toEqual([]);
  });

  it("contracts › below the size limit with a margin, and no larger than their snapshot", () => {
    expect(Object.keys(report.contracts).sort()).toEqual(Object.keys(snapshot.contracts).sort());
    for (const [name, bytes] of Object.entries(report.contracts)) {
      expect(bytes, name).toBeLessThanOrEqual(snapshot.contracts[name] * tolerance);
      expect(bytes, name).toBeLessThanOrEqual(contractLimit * sizeShare);
    }
  });
});
