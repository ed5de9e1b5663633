import { beforeAll, describe, expect, it } from "vitest";
import { embeddedChain } from "../../test/judge/chain.ts";
import { Random } from "../../test/judge/operands.ts";
import { JudgedBatch } from "./judgedBatch.ts";
import { otherEncodings, randomMutations } from "./mutations.ts";
import { refuseAll, stepsOfEveryOpcode } from "./tampering.ts";

const mutationsAStep = 14;

describe("tampered witnesses against the judge", () => {
  const steps = stepsOfEveryOpcode(1);
  let batch: JudgedBatch;

  beforeAll(async () => {
    batch = await JudgedBatch.deploy(await embeddedChain());
  });

  it("every opcode › all are refused", async () => {
    expect(steps.length).toBeGreaterThan(200);
    const random = new Random(4n);
    const { tried, errors } = await refuseAll(batch, steps, (step, index) => [
      ...randomMutations(step.witness, random, mutationsAStep),
      ...(index % 20 === 0 ? otherEncodings(step.witness) : []),
    ]);
    console.info(`${tried} tampered witnesses refused: ${errors}`);
    expect(tried).toBeGreaterThan(5000);
  }, 300_000);

  it("a witness of another state › refused", async () => {
    const moved = steps.map((step, index) => ({
      ...step,
      preState: steps[(index + 1) % steps.length].preState,
    }));
    expect((await batch.refuse(moved)).refused).toBe(moved.length);
  });
});
