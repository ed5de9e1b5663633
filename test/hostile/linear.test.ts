/**
 * Nothing that a module contains costs more than linear time or memory before its first instruction: each generator of
 * the corpus at one size and at four times that size.
 */
import { describe, expect, it } from "vitest";
import { corpus, importer } from "./generators.ts";
import type { Measurement } from "./measure.ts";
import { measure, stages } from "./measure.ts";

const small = 3000;
const factor = 4;
/** 2.3 for a doubling. */
const bound = 2.3 ** Math.log2(factor);
/** Below this a clock and a collector say little. */
const noiseMilliseconds = 40;
const noiseBytes = 2 ** 24;
/** Times that a measurement above the bound is made again. */
const attempts = 6;

type Binaries = (count: number) => [string, Uint8Array][];

/** The mean of as many runs as make up the work of the large module, so that both are read off the clock alike. */
function averaged(binaries: [string, Uint8Array][]): Measurement {
  const runs = Array.from({ length: factor }, () => measure(binaries));
  const mean = (of: (run: Measurement) => number) =>
    runs.reduce((sum, run) => sum + of(run), 0) / factor;
  const times = Object.fromEntries(stages.map((stage) => [stage, mean((run) => run.times[stage])]));
  return {
    times: times as Measurement["times"],
    kept: mean((run) => run.kept),
  };
}

/** What has grown too much: a stage or "kept", with both figures as text. */
function excesses(one: Measurement, more: Measurement): Map<string, string> {
  const found = new Map<string, string>();
  for (const stage of stages) {
    const [before, after] = [one.times[stage], more.times[stage]];
    if (after < noiseMilliseconds || after <= bound * before) continue;
    found.set(stage, `${before.toFixed(1)} ms to ${after.toFixed(1)} ms`);
  }
  if (more.kept > noiseBytes && more.kept > bound * Math.max(one.kept, noiseBytes / 2)) {
    found.set("kept", `${one.kept} bytes to ${more.kept}`);
  }
  return found;
}

/** What has grown too much in every attempt: what is quadratic always has, a disturbed clock has not. */
function growth(binaries: Binaries): Record<string, string> {
  const [few, many] = [binaries(small), binaries(small * factor)];
  measure(few);
  let found = excesses(measure(few), measure(many));
  for (let left = attempts; left > 0 && found.size > 0; left--) {
    const again = excesses(averaged(few), measure(many));
    found = new Map([...again].filter(([name]) => found.has(name)));
  }
  return Object.fromEntries(found);
}

describe("hostile modules › four times the module costs at most 5.3 times as much", () => {
  it.each(Object.entries(corpus))(
    "%s",
    (_name, generate) => {
      expect(growth((count) => [["m", generate(count)]])).toEqual({});
    },
    600_000,
  );

  it("a module that imports all exports of another", () => {
    const pair = (count: number): [string, Uint8Array][] => [
      ["library", corpus.exports(count)],
      ["m", importer(count)],
    ];
    expect(growth(pair)).toEqual({});
  });

  it("would find what is quadratic", () => {
    const quadratic = (count: number): Measurement => ({
      times: {
        decode: 1,
        link: 1,
        commit: 1,
        translate: 1,
        emit: (count / small) ** 2 * 10,
      },
      kept: count,
    });
    expect([...excesses(quadratic(small), quadratic(small * factor))]).toEqual([
      ["emit", "10.0 ms to 160.0 ms"],
    ]);
  });
});
