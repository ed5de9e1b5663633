import { beforeAll, describe, expect, it } from "vitest";
import { type Chain, ledgerGap, registerToy, stake, startChain } from "./chain.ts";
import { playerOn, playOut, signedBy } from "./play.ts";
import { flippedFrom, Simulation, toyGenesis } from "./simulation.ts";

const program = { steps: 1000, fuel: 3, name: 7 };
const input = `0x${"11".repeat(32)}`;

describe("Arbiter", () => {
  let chain: Chain;
  beforeAll(async () => {
    chain = await startChain();
    await registerToy(chain, program);
  });

  it("convicts an accused whose trace goes wrong at one step", async () => {
    const honest = new Simulation(program, toyGenesis(program), input);
    const faulty = new Simulation(program, toyGenesis(program), input, flippedFrom(613));
    const [a, b] = chain.signers;
    const log: string[] = [];
    const accused = playerOn(chain, a, faulty, undefined, (e) =>
      log.push(JSON.stringify(e, (_, v) => (typeof v === "bigint" ? String(v) : v))),
    );
    const challenger = playerOn(chain, b, honest, undefined, (e) =>
      log.push(JSON.stringify(e, (_, v) => (typeof v === "bigint" ? String(v) : v))),
    );
    await accused.deposit(stake);
    await challenger.deposit(stake);
    await challenger.challenge(await signedBy(chain, a, faulty));
    const verdict = await playOut(chain, [accused, challenger], 1n).catch((e) => {
      console.log(log.join("\n"));
      throw e;
    });
    for (const l of log) {
      const e = JSON.parse(l);
      console.log(e.kind, e.method, e.gas, e.reason);
    }
    expect(verdict).toEqual({ losers: 1, reason: 3, rounds: 5 });
    expect(await ledgerGap(chain, chain.accounts)).toBe(0n);
    expect((await chain.client.contract.accounts(chain.accounts[1])).free).toBe(stake + stake / 2n);
    expect(await chain.client.contract.burned()).toBe(stake / 2n);
  });
});
