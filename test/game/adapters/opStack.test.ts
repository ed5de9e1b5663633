/**
 * Whole games on the OP Stack's own compiled contracts over our judge: the honest player wins as defender and as
 * challenger, whatever the liar lies about, and whatever several identities do at once (docs/adapters.md section 2).
 */
import { type Contract, concat, getBytes, hexlify, type JsonRpcSigner, keccak256 } from "ethers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { callChain, stepsOf } from "../../../src/game/adapters/callChain.ts";
import { OpStackPlayer } from "../../../src/game/adapters/opStack/opStackPlayer.ts";
import { vmStatus } from "../../../src/game/adapters/opStack/opStackTrace.ts";
import { depthOf, moved } from "../../../src/game/adapters/opStack/position.ts";
import type { Execution } from "../../../src/game/trace/execution.ts";
import { executionOf, knownCall } from "../programs.ts";
import { lieOf, lying } from "./lying.ts";
import { clockSeconds, type OpStackChain, opStackChain, vaultSeconds } from "./opStackChain.ts";
import { peerArtifacts } from "./peers.ts";

const artifacts = await peerArtifacts("opStack");
const challengerWins = 1;
const defenderWins = 2;

test("the package is there in CI", () => {
  expect(artifacts !== undefined || process.env.CI !== "true").toBe(true);
});

describe.runIf(artifacts !== undefined)("OP Stack", () => {
  const call = knownCall("ledger");
  const honest = executionOf(call);
  let chain: OpStackChain;
  let steps = 0;
  let snapshot: string;

  beforeAll(async () => {
    steps = await stepsOf(honest);
    const maxDepth = 2 + Math.ceil(Math.log2(steps + 2)); // one level of outputs, one for the roots of traces
    chain = await opStackChain(artifacts ?? {}, honest.call.previousState, [call.input], {
      maxDepth,
    });
    snapshot = await chain.provider.send("evm_snapshot", []);
  });
  afterAll(() => chain?.connection.close());

  /** Plays to the end; the game's status. `liars` are views of the call, each with an account of its own. */
  async function play(
    proposal: "true" | "false",
    liars: readonly Execution[],
    undoneRound?: number,
  ): Promise<{ status: number; honestLost: boolean; honestWei: bigint }> {
    await chain.provider.send("evm_revert", [snapshot]);
    snapshot = await chain.provider.send("evm_snapshot", []);
    const { state } = await honest.claim();
    const root = proposal === "true" ? state : lieOf(state);
    const proposer = chain.signers[proposal === "true" ? 1 : 2];
    const game = await chain.propose(root, 1, proposer);
    const player = (signer: JsonRpcSigner, execution: Execution) =>
      new OpStackPlayer({ game, signer, chain: callChain([execution]), sender: { pollMs: 2 } });
    const party = player(chain.signers[1], honest);
    const others = liars.map((liar, i) => player(chain.signers[2 + i], liar));
    let round = 0;
    for (let isMoving = true; isMoving; round++) {
      isMoving = false;
      const before = await chain.provider.send("evm_snapshot", []);
      for (const one of [...others, party]) isMoving = (await one.tick()) || isMoving;
      if (round !== undoneRound) continue;
      // The same moves come in another order now.
      await chain.provider.send("evm_revert", [before]);
      others.reverse();
    }
    expect(round).toBeGreaterThan(undoneRound ?? 0);
    await chain.pass(clockSeconds + 1);
    const status = await party.settle();
    const address = chain.signers[1].address;
    let honestLost = false;
    const count = Number(await party.game.claimDataLen());
    for (let i = 0; i < count; i++) {
      const { claimant, counteredBy } = await party.game.claimData(i);
      if (claimant === address && BigInt(counteredBy) !== 0n) honestLost = true;
    }
    const honestWei: bigint = await party.game.credit(address);
    if (honestWei > 0n) {
      await chain.pass(vaultSeconds + 1);
      const before = await chain.provider.getBalance(address);
      expect(await party.collect()).toBe(true);
      expect(await party.collect()).toBe(false);
      expect(await chain.provider.getBalance(address)).toBeGreaterThan(before + honestWei / 2n);
    }
    return { status, honestLost, honestWei };
  }

  const places: readonly [string, (steps: number) => number][] = [
    ["in begin", () => 0],
    ["in the first step", () => 1],
    ["in the middle", (n) => n >> 1],
    ["in the last step", (n) => n],
    ["about the final status", () => Infinity],
  ];
  for (const [place, from] of places) {
    test(`a false root whose defender lies ${place} › falls`, async () => {
      const { status, honestLost } = await play("false", [lying(honest, from(steps))]);
      expect(status).toBe(challengerWins);
      expect(honestLost).toBe(false);
    });
  }

  for (const [place, from] of places.slice(0, 4)) {
    test(`a true root whose challenger lies ${place} › stands`, async () => {
      const { status, honestLost } = await play("true", [lying(honest, from(steps))]);
      expect(status).toBe(defenderWins);
      expect(honestLost).toBe(false);
    });
  }

  test("claims that a reorganisation has put in another order › a false root falls", async () => {
    const liars = [1, steps >> 1, steps].map((from) => lying(honest, from));
    const { status, honestLost } = await play("false", liars, 2);
    expect(status).toBe(challengerWins);
    expect(honestLost).toBe(false);
  });

  test("three liars at once, at three places › no claim of the honest party is countered", async () => {
    const liars = [1, steps >> 1, steps].map((from) => lying(honest, from));
    const { status, honestLost, honestWei } = await play("false", liars);
    expect(status).toBe(challengerWins);
    expect(honestLost).toBe(false);
    expect(honestWei).toBeGreaterThan(0n);
  });

  test("a true state proposed as the result of calls that nobody has made › falls", async () => {
    await chain.provider.send("evm_revert", [snapshot]);
    snapshot = await chain.provider.send("evm_snapshot", []);
    const { state } = await honest.claim();
    const [, signer, liar] = chain.signers;
    const game = await chain.propose(state, 2, liar);
    const sender = { pollMs: 2 };
    const party = new OpStackPlayer({ game, signer, chain: callChain([honest]), sender });
    // The input is given later: too late for this game.
    await chain.inbox.add("0x");
    const unchanged = getBytes(keccak256(concat([state, "0x00"])));
    unchanged[0] = vmStatus.valid;
    while (await party.tick()) {
      const at = Number(await party.game.claimDataLen()) - 1;
      const { claim, position } = await party.game.claimData(at);
      // The liar agrees with the output, and says of the call that is not there that it changes nothing.
      const isAttack = depthOf(position) > 1;
      if (depthOf(position) === Number(await party.game.maxGameDepth())) break;
      const bond = await party.game.getRequiredBond(moved(position, isAttack));
      const own = party.game.connect(liar) as Contract;
      await (await own.move(claim, at, hexlify(unchanged), isAttack, { value: bond })).wait();
    }
    await chain.pass(clockSeconds + 1);
    expect(await party.settle()).toBe(challengerWins);
  });
});
