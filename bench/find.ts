/**
 * What `find` costs (`npm run -s bench:find -- --json`): processor time of each kind of question as a ratio to one run of
 * the same call on the fast path, in the same process (docs/debugging.md).
 * `--only a,b` takes other examples than nbody and sort, `--size large` another of their runs than `long`.
 *
 * Method: both are run once before, so that what is compiled is compiled; every question is one without an early answer,
 * or the last of its kind, so it has to look at the whole run.
 */
import { parseArgs } from "node:util";
import { exampleNamed, inputOf, type RunSize, wasmOf } from "../examples/manifest.ts";
import { type FindQuery, find, Predicate, programScope } from "../src/debug/index.ts";
import { load, Machine } from "../src/index.ts";
import { callFuel } from "./fast/contenders.ts";
import { timed } from "./fast/timing.ts";

const { values: options } = parseArgs({
  options: {
    only: { type: "string", default: "nbody,sort" },
    size: { type: "string", default: "long" },
    json: { type: "boolean", default: false },
  },
});

/** Bytes high up in memory 0 that none of the examples writes, and some that they do. */
const ranges = {
  untouched: { memory: 0, address: 60_000, length: 8 },
  low: { memory: 0, address: 1024, length: 8 },
} as const;

function measure(name: string) {
  const example = exampleNamed(name);
  const program = load(wasmOf(example), { gateway: example.gateway, limits: { callFuel } });
  const input = inputOf(example.runs[options.size as RunSize]);
  const begun = () => {
    const machine = new Machine(program);
    if (machine.isRunning) machine.run();
    machine.begin(input);
    return machine;
  };
  const scope = programScope(program);
  const predicate = (text: string): FindQuery => ({
    kind: "predicate",
    predicate: Predicate.parse(text, scope),
  });
  const questions: Readonly<Record<string, FindQuery>> = {
    neverWritten: { kind: "write", range: ranges.untouched },
    lastWriter: { kind: "lastWrite", range: ranges.low },
    memoryPredicate: predicate("memory[1024].u64 == 0x123456789abcdef"),
    entryThatNeverComes: { kind: "entry", function: 0, nth: Number.MAX_SAFE_INTEGER },
    ...(program.globals > 0 ? { globalPredicate: predicate("global[0] == 123456789") } : {}),
  };
  let steps = 0;
  const run = () => {
    const machine = begun();
    machine.run();
    steps = machine.state.stepCounter;
  };
  run();
  const once = timed(run);
  const ratios = Object.entries(questions).map(([question, query]) => {
    const time = timed(() => void find(begun(), query));
    return [question, Number((time / once).toPrecision(2))];
  });
  return { name, steps, ratios: Object.fromEntries(ratios) };
}

const programs = options.only.split(",").map(measure);
if (options.json) console.log(JSON.stringify({ size: options.size, programs }));
else for (const { ratios, ...program } of programs) console.table({ ...program, ...ratios });
