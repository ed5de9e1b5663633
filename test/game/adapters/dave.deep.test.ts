/**
 * The games of dave.test.ts on Dave's own Tournament instead of the model, where somebody has compiled it: Dave has no
 * package, and nothing of it is committed. $DAVE_TOURNAMENT names a JSON file with its `abi` and `bytecode`, as forge or
 * solc write them from prt/contracts/src/tournament/Tournament.sol (docs/adapters.md section 4).
 */
import { readFileSync } from "node:fs";
import { AbiCoder, Contract, concat, hexlify, toBeHex, ZeroAddress, ZeroHash } from "ethers";
import hre from "hardhat";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { callChain, stepsOf } from "../../../src/game/adapters/callChain.ts";
import { DavePlayer } from "../../../src/game/adapters/dave/davePlayer.ts";
import { DaveTrace } from "../../../src/game/adapters/dave/daveTrace.ts";
import { deployContract, deployJudge } from "../../../src/game/chain/deploy.ts";
import type { Execution } from "../../../src/game/trace/execution.ts";
import { knownCall } from "../programs.ts";
import { callsInARow } from "./calls.ts";
import { lying } from "./lying.ts";
import { deployPeer, type PeerChain, peerChain } from "./opStackChain.ts";
import type { PeerArtifact } from "./peers.ts";

const path = process.env.DAVE_TOURNAMENT;
if (path === undefined) console.error("NOT RUN: Dave's own Tournament: no $DAVE_TOURNAMENT");

const spanBits = 12;
const argumentsType =
  "tuple(tuple(bytes32,uint256,uint64,uint64),uint64,uint64,uint64,uint64,uint64,uint64,address,tuple(bytes32,bytes32,bytes32,bytes32),address,address)";

describe.runIf(path !== undefined)("Dave's own Tournament", () => {
  const call = knownCall("ledger");
  const inputs = [call.input, call.input].map((input) => hexlify(input));
  let artifact: PeerArtifact;
  let calls: Execution[];
  let chain: PeerChain;
  let transition = "";
  let implementation = "";
  let provider = "";
  let steps = 0;

  beforeAll(async () => {
    const { abi, bytecode } = JSON.parse(readFileSync(path ?? "", "utf8"));
    artifact = { abi, bytecode: bytecode.object ?? bytecode };
    calls = await callsInARow(call, 2);
    steps = await stepsOf(calls[0]);
    chain = await peerChain();
    const [admin] = chain.signers;
    const judge = await deployJudge(admin);
    const adapter = await deployContract(admin, "DaveTransition", [judge.address, spanBits, 1000]);
    transition = adapter.address;
    implementation = String((await deployPeer(admin, artifact)).target);
    // Of the model only its inputs are used.
    const model = await hre.artifacts.readArtifact("ModelTournament");
    const box = await deployPeer(
      admin,
      { abi: model.abi as unknown as never[], bytecode: model.bytecode },
      [spanBits, ZeroHash, transition, inputs],
    );
    provider = String(box.target);
  });
  afterAll(() => chain?.connection.close());

  /** A tournament of one level: a clone that carries its arguments behind its code. */
  async function tournament(height: number): Promise<Contract> {
    const [admin] = chain.signers;
    const blocks = [await chain.provider.getBlockNumber(), 5000, 5000, 100];
    const none = [ZeroHash, ZeroHash, ZeroHash, ZeroHash];
    const start = [calls[0].call.previousState, 0, 0, height];
    const encoded = AbiCoder.defaultAbiCoder().encode(
      [argumentsType],
      [[start, 0, 1, ...blocks, provider, none, transition, ZeroAddress]],
    );
    const length = (encoded.length - 2) / 2 + 45;
    const copy = ["0x61", toBeHex(length, 2), "0x3d81600a3d39f3"];
    const forward = ["0x363d3d373d3d3d363d73", implementation, "0x5af43d82803e903d91602b57fd5bf3"];
    const sent = await admin.sendTransaction({ data: concat([...copy, ...forward, encoded]) });
    const receipt = await sent.wait();
    return new Contract(receipt?.contractAddress ?? "", artifact.abi, admin);
  }

  const cases: readonly [string, number, () => Execution[][]][] = [
    ["in the first begin", 13, () => [[lying(calls[0], 0), calls[1]]]],
    ["in the first step", 14, () => [[lying(calls[0], 1), calls[1]]]],
    ["in the middle", 13, () => [[lying(calls[0], steps >> 1), calls[1]]]],
    ["in the second begin", 14, () => [[calls[0], lying(calls[1], 0)]]],
    ["about the final state", 13, () => [[calls[0], lying(calls[1], Number.POSITIVE_INFINITY)]]],
    [
      "three at once",
      13,
      () => [0, 1, steps >> 1].map((from) => [lying(calls[0], from), calls[1]]),
    ],
  ];
  for (const [place, height, liars] of cases) {
    test(`a liar ${place} › the true commitment wins`, async () => {
      const contract = await tournament(height);
      const players: DavePlayer[] = [];
      let gas = 0n;
      for (const [i, view] of [calls, ...liars()].entries()) {
        const bytes = inputs.map(() => call.input);
        const trace = await DaveTrace.of(callChain(view), bytes, spanBits);
        const options = {
          tournament: String(contract.target),
          signer: chain.signers[1 + i],
          trace,
        };
        const onMoved = (_: string, { gasUsed }: { gasUsed: bigint }) => {
          if (i === 0) gas += gasUsed;
        };
        players.push(new DavePlayer({ ...options, sender: { pollMs: 2 }, onMoved }));
      }
      for (const player of players) await player.join();
      for (let isMoving = true; isMoving; ) {
        isMoving = false;
        for (const player of players) isMoving = (await player.tick()) || isMoving;
      }
      await chain.provider.send("hardhat_mine", ["0x4000"]);
      const [isFinished, winner, state] = await contract.arbitrationResult();
      const final = (await calls[1].claim()).state;
      expect([isFinished, winner, state]).toEqual([true, await players[0].commitment(), final]);
      console.error(`${place}: ${gas} gas of the honest party`);
    });
  }
});
