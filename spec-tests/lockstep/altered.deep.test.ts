/** Many more altered states of the whole corpus, by several seeds. */
import { beforeAll, describe, expect, it } from "vitest";
import { embeddedChain } from "../../test/judge/chain.ts";
import { corpusCases } from "../corpus/index.ts";
import { judgeAltered } from "./alteredSteps.ts";
import { JudgedBatch } from "./judgedBatch.ts";
import { Lockstep } from "./lockstep.ts";

describe("lockstep › altered states of the corpus, at length", () => {
  let lockstep: Lockstep;

  beforeAll(async () => {
    lockstep = new Lockstep(await JudgedBatch.deploy(await embeddedChain()));
  });

  it.each([4, 5, 6, 7])("seed %i › no step diverges", { timeout: 3_600_000 }, async (seed) => {
    const options = { seed, states: 40, first: 4, factor: 2 };
    const parted = await judgeAltered(lockstep, corpusCases({ perRow: 6 }), options);
    const { steps } = await lockstep.report();
    console.info(`${steps} steps of altered states judged`);
    expect(lockstep.divergences).toEqual([]);
    expect(parted).toEqual([]);
  });
});
