/** When all that is compiled is compiled anew: the less of it is new, the longer it has to have run. */
import { describe, expect, it } from "vitest";
import { ObservedSteps } from "../../../src/interpreter/compile/observedSteps.ts";
import type { Tiers } from "../../../src/interpreter/compile/tiering.ts";

const instructions = 100;
const stepsOfInstruction = 2048;

/** Tiers with batches of so many functions, the first of them the main module, that have seen nothing but emitted steps. */
function tiersWith(batches: readonly number[], emittedSteps: number, isDraft = false): Tiers {
  let next = 0;
  const functions = batches.map((count) => Array.from({ length: count }, () => next++));
  const compiled = {
    isDraft,
    batches: functions.map((each) => ({ functions: each })),
    functions: new Set(functions.flat()),
  };
  const tiers = {
    compiled,
    emittedSteps,
    seen: 0,
    touched: [],
    instructionsOf: () => instructions,
  };
  return tiers as unknown as Tiers;
}

const kindAfter = (batches: readonly number[], steps: number, isDraft = false) =>
  new ObservedSteps().next(tiersWith(batches, steps, isDraft))?.kind;

describe("compiling anew", () => {
  it.each([
    [[10], true, 1],
    [[4, 6], true, 1],
    [[5, 5], false, 4],
    [[9, 1], false, 100],
    [[8, 1, 1], false, 25],
  ])(
    "of batches of %j functions, the first a draft: %s, has to be earned %i times",
    (batches, isDraft, times) => {
      const price = 10 * instructions * stepsOfInstruction * times;
      expect(kindAfter(batches, price * 0.99, isDraft)).toBeUndefined();
      expect(kindAfter(batches, price * 1.01, isDraft)).toBe("anew");
    },
  );

  it("never happens where nothing is new", () => {
    expect(kindAfter([10], Number.MAX_SAFE_INTEGER)).toBeUndefined();
  });

  it("counts batches that come later", () => {
    const policy = new ObservedSteps();
    const tiers = tiersWith([10], 1e9);
    expect(policy.next(tiers)).toBeUndefined();
    const { batches, functions } = tiers.compiled as unknown as {
      batches: { functions: number[] }[];
      functions: Set<number>;
    };
    batches.push({ functions: [10, 11, 12, 13, 14, 15, 16, 17, 18, 19] });
    for (let index = 10; index < 20; index++) functions.add(index);
    expect(policy.next(tiers)?.functions).toHaveLength(20);
  });
});
