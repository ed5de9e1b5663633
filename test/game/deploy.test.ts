import { BrowserProvider } from "ethers";
import hre from "hardhat";
import { describe, expect, it } from "vitest";
import { checkJudge, deployJudge, UnfitChainError } from "../../src/game/deploy.ts";
import { startChain } from "./chain.ts";

describe("deployJudge", () => {
  it("refuses a chain that lacks an instruction of the judge", async () => {
    const network = { network: "default", override: { hardfork: "prague" } };
    const { provider } = await hre.network.create(
      network as Parameters<typeof hre.network.create>[0],
    );
    const signer = await new BrowserProvider(provider, undefined, { cacheTimeout: -1 }).getSigner(
      0,
    );
    const error = await deployJudge(signer).catch((caught) => caught);
    expect(error).toBeInstanceOf(UnfitChainError);
    expect(error.message).toContain("EIP-7939");
  });

  it("checkJudge › tells a judge from another contract and from none", async () => {
    const chain = await startChain({}, "real");
    await checkJudge(chain.judge, chain.signers[0]);
    for (const address of [chain.address, chain.accounts[0]]) {
      const error = await checkJudge(address, chain.signers[0]).catch((caught) => caught);
      expect(error).toBeInstanceOf(UnfitChainError);
    }
  });
});
