/**
 * The program cache (docs/cache.md): that a program found in it is the program derived, and that nothing else is found.
 */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { loadExamples, wasmOf } from "../examples/manifest.ts";
import { Machine } from "../src/interpreter/index.ts";
import type { Program } from "../src/interpreter/program/program.ts";
import { withGaps } from "../src/interpreter/program/programOnDemand.ts";
import { readKept } from "../src/merkle/commitment/keptProgram.ts";
import { programRoot } from "../src/merkle/index.ts";
import { type ProgramCache, packageVersion } from "../src/programCache.ts";
import { type LoadOptions, load, type NamedBinary, stateTree } from "../src/verbs.ts";
import { large, starting } from "./largeModules.ts";
import { binaryOf } from "./merkle/program.ts";

/** A cache in memory that counts. */
class CountingCache implements ProgramCache {
  readonly entries = new Map<string, Uint8Array>();
  found = 0;
  put(identity: readonly Uint8Array[], content: readonly Uint8Array[]): void {
    this.entries.set(nameOf(identity), new Uint8Array(Buffer.concat(content)));
  }
  get(identity: readonly Uint8Array[]): Uint8Array | undefined {
    const content = this.entries.get(nameOf(identity));
    if (content !== undefined) this.found++;
    return content;
  }
}

const nameOf = (identity: readonly Uint8Array[]): string => Buffer.concat(identity).toString("hex");

/** Instructions that have been lowered. */
function recordsThere(program: Program): number {
  const { code } = withGaps(program);
  let count = 0;
  for (let at = 0; at < code.length; at += 16) if (code[at] !== 0 || code[at + 1] !== 0) count++;
  return count;
}

/** Everything of a program that is data, and where each instruction comes from. */
function told(program: Program) {
  const { locate, modules, genesis, ...rest } = program;
  const count = program.code.length / 16;
  const places = Array.from({ length: count }, (_, pc) => locate(pc));
  const segments = genesis.segments.map((segment) =>
    segment.kind === "data" ? { ...segment, bytes: [...segment.bytes] } : segment,
  );
  // Bytes as text: compared element by element a hundred thousand of them take a second.
  const linked = modules.map(({ module: { bytes, ...module }, ...item }) => {
    return { ...item, module, bytes: Buffer.from(bytes).toString("base64") };
  });
  return { ...rest, modules: linked, genesis: { ...genesis, segments }, places };
}

function expectSame(found: Program, derived: Program): void {
  expect(told(found)).toEqual(told(derived));
  expect(programRoot(found)).toEqual(programRoot(derived));
}

const second = binaryOf(`(module (import "first" "twice" (func $twice (param i32) (result i32)))
  (func $late (call $ready)) (func $ready) (start $late)
  (func (export "gateway") (result i32) (call $twice (i32.const 21))))`);
const first = binaryOf(`(module (func (export "twice") (param i32) (result i32)
  (i32.shl (local.get 0) (i32.const 1))))`);

const served = binaryOf(`(module (import "env" "nine" (func $nine (result i32)))
  (func (export "run") (result i32) (call $nine)))`);
const adapter = binaryOf(`(module (import "program" "run" (func $run (result i32)))
  (func (export "nine") (result i32) (i32.const 9))
  (func (export "gateway") (result i32) (call $run)))`);

const programs: readonly (readonly [string, readonly NamedBinary[], LoadOptions])[] = [
  ...loadExamples().map((example) => {
    const binary = { name: "main", bytes: large(wasmOf(example)) };
    return [example.name, [binary], {}] as const;
  }),
  ["stubs, boot, constants", [{ name: "main", bytes: large(starting) }], {}],
  [
    "two modules",
    [
      { name: "first", bytes: first },
      { name: "main", bytes: large(second) },
    ],
    { growth: "fixed" },
  ],
  [
    "an import adapter",
    [
      { name: "main", bytes: large(served) },
      { name: "env", bytes: adapter, adapter: true },
    ],
    {},
  ],
];

describe("a program from the cache", () => {
  test.each(programs)("%s › is the program that is derived", (_name, binaries, options) => {
    const cache = new CountingCache();
    const derived = load(binaries, options);
    expectSame(load(binaries, options, cache), derived);
    const found = load(binaries, options, cache);
    expect(cache.found).toBe(1);
    expectSame(found, derived);
    const machines = [found, derived].map((program) => new Machine(program));
    for (const machine of machines) machine.run({ steps: 300 });
    const witnesses = machines.map((machine) => {
      if (!machine.isRunning && machine.program.config.gateway) machine.begin(new Uint8Array(0));
      return stateTree(machine).witness();
    });
    expect(witnesses[0]).toEqual(witnesses[1]);
  });

  test("a root that is found › lowers nothing, and what is opened below it does", () => {
    const cache = new CountingCache();
    const [, [{ bytes }]] = programs[0];
    const root = programRoot(load(bytes, {}, cache));
    const found = load(bytes, {}, cache);
    const before = recordsThere(found);
    expect(programRoot(found)).toEqual(root);
    expect(stateTree(new Machine(found)).stateHash()).toEqual(
      stateTree(new Machine(load(bytes))).stateHash(),
    );
    expect(recordsThere(found)).toBe(before);
    const machine = new Machine(found);
    machine.begin(new Uint8Array(0));
    const step = stateTree(machine).witness();
    expect(recordsThere(found)).toBe(found.code.length / 16);
    expect(before).toBeLessThan(recordsThere(found));
    const derived = new Machine(load(bytes));
    derived.begin(new Uint8Array(0));
    expect(stateTree(derived).witness()).toEqual(step);
  });

  test("a program whose root nobody asked for › is kept without, and with it once somebody has", () => {
    const cache = new CountingCache();
    const [, [{ bytes }]] = programs[0];
    const sizes = () => [...cache.entries.values()].map(({ length }) => length);
    load(bytes, {}, cache);
    const [bare] = sizes();
    const found = load(bytes, {}, cache);
    expect([cache.found, sizes()]).toEqual([1, [bare]]);
    const root = programRoot(found);
    const [whole] = sizes();
    expect(whole).toBeGreaterThan(bare);
    expect(programRoot(load(bytes, {}, cache))).toEqual(root);
    expect([cache.found, sizes()]).toEqual([2, [whole]]);
  });

  test("small modules are not looked for", () => {
    const cache = new CountingCache();
    load(first, {}, cache);
    expect(cache.entries.size).toBe(0);
  });

  test("is not found for other bytes, names, options or levels", () => {
    const cache = new CountingCache();
    const bytes = large(starting);
    const changed = bytes.slice();
    changed[bytes.length - 1] ^= 1;
    const cases: readonly (readonly [readonly NamedBinary[], LoadOptions])[] = [
      [[{ name: "main", bytes }], {}],
      [[{ name: "main", bytes: changed }], {}],
      [[{ name: "other", bytes }], {}],
      [[{ name: "main", bytes }], { growth: "fixed" }],
      [[{ name: "main", bytes }], { limits: { frames: 100 } }],
      [[{ name: "main", bytes }], { chunkFuel: 7 }],
      [[{ name: "main", bytes }], { unknownImports: "trap" }],
    ];
    for (const [binaries, options] of cases) load(binaries, options, cache);
    expect(cache.found).toBe(0);
    expect(cache.entries.size).toBe(cases.length);
    expect(() => load(bytes, { level: "1.0" }, cache)).toThrow();
    expect(cache.found).toBe(0);
    // The same, said otherwise.
    load(bytes, { growth: "declared", limits: {} }, cache);
    expect(cache.found).toBe(1);
  });

  test("the version in the identity is the package's", () => {
    const { version } = JSON.parse(
      readFileSync(new URL("../package.json", import.meta.url), "utf8"),
    );
    expect(packageVersion).toBe(version);
  });

  test("bytes that are no entry, or of another format, are none", () => {
    const cache = new CountingCache();
    const program = load(large(starting), {}, cache);
    const [withoutHashes] = cache.entries.values();
    programRoot(program);
    const [withHashes] = cache.entries.values();
    expect(readKept(withoutHashes)?.hashes).toBeUndefined();
    expect(readKept(withHashes)?.hashes?.code.length).toBe(32);
    for (const entry of [withoutHashes, withHashes]) {
      for (let length = 0; length < entry.length; length++) {
        expect(readKept(entry.subarray(0, length))).toBeUndefined();
      }
      for (const word of [0, 4]) {
        const other = entry.slice();
        other[word] ^= 1;
        expect(readKept(other)).toBeUndefined();
      }
    }
  });
});
