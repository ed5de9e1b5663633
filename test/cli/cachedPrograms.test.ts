/**
 * Which commands look into the program cache: each leaves an entry, finds it the next time, and says the same.
 */
import { existsSync, readdirSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { gatewayProgram } from "../../src/cli/game/call.ts";
import { programRoot } from "../../src/merkle/index.ts";
import { binaryOf } from "../merkle/program.ts";
import { runJson, temporaryFolder } from "./commandLine.ts";

const folder = temporaryFolder();
const stateHome = process.env.XDG_STATE_HOME;
beforeAll(() => {
  process.env.XDG_STATE_HOME = folder.file("state");
});
afterAll(() => {
  if (stateHome === undefined) delete process.env.XDG_STATE_HOME;
  else process.env.XDG_STATE_HOME = stateHome;
  folder.end();
});

const much = `(data "${"x".repeat(140_000)}")`;

function module(name: string, text: string): string {
  const path = folder.file(`${name}.wasm`);
  writeFileSync(path, binaryOf(`(module ${text} ${much})`));
  return path;
}

/** Entries of a cache, with the time at which each was used last; makes them old, so that the next use shows. */
function entriesOf(cache: string): { name: string; isFresh: boolean }[] {
  if (!existsSync(cache)) return [];
  return readdirSync(cache).map((name) => {
    const path = join(cache, name);
    const isFresh = Date.now() - statSync(path).mtimeMs < 1_000_000;
    const past = new Date(Date.now() - 5_000_000);
    utimesSync(path, past, past);
    return { name, isFresh };
  });
}

/** Does something twice: the first time leaves one entry, the second uses it. */
async function expectCached<T>(cache: string, work: () => T | Promise<T>): Promise<void> {
  const first = await work();
  const [made, ...others] = entriesOf(cache);
  expect(others).toEqual([]);
  expect(made.isFresh).toBe(true);
  expect(await work()).toEqual(first);
  expect(entriesOf(cache)).toEqual([made]);
}

test("inspect", async () => {
  const path = module("plain", '(memory 1) (func (export "gateway"))');
  const cache = folder.file("inspect");
  await expectCached(cache, () => runJson("inspect", path, "--no-project", "--cache", cache));
});

test("inspect › of modules that lack imports keeps nothing", async () => {
  const path = module("lacking", '(import "a" "b" (func)) (func (export "gateway"))');
  const cache = folder.file("lacking");
  const { value } = await runJson("inspect", path, "--no-project", "--cache", cache);
  expect([value.missing.length, value.programRoot, value.listing.length > 0]).toEqual([
    1,
    null,
    true,
  ]);
  expect(entriesOf(cache)).toEqual([]);
});

test("the commands of nodes and disputes", async () => {
  const path = module("called", '(memory 1) (func (export "gateway"))');
  const cache = folder.file("gateways");
  const options = { level: "3.0", growth: "declared", unknownImports: "error", cache } as const;
  await expectCached(cache, () => programRoot(gatewayProgram([path], options)));
});

test("pack › keeps what a run of the project finds", async () => {
  const path = module(
    "command",
    '(import "wasi_snapshot_preview1" "proc_exit" (func (param i32))) (memory (export "memory") 1) (func (export "_start"))',
  );
  const cache = folder.file("pack");
  const out = folder.file("packed");
  const { value } = await runJson("pack", path, "--out", out, "--cache", cache);
  expect(entriesOf(cache).map(({ isFresh }) => isFresh)).toEqual([true]);
  const run = await runJson("run", "--project", value.project, "--cache", cache);
  expect([run.exitCode, run.stderr]).toEqual([0, ""]);
  expect(entriesOf(cache).map(({ isFresh }) => isFresh)).toEqual([true]);
});
