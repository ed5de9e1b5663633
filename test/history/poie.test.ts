/**
 * Proofs of independent execution as lists: where samples lie, and every way in which a published list can be wrong.
 */
import { id, keccak256 } from "ethers";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Hash } from "../../src/game/index.ts";
import {
  arithmeticFlaw,
  periodFor,
  proofFlaw,
  proofOfExecution,
  type Sample,
  type SampleTerms,
  SampleWalk,
} from "../../src/history/index.ts";

const terms: SampleTerms = { seed: id("seed") as Hash, period: 1000n };
const steps = 50_000n;
const hashAt = (step: bigint) => id(`state ${step}`) as Hash;

function walk(of: SampleTerms, to = steps, hash = hashAt): readonly Sample[] {
  const walked = new SampleWalk(of);
  while (walked.next <= to) walked.take(hash(walked.next));
  return walked.samples;
}

const truth = walk(terms);
const changed = (index: number, change: Partial<Sample>) => [
  ...truth.slice(0, index),
  { ...(truth[index] as Sample), ...change },
  ...truth.slice(index + 1),
];

describe("a walk", () => {
  test("begins at the seed's hash and goes on by each hash, at least one step", () => {
    expect(truth[0]?.step).toBe(BigInt(keccak256(terms.seed)) % 1000n);
    for (const [index, { step, hash }] of truth.slice(0, -1).entries()) {
      expect(truth[index + 1]?.step).toBe(step + 1n + (BigInt(hash) % 1000n));
    }
    const every = walk({ ...terms, period: 1n }, 9n);
    expect(every.map(({ step }) => step)).toEqual([0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n, 9n]);
  });

  test("has about as many samples as its period was chosen for", () => {
    for (const count of [1, 8, 64]) {
      const taken = walk({ ...terms, period: periodFor(10n ** 6n, count) }, 10n ** 6n).length;
      expect(taken).toBeGreaterThan(count / 2 - 1);
      expect(taken).toBeLessThan(count * 2 + 2);
    }
    expect(periodFor(0n, 64)).toBe(1n);
  });

  test("of another seed is another", () => {
    expect(walk({ ...terms, seed: id("other") as Hash })[0]).not.toEqual(truth[0]);
  });

  test("a period below 1 and a count below 1 are refused", () => {
    expect(() => new SampleWalk({ ...terms, period: 0n })).toThrow(RangeError);
    expect(() => arithmeticFlaw([], { ...terms, period: 0n }, 1n)).toThrow(RangeError);
    expect(() => periodFor(5n, 0)).toThrow(RangeError);
  });
});

describe("a list", () => {
  test("that is true has no flaw", () => {
    expect(proofFlaw(truth, truth, terms, steps)).toBeUndefined();
  });

  test("that ends early or goes on too long shows it by itself", () => {
    expect(arithmeticFlaw(truth.slice(0, -1), terms, steps)).toEqual({
      kind: "length",
      index: truth.length - 1,
    });
    expect(arithmeticFlaw(walk(terms, steps + 2000n), terms, steps)).toEqual({
      kind: "length",
      index: truth.length,
    });
    expect(arithmeticFlaw([], terms, steps)).toEqual({ kind: "length", index: 0 });
    expect(arithmeticFlaw([], terms, 0n)).toBeUndefined();
  });

  test("with an invented hash and all that follows from it is wrong in that state", () => {
    const invented = walk(terms, steps, (step) =>
      step >= (truth[20]?.step ?? 0n) ? (id(`invented ${step}`) as Hash) : hashAt(step),
    );
    expect(proofFlaw(invented, truth, terms, steps)).toEqual({
      kind: "state",
      index: 20,
      ...truth[20],
    });
  });

  test("copied from another seed breaks the recurrence at once", () => {
    const copied = walk({ ...terms, seed: id("before") as Hash });
    expect(proofFlaw(copied, truth, terms, steps)).toEqual({ kind: "recurrence", index: 0 });
  });

  test("changed anywhere is found there or just behind", () => {
    fc.assert(
      fc.property(fc.nat(truth.length - 1), fc.bigInt(1n, 2n ** 64n), (index, by) => {
        const { step, hash } = truth[index] as Sample;
        const moved = proofFlaw(changed(index, { step: step + by }), truth, terms, steps);
        expect(moved).toEqual({ kind: "recurrence", index });
        const other = keccak256(hash) as Hash;
        const wrong = proofFlaw(changed(index, { hash: other }), truth, terms, steps);
        expect(wrong).toEqual({ kind: "state", index, step, hash });
      }),
      { seed: 11, numRuns: 100 },
    );
  });

  test("has a proof that every field changes", () => {
    const proofs = [
      truth,
      truth.slice(1),
      changed(3, { step: 1n }),
      changed(3, { hash: id("x") as Hash }),
    ].map(proofOfExecution);
    expect(new Set(proofs).size).toBe(proofs.length);
  });
});
