import { beforeAll, describe, expect, it } from "vitest";
import { FaultyExecution, flipMemory, flipStack } from "../../src/cli/game/faultyExecution.ts";
import { registerProgram } from "../../src/game/claim/registerProgram.ts";
import { decodeModule, link, Machine } from "../../src/interpreter/index.ts";
import { generateModule } from "../differential/generator.ts";
import { type Chain, freshWallet, stake, startChain } from "./chain.ts";
import { playerOn, playOut, signedBy } from "./play.ts";
import { executionOf, type KnownCall } from "./programs.ts";
import { seededPick } from "./random.ts";

/** Random valid modules: any of their functions without parameters is a gateway. */
const wanted = process.env.DEEP === "true" ? 60 : 6;
const fewestSteps = 40;

function randomCalls(count: number): (KnownCall & { seed: number; steps: number })[] {
  const calls: (KnownCall & { seed: number; steps: number })[] = [];
  for (let seed = 1; calls.length < count && seed < 100 * count; seed++) {
    const generated = generateModule(seed);
    const entry = generated.invocations.find(({ params }) => params === "")?.export;
    if (entry === undefined || generated.base !== undefined) continue;
    const program = link([{ name: "random", module: decodeModule(generated.bytes) }], {
      gateway: entry,
      growth: "declared",
      limits: { callFuel: 2_000_000 },
    });
    const machine = new Machine(program);
    if (machine.isRunning) machine.run();
    const call = {
      name: `module ${seed}`,
      program,
      previous: machine.snapshot(),
      input: new Uint8Array(),
    };
    machine.begin(call.input);
    machine.run();
    const steps = machine.state.stepCounter - call.previous.stepCounter;
    if (steps >= fewestSteps) calls.push({ ...call, seed, steps });
  }
  return calls;
}

describe("the honest player, over random programs", () => {
  let chain: Chain;
  beforeAll(async () => {
    chain = await startChain({ k: 8 }, "real");
  });

  it("wins against a machine that goes wrong at a random step", async () => {
    const calls = randomCalls(wanted);
    expect(calls.length).toBe(wanted);
    let judged = 0;
    for (const call of calls) {
      const pick = seededPick(call.seed);
      const honest = executionOf(call);
      const truth = await honest.claim();
      const step = honest.startStep + pick(1, call.steps);
      const alter = pick(0, 1) === 0 ? flipMemory : flipStack;
      const fault = { step, alter: (state: Parameters<typeof flipStack>[0]) => alter(state) };
      const faulty = new FaultyExecution(call.program, call.previous, call.input, fault);
      // A flip that is overwritten or never read again may leave the result right.
      if ((await faulty.claim()).state === truth.state) continue;
      await registerProgram(chain.client, call.program);
      const [good, bad] = [await freshWallet(chain), await freshWallet(chain)];
      const players = [playerOn(chain, good, honest), playerOn(chain, bad, faulty)];
      for (const player of players) await player.deposit(stake);
      await players[0].challenge(await signedBy(chain, bad, faulty));
      const verdict = await playOut(chain, players, await chain.client.contract.disputeCount());
      expect(verdict.losers, call.name).toBe(1);
      judged++;
    }
    expect(judged).toBeGreaterThan(wanted / 2);
  });
});
