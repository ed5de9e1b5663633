/**
 * The ways in which a state is run to its halt, by name. Each is held against the reference (agreement.ts).
 *
 * Invariant: deterministic: pieces of a run are cut by a seeded generator.
 */
import { run } from "../src/interpreter/blocks/runSteps.ts";
import { statusCodes } from "../src/interpreter/state/machineState.ts";
import type { Executor } from "./agreement.ts";
import { runEagerly } from "./engines/fast.ts";

/** Numbers below `bound`, by xorshift; the same ones in every process. */
function generator(seed: number): (bound: number) => number {
  let word = seed;
  return (bound) => {
    word ^= word << 13;
    word ^= word >>> 17;
    word ^= word << 5;
    return (word >>> 0) % bound;
  };
}

/** Runs in pieces of `least` to `least + spread` steps: every stop is somewhere else. */
function pieces(least: number, spread: number): Executor {
  const below = generator(1);
  return (state) => {
    while (state.status === statusCodes.running) run(state, { steps: least + below(spread) });
  };
}

export const executors: Readonly<Record<string, Executor>> = {
  "in one go": (state) => run(state),
  "in long pieces": pieces(256, 700),
  "in pieces of all lengths": pieces(1, 600),
  "on the fast path": runEagerly,
};
