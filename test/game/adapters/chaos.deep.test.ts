/**
 * Many games against adversaries without a plan, over several calls, and a long call at the depths that are used in
 * production (docs/adapters.md section 2).
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { callChain, stepsOf } from "../../../src/game/adapters/callChain.ts";
import { OpStackPlayer } from "../../../src/game/adapters/opStack/opStackPlayer.ts";
import type { Execution } from "../../../src/game/trace/execution.ts";
import { executionOf, knownCall } from "../programs.ts";
import { callsInARow } from "./calls.ts";
import { chaoticGame } from "./chaos.ts";
import { lieOf, lying } from "./lying.ts";
import { clockSeconds, type OpStackChain, opStackChain } from "./opStackChain.ts";
import { peerArtifacts } from "./peers.ts";

const artifacts = await peerArtifacts("opStack");

describe.runIf(artifacts !== undefined)("OP Stack", () => {
  const call = knownCall("ledger");
  let calls: Execution[];
  let chain: OpStackChain;

  beforeAll(async () => {
    calls = await callsInARow(call, 3);
    const inputs = calls.map(() => call.input);
    const depths = { splitDepth: 2, maxDepth: 16 };
    chain = await opStackChain(artifacts ?? {}, calls[0].call.previousState, inputs, depths);
  });
  afterAll(() => chain?.connection.close());

  test("chaos › 12 games of 120 turns", async () => {
    for (let seed = 1; seed <= 12; seed++) {
      const snapshot = await chain.provider.send("evm_snapshot", []);
      await chaoticGame(chain, calls, { seed, turns: 120, isRootTrue: seed % 2 === 0 });
      await chain.provider.send("evm_revert", [snapshot]);
    }
  });

  for (const name of ["sha256", "keccak"]) {
    test(`${name} at the depths of production, lies at ten places`, async () => {
      const long = knownCall(name);
      const honest = executionOf(long);
      const steps = await stepsOf(honest);
      const { previousState } = honest.call;
      const depths = { splitDepth: 30, maxDepth: 73 };
      const deep = await opStackChain(artifacts ?? {}, previousState, [long.input], depths);
      const { state } = await honest.claim();
      for (let i = 0; i < 10; i++) {
        const snapshot = await deep.provider.send("evm_snapshot", []);
        const [, mine, theirs] = deep.signers;
        const isTrue = i % 2 === 0;
        const root = isTrue ? state : lieOf(state);
        const game = await deep.propose(root, 1, isTrue ? mine : theirs);
        const liar = lying(honest, Math.floor((steps * i) / 9));
        const sender = { pollMs: 2 };
        const party = new OpStackPlayer({ game, signer: mine, chain: callChain([honest]), sender });
        const other = new OpStackPlayer({ game, signer: theirs, chain: callChain([liar]), sender });
        while ((await party.tick()) || (await other.tick()));
        await deep.pass(clockSeconds + 1);
        expect(await party.settle()).toBe(isTrue ? 2 : 1);
        await deep.provider.send("evm_revert", [snapshot]);
      }
      await deep.connection.close();
    });
  }
});
