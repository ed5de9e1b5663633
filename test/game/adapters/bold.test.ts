/**
 * Whole challenges on Arbitrum BoLD's own compiled EdgeChallengeManager over our judge: the honest party's assertion is
 * confirmed and no other can be, whatever the liars lie about and whoever came first (docs/adapters.md section 3).
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { BoldPlayer } from "../../../src/game/adapters/bold/boldPlayer.ts";
import { callChain, stepsOf } from "../../../src/game/adapters/callChain.ts";
import { RefusedError } from "../../../src/game/chain/sender.ts";
import { executionOf, knownCall } from "../programs.ts";
import { type BoldChain, boldChain, challengeBlocks } from "./boldChain.ts";
import { callsInARow } from "./calls.ts";
import { lying } from "./lying.ts";
import { peerArtifacts } from "./peers.ts";

const artifacts = await peerArtifacts("bold");

test("the package is there in CI", () => {
  expect(artifacts !== undefined || process.env.CI !== "true").toBe(true);
});

describe.runIf(artifacts !== undefined)("BoLD", () => {
  const call = knownCall("ledger");
  const honest = executionOf(call);
  let chain: BoldChain;
  let steps = 0;
  let snapshot: string;

  beforeAll(async () => {
    steps = await stepsOf(honest);
    chain = await boldChain(artifacts ?? {}, honest.call, [call.input], {
      blocks: 2,
      steps: 2 ** Math.ceil(Math.log2(steps + 2)),
    });
    snapshot = await chain.provider.send("evm_snapshot", []);
  });
  afterAll(() => chain?.connection.close());

  /** Plays to the end: whether the honest assertion, and any of the liars', was confirmed. */
  async function play(
    froms: readonly number[],
    honestIs: "first" | "last",
    undoneRound?: number,
  ): Promise<{ honest: boolean; liars: boolean }> {
    await chain.provider.send("evm_revert", [snapshot]);
    snapshot = await chain.provider.send("evm_snapshot", []);
    const party = () => chain.player(chain.signers[1], callChain([honest]));
    let one: BoldPlayer | undefined = honestIs === "first" ? await party() : undefined;
    const liars: BoldPlayer[] = [];
    for (const [i, from] of froms.entries()) {
      liars.push(await chain.player(chain.signers[2 + i], callChain([lying(honest, from)])));
    }
    one ??= await party();
    const players = honestIs === "first" ? [one, ...liars] : [...liars, one];
    for (const player of players) await player.enter();
    let round = 0;
    for (let isMoving = true; isMoving; round++) {
      isMoving = false;
      const before = await chain.provider.send("evm_snapshot", []);
      for (const player of players) isMoving = (await player.tick()) || isMoving;
      if (round === undoneRound) await chain.provider.send("evm_revert", [before]);
    }
    expect(round).toBeGreaterThan(undoneRound ?? 0);
    await chain.provider.send("hardhat_mine", [`0x${(challengeBlocks + 1).toString(16)}`]);
    for (const liar of liars) {
      const outcome = await liar.confirm().catch((error: unknown) => error);
      expect(outcome).toBeInstanceOf(RefusedError);
    }
    await one.confirm();
    expect(await chain.stakeOf(chain.signers[1])).toBeGreaterThan(0n);
    expect(await one.refund()).toBeGreaterThan(1);
    expect(await chain.stakeOf(chain.signers[1])).toBe(0n);
    for (const liar of liars) expect(await liar.refund()).toBe(0);
    const confirmed = await Promise.all(liars.map((liar) => liar.isConfirmed()));
    return { honest: await one.isConfirmed(), liars: confirmed.includes(true) };
  }

  const places: readonly [string, (steps: number) => number][] = [
    ["in begin", () => 0],
    ["in the first step", () => 1],
    ["in the middle", (n) => n >> 1],
    ["in the last step", (n) => n],
    ["about the final state", () => Infinity],
  ];
  /** Two of the places, the honest party once first and once last, are enough for every run of the tests. */
  const isPlayed = (i: number) => process.env.DEEP === "true" || i === 0 || i === 3;
  for (const [i, [place, from]] of places.entries()) {
    if (!isPlayed(i)) continue;
    const order = i % 2 === 0 ? "first" : "last";
    test(`a liar ${place}, the honest party ${order} › the true assertion is confirmed`, async () => {
      expect(await play([from(steps)], order)).toEqual({ honest: true, liars: false });
    });
  }

  test("moves that a reorganisation has undone are made again › the true assertion is confirmed", async () => {
    expect(await play([steps >> 1], "first", 4)).toEqual({ honest: true, liars: false });
  });

  test("two liars at once, at two places › the true assertion is confirmed", async () => {
    const froms = [1, steps >> 1];
    expect(await play(froms, "last")).toEqual({ honest: true, liars: false });
  });

  test("two calls in one assertion, a lie in the second › the true assertion is confirmed", async () => {
    const calls = await callsInARow(call, 2);
    const heights = { blocks: 2, steps: 4096 };
    const inputs = [call.input, call.input];
    const own = await boldChain(artifacts ?? {}, honest.call, inputs, heights);
    const liar = await own.player(own.signers[2], callChain([calls[0], lying(calls[1], 77)]));
    const one = await own.player(own.signers[1], callChain(calls));
    // Another honest party: it has the same edges, and need not make them again.
    const other = await own.player(own.signers[3], callChain(calls));
    const players = [liar, one, other];
    for (const player of players) await player.enter();
    for (let isMoving = true; isMoving; ) {
      isMoving = false;
      for (const player of players) isMoving = (await player.tick()) || isMoving;
    }
    await own.provider.send("hardhat_mine", [`0x${(challengeBlocks + 1).toString(16)}`]);
    await other.confirm();
    expect(await one.isConfirmed()).toBe(true);
    expect(await liar.isConfirmed()).toBe(false);
    await own.connection.close();
  });
});
