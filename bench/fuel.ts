/**
 * Searches for the program with the most nanoseconds a unit of fuel: on the default executor, on the fast path and on
 * the block executor, against the median of the examples on the default executor in the same run (docs/fuel.md).
 * `npm run -s bench:fuel -- --json [--seconds n] [--seed n] [--families text] [--examples a,b] [--executors a,b] [--rows n]` prints
 * {"worst":{"program","ratioToMedian"},"median","rows":[{"program","executor","nanosecondsPerFuel","ratioToMedian"}],
 * "floors":[the same with "reason"],"calls":[{"inputBytes","nanoseconds"}]}.
 *
 * Invariant: `worst` is the dearest program on `auto` but for those that no price can mend, which are `floors`; `rows` holds the dearest member of every family on every
 * executor, as measured last.
 */
import { parseArgs } from "node:util";
import { inputOf, loadExamples } from "../examples/manifest.ts";
import { runWith } from "../src/interpreter/chooseExecutor.ts";
import { genesis } from "../src/interpreter/state/genesis.ts";
import { begin } from "../src/interpreter/state/invocation.ts";
import { programOf } from "./fast/contenders.ts";
import { milliseconds } from "./fast/timing.ts";
import { families } from "./fuel/families.ts";
import { callMilliseconds, executors } from "./fuel/measure.ts";
import { type Found, remeasure, Search } from "./fuel/search.ts";
import { nameOf } from "./fuel/workload.ts";

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    seconds: { type: "string", default: "300" },
    seed: { type: "string", default: "1" },
    families: { type: "string" },
    examples: { type: "string" },
    rows: { type: "string" },
    executors: { type: "string", default: executors.join() },
    milliseconds: { type: "string", default: "20" },
  },
});

/** Nanoseconds a unit of fuel of each example on `auto`: the best of three calls after a first one. */
function exampleNanoseconds(): { name: string; nanosecondsPerFuel: number }[] {
  const chosen = values.examples?.split(",");
  const examples = loadExamples().filter(({ name }) => chosen?.includes(name) ?? true);
  if (examples.length === 0) throw new RangeError("expected the name of an example");
  return examples.map((example) => {
    const state = genesis(programOf(example));
    const input = inputOf(example.runs.large);
    let best = Number.POSITIVE_INFINITY;
    for (let round = 0; round < 4; round++) {
      begin(state, input);
      const { fuelCounter } = state;
      const from = milliseconds();
      runWith(state, "auto");
      const time = milliseconds() - from;
      if (round > 0) best = Math.min(best, (time * 1e6) / (state.fuelCounter - fuelCounter));
    }
    return { name: example.name, nanosecondsPerFuel: best };
  });
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2;
}

/** Nanoseconds of the smallest gateway call with its state hash on inputs of some lengths: what has no fuel. */
function callPrices(): { inputBytes: number; nanoseconds: number }[] {
  return [0, 65_536].map((amount) => {
    const call = { mode: "calls", amount, text: {} } as const;
    return { inputBytes: amount, nanoseconds: round(callMilliseconds(call, "auto") * 1e6) };
  });
}

const round = (value: number): number => Number(value.toPrecision(3));

function main(): void {
  const chosen = families.filter(({ name }) => name.includes(values.families ?? ""));
  if (chosen.length === 0) throw new RangeError("expected part of a family's name");
  const examples = exampleNanoseconds();
  const reference = median(examples.map(({ nanosecondsPerFuel }) => nanosecondsPerFuel));
  const effort = { milliseconds: Number(values.milliseconds), rounds: 2, rate: reference };
  const search = new Search({
    families: chosen,
    executors: executors.filter((name) => values.executors.split(",").includes(name)),
    seed: Number(values.seed),
    seconds: Number(values.seconds),
    effort,
    onFound: ({ family, parameters, executor, nanosecondsPerFuel }) => {
      if (values.json) return;
      console.error(
        `${executor} ${nameOf(family, parameters)} ${round(nanosecondsPerFuel / reference)}`,
      );
    },
  });
  const ranked = [...search.run()];
  // What was dearest by chance is not dearest twice.
  const again = { ...effort, milliseconds: 2 * effort.milliseconds, rounds: 3 };
  for (const [index, found] of ranked.entries()) {
    if (index < 40) ranked[index] = remeasure(found, again);
  }
  ranked.sort((a, b) => b.nanosecondsPerFuel - a.nanosecondsPerFuel);
  const rowOf = ({ family, parameters, executor, nanosecondsPerFuel }: Found) => ({
    program: nameOf(family, parameters),
    executor,
    nanosecondsPerFuel: round(nanosecondsPerFuel),
    ratioToMedian: round(nanosecondsPerFuel / reference),
  });
  const rows = ranked.filter(({ family }) => family.floor === undefined).map(rowOf);
  const floors = ranked
    .filter(({ family }) => family.floor !== undefined)
    .map((found) => ({ ...rowOf(found), reason: found.family.floor }));
  const worst = rows.find(({ executor }) => executor === "auto");
  const result = {
    worst: worst && { program: worst.program, ratioToMedian: worst.ratioToMedian },
    median: round(reference),
    measured: search.measured,
    examples: examples.map(({ name, nanosecondsPerFuel }) => ({
      name,
      nanosecondsPerFuel: round(nanosecondsPerFuel),
    })),
    floors,
    calls: callPrices(),
    rows: rows.slice(0, values.rows === undefined ? undefined : Number(values.rows)),
  };
  if (values.json) {
    console.log(JSON.stringify(result));
    return;
  }
  console.table(result.examples);
  console.table(result.floors);
  console.table(result.calls);
  console.table(result.rows.slice(0, 60));
  console.log(
    `${search.measured} measurements; worst: ${worst?.program}, ${worst?.ratioToMedian} × the median`,
  );
}

main();
