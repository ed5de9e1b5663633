/**
 * The incentive model: closed forms against lots, the paper's figures, money conserved, and the documented plots.
 */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  deterringDeposit,
  type Pool,
  payoff,
  type Terms,
  validatorKinds,
} from "../../bench/economics/payoffs.ts";
import { drawPlots, plottedTerms, poolWith } from "../../bench/economics/plots.ts";
import {
  becomesFinal,
  deterringStake,
  escapes,
  expectedValidations,
  paperProbability,
} from "../../bench/economics/probabilities.ts";
import {
  estimate,
  play,
  playEscapes,
  playTurns,
  randomBy,
} from "../../bench/economics/simulation.ts";

describe("probabilities", () => {
  test("the paper's two are as it says", () => {
    expect(paperProbability({ malicious: 0.1, workers: 7 }, 0)).toBeCloseTo(1.8e-4, 5);
    expect(paperProbability({ malicious: 0.1, workers: 4 }, 3)).toBeCloseTo(3.7e-6, 8);
  });

  test.each([
    [0.1, 0.75, 0],
    [0.3, 0.5, 1],
    [0.5, 0.9, 2],
  ])("a lie escapes as often by lot (malicious %d, p_v %d, %d sure)", (malicious, p, sure) => {
    const fragments = 100_000;
    const exact = escapes(malicious, p, sure);
    const drawn = playEscapes(malicious, p, sure, fragments, randomBy(7));
    const error = Math.sqrt((exact * (1 - exact)) / fragments);
    expect(Math.abs(drawn - exact)).toBeLessThan(4 * error);
  });

  test.each([
    [0.1, 0.75, 1, 4],
    [0.3, 0.5, 2, 3],
    [0.9, 0.75, 1, 1],
  ])(
    "a fragment is final as often by lot (confirmed %d, p_v %d, %d sure, given up at %d)",
    (confirms, p, sure, mostUnconfirmed) => {
      const fragments = 100_000;
      const terms = { p, sure, mostUnconfirmed };
      const exact = becomesFinal(confirms, terms);
      const drawn = playTurns(confirms, terms, fragments, randomBy(11));
      expect(Math.abs(drawn - exact)).toBeLessThan(
        4 * Math.sqrt((exact * (1 - exact)) / fragments),
      );
      // What all confirm is final, what nobody confirms is given up.
      expect([becomesFinal(1, terms), becomesFinal(0, terms)]).toEqual([1, 0]);
    },
  );

  test("at the deterring stake a lie brings nothing in the mean", () => {
    const escaped = escapes(0.1, 0.75);
    expect(escaped - (1 - escaped) * deterringStake(0.1, 0.75)).toBeCloseTo(0, 12);
  });
});

describe("payoffs", () => {
  const pools: readonly Pool[] = [
    poolWith(0.1),
    poolWith(0.6),
    { honest: 0.2, silent: 0.1, lazy: 0.2, blackmailing: 0.1, entity: 0.4 },
  ];
  const terms: Terms = { ...plottedTerms, p: 0.6 };

  test.each(pools.map((pool, index) => [index, pool] as const))(
    "of pool %d are the closed forms by lot, and money is conserved",
    (_, pool) => {
      const played = play(pool, terms, 60_000, randomBy(3));
      let gained = 0;
      for (const kind of validatorKinds) {
        gained += played.payoffs[kind].sum;
        if (pool[kind] === 0) continue;
        const { mean, error } = estimate(played.payoffs[kind]);
        expect(Math.abs(mean - payoff(kind, pool, terms)), kind).toBeLessThan(4 * error + 1e-9);
      }
      const executed = played.payoffs;
      const costs =
        executed.silent.count +
        (executed.honest.count + executed.blackmailing.count) * (1 + terms.checkCost);
      expect(gained + costs + played.burned).toBeCloseTo(played.paid, 3);
      expect(played.validations / played.fragments).toBeCloseTo(expectedValidations(terms.p), 1);
    },
  );

  test("above the deterring deposit executing pays more than inventing, below it less", () => {
    const pool: Pool = { honest: 0.4, silent: 0.3, lazy: 0.3, blackmailing: 0, entity: 0 };
    const deposit = deterringDeposit(pool.honest, terms.p);
    const gain = (factor: number) => {
      const at = { ...terms, deposit: deposit * factor };
      return payoff("silent", pool, at) - payoff("lazy", pool, at);
    };
    expect(gain(1.01)).toBeGreaterThan(0);
    expect(gain(0.99)).toBeLessThan(0);
  });
});

test("the documented plots are what the code draws", async () => {
  for (const [file, svg] of await drawPlots()) {
    expect(readFileSync(new URL(`../../docs/economics/${file}`, import.meta.url), "utf8")).toBe(
      svg,
    );
  }
});
