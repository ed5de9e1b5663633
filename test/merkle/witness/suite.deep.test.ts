/**
 * Replay at more than 10^6 steps of the official suite, over the whole corpus, and at every step of the examples'
 * small runs (DEEP=true).
 */
import { expect, test } from "vitest";
import { loadExamples } from "../../../examples/manifest.ts";
import { corpusCases, stateOf } from "../../../spec-tests/corpus/index.ts";
import { sampleSuite } from "../../../spec-tests/sample.ts";
import { findSuite } from "../../../spec-tests/suite.ts";
import { exampleCall } from "../cases.ts";
import { lockstep, ReplayVisitor } from "./lockstep.ts";

const thirtyMinutes = 1_800_000;

test("official suite › replay gives the reference's next hash at 10^6 steps", {
  timeout: thirtyMinutes,
}, async () => {
  const suite = findSuite();
  if (suite === undefined) throw new Error("expected the official suite: npm run spec:fetch");
  const visitor = new ReplayVisitor();
  const { visits } = await sampleSuite(suite, visitor.visit, { first: 35_000, factor: 1.001 });
  expect(visits).toBeGreaterThan(1_000_000);
  expect(visitor.mnemonics.size).toBeGreaterThan(190);
});

test("whole corpus › replay gives the reference's next hash", { timeout: thirtyMinutes }, () => {
  let steps = 0;
  for (const item of corpusCases()) steps += lockstep(stateOf(item), 100_000).steps;
  expect(steps).toBeGreaterThan(20_000);
});

test.each(loadExamples())(
  "$name › replay gives the reference's next hash at every step",
  { timeout: thirtyMinutes },
  (example) => {
    const state = exampleCall(example, "small");
    const { steps } = lockstep(state, Number.POSITIVE_INFINITY);
    expect(state.status).toBe(1);
    expect(steps).toBeGreaterThan(3000);
  },
);
