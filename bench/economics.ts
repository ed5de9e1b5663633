/**
 * The incentives of batch validation in numbers (`npm run -s bench:economics -- --json`, paper 2.2 and 6.3; explained in
 * docs/economics.md): the paper's probabilities exactly, what 6.1 makes of them, and the payoffs of honest, lazy,
 * colluding and blackmailing validators, by closed forms and by lot.
 *
 * `--write` draws the plots of docs/economics/ again. Seeds are fixed: two runs print the same.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { deterringDeposit, payoff, validatorKinds } from "./economics/payoffs.ts";
import { drawPlots, plottedTerms, poolWith } from "./economics/plots.ts";
import {
  atLeast,
  becomesFinal,
  deterringStake,
  escapes,
  expectedValidations,
  paperProbability,
  quorum,
} from "./economics/probabilities.ts";
import { estimate, play, playEscapes, playTurns, randomBy } from "./economics/simulation.ts";

const { values: options } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    fragments: { type: "string", default: "200000" },
  },
});
const fragments = Number(options.fragments);
const malicious = 0.1;
const round = (value: number) => Number(value.toPrecision(3));

const probabilities = {
  sevenWorkers: round(paperProbability({ malicious, workers: 7 }, 0)),
  fourWorkersThreeValidations: round(paperProbability({ malicious, workers: 4 }, 3)),
  fourWorkersByQuorum: round(atLeast(quorum(4), 4, malicious)),
};

const drawnValidations = [0.5, 0.75, 0.9].flatMap((p) =>
  [0, 1, 3].map((sure) => ({
    p,
    sure,
    expected: round(expectedValidations(p, sure)),
    escapes: round(escapes(malicious, p, sure)),
    simulated: round(playEscapes(malicious, p, sure, fragments, randomBy(1))),
    deterringStake: round(deterringStake(malicious, p, sure)),
  })),
);

const pools = [0.05, 0.3, 0.8].map((lazy) => {
  const pool = poolWith(lazy);
  const played = play(pool, plottedTerms, fragments, randomBy(2));
  const kinds = validatorKinds.filter((kind) => pool[kind] > 0);
  return {
    lazy,
    deterringDeposit: round(deterringDeposit(pool.honest, plottedTerms.p)),
    payoffs: Object.fromEntries(
      kinds.map((kind) => [kind, round(payoff(kind, pool, plottedTerms))]),
    ),
    simulated: Object.fromEntries(
      kinds.map((kind) => [kind, round(estimate(played.payoffs[kind]).mean)]),
    ),
  };
});

/** Data that nobody honest is given, and true fragments of which that fraction of validators confirms none. */
const missedTurns = [0.05, 0.1, 0.3].flatMap((fraction) =>
  [3, 4, 6].map((mostUnconfirmed) => {
    const terms = { p: 0.75, sure: 1, mostUnconfirmed };
    return {
      fraction,
      mostUnconfirmed,
      withheldFinal: round(becomesFinal(fraction, terms)),
      simulated: round(playTurns(fraction, terms, fragments, randomBy(3))),
      trueGivenUp: round(1 - becomesFinal(1 - fraction, terms)),
    };
  }),
);

if (options.write) {
  const folder = new URL("../docs/economics/", import.meta.url);
  mkdirSync(folder, { recursive: true });
  for (const [file, svg] of await drawPlots()) writeFileSync(new URL(file, folder), svg);
}
const report = { malicious, probabilities, drawnValidations, missedTurns, pools };
if (options.json) console.log(JSON.stringify(report));
else {
  console.table(probabilities);
  console.table(drawnValidations);
  console.table(missedTurns);
  for (const { payoffs, simulated, ...pool } of pools) {
    console.log(pool);
    console.table({ payoffs, simulated });
  }
}
