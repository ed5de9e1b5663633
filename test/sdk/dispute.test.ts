/**
 * A forged transaction before the real judge: a worker whose wrapper takes Mallory's signature for Alice's, and moves her
 * money, is convicted by one instruction, the branch that looks at the comparison of the two addresses.
 */
import { beforeAll, expect, test } from "vitest";
import { encodeCommand, readAnswer } from "../../examples/sdk/commands.ts";
import { FaultyExecution } from "../../src/cli/game/faultyExecution.ts";
import { registerProgram } from "../../src/game/claim/registerProgram.ts";
import { MachineExecution } from "../../src/game/trace/machineExecution.ts";
import { frameTransactions } from "../../src/history/index.ts";
import { Machine, restore, type Snapshot } from "../../src/interpreter/index.ts";
import { lastResults, resultBytes } from "../../src/sdk/index.ts";
import { type Chain, freshWallet, stake, startChain } from "../game/chain.ts";
import { playerOn, playOut, signedBy } from "../game/play.ts";
import { Application, chainId, keyOf, ledgerBytes, sessionOf } from "./application.ts";

let chain: Chain;
beforeAll(async () => {
  chain = await startChain({ k: 16 }, "real");
});

const application = new Application(ledgerBytes("as"));
const { program } = application.machine;
const [alice, mallory] = [sessionOf(0), sessionOf(1, 5n)];
application.block(9n, [alice.sign(encodeCommand({ kind: "deposit", amount: 100n }), 20n)]);
const previous = application.machine.snapshot();

const receiver = mallory.key.address;
const own = mallory.sign(encodeCommand({ kind: "transfer", amount: 100n, receiver }), 20n);
/** Mallory's transaction and signature, in Alice's name. */
const forged = Uint8Array.from(own);
forged.set(Buffer.from(keyOf(0).address.slice(2), "hex"), 1);
const inputOf = (transaction: Uint8Array) =>
  frameTransactions({ chainId, height: 10n }, [transaction]);

function machineAt(input: Uint8Array): Machine {
  const machine = new Machine(program, restore(program, previous));
  machine.begin(input);
  return machine;
}

const isTogether = (a: Machine, b: Machine) =>
  a.state.pc === b.state.pc && a.state.sp === b.state.sp;

/** The first step after which the calls on two inputs are at different places, and where the first one then is. */
function parting(
  one: Uint8Array,
  other: Uint8Array,
): { readonly step: number; readonly pc: number } {
  const machines = [machineAt(one), machineAt(other)] as const;
  const [a, b] = machines;
  let kept: readonly Snapshot[] = [];
  while (isTogether(a, b) && a.isRunning) {
    kept = machines.map((machine) => machine.snapshot());
    for (const machine of machines) machine.run({ steps: 100_000 });
  }
  machines.forEach((machine, index) => {
    machine.restore(kept[index]);
  });
  while (isTogether(a, b)) for (const machine of machines) machine.step();
  return { step: a.state.stepCounter, pc: a.state.pc };
}

/** What became of the block's transaction. */
function outcome(machine: Machine) {
  const memory = machine.state.memories[application.memoryNumber].bytes;
  const [entry] = lastResults(memory, 1);
  return { status: entry.status, answer: resultBytes(memory, entry) };
}

test("a forged transaction that was executed is one wrong step", async () => {
  const place = parting(inputOf(own), inputOf(forged));
  const fault = {
    step: place.step,
    alter: (state: Machine["state"]) => {
      state.pc = place.pc;
    },
  };
  const honest = new MachineExecution(program, previous, inputOf(forged));
  const forging = new FaultyExecution(program, previous, inputOf(forged), fault);

  // The lie is what it is meant to be: Alice's money has gone.
  const machine = machineAt(inputOf(forged));
  machine.run({ steps: place.step - machine.state.stepCounter });
  fault.alter(machine.state);
  machine.run();
  const { status, answer } = outcome(machine);
  expect(status).toBe("executed");
  expect(answer && readAnswer(answer)).toEqual({ outcome: "done", balance: 0n });
  const right = machineAt(inputOf(forged));
  right.run();
  expect(outcome(right).status).toBe("bad-signature");

  await registerProgram(chain.client, program);
  const [good, bad] = [await freshWallet(chain), await freshWallet(chain)];
  await playerOn(chain, good, honest).deposit(stake);
  await playerOn(chain, bad, forging).deposit(stake);
  const player = playerOn(chain, good, honest);
  await player.challenge(await signedBy(chain, bad, forging));
  const id: bigint = await chain.client.contract.disputeCount();
  const verdict = await playOut(chain, [player, playerOn(chain, bad, forging)], id);
  expect(verdict.losers).toBe(1);
  // By the judge's step, not by a clock.
  expect(verdict.reason).toBe(3);
});
