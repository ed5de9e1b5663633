/**
 * The program cache in a folder (docs/cache.md): that what was altered, is of another program or lies where nothing can be
 * kept is derived anew.
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
import { programRoot } from "../src/merkle/index.ts";
import { cacheKey } from "../src/node/programCache/cachePlaces.ts";
import { FolderProgramCache } from "../src/node/programCache/folderProgramCache.ts";
import { load } from "../src/verbs.ts";
import { large, starting } from "./largeModules.ts";

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
