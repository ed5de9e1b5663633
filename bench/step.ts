/**
 * Speed of the block executor on the examples: WebAssembly instructions a second, and time as a ratio to the same module on
 * the host's own engine in the same process.
 * `npm run -s bench:step -- --json` prints {"programs":[{"name","instructionsPerSecond","ratioToNative"}],"geomean",
 * "integerGeomean","decoder":{"ratioToWabt"}}; `--only a,b` measures some programs alone, `--no-decoder` skips the decoder.
 *
 * Method: processor time of the main thread, so that a busy machine does not show; each side runs whole gateway calls
 * on the `large` input, on a fresh machine or instance each, and its best round counts. Results are checked.
 */
import { parseArgs } from "node:util";
import { type Example, inputOf, loadExamples, wasmOf } from "../examples/manifest.ts";
import { nativeExample } from "../examples/native.ts";
import { decodeModule } from "../src/interpreter/binary/decode.ts";
import { run } from "../src/interpreter/blocks/runSteps.ts";
import { link } from "../src/interpreter/program/link.ts";
import { genesis } from "../src/interpreter/state/genesis.ts";
import { begin, results } from "../src/interpreter/state/invocation.ts";
import { measureDecoder } from "./decoder.ts";

const rounds = { blocks: 2, native: 3 };

/** Milliseconds of processor time of this thread. */
function processorTime(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

function milliseconds(work: () => void): number {
  const start = processorTime();
  work();
  return processorTime() - start;
}

function expectResult(example: Example, result: number): void {
  const expected = example.runs.large.result;
  if (result !== expected) {
    throw new Error(`${example.name}: expected the result ${expected}, got ${result}`);
  }
}

/** Best time of a whole gateway call, and its steps. */
function measureBlocks(example: Example): { steps: number; best: number } {
  const program = link([{ name: example.name, module: decodeModule(wasmOf(example)) }], {
    gateway: example.gateway,
  });
  const input = inputOf(example.runs.large);
  let best = Number.POSITIVE_INFINITY;
  let steps = 0;
  for (let round = 0; round < rounds.blocks; round++) {
    const state = genesis(program);
    begin(state, input);
    best = Math.min(
      best,
      milliseconds(() => run(state)),
    );
    steps = state.stepCounter;
    expectResult(example, Number(results(state)[0]));
  }
  return { steps, best };
}

async function measureNative(example: Example): Promise<number> {
  const input = inputOf(example.runs.large);
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds.native; round++) {
    const native = await nativeExample(example);
    let result = 0;
    best = Math.min(
      best,
      milliseconds(() => {
        result = native.call(input).result;
      }),
    );
    expectResult(example, result);
  }
  return best;
}

interface ProgramReport {
  readonly name: string;
  readonly kind: Example["kind"];
  readonly steps: number;
  readonly instructionsPerSecond: number;
  readonly ratioToNative: number;
}

async function measure(example: Example): Promise<ProgramReport> {
  const { steps, best } = measureBlocks(example);
  const native = await measureNative(example);
  return {
    name: example.name,
    kind: example.kind,
    steps,
    instructionsPerSecond: Math.round((steps / best) * 1000),
    ratioToNative: Number((best / native).toPrecision(3)),
  };
}

function geomean(values: readonly number[]): number {
  const sum = values.reduce((total, value) => total + Math.log(value), 0);
  return Math.exp(sum / values.length);
}

function summary(programs: readonly ProgramReport[]) {
  return {
    instructionsPerSecond: Math.round(geomean(programs.map((p) => p.instructionsPerSecond))),
    ratioToNative: Number(geomean(programs.map((p) => p.ratioToNative)).toPrecision(3)),
  };
}

const { values: options } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    only: { type: "string" },
    decoder: { type: "boolean", default: true },
  },
  allowNegative: true,
});
const names = options.only?.split(",");
const programs: ProgramReport[] = [];
for (const example of loadExamples()) {
  if (names !== undefined && !names.includes(example.name)) continue;
  const report = await measure(example);
  programs.push(report);
  const speed = (report.instructionsPerSecond / 1e6).toFixed(0);
  console.error(`${report.name}: ${speed} M instructions/s, ${report.ratioToNative} × native`);
}
if (programs.length === 0)
  throw new RangeError(`expected the name of an example, got ${options.only}`);
const integer = programs.filter(({ kind }) => kind === "integer");
const report = {
  programs,
  geomean: summary(programs),
  ...(integer.length === 0 ? {} : { integerGeomean: summary(integer) }),
  ...(options.decoder ? { decoder: { ratioToWabt: measureDecoder().ratioToWabt } } : {}),
};
if (options.json) console.log(JSON.stringify(report));
else {
  console.table(programs);
  console.log(report.geomean, "integer programs:", report.integerGeomean ?? "none");
}
