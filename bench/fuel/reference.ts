/**
 * What ratios are to: the examples on the default executor, and how much slower than then the machine is at any moment,
 * told by the median example, run again for a moment beside whatever is measured.
 *
 * Invariant: the example that tells it begins with the same memory every time.
 */
import { type Example, inputOf, wasmOf } from "../../examples/manifest.ts";
import { decodeModule } from "../../src/interpreter/binary/decode.ts";
import { runWith } from "../../src/interpreter/chooseExecutor.ts";
import { link } from "../../src/interpreter/program/link.ts";
import type { Program } from "../../src/interpreter/program/program.ts";
import { genesis } from "../../src/interpreter/state/genesis.ts";
import { begin } from "../../src/interpreter/state/invocation.ts";
import { rewinding } from "../fast/contenders.ts";
import { clocked } from "./clock.ts";

export interface ExampleRate {
  readonly name: string;
  readonly nanosecondsPerFuel: number;
}

export interface Reference {
  readonly examples: readonly ExampleRate[];
  /** Nanoseconds a unit of fuel of the examples, their median. */
  readonly rate: number;
  /** How many times longer than at the best moment so far the median example takes now. */
  pace(): number;
}

const roundsOfExample = 4;
const runsOfPace = 3;
const warmRuns = 200;

/** With fuel for any number of calls. */
function programOf(example: Example): Program {
  const { name, gateway } = example;
  const modules = [{ name, module: decodeModule(wasmOf(example)) }];
  return link(modules, { gateway, limits: { callFuel: 2 ** 50 } });
}

/** Nanoseconds a unit of fuel on `auto`: the best of three calls after a first one. */
function rateOf(example: Example): number {
  const state = genesis(programOf(example));
  const input = inputOf(example.runs.large);
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < roundsOfExample; round++) {
    begin(state, input);
    const { fuelCounter } = state;
    const time = clocked(() => runWith(state, "auto"));
    if (round > 0) best = Math.min(best, (time * 1e6) / (state.fuelCounter - fuelCounter));
  }
  return best;
}

export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2;
}

/** A run of some 10^5 steps of an example, again and again from one memory; returns its milliseconds. */
function repeated(example: Example): () => number {
  const state = genesis(programOf(example));
  const input = inputOf(example.runs.medium);
  const rewind = rewinding(state);
  return () => {
    begin(state, input);
    const time = clocked(() => runWith(state, "auto"));
    rewind();
    return time;
  };
}

export function referenceOf(chosen: readonly Example[]): Reference {
  const examples = chosen.map((example) => ({
    name: example.name,
    nanosecondsPerFuel: rateOf(example),
  }));
  const rate = median(examples.map(({ nanosecondsPerFuel }) => nanosecondsPerFuel));
  const distance = ({ nanosecondsPerFuel }: ExampleRate) => Math.abs(nanosecondsPerFuel - rate);
  const nearest = [...examples].sort((a, b) => distance(a) - distance(b))[0];
  const run = repeated(chosen[examples.indexOf(nearest)]);
  let least = Number.POSITIVE_INFINITY;
  for (let warm = 0; warm < warmRuns; warm++) least = Math.min(least, run());
  const pace = () => {
    let time = run();
    for (let more = 1; more < runsOfPace; more++) time = Math.min(time, run());
    least = Math.min(least, time);
    return time / least;
  };
  return { examples, rate, pace };
}
