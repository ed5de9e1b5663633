/**
 * What stopping on the way costs: one stop with a state hash anywhere, and sixteen in one pass.
 *
 * Method: every run begins in the same state, with a tree that knows the hash of the begun call, as two parties do
 * before they dispute. A plain run and runs with stops take turns; what a stop adds is the difference of the whole runs,
 * so going on afterwards is part of its price.
 */
import { type Example, inputOf, type RunSize } from "../../examples/manifest.ts";
import { begin } from "../../src/interpreter/state/invocation.ts";
import { StateTree } from "../../src/merkle/commitment/stateTree.ts";
import { fastContender, programOf, rewinding } from "./contenders.ts";
import { milliseconds, settle } from "./timing.ts";

const hashes = 16;
const goldenSection = 0.6180339887;

export interface StopRatios {
  /** What a stop and its hash add to a run, over the time up to the stop, and 1. */
  readonly stopAnywhereRatio: number;
  readonly sixteenHashesRatio: number;
  /** The same stops without hashes. */
  readonly sixteenStopsRatio: number;
  readonly plainMs: number;
}

/** Runs calls of one example with stops. */
class StoppedRuns {
  readonly #machine;
  readonly #input: Uint8Array;
  readonly #tree: StateTree;
  readonly #rewind: () => void;
  readonly steps: number;

  constructor(example: Example, size: RunSize) {
    this.#machine = fastContender(programOf(example));
    this.#machine.call(inputOf(example.runs.medium));
    this.#input = inputOf(example.runs[size]);
    const { state } = this.#machine;
    this.#rewind = rewinding(state);
    this.#tree = new StateTree(state);
    this.#tree.stateHash();
    const before = state.stepCounter;
    this.#machine.call(this.#input);
    this.steps = state.stepCounter - before;
    this.#rewind();
  }

  /** Times of a call up to its last stop, before what is done there, and of the whole call. */
  run(stops: readonly number[], isHashing: boolean): { toStop: number; whole: number } {
    const { state, executor } = this.#machine;
    begin(state, this.#input);
    this.#tree.stateHash();
    const start = state.stepCounter;
    const from = milliseconds();
    let toStop = 0;
    for (const stop of stops) {
      executor?.run(start + stop - state.stepCounter);
      toStop = milliseconds() - from;
      if (isHashing) this.#tree.stateHash();
    }
    executor?.run();
    const whole = milliseconds() - from;
    this.#rewind();
    return { toStop, whole };
  }
}

export async function stopRatios(
  example: Example,
  size: RunSize,
  rounds: number,
): Promise<StopRatios> {
  const runs = new StoppedRuns(example, size);
  const middle = [Math.floor(runs.steps * goldenSection)];
  const equal = Array.from({ length: hashes }, (_, index) =>
    Math.ceil(((index + 1) * runs.steps) / hashes),
  );
  const sums = { plain: 0, stop: 0, toStop: 0, sixteen: 0, bare: 0 };
  for (let round = -1; round < rounds; round++) {
    // The first round warms up.
    const weight = round < 0 ? 0 : 1;
    sums.plain += weight * runs.run([], false).whole;
    const { toStop, whole } = runs.run(middle, true);
    sums.stop += weight * whole;
    sums.toStop += weight * toStop;
    sums.sixteen += weight * runs.run(equal, true).whole;
    sums.bare += weight * runs.run(equal, false).whole;
    await settle();
  }
  return {
    stopAnywhereRatio: 1 + (sums.stop - sums.plain) / sums.toStop,
    sixteenHashesRatio: sums.sixteen / sums.plain,
    sixteenStopsRatio: sums.bare / sums.plain,
    plainMs: sums.plain / rounds,
  };
}
