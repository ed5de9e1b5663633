import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { contractArtifact } from "../../src/game/chain/contracts.ts";
import artifacts from "../../src/game/generated/artifacts.json" with { type: "json" };

const compiled = new URL("../../artifacts/contracts/src/", import.meta.url);
const sources: Record<string, string> = {
  Arbiter: "game/",
  StepJudge: "",
  ConversionStep: "generated/",
  FloatStep: "generated/",
  IntegerStep: "generated/",
  BoldOneStepProver: "adapters/",
  CallInbox: "adapters/",
  DaveTransition: "adapters/",
  OpStackStepper: "adapters/",
};
// Coverage compiles instrumented contracts.
const isInstrumented = process.env.HARDHAT_COVERAGE === "true";

describe("the contracts that are shipped", () => {
  for (const name of Object.keys(artifacts)) {
    it.skipIf(isInstrumented)(
      `${name} is what its source compiles to (npm run generate:contracts)`,
      () => {
        const folder = sources[name] ?? "step/";
        const file = new URL(`${folder}${name}.sol/${name}.json`, compiled);
        const { abi, bytecode } = JSON.parse(readFileSync(file, "utf8"));
        // Not compared by toEqual: a failure would print the whole bytecode.
        expect(contractArtifact(name).bytecode === bytecode).toBe(true);
        expect(contractArtifact(name).abi).toEqual(abi);
      },
    );

    it(`${name} fits a contract (EIP-170)`, () => {
      expect(contractArtifact(name).bytecode.length / 2).toBeLessThan(24_576 + 2048);
    });
  }

  it("names those there are when asked for another", () => {
    expect(() => contractArtifact("Judge")).toThrow(/Arbiter.*StepJudge/);
  });
});
