/**
 * Plays one tape in a process of its own, cold and then until it is warm, and prints figures as JSON:
 * `play.ts v8|auto|fast|step FOLDER [--cold] [--steps n] [--most ms]`. `--cold` plays it once, `--steps` only so far,
 * and `--most` gives up a cold run that has taken so long.
 * Times are milliseconds of the main thread's processor time, so that other work on the machine counts little;
 * `firstEntryMs` alone is by the clock.
 *
 * Invariant: `isSame` says whether the program's memory ended as it did under its own host; a run that was cut short
 * does not say.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { decodeModule } from "../../src/interpreter/binary/decode.ts";
import type { ExecutorKind } from "../../src/interpreter/chooseExecutor.ts";
import { fastPathRefusal, runWith } from "../../src/interpreter/chooseExecutor.ts";
import { link, type NamedModule } from "../../src/interpreter/program/link.ts";
import { genesis } from "../../src/interpreter/state/genesis.ts";
import { begin } from "../../src/interpreter/state/invocation.ts";
import { type MachineState, statusCodes } from "../../src/interpreter/state/machineState.ts";

/** What a contender tells of a program. */
export interface Played {
  /** Infinite, hence null in JSON, where the run was given up. */
  readonly coldMs: number;
  /** The cold run with what the engine's own threads compile. */
  readonly coldProcessMs: number;
  /** The second run: what was not compiled in the first is compiled in it. */
  readonly secondMs?: number;
  /** The middle one of the last three runs of all. */
  readonly warmMs?: number;
  readonly isSame: boolean;
  readonly steps?: number;
  readonly linkMs?: number;
  readonly firstEntryMs?: number;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    cold: { type: "boolean" },
    steps: { type: "string", default: String(Number.MAX_SAFE_INTEGER) },
    most: { type: "string", default: "Infinity" },
  },
});
const [kind, folder] = positionals;
const mostSteps = Number(values.steps);
const mostMs = Number(values.most);
const read = (name: string) => new Uint8Array(readFileSync(join(folder, `${name}.wasm`)));
const memory = existsSync(join(folder, "memory.wasm")) ? read("memory") : undefined;
const expected = readFileSync(join(folder, "memory.bin"));

function threadMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

function processMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function timed<T>(action: () => T): { ms: number; value: T } {
  const start = threadMs();
  const value = action();
  return { ms: threadMs() - start, value };
}

/** Runs after the first, at least and at most: engines compile hot functions beside them, and what is compiled here settles. */
const laterRuns = { least: 4, most: 8 };
/** Runs have settled where the last three lie as near together. */
const settledPart = 0.05;

/** The second run of all, and the middle one of the last three. All of them start from nothing but what is compiled. */
async function playedAgain(run: () => unknown): Promise<{ secondMs?: number; warmMs?: number }> {
  if (values.cold) return {};
  const all: number[] = [];
  const lastThree = (): number[] => all.slice(-3).sort((a, b) => a - b);
  while (all.length < laterRuns.most) {
    all.push(timed(run).ms);
    // What an engine has compiled on other threads it takes over here.
    await new Promise((resolve) => setImmediate(resolve));
    const [least, , most] = lastThree();
    if (all.length >= laterRuns.least && most <= least * (1 + settledPart)) break;
  }
  return { secondMs: all[0], warmMs: lastThree()[1] };
}

type Exports = Readonly<Record<string, WebAssembly.ExportValue>>;

function instantiate(bytes: Uint8Array, imports: Record<string, Exports> = {}): Exports {
  const module = new WebAssembly.Module(bytes as BufferSource);
  return new WebAssembly.Instance(module, imports as WebAssembly.Imports).exports;
}

/** A whole run from the bytes on; returns the memory. */
function playOnV8(): Uint8Array {
  const circle = instantiate(read("circle"));
  const given = memory === undefined ? {} : instantiate(memory);
  const program = instantiate(read("program"), { tape: circle, memory: given });
  const tape = instantiate(read("tape"), { program, memory: given });
  const table = circle.t as WebAssembly.Table;
  for (let index = 0; `f${index}` in tape; index++) table.set(index, tape[`f${index}`]);
  (tape.gateway as () => void)();
  const all = [...Object.values(given), ...Object.values(program)];
  const found = all.find((value) => value instanceof WebAssembly.Memory) as WebAssembly.Memory;
  return new Uint8Array(found.buffer);
}

async function playNatively(): Promise<Played> {
  const start = processMs();
  const cold = timed(playOnV8);
  const coldProcessMs = processMs() - start;
  const isSame = expected.equals(cold.value);
  return { coldMs: cold.ms, coldProcessMs, ...(await playedAgain(playOnV8)), isSame };
}

const limits = { callFuel: 2 ** 52, memoryPages: 32_768, stackSlots: 2 ** 20, frames: 2 ** 17 };

/** Steps between two looks at whether a run has taken too long. */
const lookSteps = 10_000_000;

/** Runs up to where the run ends or is cut short; whether it was given up. */
function runState(state: MachineState, executor: ExecutorKind, latestMs: number): boolean {
  if (latestMs === Number.POSITIVE_INFINITY) runWith(state, executor, mostSteps);
  while (state.status === statusCodes.running && state.stepCounter < mostSteps) {
    if (threadMs() > latestMs) return true;
    runWith(state, executor, Math.min(lookSteps, mostSteps - state.stepCounter));
  }
  return false;
}

async function playHere(executor: ExecutorKind): Promise<Played> {
  const clock = performance.now();
  const start = threadMs();
  const startOfAll = processMs();
  const module = (name: string, bytes: Uint8Array, adapter = false): NamedModule => {
    return { name, module: decodeModule(bytes), adapter };
  };
  const modules = [
    ...(memory === undefined ? [] : [module("memory", memory)]),
    module("program", read("program")),
    module("tape", read("tape"), true),
  ];
  const linked = timed(() => link(modules, { gateway: "gateway", limits }));
  let isGivenUp = false;
  const run = () => {
    const state = genesis(linked.value);
    if (linked.value.boot !== undefined) runWith(state, executor);
    begin(state, new Uint8Array(0));
    isGivenUp = runState(state, executor, start + mostMs);
    // Whoever falls back to blocks is right as well, and slow: the figures would be of something else.
    const refusal = executor === "step" ? undefined : fastPathRefusal(state);
    if (refusal !== undefined) throw new Error(`the fast path gave up: ${refusal}`);
    return state;
  };
  const firstEntry = watchFirstEntry();
  const state = run();
  const coldMs = isGivenUp ? Number.POSITIVE_INFINITY : threadMs() - start;
  const coldProcessMs = processMs() - startOfAll;
  const firstEntryMs = firstEntry() - clock;
  return {
    coldMs,
    coldProcessMs,
    ...(await playedAgain(run)),
    isSame: expected.equals(state.memories[0].bytes),
    steps: state.stepCounter,
    linkMs: linked.ms,
    firstEntryMs,
  };
}

/** When the host compiled the first module of emitted code, by the clock; infinite if it never did. */
function watchFirstEntry(): () => number {
  let first = Number.POSITIVE_INFINITY;
  const { Instance } = WebAssembly;
  class Watched extends Instance {
    constructor(...args: ConstructorParameters<typeof Instance>) {
      super(...args);
      first = Math.min(first, performance.now());
    }
  }
  Object.assign(WebAssembly, { Instance: Watched });
  return () => first;
}

const played = kind === "v8" ? await playNatively() : await playHere(kind as ExecutorKind);
process.stdout.write(`${JSON.stringify(played)}\n`);
