/**
 * What a validation brings to each kind of validator (paper 6.3.2), in closed form: honest, lazy (copies results, invents
 * its proof), silent (executes, does not check the proof before), blackmailing (sells its silence).
 *
 * Invariant: payoffs are per validation, in units of the cost of one execution; the kinds are drawn independently, and a
 * validation is followed by another with probability p_v. An entity's members are lazy and spare one another.
 */

/** Kinds of validators. */
export const validatorKinds = ["honest", "silent", "lazy", "blackmailing", "entity"] as const;
export type ValidatorKind = (typeof validatorKinds)[number];

/** Fractions of the pool; they add up to 1. */
export type Pool = Readonly<Record<ValidatorKind, number>>;

/** What the contract and the market set; amounts in costs of one execution. */
export interface Terms {
  /** p_v: probability that a validation is followed by another. */
  readonly p: number;
  /** Pay for a validation. */
  readonly reward: number;
  /** What a convicted validator loses. */
  readonly deposit: number;
  /** Part of a lost deposit that who convicted gets; the rest is burned. */
  readonly share: number;
  /** Cost of checking the proof before in the same pass. */
  readonly checkCost: number;
  /** What a blackmailer asks for, as a part of the deposit: at least `share`, below 1. */
  readonly price: number;
}

/** Whether a validator of this kind invents its proof. */
export function isInvented(kind: ValidatorKind): boolean {
  return kind === "lazy" || kind === "entity";
}

/** What `next` does to the invented proof of `before`. */
export function reaction(
  next: ValidatorKind,
  before: ValidatorKind,
): "convicts" | "sells" | "lets" {
  if (!isInvented(before)) return "lets";
  if (next === "honest") return "convicts";
  return next === "blackmailing" ? "sells" : "lets";
}

/** Mean payoff of one validation by a validator of this kind. */
export function payoff(kind: ValidatorKind, pool: Pool, terms: Terms): number {
  const { p, reward, deposit, share, checkCost, price } = terms;
  const invented = pool.lazy + pool.entity;
  // The validation before exists with probability p as seen from any but the first, whose share is 1 − p.
  const foundBefore = p * invented * deposit;
  switch (kind) {
    case "honest":
      return reward - 1 - checkCost + foundBefore * share;
    case "blackmailing":
      return reward - 1 - checkCost + foundBefore * price;
    case "silent":
      return reward - 1;
    default:
      return reward - p * deposit * (pool.honest + pool.blackmailing * price);
  }
}

/** Least deposit, in costs of one execution, at which executing pays more than inventing the proof. */
export function deterringDeposit(honest: number, p: number): number {
  return 1 / (p * honest);
}
