/**
 * Fuzzes the fast path from the command line: `node [--no-liftoff] test/interpreter/compile/fuzz.ts GENERATOR FIRST COUNT [SECONDS [first]]`,
 * where GENERATOR is `adversary`, `recovery`, `nested`, `vectors`, `lanes`, `light`, `smith` (with Cargo) or `sample`. With `first` it ends
 * at the first parting. Prints one object of JSON; exit code 1 if executors parted.
 *
 * Invariant: what is run is a function of the generator and the seeds, unless the seconds are over before.
 */
import { sampleModules, smithModules } from "../../../spec-tests/smith/modules.ts";
import { generateImporter, generateModule } from "../../differential/generator.ts";
import { parts } from "../../differential/parts.ts";
import { adversaryModules } from "./adversary/generator.ts";
import { recoveryModules } from "./adversary/recovery.ts";
import { laneModule } from "./lanePrograms.ts";
import { compareNested } from "./nestedRun.ts";
import type { Subject } from "./randomStops.ts";
import { compareAtRandom } from "./randomStops.ts";
import { newTally } from "./stops.ts";

const batch = 500;

/** Random modules with vectors; every third imports all that another has. */
function vectorModules(seed: number): Subject["modules"] {
  const module = seed % 3 === 0 ? generateImporter(seed, true) : generateModule(seed, true);
  return parts(module).map(([name, { bytes }]) => ({ name, bytes }));
}

const bySeed: ReadonlyMap<string, (seed: number) => Subject["modules"]> = new Map([
  ["adversary", adversaryModules],
  ["recovery", recoveryModules],
  ["vectors", vectorModules],
  ["lanes", (seed) => [{ name: "m", bytes: laneModule(seed) }]],
  ["light", lightModules],
]);

/** Of all generators in turn; what has no modules is one of nestedRun.ts. */
function lightModules(seed: number): Subject["modules"] {
  const generators = ["adversary", "recovery", "vectors", "lanes"];
  const modulesOf = bySeed.get(generators[seed % (generators.length + 1)]);
  return modulesOf?.(seed) ?? [];
}

function* subjects(generator: string, first: number, count: number): Generator<[number, Subject]> {
  const modulesOf = bySeed.get(generator);
  if (modulesOf !== undefined) {
    for (let seed = first; seed < first + count; seed++) {
      const isLight = generator === "light";
      yield [seed, { label: `${generator} ${seed}`, modules: modulesOf(seed), isLight }];
    }
    return;
  }
  if (generator === "nested") {
    for (let seed = first; seed < first + count; seed++) {
      yield [seed, { label: `nested ${seed}`, modules: [] }];
    }
    return;
  }
  if (generator !== "smith" && generator !== "sample") throw new RangeError(`expected a generator`);
  for (let from = first; from < first + count; from += batch) {
    const wanted = Math.min(batch, first + count - from);
    const made =
      generator === "smith"
        ? smithModules(from, wanted)
        : sampleModules().slice(from - 1, from - 1 + wanted);
    for (const { seed, bytes } of made) {
      yield [seed, { label: `smith ${seed}`, modules: [{ name: "m", bytes }] }];
    }
  }
}

const [generator = "", first = "1", count = "100", seconds = "1000000", until] =
  process.argv.slice(2);
const start = performance.now();
const tally = newTally();
for (const [seed, subject] of subjects(generator, Number(first), Number(count))) {
  const before = tally.found.length;
  try {
    if (subject.modules.length === 0) compareNested(seed, tally, subject.isLight);
    else compareAtRandom(subject, seed, tally);
  } catch (error) {
    tally.found.push(`${subject.label}: ${error instanceof Error ? error.stack : error}`);
  }
  for (const line of tally.found.slice(before)) process.stderr.write(`${line}\n`);
  if (until === "first" && tally.found.length > 0) break;
  if (performance.now() - start > Number(seconds) * 1000) break;
}
const { refusals, traps, ...counts } = tally;
const report = {
  generator,
  first: Number(first),
  ...counts,
  refusals: Object.fromEntries(refusals),
  traps: [...traps].sort((a, b) => a - b),
  seconds: Math.round((performance.now() - start) / 1000),
};
process.stdout.write(`${JSON.stringify(report)}\n`);
process.exitCode = tally.found.length === 0 ? 0 : 1;
