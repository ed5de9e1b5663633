import { expect, it } from "vitest";
import { sampleModules } from "../../spec-tests/smith/modules.ts";
import { decodeModule } from "../../src/interpreter/binary/decode.ts";
import { compareOnV8, exclusionOf } from "./smithComparison.ts";

const sample = sampleModules();
const compared = sample.filter((module) => exclusionOf(module) === undefined);

it("modules of wasm-smith › V8 and the machine agree on outcomes, memories, tables and globals", () => {
  const reports = compared.map((module) => compareOnV8(module));
  expect(reports.flatMap(({ found }) => found)).toEqual([]);
  expect(compared.length).toBeGreaterThan(40);
  const returned = reports.reduce((sum, report) => sum + report.returned, 0);
  expect(returned).toBeGreaterThan(compared.length);
});

it("modules of wasm-smith › have vectors, 64-bit and shared memories, 64-bit tables", () => {
  const modules = sample.map(({ bytes }) => decodeModule(bytes));
  const count = (has: (module: (typeof modules)[number]) => boolean) => modules.filter(has).length;
  const counts = [
    count(({ memories }) => memories.some(({ addressType }) => addressType === "i64")),
    count(({ memories }) => memories.some(({ isShared }) => isShared)),
    count(({ tables }) => tables.some(({ addressType }) => addressType === "i64")),
    count(({ bodies }) => bodies.some(({ usesVectors }) => usesVectors)),
  ];
  expect(Math.min(...counts)).toBeGreaterThan(20);
});
