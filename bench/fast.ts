/**
 * The fast path against the same modules on the host's engine without instrumentation, what each part of the
 * instrumentation costs, stops and state hashes on the way, and peers.
 * `npm run -s bench:fast -- --json [--programs a,b] [--rounds n] [--no-peers] [--no-stops]`; a ratio of 1 is as fast as the host's engine.
 *
 * Method: contenders run in turn, round after round; each is warmed up first; the times of all rounds are added up.
 * Times are CPU times of the thread, since other processes share the machine; they come in grains of some
 * milliseconds, hence the sums. Block executor and polywasm run the middle-sized input, by the wall clock, least of three,
 * and are compared by time per instruction. wasm2js and polywasm have neither vectors nor 64-bit memories and do not run
 * programs with them.
 */
import { parseArgs } from "node:util";
import type { Example } from "../examples/manifest.ts";
import { inputOf, loadExamples, wasmOf } from "../examples/manifest.ts";
import { usualLight } from "../src/interpreter/compile/lightEntry.ts";
import type { Feature } from "../src/interpreter/compile/safepoints.ts";
import type { Program } from "../src/interpreter/program/program.ts";
import type { Contender } from "./fast/contenders.ts";
import {
  blockContender,
  fastContender,
  nativeContender,
  polywasmContender,
  programOf,
  wasm2jsContender,
} from "./fast/contenders.ts";
import { stopRatios } from "./fast/stops.ts";
import { settle, timed } from "./fast/timing.ts";

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    programs: { type: "string" },
    rounds: { type: "string", default: "5" },
    peers: { type: "boolean", default: true },
    stops: { type: "boolean", default: true },
  },
  allowNegative: true,
});
const rounds = Number(values.rounds);
const features: readonly Feature[] = ["barriers", "nans", "checks", "counters"];

function timedByWall(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

/** Time of each contender over all rounds, run in turn. */
async function timesOf(
  contenders: ReadonlyMap<string, Contender>,
  warmUp: Uint8Array,
  input: Uint8Array,
): Promise<Map<string, number>> {
  for (const call of contenders.values()) {
    for (let again = 0; again < 3; again++) call(warmUp);
    call(input);
  }
  await settle();
  const times = new Map<string, number>();
  for (let round = 0; round < rounds; round++) {
    for (const [name, call] of contenders) {
      const time = timed(() => call(input));
      times.set(name, time + (times.get(name) ?? 0));
    }
  }
  return times;
}

async function peerRatios(example: Example, nativePerStep: number) {
  const program = programOf(example);
  const medium = inputOf(example.runs.medium);
  const blocks = blockContender(program);
  const perStep = (call: Contender): number => {
    call(medium);
    const from = blocks.state.stepCounter;
    blocks.call(medium);
    const steps = blocks.state.stepCounter - from;
    let least = Number.POSITIVE_INFINITY;
    for (let round = 0; round < 3; round++)
      least = Math.min(
        least,
        timedByWall(() => call(medium)),
      );
    return least / steps;
  };
  const polywasm = peersTake(program)
    ? { polywasmRatio: perStep(polywasmContender(example)) / nativePerStep }
    : {};
  return { blockRatio: perStep(blocks.call) / nativePerStep, ...polywasm };
}

/** Whether wasm2js and polywasm can run it. */
function peersTake({ modules }: Program): boolean {
  return modules.every(
    ({ module }) =>
      module.bodies.every((body) => !body.usesVectors) &&
      module.memories.every((memory) => memory.addressType === "i32"),
  );
}

/** What stops and state hashes on the way add. */
async function stopsOf(example: Example) {
  const onLong = await stopRatios(example, "long", Math.ceil(rounds / 2));
  /** The same for the input that the other ratios are taken on. */
  return { ...onLong, onLarge: await stopRatios(example, "large", 3 * rounds) };
}

async function measure(example: Example) {
  const program = programOf(example);
  const fast = fastContender(program);
  const native = await nativeContender(example);
  const large = inputOf(example.runs.large);
  // The very first call of each, before the host has compiled anything well.
  const coldRatio = timed(() => fast.call(large)) / timed(() => native(large));
  const contenders = new Map<string, Contender>([
    ["native", native],
    ["fast", fast.call],
    // Larger programs run on it, where nobody wants to stop them.
    ["light", fastContender(program, { light: usualLight }).call],
  ]);
  const hasWasm2js = values.peers && peersTake(program);
  if (hasWasm2js) contenders.set("wasm2js", wasm2jsContender(example));
  for (const feature of features) {
    contenders.set(feature, fastContender(program, { omitted: [feature] }).call);
  }
  const times = await timesOf(contenders, inputOf(example.runs.medium), large);
  const time = (name: string) => times.get(name) as number;
  const before = fast.state.stepCounter;
  fast.call(large);
  const nativePerStep = time("native") / rounds / (fast.state.stepCounter - before);
  const peers = values.peers ? await peerRatios(example, nativePerStep) : {};
  const stops = values.stops ? await stopsOf(example) : undefined;
  const compileMs = timedByWall(() => void fastContender(programOf(example)));
  return {
    name: example.name,
    ratioToNative: time("fast") / time("native"),
    lightRatio: time("light") / time("native"),
    coldRatio,
    /** How much of the time goes away without the part. */
    features: Object.fromEntries(
      features.map((feature) => [feature, 1 - time(feature) / time("fast")]),
    ),
    ...peers,
    ...(hasWasm2js ? { wasm2jsRatio: time("wasm2js") / time("native") } : {}),
    ...stops,
    codeSizeRatio: (fast.executor?.codeBytes ?? 0) / wasmOf(example).length,
    compileMs,
  };
}

function geomean(numbers: readonly number[]): number {
  return Math.exp(numbers.reduce((sum, number) => sum + Math.log(number), 0) / numbers.length);
}

type Row = Awaited<ReturnType<typeof measure>>;
type Stops = Awaited<ReturnType<typeof stopsOf>>;

function stopsIn(row: Row): Stops {
  return row as Stops;
}

function lineOf(row: Row): string {
  const said = [
    `${row.name.padEnd(12)} ${row.ratioToNative.toFixed(2)} (light ${row.lightRatio.toFixed(2)})`,
  ];
  if (row.wasm2jsRatio !== undefined) said.push(`wasm2js ${row.wasm2jsRatio.toFixed(2)}`);
  const stops = (of: Stops["onLarge"]) =>
    `one stop ${of.stopAnywhereRatio.toFixed(2)}, sixteen hashes ${of.sixteenHashesRatio.toFixed(2)}`;
  if (values.stops) {
    const taken = stopsIn(row);
    said.push(`long run: ${stops(taken)}`, `large: ${stops(taken.onLarge)}`);
  }
  return said.join(" · ");
}

function stopsReport(rows: readonly Stops[]) {
  const means = (of: readonly Stops["onLarge"][]) => ({
    stopAnywhereRatio: geomean(of.map((row) => row.stopAnywhereRatio)),
    sixteenHashesRatio: geomean(of.map((row) => row.sixteenHashesRatio)),
    sixteenStopsRatio: geomean(of.map((row) => row.sixteenStopsRatio)),
  });
  return {
    ...means(rows),
    worstSixteenHashesRatio: Math.max(...rows.map((row) => row.sixteenHashesRatio)),
    onLarge: means(rows.map(({ onLarge }) => onLarge)),
  };
}

async function main(): Promise<void> {
  const chosen = values.programs?.split(",");
  const examples = loadExamples().filter(({ name }) => chosen?.includes(name) ?? true);
  if (examples.length === 0) throw new RangeError("expected the name of an example");
  const programs = [];
  for (const example of examples) {
    const row = await measure(example);
    programs.push(row);
    console.error(lineOf(row));
  }
  const ratios = programs.map(({ ratioToNative }) => ratioToNative);
  const report = {
    programs,
    geomean: geomean(ratios),
    worst: Math.max(...ratios),
    light: geomean(programs.map(({ lightRatio }) => lightRatio)),
    ...(values.stops ? stopsReport(programs.map(stopsIn)) : {}),
    codeSizeRatio: geomean(programs.map((program) => program.codeSizeRatio)),
    coldRatio: geomean(programs.map((program) => program.coldRatio)),
  };
  if (values.json) console.log(JSON.stringify(report));
  else
    console.error(`geometric mean ${report.geomean.toFixed(3)}, worst ${report.worst.toFixed(2)}`);
}

await main();
