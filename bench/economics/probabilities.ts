/**
 * Closed forms for who escapes batch validation (paper 2.2, 6.1): the paper's two probabilities, and the same with the
 * number of validations drawn as 6.1 draws it.
 *
 * Invariant: workers and validators are drawn independently from a network of which a fraction is malicious; a cluster
 * lies if more than two thirds of its power may, and a lie is found by the first validator who is not malicious.
 */

/** A cluster and what checks it. */
export interface Setting {
  /** Fraction of malicious nodes in the network. */
  readonly malicious: number;
  /** γ, workers. */
  readonly workers: number;
}

/** Probability that at least `least` of `count` drawn nodes are malicious. */
export function atLeast(least: number, count: number, malicious: number): number {
  let sum = 0;
  for (let drawn = least; drawn <= count; drawn++) {
    sum += binomial(count, drawn) * malicious ** drawn * (1 - malicious) ** (count - drawn);
  }
  return sum;
}

/** Malicious workers that the paper counts as enough: two thirds of the cluster, rounded up. */
export function twoThirds(workers: number): number {
  return Math.ceil((2 * workers) / 3);
}

/** Malicious workers that CometBFT asks for: more than two thirds of the power. */
export function quorum(workers: number): number {
  return Math.floor((2 * workers) / 3) + 1;
}

/** Paper 2.2: the cluster can lie; and it can and all of exactly `validations` validators are malicious too. */
export function paperProbability({ malicious, workers }: Setting, validations: number): number {
  return atLeast(twoThirds(workers), workers, malicious) * malicious ** validations;
}

/**
 * Probability that a lie, once told, is never checked by anybody honest, if after every validation another one is made
 * with probability p_v (6.1), beyond `sure` that are always made.
 */
export function escapes(malicious: number, p: number, sure = 0): number {
  return (malicious ** sure * (1 - p)) / (1 - p * malicious);
}

/** When a fragment is final, and when it is given up (docs/validation.md §4 and §5). */
export interface TurnTerms {
  /** p_v. */
  readonly p: number;
  /** Confirmations that are always made, beyond the turns that were missed. */
  readonly sure: number;
  /** Turns missed beyond those confirmed with which it is given up. */
  readonly mostUnconfirmed: number;
}

/** Beyond so many confirmations more than missed turns the chance to be given up is less than a double can hold. */
const farAhead = 400;

/**
 * Probability that a fragment becomes final of which each chosen validator confirms with a probability and else misses its
 * turn: the exit of a walk over confirmations less misses, which p_v ends where they are enough. A tridiagonal system.
 */
export function becomesFinal(confirms: number, { p, sure, mostUnconfirmed }: TurnTerms): number {
  const size = farAhead + mostUnconfirmed;
  // Row i is the difference i + 1 − mostUnconfirmed; f = end + on · (confirms · f above + (1 − confirms) · f below).
  const above: number[] = [];
  const constant: number[] = [];
  for (let i = 0; i < size; i++) {
    const isEnough = i + 1 - mostUnconfirmed >= sure;
    const [on, end] = isEnough ? [p, 1 - p] : [1, 0];
    const below = i === 0 ? 0 : on * (1 - confirms);
    const pivot = 1 - below * (above[i - 1] ?? 0);
    above.push((on * confirms) / pivot);
    constant.push((end + below * (constant[i - 1] ?? 0)) / pivot);
  }
  let value = 1;
  for (let i = size - 1; i >= mostUnconfirmed - 1; i--) value = constant[i] + above[i] * value;
  return value;
}

/** Validations in the mean. */
export function expectedValidations(p: number, sure = 0): number {
  return sure + p / (1 - p);
}

/** Least stake of a lying cluster, in units of what the lie brings, at which lying does not pay. */
export function deterringStake(malicious: number, p: number, sure = 0): number {
  const escaped = escapes(malicious, p, sure);
  return escaped / (1 - escaped);
}

function binomial(n: number, k: number): number {
  let value = 1;
  for (let i = 1; i <= k; i++) value = (value * (n - k + i)) / i;
  return value;
}
