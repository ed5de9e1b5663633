/**
 * Real programs from npm packages, from file to first result and on: the fast path against V8 with the same
 * instructions, and against wasmtime with fuel and canonical NaNs. `npm run -s bench:real -- [--json] [--programs a,b]`.
 * Packages and recordings lie in a cache folder outside of the repository and are fetched when they are missing.
 *
 * Invariant: all contenders play the same binaries, one after the other, and must end with the same memory.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Played } from "./real/play.ts";
import type { RealProgram } from "./real/programs.ts";
import { realPrograms } from "./real/programs.ts";

const { values } = parseArgs({
  options: { json: { type: "boolean" }, programs: { type: "string" }, cache: { type: "string" } },
});
const cache = values.cache ?? join(homedir(), ".cache", "wasm-arbiter", "bench-real");
const script = (name: string) => fileURLToPath(new URL(`real/${name}`, import.meta.url));
const wasmtimeVersion = "50.0.1";

function run(command: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: "utf8",
    maxBuffer: 2 ** 26,
  });
  if (status === 0) return stdout;
  throw new Error(
    `${command} ${args.slice(0, 3).join(" ")} failed: ${error ?? stderr.slice(-2000)}`,
  );
}

/** The packages of a program and its tape, made if they are not there. */
function prepared({ name, packages }: RealProgram): string {
  const tapes = join(cache, "tapes");
  const folder = join(tapes, name);
  if (existsSync(join(folder, "memory.bin"))) return folder;
  mkdirSync(cache, { recursive: true });
  const npm = ["install", "--prefix", cache, "--no-save", "--no-audit", "--no-fund"];
  const all = realPrograms.flatMap((program) => program.packages);
  if (packages.length > 0) run("npm", [...npm, "--ignore-scripts", ...all]);
  run(process.execPath, [script("record.ts"), name, cache, tapes]);
  return folder;
}

/** Python with wasmtime; undefined where there is no Python. */
function pythonWithWasmtime(): string | undefined {
  const environment = join(cache, "python");
  const python = join(environment, "bin", "python");
  try {
    if (!existsSync(python)) {
      run("python3", ["-m", "venv", environment]);
      run(python, ["-m", "pip", "install", "-q", `wasmtime==${wasmtimeVersion}`]);
    }
    return python;
  } catch (error) {
    process.stderr.write(`NOT RUN: wasmtime: ${error instanceof Error ? error.message : error}\n`);
    return undefined;
  }
}

interface Row {
  readonly name: string;
  readonly megabytes: number;
  readonly steps: number;
  readonly coldRatioToNative: number;
  readonly secondRatioToNative: number;
  readonly warmRatioToNative: number;
  readonly ratioToWasmtimeFuelNan: number | null;
  readonly linkMegabytesPerSecond: number;
  readonly firstEntryMs: number;
}

const played = (kind: string, folder: string): Played =>
  JSON.parse(run(process.execPath, [script("play.ts"), kind, folder]));

const rounded = (value: number): number => Math.round(value * 100) / 100;

function measured(program: RealProgram, python: string | undefined): Row {
  const folder = prepared(program);
  const native = played("v8", folder);
  const here = played("auto", folder);
  for (const [name, { isSame }] of Object.entries({ native, here })) {
    if (!isSame) throw new Error(`${program.name}: ${name} ends with another memory`);
  }
  const wasmtime =
    python && (JSON.parse(run(python, [script("wasmtime_once.py"), folder])) as { coldMs: number });
  const megabytes = statSync(join(folder, "program.wasm")).size / 1e6;
  return {
    name: program.name,
    megabytes: rounded(megabytes),
    steps: here.steps ?? 0,
    coldRatioToNative: rounded(here.coldMs / native.coldMs),
    secondRatioToNative: rounded(here.secondMs / native.secondMs),
    warmRatioToNative: rounded(here.warmMs / native.warmMs),
    ratioToWasmtimeFuelNan: wasmtime ? rounded(here.coldProcessMs / wasmtime.coldMs) : null,
    linkMegabytesPerSecond: rounded((megabytes * 1000) / (here.linkMs ?? Number.NaN)),
    firstEntryMs: rounded(here.firstEntryMs ?? Number.NaN),
  };
}

const geometricMean = (numbers: readonly number[]): number =>
  rounded(Math.exp(numbers.reduce((sum, one) => sum + Math.log(one), 0) / numbers.length));

const chosen = values.programs?.split(",");
const python = pythonWithWasmtime();
const rows: Row[] = [];
for (const program of realPrograms) {
  if (chosen !== undefined && !chosen.includes(program.name)) continue;
  const row = measured(program, python);
  rows.push(row);
  if (!values.json) process.stdout.write(`${JSON.stringify(row)}\n`);
}
const geomean = {
  coldRatioToNative: geometricMean(rows.map((row) => row.coldRatioToNative)),
  secondRatioToNative: geometricMean(rows.map((row) => row.secondRatioToNative)),
  warmRatioToNative: geometricMean(rows.map((row) => row.warmRatioToNative)),
  ratioToWasmtimeFuelNan: python
    ? geometricMean(rows.flatMap((row) => row.ratioToWasmtimeFuelNan ?? []))
    : null,
};
const linkMegabytesPerSecond = geometricMean(rows.map((row) => row.linkMegabytesPerSecond));
const firstEntryMs = Object.fromEntries(rows.map((row) => [row.name, row.firstEntryMs]));
const programs = rows.map(({ linkMegabytesPerSecond: _, firstEntryMs: __, ...row }) => row);
process.stdout.write(
  `${JSON.stringify({ programs, geomean, linkMegabytesPerSecond, firstEntryMs })}\n`,
);
