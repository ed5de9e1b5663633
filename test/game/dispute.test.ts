import { beforeAll, describe, expect, it } from "vitest";
import {
  type Fault,
  FaultyExecution,
  flipMemory,
  flipStack,
} from "../../src/cli/game/faultyExecution.ts";
import { registerProgram } from "../../src/game/claim/registerProgram.ts";
import { honestMove, type Strategy } from "../../src/game/search/strategy.ts";
import type { Execution } from "../../src/game/trace/execution.ts";
import type { MachineExecution } from "../../src/game/trace/machineExecution.ts";
import { exportTranscript, readTranscript } from "../../src/game/transcript/disputeTranscript.ts";
import { replayTranscript } from "../../src/game/transcript/replayTranscript.ts";
import { type Chain, freshWallet, stake, startChain } from "./chain.ts";
import { playerOn, playOut, signedBy } from "./play.ts";
import { exampleNames, executionOf, type KnownCall, knownCall } from "./programs.ts";
import { seededPick } from "./random.ts";

/** Whole disputes over real programs, before the real judge. */
let chain: Chain;
beforeAll(async () => {
  chain = await startChain({ k: 16 }, "real");
});

function faultyOf({ program, previous, input }: KnownCall, fault: Fault): FaultyExecution {
  return new FaultyExecution(program, previous, input, fault);
}

/** Accounts with deposits; the faulty party has signed. */
async function parties(honest: MachineExecution, faulty: Execution) {
  await registerProgram(chain.client, honest.program);
  const [good, bad] = [await freshWallet(chain), await freshWallet(chain)];
  await playerOn(chain, good, honest).deposit(stake);
  await playerOn(chain, bad, faulty).deposit(stake);
  return { good, bad, signed: await signedBy(chain, bad, faulty) };
}

describe("a dispute over", () => {
  for (const [index, name] of exampleNames.entries()) {
    it(`${name} finds the step at which memory or stack went wrong`, async () => {
      const pick = seededPick(index + 1);
      const call = knownCall(name);
      const honest = executionOf(call);
      const end = Number((await honest.claim()).steps);
      const step = pick(1, end - 1);
      const alter = index % 2 === 0 ? flipMemory : flipStack;
      const faulty = faultyOf(call, { step, alter: (state) => alter(state) });
      // A flip that the program overwrites is no lie in the end: then there is nothing to dispute.
      const isLie = (await faulty.claim()).state !== (await honest.claim()).state;
      const kept = isLie
        ? faulty
        : faultyOf(call, {
            step,
            alter: (state) => flipMemory(state, state.memories[0].bytes.length - 1),
          });
      const { good, bad, signed } = await parties(honest, kept);
      const player = playerOn(chain, good, honest);
      await player.challenge(signed);
      const id: bigint = await chain.client.contract.disputeCount();
      const verdict = await playOut(chain, [player, playerOn(chain, bad, kept)], id);
      expect(verdict.losers).toBe(1);
      const transcript = readTranscript(
        JSON.parse(JSON.stringify(await exportTranscript(chain.client, id))),
      );
      const replay = await replayTranscript(transcript, executionOf(call));
      expect(replay.matches).toBe(true);
      expect(replay.verdictHolds).toBe(true);
      expect(replay.wrongSides).toBe(1);
      expect(replay.claimsRight).toEqual([false, true]);
      if (verdict.reason === 3) expect(replay.judged?.step).toBe(step - 1);
    });
  }
});

describe("a dispute over the first call of an era", () => {
  it("finds the step, which counts from its beginning", async () => {
    const { previous, ...known } = knownCall("ledger");
    const { callFuel } = known.program.config.limits;
    const fuelCounter = Number.MAX_SAFE_INTEGER - callFuel + 1;
    const call = { ...known, previous: { ...previous, stepCounter: 12_345, fuelCounter } };
    const honest = executionOf(call);
    expect(honest.startStep).toBe(0);
    expect((await honest.claim()).steps).toBe(
      (await executionOf({ ...known, previous }).claim()).steps,
    );
    const faulty = faultyOf(call, { step: 777, alter: (state) => flipMemory(state, 3) });
    const { good, bad, signed } = await parties(honest, faulty);
    const player = playerOn(chain, good, honest);
    await player.challenge(signed);
    const id: bigint = await chain.client.contract.disputeCount();
    const verdict = await playOut(chain, [player, playerOn(chain, bad, faulty)], id);
    expect(verdict).toMatchObject({ losers: 1, reason: 3 });
    const transcript = await exportTranscript(chain.client, id);
    const replay = await replayTranscript(
      readTranscript(JSON.parse(JSON.stringify(transcript))),
      executionOf(call),
    );
    expect(replay).toMatchObject({ matches: true, verdictHolds: true, judged: { step: 776 } });
  });
});

describe("a player that is killed", () => {
  it("at random moments resumes and wins", async () => {
    const call = knownCall("ledger");
    const pick = seededPick(99);
    let killed = 0;
    for (let run = 0; run < 3; run++) {
      const fault = {
        step: pick(10, 2000),
        alter: (s: Parameters<typeof flipMemory>[0]) => flipMemory(s, run),
      };
      const faulty = faultyOf(call, fault);
      const { good, bad, signed } = await parties(executionOf(call), faulty);
      /** Dies before, in the middle of, or after computing a move. */
      const mortal: Strategy = async (...situation) => {
        const move = await honestMove(...situation);
        if (pick(0, 1) === 0) {
          killed++;
          throw new Error("killed");
        }
        return move;
      };
      await playerOn(chain, good, executionOf(call)).challenge(signed);
      const id: bigint = await chain.client.contract.disputeCount();
      // Each tick of the honest party is a new process: nothing but the chain and the inputs survives.
      const reborn = { tick: () => playerOn(chain, good, executionOf(call), mortal).tick() };
      const verdict = await playOut(chain, [reborn, playerOn(chain, bad, faulty)], id);
      expect(verdict.losers).toBe(1);
    }
    expect(killed).toBeGreaterThan(1);
  });
});

describe("a chain that reorganises", () => {
  it("undoes moves and verdicts, and the players play them again", async () => {
    const call = knownCall("ledger");
    const honest = executionOf(call);
    const faulty = faultyOf(call, { step: 777, alter: (state) => flipMemory(state, 3) });
    const { good, bad, signed } = await parties(honest, faulty);
    const players = [playerOn(chain, good, honest), playerOn(chain, bad, faulty)];
    await players[0].challenge(signed);
    const id: bigint = await chain.client.contract.disputeCount();
    for (const depth of [1, 3, 12]) {
      const snapshot = await chain.provider.send("evm_snapshot", []);
      for (let i = 0; i < depth; i++) {
        for (const player of players) await player.tick();
      }
      await chain.provider.send("evm_revert", [snapshot]);
      for (const player of players) await player.tick();
    }
    expect((await playOut(chain, players, id)).losers).toBe(1);
  });
});
