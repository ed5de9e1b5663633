import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { contractArtifact } from "../../src/game/chain/contracts.ts";
import artifacts from "../../src/game/generated/artifacts.json" with { type: "json" };

const compiled = new URL("../../artifacts/contracts/src/", import.meta.url);
/** Where each contract's artifact lies. */
const files = new Map(
  readdirSync(compiled, { recursive: true, encoding: "utf8" })
    .filter((file) => /\.sol\/\w+\.json$/.test(file))
    .map((file) => [file.replace(/^.*\/(\w+)\.json$/, "$1"), file]),
);
// Coverage compiles instrumented contracts.
const isInstrumented = process.env.HARDHAT_COVERAGE === "true";

describe("the contracts that are shipped", () => {
  for (const name of Object.keys(artifacts)) {
    it.skipIf(isInstrumented)(
      `${name} is what its source compiles to (npm run generate:contracts)`,
      () => {
        const file = new URL(files.get(name) ?? "", compiled);
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
