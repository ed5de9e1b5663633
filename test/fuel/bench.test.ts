/**
 * The search for underpriced programs: it has a family for every instruction, every workload links and validates, the
 * command prints what it promises with the smallest budget, and a price that is wrong is found.
 */
import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { families } from "../../bench/fuel/families.ts";
import { measure } from "../../bench/fuel/measure.ts";
import { rowFamilies } from "../../bench/fuel/rows.ts";
import type { Family, Parameters } from "../../bench/fuel/workload.ts";
import { assemble } from "../../spec-tests/corpus/assembler.ts";
import { decodeModule } from "../../src/interpreter/binary/decode.ts";
import { instructions } from "../../src/interpreter/isa/table.ts";
import { defaultFuelSchedule } from "../../src/interpreter/program/fuelSchedule.ts";
import { link } from "../../src/interpreter/program/link.ts";
import { Random } from "../differential/random.ts";

const someParameters = (family: Family, random: Random): Parameters =>
  Object.fromEntries(
    Object.entries(family.space).map(([name, choices]) => [name, random.pick(choices)]),
  );

describe("bench:fuel", () => {
  it("has a family for every instruction that a record can hold", () => {
    const named = new Set(rowFamilies.map(({ name }) => name.slice("row ".length)));
    const executed = instructions.filter(({ family }) => family !== "structure");
    const missing = executed.filter(({ mnemonic }) => !named.has(mnemonic));
    // What growth of a 64-bit table is lowered to, at the price of any other growth.
    expect(missing.map(({ mnemonic }) => mnemonic)).toEqual(["table.grow.i64", "table.grow.rest"]);
  });

  it("makes valid programs of every family", () => {
    const random = new Random(3);
    let linked = 0;
    for (const family of families) {
      for (let again = 0; again < 3; again++) {
        const workload = family.build(someParameters(family, random));
        if (workload === undefined) continue;
        const module = decodeModule(assemble(workload.text));
        link([{ name: "m", module }], workload.options);
        linked++;
      }
    }
    expect(linked).toBeGreaterThan(families.length);
  });

  it("finds a table write that is not paid for", () => {
    const family = families.find(({ name }) => name === "row table.set") as Family;
    const workload = family.build({ unroll: 64 });
    if (workload === undefined) throw new RangeError("expected a workload");
    const effort = { milliseconds: 2, rounds: 1, rate: 0.03 };
    const schedule = { ...defaultFuelSchedule, tableWrite: 1 };
    const cheap = { ...workload.options, schedule, chunkFuel: 1 };
    const paid = measure(workload, "auto", effort);
    const unpaid = measure({ ...workload, options: cheap }, "auto", effort);
    const ratio = (unpaid?.nanosecondsPerFuel ?? 0) / (paid?.nanosecondsPerFuel ?? 1);
    expect(ratio).toBeGreaterThan(100);
  });

  it("prints the worst and all rows", () => {
    const output = execFileSync(
      process.execPath,
      [
        ...["bench/fuel.ts", "--json", "--seconds", "0", "--milliseconds", "1"],
        ...["--families", "branches that", "--examples", "calls"],
      ],
      { encoding: "utf8" },
    );
    const { worst, rows, floors, calls } = JSON.parse(output);
    expect(floors).toEqual([]);
    expect(calls.map(({ inputBytes }: { inputBytes: number }) => inputBytes)).toEqual([0, 65_536]);
    expect(calls[1].nanoseconds).toBeGreaterThan(calls[0].nanoseconds);
    const programs = rows.map(({ executor }: { executor: string }) => executor);
    expect(new Set(programs)).toEqual(new Set(["auto", "fast", "step"]));
    expect(worst.ratioToMedian).toBeGreaterThan(0);
    for (const row of rows) {
      expect(row).toEqual({
        program: expect.any(String),
        executor: expect.any(String),
        nanosecondsPerFuel: expect.any(Number),
        ratioToMedian: expect.any(Number),
      });
    }
  });
});
