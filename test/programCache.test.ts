/**
 * The program cache (docs/cache.md): that a program found in it is the program derived, and that what was altered, is of
 * another program or lies where nothing can be kept is derived anew.
 */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { loadExamples, wasmOf } from "../examples/manifest.ts";
import { Machine } from "../src/interpreter/index.ts";
import type { Program } from "../src/interpreter/program/program.ts";
import { withGaps } from "../src/interpreter/program/programOnDemand.ts";
import { readKept } from "../src/merkle/commitment/keptProgram.ts";
import { programRoot } from "../src/merkle/index.ts";
import { cacheKey } from "../src/node/programCache/cachePlaces.ts";
import { FolderProgramCache } from "../src/node/programCache/folderProgramCache.ts";
import { leastCachedBytes, type ProgramCache, packageVersion } from "../src/programCache.ts";
import { type LoadOptions, load, type NamedBinary, stateTree } from "../src/verbs.ts";
import { binaryOf } from "./merkle/program.ts";

const folders: string[] = [];
function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "program-cache-"));
  folders.push(folder);
  return folder;
}
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const key = randomBytes(32);

/** The module behind a custom section that makes it worth keeping. */
function large(bytes: Uint8Array): Uint8Array {
  const length = leastCachedBytes;
  const section = [0, (length & 0x7f) | 0x80, ((length >> 7) & 0x7f) | 0x80, length >> 14, 1, 0x78];
  const padded = new Uint8Array(bytes.length + section.length + length - 2);
  padded.set(bytes);
  padded.set(section, bytes.length);
  return padded;
}

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

const starting =
  binaryOf(`(module (import "arbiter" "input_size" (func $size (result i32))) (memory 1)
  (table 4 funcref) (elem (i32.const 0) $size $start) (data "passive") (global $g (mut v128) (v128.const i64x2 1 2))
  (func $start (global.set $g (v128.const i64x2 0x123456789abcdef0 7))) (start $start)
  (func (export "gateway") (result i32) (br_table 0 0 (i32.const 1) (i32.const 0))))`);
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

describe("a folder", () => {
  const bytes = large(starting);
  const root = programRoot(load(bytes));

  function filled(): { folder: string; path: string } {
    const folder = newFolder();
    expect(programRoot(load(bytes, {}, new FolderProgramCache(folder, key)))).toEqual(root);
    const names = readdirSync(folder);
    expect(names.length).toBe(1);
    return { folder, path: join(folder, names[0]) };
  }

  /** Whether the next load finds an entry; it must give the right program in any case. */
  function finds(folder: string, ownKey: Uint8Array = key): boolean {
    let found = false;
    const cache = new FolderProgramCache(folder, ownKey);
    const program = load(
      bytes,
      {},
      {
        get: (identity) => {
          const content = cache.get(identity);
          found = content !== undefined;
          return content;
        },
        put: (identity, content) => cache.put(identity, content),
      },
    );
    expect(programRoot(program)).toEqual(root);
    return found;
  }

  test("keeps entries that only this user can read", () => {
    const { folder, path } = filled();
    expect(finds(folder)).toBe(true);
    expect(statSync(path).mode & 0o077).toBe(0);
  });

  test("an entry with any byte altered is derived anew, and is good again", () => {
    const { folder, path } = filled();
    const entry = readFileSync(path);
    // Each region: the head, the code, the length, and the packed content at its beginning, all over, and at its end.
    const places = new Set([0, 28, 29, 60, 61, 68, 69, 70, entry.length - 1]);
    for (let at = 73; at < entry.length; at += Math.ceil(entry.length / 50)) places.add(at);
    for (const at of places) {
      const altered = Buffer.from(entry);
      altered[at] ^= 0x10;
      writeFileSync(path, altered);
      expect([at, finds(folder)]).toEqual([at, false]);
      expect(readFileSync(path)).toEqual(entry);
    }
    expect(finds(folder)).toBe(true);
  });

  test("an entry that was cut, lengthened or put in another's place is derived anew", () => {
    const { folder, path } = filled();
    const entry = readFileSync(path);
    for (const length of [0, 28, 60, 68, 69, entry.length - 1]) {
      writeFileSync(path, entry.subarray(0, length));
      expect([length, finds(folder)]).toEqual([length, false]);
    }
    writeFileSync(path, Buffer.concat([entry, Buffer.of(0)]));
    expect(finds(folder)).toBe(false);
    load(bytes, { growth: "fixed" }, new FolderProgramCache(folder, key));
    const other = readdirSync(folder).find((name) => join(folder, name) !== path) as string;
    writeFileSync(path, readFileSync(join(folder, other)));
    expect(finds(folder)).toBe(false);
    expect(finds(folder)).toBe(true);
  });

  test("entries under another key are as none", () => {
    const { folder } = filled();
    expect(finds(folder, randomBytes(32))).toBe(false);
  });

  test("that cannot be made, or is no folder, keeps nothing and fails nothing", () => {
    const file = join(newFolder(), "file");
    writeFileSync(file, "");
    for (const folder of [file, join(file, "below")]) {
      expect(finds(folder)).toBe(false);
      expect(finds(folder)).toBe(false);
    }
    // The superuser may write to any folder: where the entry would go stands what no file can replace.
    const { folder, path } = filled();
    rmSync(path);
    mkdirSync(join(path, "below"), { recursive: true });
    expect(finds(folder)).toBe(false);
    expect(readdirSync(folder).length).toBe(1);
    expect(cacheKey(join(file, "key"))).toBeUndefined();
  });

  test("within its bound › loses what was not used for longest, and what was abandoned", () => {
    const folder = newFolder();
    const entryBytes = () => statSync(join(folder, readdirSync(folder)[0])).size;
    const unbounded = new FolderProgramCache(folder, key);
    const put = (cache: FolderProgramCache, name: number) =>
      cache.put([Uint8Array.of(name)], [new Uint8Array(randomBytes(1000))]);
    put(unbounded, 0);
    const bounded = new FolderProgramCache(folder, key, { mostBytes: entryBytes() * 3 + 100 });
    const past = (name: string, seconds: number) => {
      const date = new Date(Date.now() - seconds * 1000);
      utimesSync(join(folder, name), date, date);
    };
    for (const name of [1, 2]) put(bounded, name);
    for (const name of readdirSync(folder)) past(name, 500);
    expect(bounded.get([Uint8Array.of(0)])).toBeDefined();
    writeFileSync(join(folder, "a.temporary"), "");
    writeFileSync(join(folder, "b.temporary"), "");
    past("a.temporary", 4000);
    put(bounded, 3);
    expect(readdirSync(folder).filter((name) => name.endsWith(".program")).length).toBe(3);
    expect(bounded.get([Uint8Array.of(0)])).toBeDefined();
    expect(bounded.get([Uint8Array.of(3)])).toBeDefined();
    expect(existsSync(join(folder, "a.temporary"))).toBe(false);
    expect(existsSync(join(folder, "b.temporary"))).toBe(true);
  });

  test("of several processes at once › is whole, and so is their key", async () => {
    const folder = newFolder();
    const path = join(folder, "module.wasm");
    writeFileSync(path, bytes);
    const script = fileURLToPath(new URL("./programCacheProcess.ts", import.meta.url));
    const roots = await Promise.all(Array.from({ length: 2 }, () => printed(script, path, folder)));
    expect(new Set(roots)).toEqual(new Set([`${Buffer.from(root).toString("hex")}\n`]));
    const names = readdirSync(join(folder, "programs"));
    expect(names.length).toBe(1);
    expect(finds(join(folder, "programs"), cacheKey(join(folder, "key")))).toBe(true);
    expect(readdirSync(folder).sort()).toEqual(["key", "module.wasm", "programs"]);
  }, 60_000);
});

function printed(script: string, ...args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, ...args], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let text = "";
    child.stdout.on("data", (part) => {
      text += part;
    });
    child.on("error", reject);
    child.on("close", () => resolve(text));
  });
}
