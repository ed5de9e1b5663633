/**
 * What is shown of a program of the gallery: the output is the host engine's, a run that is stopped, saved and resumed ends in
 * the same state, and a fault is judged on the embedded chain.
 *
 * Invariant: nothing is taken for granted: each field of a result is computed from runs made here.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  call,
  instantiate,
  load,
  type Program,
  pack,
  stateHash,
  trapText,
} from "../../src/index.ts";
import { runNatively } from "./native.ts";
import type { GalleryProgram } from "./programs.ts";
import { here } from "./recipes.ts";

/** What a row of the gallery says. */
export interface GalleryResult {
  readonly name: string;
  readonly language: string;
  readonly source: string;
  readonly bytes: number;
  readonly steps: number;
  readonly fuel: number;
  /** Processor time of a run, program and engine warm, to the host engine's. */
  readonly ratioToNative: number;
  /** The same of the very first run, in which code is emitted and compiled. */
  readonly firstRatio: number;
  readonly outputEqual: boolean;
  /** Whether a run that was stopped, saved and resumed came to the same state hash. */
  readonly resumedEqual: boolean;
  /** Whether the chain found the faulty party guilty, by judging one instruction. */
  readonly judged: boolean;
  readonly output: string;
}

/** Code settles while a program runs again and again; the clock has grains of some milliseconds. */
const leastRuns = 12;
const leastMs = 1_000;
const mostMs = 40_000;
const cli = fileURLToPath(new URL("../../src/cli/start.js", import.meta.url));

/**
 * Checks a program.
 *
 * @param folder for its binary and for what the dispute writes.
 * @param runs how often it runs for its time at least; once if 1.
 */
export function checkProgram(
  program: GalleryProgram,
  folder: string,
  runs = leastRuns,
): GalleryResult | { readonly notRun: string } {
  mkdirSync(folder, { recursive: true });
  const build = program.build(join(folder, `${program.name}.wasm`));
  if (typeof build === "string") return { notRun: build };
  const { binary } = build;
  const input = new Uint8Array(readFileSync(program.input));
  const args = [program.name, ...(program.args ?? [])];
  const files = Object.entries(program.files ?? {}).map(([path, file]) => ({
    path,
    bytes: new Uint8Array(readFileSync(here(file))),
  }));
  const bytes = new Uint8Array(readFileSync(binary));
  const modules = pack(bytes, { args, files });
  const linked = load(modules);
  const native = runNatively(binary, input, args, files, runs);
  const own = timed(linked, input, runs);
  const { steps, fuel, output, exitCode = 0, trapReport } = own.outcome;
  if (trapReport !== undefined) throw new Error(`${program.name}: ${trapText(trapReport)}`);
  return {
    name: program.name,
    language: program.language,
    source: program.source,
    bytes: bytes.length,
    steps,
    fuel,
    ratioToNative: own.ms / native.ms,
    firstRatio: own.firstMs / native.ms,
    outputEqual: Buffer.compare(output, native.output) === 0 && exitCode === native.exitCode,
    resumedEqual: isResumed(linked, input, own.hash, steps),
    judged: isJudged(modules, program, input, steps, folder),
    output: new TextDecoder().decode(output),
  };
}

/** Processor time of this thread: other processes share the machine. */
function milliseconds(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** Runs from genesis, the first of which includes emission; the later half are warm. */
function timed(program: Program, input: Uint8Array, runs: number) {
  const times: number[] = [];
  let total = 0;
  for (;;) {
    const machine = instantiate(program);
    const before = milliseconds();
    const outcome = call(machine, input);
    const took = milliseconds() - before;
    times.push(took);
    total += took;
    const isEnough = times.length >= runs && (runs === 1 || total > leastMs);
    if (!isEnough && total < mostMs) continue;
    const warm = times.slice(times.length >> 1);
    const ms = warm.reduce((sum, time) => sum + time, 0) / warm.length;
    return { firstMs: times[0], ms, outcome, hash: stateHash(machine) };
  }
}

/** Stops at three steps that follow from the length of the run, hashes, saves, and goes on in another machine. */
function isResumed(program: Program, input: Uint8Array, hash: Uint8Array, steps: number): boolean {
  let machine = instantiate(program);
  machine.begin(input);
  for (const share of [0.137, 0.481, 0.923]) {
    machine.runTo(Math.floor(steps * share));
    const before = stateHash(machine);
    const saved = machine.snapshot();
    machine = instantiate(program);
    machine.restore(saved);
    if (Buffer.compare(stateHash(machine), before) !== 0) return false;
  }
  machine.run();
  return Buffer.compare(stateHash(machine), hash) === 0;
}

/** A whole dispute before the real contracts: the party whose memory flips in the middle must lose by a judged step. */
function isJudged(
  modules: ReturnType<typeof pack>,
  { name }: GalleryProgram,
  input: Uint8Array,
  steps: number,
  folder: string,
): boolean {
  const paths = modules.map(({ name: module, bytes, adapter = false }, index) => {
    const path = join(folder, `${name}.${index}.module`);
    writeFileSync(path, bytes);
    return `${adapter ? "adapter:" : ""}${module}=${path}`;
  });
  const inputPath = join(folder, `${name}.input`);
  writeFileSync(inputPath, input);
  const fault = `flip-memory@${Math.floor(steps * 0.618)}`;
  const options = [
    "--no-project",
    "--input",
    inputPath,
    "--fault",
    fault,
    "--out",
    join(folder, `${name}.dispute`),
  ];
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [cli, "dispute", ...paths, ...options, "--json"],
    {
      encoding: "utf8",
      maxBuffer: 2 ** 28,
    },
  );
  try {
    const { verdict, loser, judgedStep } = JSON.parse(stdout);
    return verdict === "step" && loser === "faulty" && Number.isSafeInteger(judgedStep);
  } catch {
    throw new Error(`${name}: the dispute failed: ${stderr}`);
  }
}
