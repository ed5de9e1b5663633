/**
 * Real programs from npm packages, from file to first result and on: the fast path against V8 with the same
 * instructions, and against wasmtime with fuel and canonical NaNs; and `auto` against the better of what it chooses from.
 * `npm run -s bench:real -- [--json] [--programs a,b] [--length short|second] [--rounds n]`.
 * Packages and recordings lie in a cache folder outside of the repository and are made when they are missing or old.
 *
 * Invariant: all contenders play the same binaries, one after the other, and must end with the same memory.
 */
import { statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { autoToBetter } from "./real/autoToBetter.ts";
import type { Played } from "./real/play.ts";
import { played, playedOnWasmtime } from "./real/played.ts";
import { preparedTape, pythonWithWasmtime } from "./real/prepare.ts";
import { type Length, lengths, type RealProgram, realPrograms } from "./real/programs.ts";

const { values } = parseArgs({
  options: {
    json: { type: "boolean" },
    programs: { type: "string" },
    length: { type: "string", default: "second" },
    rounds: { type: "string", default: "2" },
    cache: { type: "string" },
  },
});
const cache = values.cache ?? join(homedir(), ".cache", "wasm-arbiter", "bench-real");
const length = values.length as Length;
if (!lengths.includes(length)) throw new RangeError(`expected ${lengths.join(" or ")}`);
const rounds = Number(values.rounds);

interface Row {
  readonly name: string;
  readonly megabytes: number;
  readonly steps: number;
  readonly nativeColdMs: number;
  readonly coldRatioToNative: number;
  readonly secondRatioToNative: number;
  readonly warmRatioToNative: number;
  readonly ratioToWasmtimeFuelNan: number | null;
  /** The worst of `autoToBetterOf`. */
  readonly autoToBetter: number;
  readonly autoToBetterOf: Readonly<Record<string, number>>;
  readonly linkMegabytesPerSecond: number;
  readonly firstEntryMs: number;
}

const rounded = (value: number): number => Math.round(value * 100) / 100;

/** The least of each figure over turns: what else runs on the machine only adds. */
function leastOf(turns: readonly Played[]): Required<Played> {
  const least = (figure: (turn: Played) => number | undefined): number =>
    Math.min(...turns.map((turn) => figure(turn) ?? Number.NaN));
  return {
    coldMs: least(({ coldMs }) => coldMs),
    coldProcessMs: least(({ coldProcessMs }) => coldProcessMs),
    secondMs: least(({ secondMs }) => secondMs),
    warmMs: least(({ warmMs }) => warmMs),
    linkMs: least(({ linkMs }) => linkMs),
    firstEntryMs: least(({ firstEntryMs }) => firstEntryMs),
    isSame: turns.every(({ isSame }) => isSame),
    steps: turns[0].steps ?? Number.NaN,
  };
}

function measured(program: RealProgram, python: string | undefined): Row {
  const folder = preparedTape(cache, program, length);
  const turns: Record<"v8" | "auto" | "fast", Played[]> = { v8: [], auto: [], fast: [] };
  for (let round = 0; round < rounds; round++) {
    for (const [kind, list] of Object.entries(turns)) list.push(played(kind, folder));
  }
  const native = leastOf(turns.v8);
  const auto = leastOf(turns.auto);
  const fast = leastOf(turns.fast);
  for (const [name, { isSame }] of Object.entries({ native, auto, fast })) {
    if (!isSame) throw new Error(`${program.name}: ${name} ends with another memory`);
  }
  const wasmtime = python === undefined ? undefined : playedOnWasmtime(python, folder);
  const ratios = Object.entries(autoToBetter(folder, { auto, fast }, rounds));
  const autoToBetterOf = Object.fromEntries(ratios.map(([of, ratio]) => [of, rounded(ratio)]));
  const megabytes = statSync(join(folder, "program.wasm")).size / 1e6;
  return {
    name: program.name,
    megabytes: rounded(megabytes),
    steps: auto.steps,
    nativeColdMs: Math.round(native.coldMs),
    coldRatioToNative: rounded(auto.coldMs / native.coldMs),
    secondRatioToNative: rounded(auto.secondMs / native.secondMs),
    warmRatioToNative: rounded(auto.warmMs / native.warmMs),
    ratioToWasmtimeFuelNan: wasmtime ? rounded(auto.coldProcessMs / wasmtime.coldMs) : null,
    autoToBetter: Math.max(...Object.values(autoToBetterOf)),
    autoToBetterOf,
    linkMegabytesPerSecond: rounded((megabytes * 1000) / auto.linkMs),
    firstEntryMs: rounded(auto.firstEntryMs),
  };
}

const geometricMean = (numbers: readonly number[]): number =>
  rounded(Math.exp(numbers.reduce((sum, one) => sum + Math.log(one), 0) / numbers.length));

const chosen = values.programs?.split(",");
const python = pythonWithWasmtime(cache);
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
const worstAutoToBetter = Math.max(...rows.map((row) => row.autoToBetter));
const linkMegabytesPerSecond = geometricMean(rows.map((row) => row.linkMegabytesPerSecond));
const firstEntryMs = Object.fromEntries(rows.map((row) => [row.name, row.firstEntryMs]));
const programs = rows.map(({ linkMegabytesPerSecond: _, firstEntryMs: __, ...row }) => row);
const report = {
  length,
  programs,
  geomean,
  worstAutoToBetter,
  linkMegabytesPerSecond,
  firstEntryMs,
};
process.stdout.write(`${JSON.stringify(report)}\n`);
