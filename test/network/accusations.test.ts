/**
 * What a block's result is accused of and what an accusation is refused for: fuel alone, and every part of the evidence.
 */
import { bytesToHex } from "@noble/hashes/utils.js";
import { id } from "ethers";
import { beforeEach, describe, expect, test } from "vitest";
import {
  applicationHash,
  type ClusterGeneration,
  headerHash,
  statementKey,
  workerStatus,
} from "../../src/history/index.ts";
import { flippedFrom, understatedFrom } from "../game/simulation.ts";
import { accused, begin, challenger, handsOn, keys } from "./accused.ts";
import {
  accusationsOf,
  blockPlayer,
  stateBehind,
  toyBefore,
  toyExecution,
  verdictOf,
} from "./disputes.ts";
import { accountOfKey, failure, send, type TestNetwork } from "./network.ts";

let network: TestNetwork;
let cluster: string;
let generation: ClusterGeneration;
beforeEach(async () => {
  ({ network, cluster, generation } = await begin());
});
const { truth, stateOf, statusOf, blockWith, honestOne } = handsOn(() => ({ network, generation }));

describe("fuel", () => {
  test("less than the call used › convicted without running it to its end", async () => {
    const lie = { ...(await stateOf()), fuel: 100n };
    const [accusation] = blockWith(lie);
    const player = await honestOne();
    const wrong = toyExecution(generation, understatedFrom(10, 50n));
    const liar = await blockPlayer(network, { signer: 1, execution: wrong, results: [lie] });
    const dispute = await player.accuse(accusation, generation, truth(), lie);
    const { dispute: opened } = await player.arbiter.opened(dispute);
    expect(opened).toMatchObject({ fuelStep: 34n });
    expect(opened.claims[0].fuel).toBe(100n);
    const verdict = await verdictOf(network, [player, liar], dispute);
    expect(verdict.losers).toBe(accused);
    expect(await statusOf(0)).toBe(workerStatus.slashed);
  });

  test("as much as the call used › nothing to accuse, and who tries loses", async () => {
    const after = await stateOf();
    const [accusation] = blockWith(after);
    const player = await honestOne();
    const accusing = player.accuse(accusation, generation, truth(), after);
    expect(await accusing.catch((error: unknown) => error)).toBeInstanceOf(RangeError);
    const thirsty = toyExecution(generation, {
      alter: (step, state) => ({ ...state, fuelCounter: state.fuelCounter + BigInt(step) }),
    });
    // By its own count the total is passed here, by the machine's nowhere.
    thirsty.fuelStep = async () => 40;
    const honest = await blockPlayer(network, { signer: 1, execution: truth(), results: [after] });
    const attacker = await blockPlayer(network, { signer: 5, execution: thirsty, stakes: 1n });
    const dispute = await attacker.accuse(accusation, generation, thirsty, after);
    const verdict = await verdictOf(network, [attacker, honest], dispute);
    expect(verdict.losers).toBe(challenger);
    expect(await statusOf(0)).toBe(workerStatus.bonded);
  });
});

describe("what is refused", () => {
  /** Opens with changed calldata; name of the error. */
  async function opening(change: (brought: Record<string, unknown>) => unknown, at = 0) {
    const wrong = toyExecution(generation, flippedFrom(20));
    const player = await honestOne();
    const calls: unknown[][] = [];
    player.open = async (_method, args) => {
      calls.push([...args]);
      throw new Error("not sent");
    };
    const accusations = blockWith(await stateOf(wrong));
    await player.accuse(accusations[at], generation, truth()).catch(() => {});
    const [[brought, claim, proof]] = calls;
    const args = [change(brought as Record<string, unknown>), claim, proof];
    return failure(send(network.blockArbiter, network.signers[6], "openFromHeaders", args));
  }

  const changed = (field: string, value: object) => (brought: Record<string, unknown>) => ({
    ...brought,
    [field]: { ...(brought[field] as object), ...value },
  });

  test("every part of the evidence", async () => {
    const cases: readonly [string, (brought: Record<string, unknown>) => unknown, string][] = [
      ["nothing changed", (brought) => brought, "done"],
      ["another generation", (brought) => ({ ...brought, generation: 2n }), "WrongChain"],
      ["another chain", changed("header", { chainId: "another" }), "WrongChain"],
      ["the parent of another chain", changed("parent", { chainId: "another" }), "WrongChain"],
      ["another height", changed("header", { height: 3n }), "NotChild"],
      ["another parent", changed("parent", { consensusHash: id("c") }), "NotChild"],
      ["another header", changed("header", { evidenceHash: id("e") }), "UnknownSigner"],
      ["another round", changed("precommit", { round: 2 }), "UnknownSigner"],
      ["another state before", changed("before", { fuel: 1n }), "WrongApplication"],
      ["no record", (brought) => ({ ...brought, record: "0x00" }), "RecordNotProven"],
      ["no path", (brought) => ({ ...brought, siblings: [] }), "RecordNotProven"],
      // The judge's own error.
      [
        "no begin witness",
        (brought) => ({ ...brought, beginWitness: "0x" }),
        "execution reverted ",
      ],
    ];
    for (const [what, change, error] of cases) expect(await opening(change), what).toBe(error);
  });

  test("one's own worker, and without a stake", async () => {
    const wrong = toyExecution(generation, flippedFrom(20));
    const [accusation] = blockWith(await stateOf(wrong));
    const owner = await blockPlayer(network, { signer: 1, execution: truth(), stakes: 1n });
    expect(await failure(owner.accuse(accusation, generation, truth()))).toBe("SameParty");
    const poor = await blockPlayer(network, { signer: 6, execution: truth() });
    expect(await failure(poor.accuse(accusation, generation, truth()))).toBe("InsufficientDeposit");
  });

  test("the same dispute twice, a refuted vote, a verified height, a worker that is free", async () => {
    const wrong = toyExecution(generation, flippedFrom(20));
    const accusations = blockWith(await stateOf(wrong));
    const player = await honestOne();
    const dispute = await player.accuse(accusations[0], generation, truth());
    expect(await failure(player.accuse(accusations[0], generation, truth()))).toBe("AlreadyOpen");
    await verdictOf(network, [player], dispute);
    expect(await failure(player.accuse(accusations[0], generation, truth()))).toBe("NotBonded");
    await send(network.clusters, network.signers[0], "halt", [cluster]);
    expect(await failure(player.accuse(accusations[0], generation, truth()))).toBe(
      "AlreadyRefuted",
    );
    await network.mine(1000);
    expect(await failure(player.accuse(accusations[1], generation, truth()))).toBe("NotBonded");
    await send(network.clusters, network.signers[8], "makeFinal", [cluster, 2n]);
    expect(await failure(player.accuse(accusations[1], generation, truth()))).toBe("HeightFinal");
  });

  test("a chain that begins in another state", async () => {
    const before = { ...toyBefore, fuel: 1n };
    const wrong = toyExecution(generation, flippedFrom(20));
    const [accusation] = accusationsOf({
      generation: { ...generation, initialApplicationHash: applicationHash(before) },
      keys,
      before,
      after: stateBehind(before, await wrong.claim()),
    });
    const player = await honestOne();
    const pretended = { ...generation, initialApplicationHash: applicationHash(before) };
    expect(await failure(player.accuse(accusation, pretended, truth()))).toBe("WrongApplication");
  });

  test("a header below the chain's first height", async () => {
    const wrong = toyExecution(generation, flippedFrom(20));
    const early = { ...generation, initialHeight: 0n };
    const [accusation] = accusationsOf({
      generation: early,
      keys,
      before: toyBefore,
      after: await stateOf(wrong),
    });
    const player = await honestOne();
    expect(await failure(player.accuse(accusation, early, truth()))).toBe("BelowGeneration");
  });

  test("the statement's key is that of the library", async () => {
    const wrong = toyExecution(generation, flippedFrom(20));
    const [accusation] = blockWith(await stateOf(wrong));
    const player = await honestOne();
    const dispute = await player.accuse(accusation, generation, truth());
    const { dispute: opened } = await player.arbiter.opened(dispute);
    const hash = `0x${bytesToHex(headerHash(accusation.header))}`;
    const key = statementKey(generation.id, hash, accountOfKey(keys[0]));
    expect(opened.backings[0]).toBe(key);
    expect((await network.blockArbiter.statements(key)).height).toBe(2n);
  });

  test("a move of the wrong party, and a dispute's state from before", async () => {
    const after = await stateOf();
    const [accusation] = blockWith(after);
    const player = await honestOne();
    const dispute = await player.accuse(accusation, generation, truth());
    const { dispute: opened } = await player.arbiter.opened(dispute);
    const voted = (await player.blocks.accused(dispute))?.voted;
    const claim = await truth().claim();
    const proof = await truth().registerProof(Number(claim.steps));
    const prove = (signer: number, args: unknown[]) =>
      failure(send(network.blockArbiter, network.signers[signer], "proveResult", args));
    expect(await prove(6, [opened, voted, after, proof])).toBe("NotOnTurn");
    const stale = { ...opened, round: 1 };
    expect(await prove(1, [stale, voted, after, proof])).toBe("StaleState");
    expect(await prove(1, [opened, { ...voted, fuel: 1n }, after, proof])).toBe("ResultNotOpened");
    expect(await prove(1, [opened, voted, after, proof])).toBe("done");
    expect(await prove(1, [opened, voted, after, proof])).toBe("StaleState");
  });
});
