/**
 * Steps and fuel of stretches of code, and the *budget*: one 64-bit number that holds what is left of both.
 *
 * Invariant: budget = fuel · 2^30 + steps, both signed, the steps within 30 bits and the fuel within 34, since a step costs
 * some twenty of it where there are floats; a budget is exhausted if either is negative, which one mask finds (bit 29 is
 * the sign of the steps; if they are not negative, bit 63 is the fuel's).
 */
export interface Cost {
  readonly steps: number;
  readonly fuel: number;
}

export const noCost: Cost = { steps: 0, fuel: 0 };

/** Half of the bits that are set in an exhausted budget, which are the same in both, as int32. */
export const exhaustedHalf = 0x8000_0000 | 0;

/** Bits that are set in an exhausted budget, as a signed 64-bit constant. */
export const exhaustedMask = BigInt.asIntN(64, 0x8000_0000_2000_0000n);

/** Bits of a budget that hold steps, and what masks them. */
export const stepBits = 30;
export const stepMask = 2 ** stepBits - 1;
/** Fuel that one unit of a budget's upper word stands for. */
const fuelAWord = 2 ** (32 - stepBits);

/** The budget that a frame returns which has been spilled: exhausted whatever is done to it. */
export const unwindingBudget = -(2n ** 63n);

/** Steps that one entry may use at most. */
export const quantum = 2 ** (stepBits - 2);

/** Longest stretches without a check that the compiler accepts. */
export const stretchCeiling: Cost = { steps: quantum - 1, fuel: 2 ** 30 };

/**
 * Fuel that an entry of so many steps may use. What is pending at a label is added to a budget on its way there, so the
 * largest budget leaves room for a stretch, in steps as in fuel.
 */
export function fuelOfEntry(steps: number): number {
  return Math.min(32 * steps, 2 ** (63 - stepBits) - 1 - stretchCeiling.fuel);
}

export function plus(a: Cost, b: Cost): Cost {
  return { steps: a.steps + b.steps, fuel: a.fuel + b.fuel };
}

export function largest(a: Cost, b: Cost): Cost {
  return { steps: Math.max(a.steps, b.steps), fuel: Math.max(a.fuel, b.fuel) };
}

export function isSame(a: Cost, b: Cost): boolean {
  return a.steps === b.steps && a.fuel === b.fuel;
}

/** The budget of a cost; the difference of two costs is the difference of their budgets. */
export function packed({ steps, fuel }: Cost): bigint {
  return BigInt(fuel) * BigInt(2 ** stepBits) + BigInt(steps);
}

/** The cost whose budget lies in two words, the lower one first. */
export function unpacked(low: number, high: number): Cost {
  const steps = (low << (32 - stepBits)) >> (32 - stepBits);
  const fuel = high * fuelAWord + (low >>> stepBits);
  return { steps, fuel: steps < 0 ? fuel + 1 : fuel };
}

/** Writes the budget of a cost into two words. */
export function packInto(words: Int32Array, at: number, { steps, fuel }: Cost): void {
  const whole = steps < 0 ? fuel - 1 : fuel;
  const high = Math.floor(whole / fuelAWord);
  words[at] = ((whole - high * fuelAWord) << stepBits) | (steps & stepMask);
  words[at + 1] = high;
}

/** The halves of what a budget gains where a cost is taken off it, both as int32: of its `packed`, negated. */
export function spent({ steps, fuel }: Cost): { readonly low: number; readonly high: number } {
  return { low: -steps | 0, high: (steps > 0 ? -1 - fuel : -fuel) | 0 };
}
