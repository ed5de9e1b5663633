/**
 * What commands of the built command line take (docs/cache.md, README): processor time up to the first output and to the
 * end, in turn with another build if one is named. `npm run -s bench:cli -- [--json] [--rounds n] [--beside DIST]
 * [--large FILE.wasm=EXPORT]`, behind `npm run build`.
 *
 * Invariant: every turn is a process of its own, builds take turns, and both must say the same.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { decodeModule } from "../src/interpreter/index.ts";
import { callingModule } from "./starting/callingModule.ts";

const { values } = parseArgs({
  options: {
    json: { type: "boolean" },
    rounds: { type: "string", default: "5" },
    beside: { type: "string" },
    large: { type: "string" },
  },
});
const here = fileURLToPath(new URL("../dist", import.meta.url));
const builds = [here, ...(values.beside === undefined ? [] : [resolve(values.beside)])];
const usage = new URL("starting/usage.js", import.meta.url).href;
const small = fileURLToPath(new URL("../examples/wasm/sha256.wasm", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "bench-cli-"));

interface Used {
  readonly processorMs: number;
  readonly clockMs: number;
}
interface Turn {
  readonly first: Used;
  readonly end: Used;
  readonly text: string;
}

/** A command line by name; a cache that is emptied before each turn, or filled in it. */
interface Line {
  readonly name: string;
  readonly args: readonly string[];
  readonly cache?: "empty" | "filled";
}

function turn(build: string, { args, cache }: Line): Turn {
  const file = join(folder, "usage.json");
  const kept = join(folder, `cache-${builds.indexOf(build)}`);
  if (cache === "empty") rmSync(kept, { recursive: true, force: true });
  const cached = cache === undefined ? [] : ["--cache", kept];
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--import", usage, join(build, "cli", "start.js"), ...args, ...cached],
    {
      cwd: folder,
      encoding: "utf8",
      maxBuffer: 2 ** 28,
      env: { ...process.env, BENCH_CLI_FILE: file, BENCH_CLI_STARTED: String(Date.now()) },
    },
  );
  if (status !== 0) throw new Error(stderr);
  return { ...JSON.parse(readFileSync(file, "utf8")), text: stdout };
}

const smallLines: readonly Line[] = [
  { name: "--version", args: ["--version"] },
  { name: "--help", args: ["--help"] },
  { name: "run --help", args: ["run", "--help"] },
  { name: "inspect", args: ["inspect", small, "--no-listing"] },
  { name: "run", args: ["run", small] },
  { name: "run --json", args: ["run", small, "--json"] },
  { name: "invoke", args: ["invoke", small, "gateway"] },
];

/** A call of one export of a large module, from a module behind it. */
function largeLines(argument: string): Line[] {
  const [path, name] = argument.split("=");
  const gateway = join(folder, "gateway.wasm");
  writeFileSync(gateway, callingModule(decodeModule(new Uint8Array(readFileSync(path))), name));
  const modules = [`program=${resolve(path)}`, gateway, "--unknown-imports", "trap"];
  return [
    { name: "run, no cache", args: ["run", ...modules, "--no-cache"] },
    { name: "run, empty cache", args: ["run", ...modules], cache: "empty" },
    { name: "run, filled cache", args: ["run", ...modules], cache: "filled" },
  ];
}

function median(numbers: readonly number[]): number {
  return Math.round(numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]);
}

function measured(line: Line): void {
  const turns = builds.map((): Turn[] => []);
  for (let round = 0; round < Number(values.rounds); round++) {
    builds.forEach((build, index) => {
      turns[index].push(turn(build, line));
    });
  }
  if (new Set(turns.flat().map(({ text }) => text)).size !== 1) {
    throw new Error(`expected ${line.name} to say the same each time`);
  }
  const figures = turns.map((all) => ({
    firstMs: median(all.map(({ first }) => first.processorMs)),
    firstClockMs: median(all.map(({ first }) => first.clockMs)),
    endMs: median(all.map(({ end }) => end.processorMs)),
  }));
  const [own, beside] = figures;
  const row = { name: line.name, ...own, ...(beside === undefined ? {} : { beside }) };
  const told = figures.map((f) => `${f.firstMs} ms (clock ${f.firstClockMs}), end ${f.endMs} ms`);
  process.stdout.write(
    values.json ? `${JSON.stringify(row)}\n` : `${line.name}: ${told.join("; beside: ")}\n`,
  );
}

try {
  for (const line of values.large === undefined ? smallLines : largeLines(values.large)) {
    measured(line);
  }
} finally {
  rmSync(folder, { recursive: true });
}
