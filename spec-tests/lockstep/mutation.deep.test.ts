import { describe, expect, it } from "vitest";
import { embeddedChain } from "../../test/judge/chain.ts";
import { Random } from "../../test/judge/operands.ts";
import { JudgedBatch } from "./judgedBatch.ts";
import { everyByte, otherEncodings } from "./mutations.ts";
import { refuseAll, stepsOfEveryOpcode } from "./tampering.ts";

describe("tampered witnesses against the judge, at length", () => {
  it("every opcode › every byte counts", { timeout: 3_600_000 }, async () => {
    const batch = await JudgedBatch.deploy(await embeddedChain());
    const random = new Random(5n);
    const { tried, errors } = await refuseAll(batch, stepsOfEveryOpcode(1), ({ witness }) => [
      ...everyByte(witness, random),
      ...otherEncodings(witness),
    ]);
    console.info(`${tried} tampered witnesses refused: ${errors}`);
    expect(tried).toBeGreaterThan(100_000);
  });
});
