/**
 * Whole matches on a model of a single-level tournament of Cartesi's Dave (contracts/test/adapters/ModelTournament.sol; the
 * real one has no package) over our judge: the true commitment wins against liars at every place, and against several of
 * them one after the other (docs/adapters.md section 4).
 */
import { hexlify, id, makeError, type Signer, type TransactionRequest } from "ethers";
import hre from "hardhat";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { callChain, stepsOf } from "../../../src/game/adapters/callChain.ts";
import { DavePlayer } from "../../../src/game/adapters/dave/davePlayer.ts";
import { DaveTrace } from "../../../src/game/adapters/dave/daveTrace.ts";
import { deployContract, deployJudge } from "../../../src/game/chain/deploy.ts";
import type { Execution } from "../../../src/game/trace/execution.ts";
import { executionOf, knownCall } from "../programs.ts";
import { callsInARow } from "./calls.ts";
import { lying } from "./lying.ts";
import { deployPeer, type PeerChain, peerChain } from "./opStackChain.ts";

describe("Dave (model)", () => {
  const call = knownCall("ledger");
  const honest = executionOf(call);
  let second: Execution;
  const inputs = [call.input, call.input];
  let chain: PeerChain;
  let transition = "";
  let spanBits = 0;
  let steps = 0;

  beforeAll(async () => {
    steps = await stepsOf(honest);
    [, second] = await callsInARow(call, 2);
    spanBits = Math.ceil(Math.log2(Math.max(steps, await stepsOf(second)) + 2));
    chain = await peerChain();
    const [admin] = chain.signers;
    const judge = await deployJudge(admin);
    transition = (await deployContract(admin, "DaveTransition", [judge.address, spanBits, 1000]))
      .address;
  });
  afterAll(() => chain?.connection.close());

  /** Lets everybody join in turn and play; whether the true commitment is the one that is left. */
  async function play(
    views: readonly (readonly Execution[])[],
    height: number,
    signerOf: (player: number) => Signer = (player) => chain.signers[1 + player],
  ): Promise<boolean> {
    const { abi, bytecode } = await hre.artifacts.readArtifact("ModelTournament");
    const tournament = await deployPeer(
      chain.signers[0],
      { abi: abi as unknown as never[], bytecode },
      [height, honest.call.previousState, transition, inputs.map((input) => hexlify(input))],
    );
    const players: DavePlayer[] = [];
    for (const [i, view] of views.entries()) {
      const trace = await DaveTrace.of(callChain(view), inputs, spanBits);
      const signer = signerOf(i);
      const options = { tournament: String(tournament.target), signer, trace };
      players.push(new DavePlayer({ ...options, sender: { pollMs: 2 } }));
    }
    for (const player of players) await player.join();
    for (let idle = 0; idle < 3; idle++) {
      for (const player of players) if (await player.tick()) idle = 0;
    }
    return (await tournament.dangling()) === (await players[0].commitment());
  }

  const places: readonly [string, () => Execution[]][] = [
    ["in the first begin", () => [lying(honest, 0), second]],
    ["in the first step", () => [lying(honest, 1), second]],
    ["in the middle", () => [lying(honest, steps >> 1), second]],
    ["in the last step", () => [lying(honest, steps), second]],
    ["in the second begin", () => [honest, lying(second, 0)]],
    ["about the final state", () => [honest, lying(second, Infinity)]],
  ];
  for (const [i, [place, liar]] of places.entries()) {
    const height = 1 + (i % 2);
    test(`a liar ${place} › the true commitment wins`, async () => {
      expect(await play([[honest, second], liar()], spanBits + height)).toBe(true);
    });
  }

  test("a node that lags behind the last move loses no match", async () => {
    const selector = id("winLeafMatch((bytes32,bytes32),bytes32,bytes32,bytes)").slice(0, 10);
    let refusals = 0;
    const lagging = new Proxy(chain.signers[1], {
      get(target, name) {
        const value = Reflect.get(target, name, target);
        if (name !== "call") return typeof value === "function" ? value.bind(target) : value;
        return async (transaction: TransactionRequest) => {
          if (transaction.data?.startsWith(selector) && refusals++ === 0) {
            throw makeError("execution reverted", "CALL_EXCEPTION");
          }
          return target.call(transaction);
        };
      },
    });
    const signerOf = (player: number) => (player === 0 ? lagging : chain.signers[1 + player]);
    const views = [[honest, second], places[2][1]()];
    expect(await play(views, spanBits + 1, signerOf)).toBe(true);
    expect(refusals).toBeGreaterThan(1);
  });

  test("three liars, one after the other › the true commitment wins all matches", async () => {
    const liars = [0, 1, 4].map((place) => places[place][1]());
    expect(await play([[honest, second], ...liars], spanBits + 1)).toBe(true);
  });
});
