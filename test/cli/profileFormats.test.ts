/**
 * Profiles in other tools' formats: speedscope's own schema, pprof's own reader, folded stacks; all add up to the run.
 */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { Ajv } from "ajv";
import textWidth from "fast-string-truncated-width";
import { Profile } from "pprof-format";
import { afterAll, expect, test } from "vitest";
import { foldedStacks, pprofFile, speedscopeFile } from "../../src/cli/session/profileFormats.ts";
import { newNode } from "../../src/cli/session/profiler.ts";
import { flameGraphSvg } from "../../src/cli/terminal/flameGraph.ts";
import { binaryOf } from "../merkle/program.ts";
import { examplePath, runJson, temporaryFolder } from "./commandLine.ts";

const folder = temporaryFolder();
afterAll(() => folder.end());
const files = ["folded", "speedscope", "pprof"].flatMap((kind) => [`--${kind}`, folder.file(kind)]);

const schema = JSON.parse(
  readFileSync(
    new URL("../../node_modules/speedscope/dist/release/file-format-schema.json", import.meta.url),
    "utf8",
  ),
);
const isSpeedscope = new Ajv({ strict: false }).compile(schema);

test("what the command writes adds up to the run, in every format", async () => {
  const { value } = await runJson("profile", examplePath("sort"), ...files);
  const { steps, fuel } = value;
  const folded = readFileSync(folder.file("folded"), "utf8").trimEnd().split("\n");
  for (const line of folded) expect(line).toMatch(/^[^;]+(;[^;]+)* \d+$/);
  expect(folded.reduce((sum, line) => sum + Number(/\d+$/.exec(line)?.[0]), 0)).toBe(fuel);

  const speedscope = JSON.parse(readFileSync(folder.file("speedscope"), "utf8"));
  expect(isSpeedscope(speedscope), JSON.stringify(isSpeedscope.errors)).toBe(true);
  expect(speedscope.profiles.map((profile: { endValue: number }) => profile.endValue)).toEqual([
    fuel,
    steps,
  ]);
  expect(isSpeedscope({ ...speedscope, profiles: [{}] })).toBe(false);

  const profile = Profile.decode(gunzipSync(readFileSync(folder.file("pprof"))));
  const sums = [0, 1].map((i) =>
    profile.sample.reduce((sum, { value }) => sum + Number(value[i]), 0),
  );
  expect(sums).toEqual([steps, fuel]);
});

test("go tool pprof reads it", async () => {
  if (spawnSync("go", ["version"]).status !== 0) return console.error("NOT RUN: there is no go");
  const { value } = await runJson("profile", examplePath("sort"), "--pprof", folder.file("pprof"));
  const { status, stdout, stderr } = spawnSync(
    "go",
    ["tool", "pprof", "-top", folder.file("pprof")],
    {
      encoding: "utf8",
    },
  );
  expect(status, stderr).toBe(0);
  const [most] = value.functions as { function: string; selfFuel: number }[];
  expect(stdout).toContain("Type: fuel");
  expect(stdout).toMatch(new RegExp(`^ *${most.selfFuel} .* ${most.function}$`, "m"));
});

test("names with a format's own separators, and paths that are deep", async () => {
  const module = folder.file("names.wasm");
  writeFileSync(
    module,
    binaryOf('(module (func (export "a;b\\nc 1")) (func (export "gateway") (call 0)))'),
  );
  await runJson("profile", module, ...files);
  expect(readFileSync(folder.file("folded"), "utf8")).toMatch(/^gateway;a:b:c 1 \d+$/m);
  const root = newNode("all");
  let node = root;
  for (let depth = 0; depth < 5_000; depth++) {
    const callee = newNode("recursion");
    node.callees.set("recursion", callee);
    node = callee;
  }
  Object.assign(node, { steps: 3, fuel: 5 });
  expect(foldedStacks(root)).toMatch(/^recursion(;recursion){4999} 5\n$/);
  expect(isSpeedscope(JSON.parse(speedscopeFile(root, "deep")))).toBe(true);
  expect(Profile.decode(pprofFile(root)).sample[0].locationId.length).toBe(5_000);
  expect(flameGraphSvg(root, "deep").split("<g>").length).toBe(5_002);
});

test("a box's label › is cut to its box by what is shown, and never within a character", () => {
  const root = newNode("all");
  for (const name of ["🙂".repeat(300), "漢".repeat(300), "\u202e".repeat(300)]) {
    const callee = newNode(name);
    callee.fuel = 1;
    root.callees.set(name, callee);
  }
  const labels = [...flameGraphSvg(root, "wide").matchAll(/<text x="[\d.]+" y="\d+">([^<]*)</g)];
  expect(labels.length).toBe(4);
  for (const [, label] of labels) {
    expect(textWidth(label).width).toBeLessThanOrEqual(400 / 6.6);
    expect(label).not.toMatch(/u\{d8/);
  }
});
