/**
 * Searches for the program with the most nanoseconds a unit of fuel: on the default executor, on the fast path and on
 * the block executor, against the median of the examples on the default executor in the same run (docs/fuel.md).
 * `npm run -s bench:fuel -- --json [--seconds n] [--seed n] [--families text] [--examples a,b] [--executors a,b] [--rows n]` prints
 * {"worst":{"program","ratioToMedian"},"worstOf":{executor:{the same}},"median","rows":[{"program","executor",
 * "nanosecondsPerFuel","ratioToMedian"}],"floors":[the same with "reason"],"calls":[{"inputBytes","nanoseconds"}],"notRun":[]}.
 *
 * Invariant: `worst` is the dearest program on `auto` but for those that no price can mend, which are `floors`; `rows`
 * holds the dearest member of every family on every executor, as measured last; `notRun` names families without one.
 */
import { parseArgs } from "node:util";
import { loadExamples } from "../examples/manifest.ts";
import { families } from "./fuel/families.ts";
import { callMilliseconds, executors } from "./fuel/measure.ts";
import { type Reference, referenceOf } from "./fuel/reference.ts";
import { type Found, Search } from "./fuel/search.ts";
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
    milliseconds: { type: "string", default: "1" },
  },
});

/** Nanoseconds of the smallest gateway call with its state hash on inputs of some lengths: what has no fuel. */
function callPrices(): { inputBytes: number; nanoseconds: number }[] {
  return [0, 65_536].map((amount) => {
    const call = { mode: "calls", amount, text: {} } as const;
    return { inputBytes: amount, nanoseconds: round(callMilliseconds(call, "auto") * 1e6) };
  });
}

const round = (value: number): number => Number(value.toPrecision(3));

function measuredExamples(): Reference {
  const chosen = values.examples?.split(",");
  const examples = loadExamples().filter(({ name }) => chosen?.includes(name) ?? true);
  if (examples.length === 0) throw new RangeError("expected the name of an example");
  return referenceOf(examples);
}

function searchOf({ rate, pace }: Reference): Search {
  const chosen = families.filter(({ name }) => name.includes(values.families ?? ""));
  if (chosen.length === 0) throw new RangeError("expected part of a family's name");
  return new Search({
    families: chosen,
    executors: executors.filter((name) => values.executors.split(",").includes(name)),
    seed: Number(values.seed),
    seconds: Number(values.seconds),
    effort: { milliseconds: Number(values.milliseconds), rounds: 6, rate, pace },
    onFound: ({ family, parameters, executor, nanosecondsPerFuel }) => {
      if (values.json) return;
      const ratio = round(nanosecondsPerFuel / rate);
      console.error(`${executor} ${nameOf(family, parameters)} ${ratio}`);
    },
  });
}

function reported(ranked: readonly Found[], rate: number) {
  const rowOf = ({ family, parameters, executor, nanosecondsPerFuel }: Found) => ({
    program: nameOf(family, parameters),
    executor,
    nanosecondsPerFuel: round(nanosecondsPerFuel),
    ratioToMedian: round(nanosecondsPerFuel / rate),
  });
  const rows = ranked.filter(({ family }) => family.floor === undefined).map(rowOf);
  const floors = ranked
    .filter(({ family }) => family.floor !== undefined)
    .map((found) => ({ ...rowOf(found), reason: found.family.floor }));
  const worstOn = (executor: string) => {
    const worst = rows.find((row) => row.executor === executor);
    return worst && { program: worst.program, ratioToMedian: worst.ratioToMedian };
  };
  const worstOf = Object.fromEntries(executors.map((executor) => [executor, worstOn(executor)]));
  return { worst: worstOn("auto"), worstOf, floors, rows };
}

function main(): void {
  const reference = measuredExamples();
  const { rate, examples } = reference;
  const search = searchOf(reference);
  const { rows, ...report } = reported(search.run(), rate);
  const result = {
    ...report,
    median: round(rate),
    measured: search.measured,
    examples: examples.map(({ name, nanosecondsPerFuel }) => ({
      name,
      nanosecondsPerFuel: round(nanosecondsPerFuel),
    })),
    calls: callPrices(),
    notRun: search.notRun,
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
  if (result.notRun.length > 0) console.log(`not run: ${result.notRun.join(", ")}`);
  const { program, ratioToMedian } = result.worst ?? {};
  console.log(`${search.measured} measurements; worst: ${program}, ${ratioToMedian} × the median`);
}

main();
