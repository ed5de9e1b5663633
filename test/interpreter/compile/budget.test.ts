/** Budgets as numbers and as words: what emitted code subtracts in 64 bits is what the executor reads (budget.ts). */
import { describe, expect, it } from "vitest";
import type { Cost, Halves } from "../../../src/interpreter/compile/budget.ts";
import {
  exhaustedHalves,
  exhaustedMask,
  fuelOfEntry,
  packed,
  packInto,
  quantum,
  spent,
  stretchCeiling,
  unpacked,
} from "../../../src/interpreter/compile/budget.ts";
import { Random } from "../../differential/random.ts";

const fullEntry: Cost = { steps: quantum, fuel: fuelOfEntry(quantum) };

function wordsOf(cost: Cost): Int32Array {
  const words = new Int32Array(2);
  packInto(words, 0, cost);
  return words;
}

/** What is left of a budget in the machine memory when emitted code has subtracted a cost from it. */
function afterSpending(words: Int32Array, cost: Cost): Cost {
  const budget = new BigInt64Array(words.buffer, 0, 1);
  budget[0] = BigInt.asIntN(64, budget[0] - packed(cost));
  return unpacked(words[0], words[1]);
}

function isExhausted({ steps, fuel }: Cost): boolean {
  return (packed({ steps, fuel }) & exhaustedMask) !== 0n;
}

function joined({ low, high }: Halves): bigint {
  return BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low >>> 0));
}

describe("budget", () => {
  it("a full entry, what an edge gives back to it, and the longest stretch behind it fit", () => {
    const { steps, fuel } = fullEntry;
    const words = wordsOf(fullEntry);
    const given = { steps: -stretchCeiling.steps, fuel: -stretchCeiling.fuel };
    const most = { steps: steps - given.steps, fuel: fuel - given.fuel };
    expect(unpacked(words[0], words[1])).toEqual(fullEntry);
    expect(afterSpending(words, given)).toEqual(most);
    expect(isExhausted(most)).toBe(false);
    expect(afterSpending(words, { steps: -given.steps, fuel: -given.fuel })).toEqual(fullEntry);
    const cost = { steps: steps + stretchCeiling.steps, fuel: fuel + stretchCeiling.fuel };
    expect(afterSpending(words, cost)).toEqual({
      steps: -stretchCeiling.steps,
      fuel: -stretchCeiling.fuel,
    });
  });

  it("what emitted code spends is what the executor finds gone, and it is exhausted below zero only", () => {
    const random = new Random(20261129);
    for (let round = 0; round < 20_000; round++) {
      const given = {
        steps: random.below(quantum + 1) >>> random.below(29),
        fuel: Math.floor(random.below(2 ** 31) * 4 * 2 ** -random.below(33)),
      };
      const cost = {
        steps: random.below(2 ** 28) >>> random.below(29),
        fuel: Math.floor(random.below(2 ** 31) * 2 ** -random.below(32)),
      };
      const left = { steps: given.steps - cost.steps, fuel: given.fuel - cost.fuel };
      const words = wordsOf(given);
      expect(afterSpending(words, cost)).toEqual(left);
      expect([...wordsOf(left)]).toEqual([...words]);
      expect(isExhausted(left)).toBe(left.steps < 0 || left.fuel < 0);
      expect(joined(spent(cost))).toBe(-packed(cost));
    }
  });

  it("the halves of what marks an exhausted one are its mask", () => {
    expect(joined(exhaustedHalves)).toBe(exhaustedMask);
  });
});
