/**
 * The validation game played out by lot (paper §6): clusters that lie or do not, validators of five kinds drawn one
 * after the other until p_v says no. Shows what the closed forms say, and what they leave out.
 *
 * Invariant: a seed decides a simulation; money is conserved: what convicted validators lose is what others get and
 * what is burned.
 */
import {
  isInvented,
  type Pool,
  reaction,
  type Terms,
  type ValidatorKind,
  validatorKinds,
} from "./payoffs.ts";
import type { TurnTerms } from "./probabilities.ts";

/** A generator of numbers in [0, 1). */
export type Random = () => number;

/** Numbers by a seed (mulberry32). */
export function randomBy(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A sum and how often it was added to. */
export interface Mean {
  count: number;
  sum: number;
  squares: number;
}

/** What many fragments have come to. */
export interface Played {
  readonly fragments: number;
  readonly validations: number;
  /** Payoff of a validation by its validator's kind. */
  readonly payoffs: Readonly<Record<ValidatorKind, Mean>>;
  /** Paid in rewards; lost by the convicted or the blackmailed; burned. */
  readonly paid: number;
  readonly lost: number;
  readonly burned: number;
}

/** Mean and its standard error. */
export function estimate({ count, sum, squares }: Mean): { mean: number; error: number } {
  const mean = sum / count;
  return { mean, error: Math.sqrt(Math.max(squares / count - mean * mean, 0) / count) };
}

/** The turns of so many fragments, each confirmed with a probability and else missed; how many become final. */
export function playTurns(
  confirms: number,
  { p, sure, mostUnconfirmed }: TurnTerms,
  fragments: number,
  random: Random,
): number {
  let final = 0;
  for (let fragment = 0; fragment < fragments; fragment++) {
    let ahead = 0;
    while (ahead > -mostUnconfirmed) {
      if (ahead >= sure && random() >= p) {
        final++;
        break;
      }
      ahead += random() < confirms ? 1 : -1;
    }
  }
  return final / fragments;
}

/**
 * Plays so many fragments that a true cluster has made. Every fragment's validations are the sequence of 6.1; payoffs
 * are booked to the validator who gets or loses them, so that kinds can be compared.
 */
export function play(pool: Pool, terms: Terms, fragments: number, random: Random): Played {
  const payoffs = Object.fromEntries(
    validatorKinds.map((kind) => [kind, { count: 0, sum: 0, squares: 0 }]),
  ) as Record<ValidatorKind, Mean>;
  const total = { validations: 0, paid: 0, lost: 0, burned: 0 };
  const book = (kind: ValidatorKind, amount: number) => {
    const mean = payoffs[kind];
    mean.count++;
    mean.sum += amount;
    mean.squares += amount * amount;
  };
  for (let fragment = 0; fragment < fragments; fragment++) {
    let before: { kind: ValidatorKind; amount: number } | undefined;
    while (random() < terms.p) {
      const kind = draw(pool, random);
      const own = ownPayoff(kind, terms);
      const taken = before === undefined ? noTransfer : transfer(kind, before.kind, terms);
      total.validations++;
      total.paid += terms.reward;
      total.lost += taken.lost;
      total.burned += taken.lost - taken.gained;
      if (before !== undefined) book(before.kind, before.amount - taken.lost);
      before = { kind, amount: own + taken.gained };
    }
    if (before !== undefined) book(before.kind, before.amount);
  }
  return { fragments, payoffs, ...total };
}

/**
 * Fraction of lies that nobody honest ever looks at: fragments of lying clusters, with `sure` validations before p_v
 * decides.
 */
export function playEscapes(
  malicious: number,
  p: number,
  sure: number,
  fragments: number,
  random: Random,
): number {
  let escaped = 0;
  for (let fragment = 0; fragment < fragments; fragment++) {
    let isCaught = false;
    for (let made = 0; !isCaught && (made < sure || random() < p); made++) {
      isCaught = random() >= malicious;
    }
    if (!isCaught) escaped++;
  }
  return escaped / fragments;
}

const noTransfer = { lost: 0, gained: 0 };

function ownPayoff(kind: ValidatorKind, { reward, checkCost }: Terms): number {
  if (isInvented(kind)) return reward;
  return reward - 1 - (kind === "silent" ? 0 : checkCost);
}

function transfer(next: ValidatorKind, before: ValidatorKind, { deposit, share, price }: Terms) {
  switch (reaction(next, before)) {
    case "convicts":
      return { lost: deposit, gained: deposit * share };
    case "sells":
      return { lost: deposit * price, gained: deposit * price };
    case "lets":
      return noTransfer;
  }
}

function draw(pool: Pool, random: Random): ValidatorKind {
  let left = random();
  for (const kind of validatorKinds) {
    left -= pool[kind];
    if (left < 0) return kind;
  }
  return "honest";
}
