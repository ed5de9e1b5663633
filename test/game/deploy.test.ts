import { BrowserProvider } from "ethers";
import { describe, expect, it } from "vitest";
import { ArbiterClient } from "../../src/game/chain/arbiterClient.ts";
import {
  checkArbiter,
  checkJudge,
  deployArbiter,
  deployJudge,
  NotAnArbiterError,
  UnfitChainError,
} from "../../src/game/chain/deploy.ts";
import { registerProgram } from "../../src/game/claim/registerProgram.ts";
import { programRoot } from "../../src/merkle/index.ts";
import { freshChain } from "../freshChain.ts";
import { startChain } from "./chain.ts";
import { knownCall } from "./programs.ts";

describe("deployJudge", () => {
  it("refuses a chain that lacks an instruction of the judge", async () => {
    const network = { network: "default", override: { hardfork: "prague" } };
    const { provider } = await freshChain(network as Parameters<typeof freshChain>[0]);
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

describe("checkArbiter", () => {
  it("takes an Arbiter with any parameters, and nothing that only behaves like one", async () => {
    const chain = await startChain({}, "real");
    const arbiter = await deployArbiter(chain.signers[0], chain.judge, { graceBlocks: 7 });
    await checkArbiter(arbiter);
    const code = await chain.provider.getCode(arbiter.address);
    // One byte of the code is another, somewhere in its middle: it answers as before.
    const at = 2 + 2 * Math.floor(code.length / 4);
    const forged = `${code.slice(0, at)}${code[at] === "0" ? "1" : "0"}${code.slice(at + 1)}`;
    await chain.provider.send("hardhat_setCode", [arbiter.address, forged]);
    for (const client of [arbiter, new ArbiterClient(chain.judge, chain.signers[0])]) {
      const error = await checkArbiter(client).catch((caught) => caught);
      expect(error).toBeInstanceOf(NotAnArbiterError);
    }
    const noJudge = await deployArbiter(chain.signers[0], chain.accounts[3], {});
    const error = await checkArbiter(noJudge).catch((caught) => caught);
    expect(error).toBeInstanceOf(UnfitChainError);
  });
});

describe("registerProgram", () => {
  it("makes a program known, once, whoever asks, also at the same time", async () => {
    const chain = await startChain({}, "real");
    const { program } = knownCall("ledger");
    const clients = chain.signers.slice(0, 2).map((s) => new ArbiterClient(chain.address, s));
    const options = { pollMs: 5 };
    expect(await chain.client.contract.isRegistered(programRoot(program))).toBe(false);
    const first = await Promise.all(clients.map((c) => registerProgram(c, program, options)));
    expect(first).toContain(true);
    expect(await chain.client.contract.isRegistered(programRoot(program))).toBe(true);
    for (const client of clients) expect(await registerProgram(client, program)).toBe(false);
  });

  it("needs a runner that can sign", async () => {
    const chain = await startChain({}, "real");
    const reader = new ArbiterClient(chain.address, chain.client.provider);
    const error = await registerProgram(reader, knownCall("ledger").program).catch((e) => e);
    expect(error).toBeInstanceOf(TypeError);
  });
});
