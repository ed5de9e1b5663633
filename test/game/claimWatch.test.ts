import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { ClaimWatch } from "../../src/cli/game/claimWatch.ts";
import { FaultyExecution, flipMemory } from "../../src/cli/game/faultyExecution.ts";
import { type SignedTransition, sameCall, transitionOf } from "../../src/game/claim/claim.ts";
import { registerProgram } from "../../src/game/claim/registerProgram.ts";
import { signTransition } from "../../src/game/claim/signedTransition.ts";
import { Player } from "../../src/game/player/player.ts";
import { MachineExecution } from "../../src/game/trace/machineExecution.ts";
import { type Chain, freshWallet, stake, startChain } from "./chain.ts";
import { playerOn, signedBy } from "./play.ts";
import { executionOf, knownCall } from "./programs.ts";

/** What `serve` makes of the counterpart's claims, whatever it writes. */
const call = knownCall("ledger");
const alter = (state: Parameters<typeof flipMemory>[0]) => flipMemory(state);
const faulty = () =>
  new FaultyExecution(call.program, call.previous, call.input, { step: 1000, alter });

let chain: Chain;
let truth: MachineExecution;
const said: string[] = [];

beforeAll(async () => {
  chain = await startChain({ k: 8 }, "real");
  await registerProgram(chain.client, call.program);
  truth = executionOf(call);
});

beforeEach(() => {
  said.length = 0;
  vi.spyOn(process.stderr, "write").mockImplementation((text) => said.push(String(text)) > 0);
  return () => void vi.restoreAllMocks();
});

/** As JSON has it. */
const written = (claim: SignedTransition): unknown =>
  JSON.parse(JSON.stringify(claim, (_, v) => (typeof v === "bigint" ? `${v}` : v)));

const disputes = async () => Number(await chain.client.contract.disputeCount());

describe("ClaimWatch", () => {
  it("remarks on what cannot be read, and looks at the others", async () => {
    const [honest, other] = [await freshWallet(chain), await freshWallet(chain)];
    const player = playerOn(chain, honest, truth);
    const right = written(await signedBy(chain, other, truth)) as {
      transition: Record<string, string>;
      signature: string;
    };
    const { transition } = right;
    const upper = transition.program.toUpperCase().replace("0X", "0x");
    const claims = [
      undefined,
      { transition, signature: "0x12" },
      { transition, signature: `0x${"11".repeat(32)}${"ff".repeat(32)}1b` },
      { ...right, transition: { ...transition, steps: "many" } },
      { ...right, transition: { ...transition, previousState: `0x${"00".repeat(32)}` } },
      { ...right, transition: { ...transition, program: upper } },
    ];
    await new ClaimWatch(player, [truth], claims).follow(new AbortController().signal, 1);
    const expected = [
      /claim 1 cannot be read/,
      /claim 2 has no valid signature/,
      /claim 3 has no valid signature/,
      /claim 4 cannot be read/,
      /claim 5 is about a call that this player does not know/,
      new RegExp(`claim 6 by ${other.address} is right`),
    ];
    expect(said.length).toBe(expected.length);
    expected.forEach((pattern, i) => void expect(said[i]).toMatch(pattern));
    expect(await disputes()).toBe(0);
  });

  it("disputes a wrong one once, and again and again while the chain refuses", async () => {
    const [honest, liar] = [await freshWallet(chain), await freshWallet(chain)];
    const player = playerOn(chain, honest, truth);
    await player.deposit(stake);
    const claim = written(await signedBy(chain, liar, faulty()));
    const before = await disputes();
    const stop = new AbortController();
    const watching = new ClaimWatch(player, [truth], [claim]).follow(stop.signal, 20);
    while (!said.some((text) => text.includes("InsufficientDeposit"))) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(await disputes()).toBe(before);
    await playerOn(chain, liar, faulty()).deposit(stake);
    await watching;
    expect(await disputes()).toBe(before + 1);
    expect(said.filter((text) => text.includes("InsufficientDeposit")).length).toBe(1);
    // After a restart it finds the dispute that it has opened.
    await new ClaimWatch(player, [truth], [claim]).follow(stop.signal, 1);
    expect(said.at(-1)).toContain(`is wrong: dispute ${before + 1}`);
    expect(await disputes()).toBe(before + 1);
  });

  it("disputes two claims of one signer that state one result of two calls", async () => {
    const [honest, liar] = [await freshWallet(chain), await freshWallet(chain)];
    const input = call.input.slice(0, -1);
    const other = new MachineExecution(call.program, call.previous, input);
    const player = new Player({
      arbiter: chain.address,
      signer: honest,
      execution: async (asked) => (sameCall(asked, other.call) ? other : truth),
    });
    await player.deposit(2n * stake);
    await playerOn(chain, liar, faulty()).deposit(2n * stake);
    const wrong = await faulty().claim();
    const claims = await Promise.all(
      [truth, other].map(async (execution) =>
        written(await signTransition(transitionOf(execution.call, wrong), chain.domain, liar)),
      ),
    );
    const before = await disputes();
    await new ClaimWatch(player, [truth, other], claims).follow(new AbortController().signal, 1);
    expect(await disputes()).toBe(before + 2);
  });
});
