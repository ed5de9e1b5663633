/**
 * When all that is compiled is compiled anew: the less of it is new, the longer it has to have run; and when a program that
 * is not too large is compiled as a whole.
 */
import { describe, expect, it } from "vitest";
import { overheads } from "../../../src/interpreter/compile/economy.ts";
import { ObservedSteps } from "../../../src/interpreter/compile/observedSteps.ts";
import type { Tiers } from "../../../src/interpreter/compile/tiering.ts";

const instructions = 100;
const stepsOfInstruction = 8192;

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
    instructions: 2 ** 21,
    instructionsOf: () => instructions,
  };
  return tiers as unknown as Tiers;
}

const kindAfter = (batches: readonly number[], steps: number, isDraft = false) =>
  new ObservedSteps().next(tiersWith(batches, steps, isDraft), false)?.kind;

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
    expect(policy.next(tiers, false)).toBeUndefined();
    const { batches, functions } = tiers.compiled as unknown as {
      batches: { functions: number[] }[];
      functions: Set<number>;
    };
    batches.push({ functions: [10, 11, 12, 13, 14, 15, 16, 17, 18, 19] });
    for (let index = 10; index < 20; index++) functions.add(index);
    expect(policy.next(tiers, false)?.functions).toHaveLength(20);
  });
});

/** Tiers of a program of so many instructions that has one hot function and has compiled nothing. */
function tiersOf(instructions: number, more: Partial<Tiers> = {}): Tiers {
  const tiers = {
    compiled: undefined,
    instructions,
    seen: 1e9,
    seenInAll: 0,
    emittedInAll: 0,
    emittedSteps: 0,
    refusesAnew: false,
    touched: new Set([0]),
    weights: [1e9],
    all: [0, 1, 2],
    instructionsOf: () => 10,
    isOpen: () => true,
    calleesOf: () => new Set<number>(),
    ...more,
  };
  return tiers as unknown as Tiers;
}

const next = (tiers: Tiers) => new ObservedSteps().next(tiers, false);

describe("compiling as a whole", () => {
  const earned = (count: number) => count * overheads.wholeInstruction;
  const all = { kind: "anew", functions: [0, 1, 2] };

  it("comes once enough has run for each instruction, of emitted code eight times as much", () => {
    for (const count of [10_000, 300_000, 2 ** 20]) {
      const price = earned(count);
      expect(next(tiersOf(count, { seenInAll: price - 1 }))).not.toEqual(all);
      expect(next(tiersOf(count, { seenInAll: price }))).toEqual(all);
      expect(next(tiersOf(count, { seenInAll: 0, emittedInAll: 8 * price }))).toEqual(all);
      expect(next(tiersOf(count, { seenInAll: 0, emittedInAll: 8 * price - 8 }))).not.toEqual(all);
    }
  });

  it("has no batches before it in a program that is compiled soon", () => {
    expect(next(tiersOf(300_000))).toBeUndefined();
    expect(next(tiersOf(300_001))?.kind).toBe("batch");
  });

  it("is the last thing that happens", () => {
    const compiled = { isWhole: true } as Tiers["compiled"];
    expect(next(tiersOf(10_000, { seenInAll: 1e12, compiled }))).toBeUndefined();
  });

  it("does not come for a larger program, nor where the host has refused it", () => {
    expect(next(tiersOf(2 ** 20 + 1, { seenInAll: 1e12 }))?.kind).toBe("batch");
    expect(next(tiersOf(10_000, { seenInAll: 1e12, refusesAnew: true }))?.kind).toBe("batch");
  });
});
