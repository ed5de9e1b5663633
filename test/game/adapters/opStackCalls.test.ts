/**
 * Games on the OP Stack's own contracts over several calls at once, with several honest identities, and against
 * adversaries without a plan (docs/adapters.md section 2).
 */
import type { JsonRpcSigner } from "ethers";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { callChain } from "../../../src/game/adapters/callChain.ts";
import { OpStackPlayer } from "../../../src/game/adapters/opStack/opStackPlayer.ts";
import type { Execution } from "../../../src/game/trace/execution.ts";
import { MachineExecution } from "../../../src/game/trace/machineExecution.ts";
import { knownCall } from "../programs.ts";
import { callsInARow } from "./calls.ts";
import { chaoticGame } from "./chaos.ts";
import { lieOf, lying } from "./lying.ts";
import { clockSeconds, type OpStackChain, opStackChain } from "./opStackChain.ts";
import { peerArtifacts } from "./peers.ts";

const artifacts = await peerArtifacts("opStack");

describe.runIf(artifacts !== undefined)("OP Stack, three calls in one game", () => {
  const call = knownCall("ledger");
  let calls: Execution[];
  let chain: OpStackChain;
  let snapshot: string;

  beforeAll(async () => {
    calls = await callsInARow(call, 3);
    const inputs = calls.map(() => call.input);
    const depths = { splitDepth: 2, maxDepth: 15 };
    chain = await opStackChain(artifacts ?? {}, calls[0].call.previousState, inputs, depths);
    snapshot = await chain.provider.send("evm_snapshot", []);
  });
  afterAll(() => chain?.connection.close());
  beforeEach(async () => {
    await chain.provider.send("evm_revert", [snapshot]);
    snapshot = await chain.provider.send("evm_snapshot", []);
  });

  for (const wrong of [0, 1, 2]) {
    test(`a liar in call ${wrong} › its root falls to two honest parties`, async () => {
      const lies = calls.map((execution, i) =>
        i < wrong ? execution : lying(execution, i === wrong ? 1000 : 0),
      );
      const [, first, second, third] = chain.signers;
      const { state } = await calls[2].claim();
      const game = await chain.propose(lieOf(state), 3, third);
      const player = (signer: JsonRpcSigner, view: readonly Execution[]) =>
        new OpStackPlayer({ game, signer, chain: callChain(view), sender: { pollMs: 2 } });
      const players = [player(first, calls), player(third, lies), player(second, calls)];
      for (let isMoving = true; isMoving; ) {
        isMoving = false;
        for (const one of players) isMoving = (await one.tick()) || isMoving;
      }
      await chain.pass(clockSeconds + 1);
      expect(await players[0].settle()).toBe(1);
      // The game divided them: neither has answered what the other had answered already.
      const { game: contract } = players[0];
      const said = new Set<string>();
      for (let i = 0; i < Number(await contract.claimDataLen()); i++) {
        const { parentIndex, position, claim } = await contract.claimData(i);
        said.add(`${parentIndex} ${position} ${claim}`);
      }
      expect(said.size).toBe(Number(await contract.claimDataLen()));
      expect(await contract.credit(third.address)).toBe(0n);
    });
  }

  test("a player that has run other calls than the game's makes no move", async () => {
    const [, signer] = chain.signers;
    const game = await chain.propose(lieOf(calls[0].call.previousState), 3, signer);
    const player = (executions: readonly Execution[]) =>
      new OpStackPlayer({ game, signer, chain: callChain(executions), sender: { pollMs: 2 } });
    const from = player([calls[1], calls[1], calls[2]]);
    const refusal = (one: OpStackPlayer) => one.tick().catch((error: unknown) => String(error));
    expect(await refusal(from)).toMatch(/^RangeError: expected call 0 from /);
    const other = new MachineExecution(call.program, call.previous, Uint8Array.of(1));
    const on = player([other, calls[1], calls[2]]);
    expect(await refusal(on)).toMatch(/^RangeError: expected call 0 on input /);
  });

  for (const [seed, isRootTrue] of [
    [11, true],
    [12, false],
  ] as const) {
    test(`chaos, seed ${seed} › the honest party loses no claim`, async () => {
      const taken = await chaoticGame(chain, calls, { seed, turns: 60, isRootTrue });
      expect(taken).toBeGreaterThan(20);
    });
  }
});
