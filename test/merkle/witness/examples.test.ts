/**
 * Replay over the examples: sampled steps of each one's small run, every opcode that it executes among them.
 */
import { expect, test } from "vitest";
import { loadExamples } from "../../../examples/manifest.ts";
import { StepSampler } from "../../../spec-tests/sample.ts";
import { StateTree } from "../../../src/merkle/index.ts";
import { exampleCall } from "../cases.ts";
import { ReplayVisitor } from "./lockstep.ts";

test.each(loadExamples())("$name › replay gives the reference's next hash", (example) => {
  const state = exampleCall(example, "small");
  const visitor = new ReplayVisitor();
  const sampler = new StepSampler(visitor.visit, { first: 8, factor: 1.5 });
  sampler.execute(state);
  expect(state.trap).toBe(0);
  expect(sampler.report().visits).toBeGreaterThan(150);
  expect(new StateTree(state).witness()).toHaveLength(128);
});
