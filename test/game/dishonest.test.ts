import { beforeAll, describe, expect, it } from "vitest";
import type { Player } from "../../src/game/player/player.ts";
import { type Chain, freshWallet, ledgerGap, registerToy, stake, startChain } from "./chain.ts";
import { type Dishonest, dishonest, type Pick } from "./dishonest.ts";
import { playerOn, playOut, signedBy } from "./play.ts";
import { seededPick } from "./random.ts";
import { Simulation, type ToyProgram, toyGenesis } from "./simulation.ts";

const isDeep = process.env.DEEP === "true";
const seeds = isDeep ? [1, 2, 3, 4, 5, 6, 7, 8] : [1];

/** Whether the liar is accused or accuses; one of both unless `DEEP=true`, in turns. */
function rolesOf(liar: Dishonest): readonly boolean[] {
  if (liar.only !== undefined) return [liar.only === 0];
  return isDeep ? [true, false] : [dishonest.indexOf(liar) % 2 === 0];
}

function randomProgram(pick: Pick): ToyProgram {
  return { steps: pick(2, 3000), fuel: pick(1, 9), name: pick(1, 1 << 30) };
}

/** One dispute between the honest and one of the dishonest, on fresh accounts; the honest must win all. */
async function dispute(chain: Chain, liar: Dishonest, liarIsAccused: boolean, pick: Pick) {
  const program = randomProgram(pick);
  await registerToy(chain, program);
  const genesis = toyGenesis(program);
  const input = `0x${pick(0, 255).toString(16).padStart(2, "0").repeat(32)}`;
  const honest = new Simulation(program, genesis, input);
  const wrong = new Simulation(
    program,
    genesis,
    input,
    liar.fault(pick, program.steps, program.fuel),
  );
  const lying = liar.lie?.(wrong) ?? wrong;
  const [goodWallet, badWallet] = [await freshWallet(chain), await freshWallet(chain)];
  const good = playerOn(chain, goodWallet, honest);
  const bad = playerOn(chain, badWallet, lying, liar.strategy?.(pick));
  await good.deposit(stake);
  await bad.deposit(stake);
  if (liarIsAccused) {
    await good.challenge(await signedBy(chain, badWallet, lying), liar.byFuel);
  } else {
    await bad.challenge(await signedBy(chain, goodWallet, honest));
  }
  const id: bigint = await chain.client.contract.disputeCount();
  const order: Player[] = pick(0, 1) === 0 ? [good, bad] : [bad, good];
  const verdict = await playOut(chain, order, id);
  const free = async (address: string) => (await chain.client.contract.accounts(address)).free;
  return {
    verdict,
    good: await free(goodWallet.address),
    bad: await free(badWallet.address),
    parties: [goodWallet.address, badWallet.address],
  };
}

describe("the honest player against", () => {
  let chain: Chain;
  const everyone: string[] = [];
  beforeAll(async () => {
    chain = await startChain();
  });

  for (const liar of dishonest) {
    it(`one who ${liar.name}`, async () => {
      for (const seed of seeds) {
        for (const accused of rolesOf(liar)) {
          const pick = seededPick(seed * 2 + Number(accused));
          const outcome = await dispute(chain, liar, accused, pick);
          everyone.push(...outcome.parties);
          expect(outcome.verdict.losers, `seed ${seed}, accused ${accused}`).toBe(accused ? 1 : 2);
          expect(outcome.good).toBe(stake + stake / 2n);
          expect(outcome.bad).toBe(0n);
        }
      }
      expect(await ledgerGap(chain, everyone)).toBe(0n);
    });
  }

  it("at least twenty of them", () => {
    expect(new Set(dishonest.map(({ name }) => name)).size).toBeGreaterThanOrEqual(20);
  });
});
