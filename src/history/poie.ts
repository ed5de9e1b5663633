/**
 * Proofs of independent execution (paper 6.3, 6.4): hashes of a fragment's states at steps that the hashes themselves
 * decide, which nobody has who has not executed the fragment under this seed.
 *
 *   T_0 = keccak( λ ) mod P,   T_m = T_{m−1} + 1 + ( H_{m−1} mod P ),   all T ≤ n
 *
 * Steps count from the fragment's start over all its calls; a count at which a call ends means its terminal state,
 * before the next `begin`, and 0 the state before the first. The paper leaves out the 1, and a walk would stand still
 * wherever H mod P = 0. Invariant: a seed, a period and an execution have exactly one list.
 */
import { keccak256, solidityPacked } from "ethers";
import type { Hash } from "../game/index.ts";

/** A state of the fragment: after how many of its steps, and its hash. */
export interface Sample {
  /** T, instructions since the fragment's start. */
  readonly step: bigint;
  /** H_VM at that step. */
  readonly hash: Hash;
}

/** What decides where a proof's samples lie. */
export interface SampleTerms {
  /** λ, drawn when the validation before has ended: nobody knows it earlier. */
  readonly seed: Hash;
  /** P, steps; samples are (P + 1) / 2 steps apart in the mean. */
  readonly period: bigint;
}

/** A walk over a fragment's steps: says where the next sample lies, and takes it. */
export class SampleWalk {
  readonly #period: bigint;
  readonly #samples: Sample[] = [];
  #next: bigint;

  /**
   * @param taken Hashes of the samples that were taken already, to go on with a walk.
   * @throws RangeError for a period below 1.
   */
  constructor({ seed, period }: SampleTerms, taken: readonly Hash[] = []) {
    this.#period = checkPeriod(period);
    this.#next = firstStep(seed, period);
    for (const hash of taken) this.take(hash);
  }

  /** Step of the next sample, which exists if the fragment has so many. */
  get next(): bigint {
    return this.#next;
  }

  /** The samples taken so far. */
  get samples(): readonly Sample[] {
    return this.#samples;
  }

  /** Takes the sample at `next`. */
  take(hash: Hash): void {
    this.#samples.push({ step: this.#next, hash });
    this.#next = stepAfter({ step: this.#next, hash }, this.#period);
  }
}

/** π: Keccak-256 of the samples, each as its step (u64) and its hash. */
export function proofOfExecution(samples: readonly Sample[]): Hash {
  const fields = samples.flatMap(({ step, hash }) => [step, hash]);
  const types = samples.flatMap(() => ["uint64", "bytes32"]);
  return keccak256(solidityPacked(types, fields)) as Hash;
}

/** The samples whose hashes are published: their steps follow from the terms. */
export function samplesFrom(hashes: readonly Hash[], terms: SampleTerms): readonly Sample[] {
  return new SampleWalk(terms, hashes).samples;
}

/** The period at which a fragment of so many steps has about `count` samples. */
export function periodFor(steps: bigint, count: number): bigint {
  if (!Number.isSafeInteger(count) || count < 1) {
    throw new RangeError(`expected a count of samples of at least 1, got ${count}`);
  }
  const period = (2n * steps) / BigInt(count) - 1n;
  return period < 1n ? 1n : period;
}

/**
 * What is wrong with a published list, as the dispute about it needs it:
 * `recurrence`: a step is not where the hash before puts it (the first wrong one); `length`: the list ends although
 * its next step lies within the fragment, or goes beyond it (index of the sample that is missing or too many): both
 * are arithmetic over the list. `state`: the fragment's state at that step has another hash: one search, from the
 * beginning of the call in which the step lies.
 */
export type ProofFlaw =
  | { readonly kind: "recurrence" | "length"; readonly index: number }
  | { readonly kind: "state"; readonly index: number; readonly step: bigint; readonly hash: Hash };

/**
 * The flaw that the list shows by itself, whatever was executed; undefined if there is none.
 *
 * @param steps n, steps of the whole fragment.
 */
export function arithmeticFlaw(
  list: readonly Sample[],
  { seed, period }: SampleTerms,
  steps: bigint,
): ProofFlaw | undefined {
  checkPeriod(period);
  let next = firstStep(seed, period);
  for (const [index, sample] of list.entries()) {
    if (sample.step !== next) return { kind: "recurrence", index };
    if (next > steps) return { kind: "length", index };
    next = stepAfter(sample, period);
  }
  return next <= steps ? { kind: "length", index: list.length } : undefined;
}

/**
 * The first flaw of a list, by the true list of the same terms (a walk of one's own over the whole fragment);
 * undefined if the lists are equal. A flaw that needs no execution is never called `state`.
 */
export function proofFlaw(
  list: readonly Sample[],
  truth: readonly Sample[],
  terms: SampleTerms,
  steps: bigint,
): ProofFlaw | undefined {
  const arithmetic = arithmeticFlaw(list, terms, steps);
  const index = list.findIndex(({ step, hash }, at) => {
    const right = truth[at];
    return right?.step === step && right.hash.toLowerCase() !== hash.toLowerCase();
  });
  const right = truth[index];
  if (right === undefined) return arithmetic;
  if (arithmetic !== undefined && arithmetic.index <= index) return arithmetic;
  return { kind: "state", index, ...right };
}

function firstStep(seed: Hash, period: bigint): bigint {
  return BigInt(keccak256(seed)) % period;
}

function stepAfter({ step, hash }: Sample, period: bigint): bigint {
  return step + 1n + (BigInt(hash) % period);
}

function checkPeriod(period: bigint): bigint {
  if (period < 1n) throw new RangeError(`expected a sampling period of at least 1, got ${period}`);
  return period;
}
