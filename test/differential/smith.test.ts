import { expect, it } from "vitest";
import { sampleModules } from "../../spec-tests/smith/modules.ts";
import { decodeModule } from "../../src/interpreter/binary/decode.ts";
import { altered, type Mnemonic } from "./alteration.ts";
import { compareOnV8, exclusionOf } from "./smithComparison.ts";

const sample = sampleModules();
const compared = sample.filter((module) => exclusionOf(module) === undefined);

it("modules of wasm-smith › V8 and the machine agree on outcomes, memories, tables and globals", () => {
  const reports = compared.map((module) => compareOnV8(module));
  expect(reports.flatMap(({ found }) => found)).toEqual([]);
  expect(compared.length).toBeGreaterThan(30);
  const returned = reports.reduce((sum, report) => sum + report.returned, 0);
  expect(returned).toBeGreaterThan(10);
});

/** None of them is among what counts the modules' fuel. */
const confusions: readonly (readonly [Mnemonic, Mnemonic])[] = [
  ...([
    ["i64.add", "i64.sub"],
    ["i64.xor", "i64.or"],
    ["i64.shl", "i64.rotl"],
  ] as const),
  ...([
    ["i32.xor", "i32.or"],
    ["i32.shl", "i32.shr_u"],
    ["i32.lt_s", "i32.gt_s"],
  ] as const),
  ...([
    ["i64.lt_u", "i64.gt_u"],
    ["i64.extend_i32_s", "i64.extend_i32_u"],
  ] as const),
  ...([
    ["f32.add", "f32.sub"],
    ["f64.mul", "f64.add"],
    ["f64.neg", "f64.abs"],
  ] as const),
  ...([
    ["i32.clz", "i32.ctz"],
    ["i64.clz", "i64.popcnt"],
    ["i32.load8_s", "i32.load8_u"],
  ] as const),
];

it("modules of wasm-smith › that V8 takes instructions for others is found", () => {
  const found = compared.filter((module) => {
    return compareOnV8(module, altered(module.bytes, confusions)).found.length > 0;
  });
  expect(found.length).toBeGreaterThan(1);
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
