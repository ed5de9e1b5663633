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

/** A budget by its halves, both as int32. */
export interface Halves {
  readonly low: number;
  readonly high: number;
}

/** Bits of a budget that hold steps, and what masks them. */
export const stepBits = 30;
export const stepMask = 2 ** stepBits - 1;
/** Fuel that one unit of a budget's upper half stands for. */
const fuelAHalf = 2 ** (32 - stepBits);

/** Bits that are set in an exhausted budget, as a signed 64-bit constant and by halves. */
export const exhaustedHalves: Halves = { low: 2 ** (stepBits - 1), high: -(2 ** 31) };
export const exhaustedMask = BigInt.asIntN(64, 0x8000_0000_2000_0000n);

/** The budget that a frame returns which has been spilled: exhausted whatever is done to it. */
export const unwindingBudget = -(2n ** 63n);

/** Longest stretches without a check that the compiler accepts. */
export const stretchCeiling: Cost = { steps: 2 ** 24, fuel: 2 ** 29 };

/**
 * What light code is given at one time. It looks at the budget's sign alone, so at the fuel: the steps, each of which costs fuel, are
 * no more than that, and stay within their bits.
 */
export const lightPortion = 2 ** 28;
/** How far light code may go beyond a budget that is spent: within the range of both halves. */
export const lightOverrun: Cost = { steps: 2 ** 28, fuel: 2 ** 32 };

/** Steps that one entry may use at most; see `fuelOfEntry`. */
export const quantum = 2 ** (stepBits - 1) - 1 - stretchCeiling.steps;

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
  if (a.steps >= b.steps && a.fuel >= b.fuel) return a;
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
  const fuel = high * fuelAHalf + (low >>> stepBits);
  return { steps, fuel: steps < 0 ? fuel + 1 : fuel };
}

/** `packed`, by halves. */
function halvesOf({ steps, fuel }: Cost): Halves {
  const whole = steps < 0 ? fuel - 1 : fuel;
  const high = Math.floor(whole / fuelAHalf);
  return { low: ((whole - high * fuelAHalf) << stepBits) | (steps & stepMask), high: high | 0 };
}

/** Writes the budget of a cost into two words, the lower one first. */
export function packInto(words: Int32Array, at: number, cost: Cost): void {
  const { low, high } = halvesOf(cost);
  words[at] = low;
  words[at + 1] = high;
}

/** What a budget gains where a cost is taken off it. */
export function spent({ steps, fuel }: Cost): Halves {
  return halvesOf({ steps: -steps, fuel: -fuel });
}
