/**
 * Nothing that a module contains costs more than linear time or memory before its first instruction: each generator of
 * the corpus at one size and at four times that size.
 */
import { describe, expect, it } from "vitest";
import { corpus, importer } from "./generators.ts";
import type { Measurement, Stage } from "./measure.ts";
import { measure, stages } from "./measure.ts";

const small = 3000;
const factor = 4;
/** 2.3 for a doubling. */
const bound = 2.3 ** Math.log2(factor);
/** Below this a clock and a collector say little. */
const noiseMilliseconds = 40;
const noiseBytes = 2 ** 24;
/** Times that a measurement above the bound is made again: the least counts. */
const attempts = 6;

type Binaries = (count: number) => [string, Uint8Array][];

function least(left: Measurement, right: Measurement): Measurement {
  const time = (stage: Stage) => Math.min(left.times[stage], right.times[stage]);
  const times = Object.fromEntries(stages.map((stage) => [stage, time(stage)]));
  return { times: times as Measurement["times"], kept: Math.min(left.kept, right.kept) };
}

/** What has grown too much, as text. */
function excesses(one: Measurement, more: Measurement): string[] {
  const found: string[] = [];
  for (const stage of stages) {
    const [before, after] = [one.times[stage], more.times[stage]];
    if (after < noiseMilliseconds || after <= bound * before) continue;
    found.push(`${stage}: ${before.toFixed(1)} ms to ${after.toFixed(1)} ms`);
  }
  if (more.kept > noiseBytes && more.kept > bound * Math.max(one.kept, noiseBytes / 2)) {
    found.push(`kept: ${one.kept} bytes to ${more.kept}`);
  }
  return found;
}

function growth(binaries: Binaries): string[] {
  const [few, many] = [binaries(small), binaries(small * factor)];
  measure(few);
  let [one, more] = [measure(few), measure(many)];
  for (let left = attempts; left > 0 && excesses(one, more).length > 0; left--) {
    one = least(one, measure(few));
    more = least(more, measure(many));
  }
  return excesses(one, more);
}

describe("hostile modules › four times the module costs at most 5.3 times as much", () => {
  it.each(Object.entries(corpus))(
    "%s",
    (_name, generate) => {
      expect(growth((count) => [["m", generate(count)]])).toEqual([]);
    },
    600_000,
  );

  it("a module that imports all exports of another", () => {
    const pair = (count: number): [string, Uint8Array][] => [
      ["library", corpus.exports(count)],
      ["m", importer(count)],
    ];
    expect(growth(pair)).toEqual([]);
  });

  it("would find what is quadratic", () => {
    const quadratic = (count: number): Measurement => ({
      times: { decode: 1, link: 1, commit: 1, translate: 1, emit: (count / small) ** 2 * 10 },
      kept: count,
    });
    expect(excesses(quadratic(small), quadratic(small * factor))).toEqual([
      "emit: 10.0 ms to 160.0 ms",
    ]);
  });
});
