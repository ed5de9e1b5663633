import { expect, it } from "vitest";
import { embeddedChain } from "../../test/judge/chain.ts";
import { corpusCases } from "../corpus/index.ts";
import { judgeAltered } from "./alteredSteps.ts";
import { JudgedBatch } from "./judgedBatch.ts";
import { Lockstep } from "./lockstep.ts";

const timeout = 300_000;

it("lockstep › altered states of the corpus › no step diverges", { timeout }, async () => {
  const lockstep = new Lockstep(await JudgedBatch.deploy(await embeddedChain()));
  const options = { seed: 3, states: 8, first: 1, factor: 1000 };
  const parted = await judgeAltered(lockstep, corpusCases({ perRow: 2 }), options);
  const { opcodesNeverJudged, steps } = await lockstep.report();
  console.info(`${steps} steps of altered states judged`);
  expect(lockstep.divergences).toEqual([]);
  expect(parted).toEqual([]);
  expect(opcodesNeverJudged).toEqual([]);
});
