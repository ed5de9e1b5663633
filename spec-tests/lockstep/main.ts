/**
 * `npm run -s lockstep -- [--json] [--steps N] [--module FILE [--export NAME] [--args A B …] [--input FILE]]`: reference,
 * witness replay and judge after every step, over the corpus or over one function of a module. With --json stdout
 * holds the report alone; divergences go to stderr. Exit code 1 if there is one, or if nothing was judged.
 */
import { parseArgs } from "node:util";
import { embeddedChain } from "../../test/judge/chain.ts";
import { corpusCases, stateOf } from "../corpus/index.ts";
import { JudgedBatch } from "./judgedBatch.ts";
import { Lockstep } from "./lockstep.ts";
import { stateOfTarget } from "./target.ts";

/** What follows `--args` up to the next option is the call's arguments, negative numbers included. */
function splitArguments(words: readonly string[]): { options: string[]; args: string[] } {
  const at = words.indexOf("--args");
  if (at < 0) return { options: [...words], args: [] };
  const end = words.findIndex((word, index) => index > at && word.startsWith("--"));
  const stop = end < 0 ? words.length : end;
  return {
    options: [...words.slice(0, at), ...words.slice(stop)],
    args: words.slice(at + 1, stop),
  };
}

const { options, args } = splitArguments(process.argv.slice(2));
const { values } = parseArgs({
  args: options,
  options: {
    json: { type: "boolean", default: false },
    steps: { type: "string" },
    module: { type: "string" },
    export: { type: "string" },
    input: { type: "string" },
  },
});

/** Steps of a module judged unless `--steps` says otherwise. */
const defaultSteps = 20_000;

function stepLimit(): number {
  if (values.steps === undefined) return values.module === undefined ? Infinity : defaultSteps;
  const steps = Number(values.steps);
  if (!Number.isSafeInteger(steps) || steps < 1) {
    throw new RangeError(`expected a positive number of steps, got ${values.steps}`);
  }
  return steps;
}

async function judgeModule(lockstep: Lockstep, file: string, steps: number): Promise<void> {
  const { export: name, input } = values;
  const state = stateOfTarget({
    file,
    args,
    ...(name === undefined ? {} : { name }),
    ...(input === undefined ? {} : { input }),
  });
  await lockstep.run(state, steps, file);
}

async function judgeCorpus(lockstep: Lockstep, steps: number): Promise<void> {
  for (const item of corpusCases({ perRow: 4 })) {
    const left = steps - lockstep.steps;
    if (left <= 0) return;
    await lockstep.run(stateOf(item), left, item.name);
  }
}

async function main(): Promise<void> {
  const batch = await JudgedBatch.deploy(await embeddedChain());
  const lockstep = new Lockstep(batch);
  if (values.module === undefined) await judgeCorpus(lockstep, stepLimit());
  else await judgeModule(lockstep, values.module, stepLimit());
  const report = await lockstep.report();
  for (const { label, found } of lockstep.divergences) console.error(`${label}: ${found}`);
  if (values.json) console.log(JSON.stringify(report));
  else console.log(`${report.steps} steps judged, ${report.divergences} divergences`);
  process.exitCode = report.divergences === 0 && report.steps > 0 ? 0 : 1;
}

await main();
