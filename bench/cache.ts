/**
 * What a program cache saves (docs/cache.md): from a module's bytes to the program and its root, derived, derived and put
 * into the cache, and found. `npm run -s bench:cache -- [--json] [--rounds n] FILE.wasm…`; without files the programs
 * that `bench:real` has recorded.
 *
 * Invariant: every turn is a process of its own, kinds take turns, and all must give the same root.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Loaded } from "./loading/loadOnce.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: "boolean" }, rounds: { type: "string", default: "3" } },
});
const rounds = Number(values.rounds);
const script = fileURLToPath(new URL("loading/loadOnce.ts", import.meta.url));

function recorded(): string[] {
  const tapes = join(homedir(), ".cache", "wasm-arbiter", "bench-real", "tapes", "second");
  const names = existsSync(tapes) ? readdirSync(tapes) : [];
  if (names.length === 0) throw new Error("name modules, or run bench:real before");
  return names.map((name) => join(tapes, name, "program.wasm"));
}

function loaded(file: string, folder: string): Loaded {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, file, folder], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return Math.round(sorted[Math.floor(sorted.length / 2)] * 10) / 10;
}

for (const file of positionals.length > 0 ? positionals : recorded()) {
  const turns: Record<"derived" | "put" | "found", Loaded[]> = { derived: [], put: [], found: [] };
  let entryBytes = 0;
  for (let round = 0; round < rounds; round++) {
    const folder = mkdtempSync(join(tmpdir(), "bench-cache-"));
    turns.derived.push(loaded(file, ""));
    turns.put.push(loaded(file, folder));
    turns.found.push(loaded(file, folder));
    const [entry] = readdirSync(folder);
    entryBytes = entry === undefined ? 0 : statSync(join(folder, entry)).size;
    rmSync(folder, { recursive: true });
  }
  const all = Object.values(turns).flat();
  if (new Set(all.map(({ root }) => root)).size !== 1) throw new Error("expected one root");
  const name = basename(file) === "program.wasm" ? basename(dirname(file)) : basename(file);
  const ms = (kind: keyof typeof turns) =>
    median(turns[kind].map(({ processorMs }) => processorMs));
  const row = {
    name,
    megabytes: Math.round(statSync(file).size / 1e4) / 100,
    derivedMs: ms("derived"),
    putMs: ms("put"),
    foundMs: ms("found"),
    ratio: Math.round((100 * ms("found")) / ms("derived")) / 100,
    entryMegabytes: Math.round(entryBytes / 1e4) / 100,
  };
  process.stdout.write(
    values.json
      ? `${JSON.stringify(row)}\n`
      : `${name}: ${row.megabytes} MB, derived ${row.derivedMs} ms, put ${row.putMs} ms, found ${row.foundMs} ms (${row.ratio}), entry ${row.entryMegabytes} MB\n`,
  );
}
