/**
 * Whole disputes from headers and votes to the verdict, before the toy's judge: one liar of four, three of four, hashes
 * without a preimage, true results accused; and what an accusation is refused for.
 */
import { bytesToHex } from "@noble/hashes/utils.js";
import { getBytes, id } from "ethers";
import { beforeEach, describe, expect, test } from "vitest";
import {
  type ApplicationState,
  applicationHash,
  type ClusterGeneration,
  clusterStatus,
  headerHash,
  statementKey,
  workerStatus,
} from "../../src/history/index.ts";
import { flippedFrom, ofLength, understatedFrom } from "../game/simulation.ts";
import {
  accusationsOf,
  blockPlayer,
  gaps,
  stateBehind,
  toyBefore,
  toyExecution,
  verdictOf,
} from "./disputes.ts";
import {
  accountOfKey,
  createToyCluster,
  failure,
  inOrder,
  joinAll,
  keysOf,
  runningGeneration,
  send,
  startNetwork,
  type TestNetwork,
} from "./network.ts";

const reasons = { timeout: 0, length: 1, fuel: 2, step: 3, forfeit: 4, same: 5 };
const accused = 1;
const challenger = 2;
const keys = keysOf("worker");

let network: TestNetwork;
let cluster: string;
let generation: ClusterGeneration;
beforeEach(async () => {
  network = await startNetwork();
  cluster = await createToyCluster(network);
  ({ generation } = await runningGeneration(network, cluster, keys));
});

const truth = () => toyExecution(generation);
const stateOf = async (execution = truth()) => stateBehind(toyBefore, await execution.claim());
const statusOf = async (index: number) =>
  (await network.reader.worker(accountOfKey(keys[index])))?.status;
/** A block whose result somebody has voted for. */
const blockWith = (after: ApplicationState, change = {}) =>
  accusationsOf({ generation, keys, before: toyBefore, after, ...change });
/** The challenger: account 6, which owns no worker, with one stake. */
const honestOne = (execution = truth()) =>
  blockPlayer(network, { signer: 6, execution, stakes: 1n });

describe("a wrong result", () => {
  test.each([
    ["a wrong state in the middle", flippedFrom(20), reasons.step],
    ["a wrong last state", flippedFrom(50), reasons.step],
    ["a call that ends too early", ofLength(30), reasons.length],
    ["a call that goes on", ofLength(70), reasons.length],
    ["too little fuel", understatedFrom(10, 5n), reasons.step],
  ])("%s › its worker is convicted", async (_what, fault, reason) => {
    const wrong = toyExecution(generation, fault);
    const lie = await stateOf(wrong as ReturnType<typeof truth>);
    const [accusation] = blockWith(lie);
    const player = await honestOne();
    const liar = await blockPlayer(network, { signer: 1, execution: wrong, results: [lie] });
    const dispute = await player.accuse(accusation, generation, truth());
    const verdict = await verdictOf(network, [player, liar], dispute);
    expect(verdict.losers).toBe(accused);
    if (reason === reasons.step) expect(verdict.reason).toBe(reason);
    expect(await statusOf(0)).toBe(workerStatus.slashed);
    expect(await network.clusters.credits(network.accounts[6])).toBe(5n * 10n ** 18n);
    expect((await network.blockArbiter.accounts(network.accounts[6])).free).toBe(10n ** 18n);
    // One of four: the cluster goes on.
    const state = await network.reader.cluster(cluster);
    expect(state).toMatchObject({ status: clusterStatus.running, refutedHeight: undefined });
    expect(await gaps(network)).toEqual([0n, 0n]);
  });

  test("a hash whose preimage nobody has › the clock convicts", async () => {
    const [accusation] = blockWith(await stateOf(), { appHash: getBytes(id("nothing")) });
    const player = await honestOne();
    const liar = await blockPlayer(network, { signer: 1, execution: truth() });
    const dispute = await player.accuse(accusation, generation, truth());
    const verdict = await verdictOf(network, [player, liar], dispute);
    expect(verdict).toMatchObject({ losers: accused, reason: reasons.timeout });
    expect(await statusOf(0)).toBe(workerStatus.slashed);
  });

  test("an application hash of another length › the clock convicts", async () => {
    const preimage = await stateOf();
    const [accusation] = blockWith(preimage, { appHash: new Uint8Array(31).fill(1) });
    const player = await honestOne();
    const dispute = await player.accuse(accusation, generation, truth());
    expect((await player.blocks.accused(dispute))?.voted.appHash).toBe(`0x${"0".repeat(64)}`);
    const verdict = await verdictOf(network, [player], dispute);
    expect(verdict).toMatchObject({ losers: accused, reason: reasons.timeout });
  });

  test.each([
    ["another base", { base: id("base") }],
    ["more fuel", { fuel: 151n }],
    ["fewer steps", { steps: 49n }],
    ["receipts that no record has", { receiptsHash: id("receipts") }],
  ])("the right state with %s cannot be opened", async (_what, change) => {
    const lie = { ...(await stateOf()), ...change };
    const [accusation] = blockWith(lie);
    const player = await honestOne();
    const events: string[] = [];
    const liar = await blockPlayer(network, { signer: 1, execution: truth(), results: [lie] });
    const dispute = await player.accuse(accusation, generation, truth());
    const voted = await player.blocks.accused(dispute);
    const situation = await player.arbiter.situation(await player.arbiter.opened(dispute));
    const claim = await truth().claim();
    const proof = await truth().registerProof(Number(claim.steps));
    events.push(
      await failure(
        send(network.blockArbiter, network.signers[1], "proveResult", [
          situation?.dispute,
          voted?.voted,
          lie,
          proof,
        ]),
      ),
    );
    expect(events).toEqual(["ResultNotOpened"]);
    const verdict = await verdictOf(network, [player, liar], dispute);
    expect(verdict).toMatchObject({ losers: accused, reason: reasons.timeout });
  });

  test("three of four lie › the one convicts them all with one stake, and a new generation begins at the last true state", async () => {
    const wrong = toyExecution(generation, flippedFrom(20));
    const lie = await stateOf(wrong);
    const accusations = blockWith(lie);
    const player = await honestOne();
    const liars = await Promise.all(
      [1, 2, 3].map((signer) => blockPlayer(network, { signer, execution: wrong, results: [lie] })),
    );
    const disputes: bigint[] = [];
    for (const accusation of accusations.slice(0, 3)) {
      disputes.push(await player.accuse(accusation, generation, truth()));
    }
    expect((await network.blockArbiter.accounts(network.accounts[6])).staked).toBe(10n ** 18n);
    for (const dispute of disputes) {
      const verdict = await verdictOf(network, [player, ...liars], dispute);
      expect(verdict).toMatchObject({ losers: accused, reason: reasons.step });
    }
    for (const index of [0, 1, 2]) expect(await statusOf(index)).toBe(workerStatus.slashed);
    expect(await statusOf(3)).toBe(workerStatus.bonded);
    const state = await network.reader.cluster(cluster);
    expect(state).toMatchObject({ status: clusterStatus.halted, refutedHeight: 2n });
    expect(await gaps(network)).toEqual([0n, 0n]);

    const second = keysOf("second");
    await joinAll(network, cluster, second);
    await send(network.clusters, network.signers[5], "seal", [cluster, inOrder(second)]);
    await network.mine(150);
    const none = 2n ** 256n - 1n;
    await send(network.clusters, network.signers[5], "recover", [cluster, none]);
    const young = await network.reader.running(cluster);
    expect(young).toMatchObject({ number: 1, initialHeight: 1n });
    expect(young?.initialApplicationHash).toBe(applicationHash(toyBefore));
    // The one that was honest has its deposit back in time.
    await network.mine(1000);
    const own = accountOfKey(keys[3]);
    expect(await failure(send(network.clusters, network.signers[4], "withdraw", [own]))).toBe(
      "done",
    );
    expect(await gaps(network)).toEqual([0n, 0n]);
  });

  test("two challengers of one vote › both disputes go on, the first verdict decides the second", async () => {
    const wrong = toyExecution(generation, flippedFrom(20));
    const lie = await stateOf(wrong);
    const [accusation] = blockWith(lie);
    const one = await honestOne();
    const other = await blockPlayer(network, { signer: 5, execution: truth(), stakes: 1n });
    const liar = await blockPlayer(network, { signer: 1, execution: wrong, results: [lie] });
    const first = await one.accuse(accusation, generation, truth());
    const second = await other.accuse(accusation, generation, truth());
    expect((await network.clusters.workerOf(accountOfKey(keys[0]))).statements).toBe(1n);
    await verdictOf(network, [one, liar], first);
    const verdict = await verdictOf(network, [other, liar], second);
    expect(verdict).toMatchObject({ losers: accused, reason: reasons.forfeit });
    expect(await network.clusters.credits(network.accounts[5])).toBe(0n);
    expect((await network.blockArbiter.accounts(network.accounts[5])).free).toBe(10n ** 18n);
    const again = failure(one.accuse(accusation, generation, truth()));
    expect(await again).toBe("NotBonded");
    expect(await gaps(network)).toEqual([0n, 0n]);
  });

  test("who has lost its deposit is still shown to have lied while the cluster is halted", async () => {
    const wrong = toyExecution(generation, flippedFrom(20));
    const lie = await stateOf(wrong);
    const early = blockWith(lie);
    const late = blockWith(lie, {
      round: 3,
      child: (h: object) => ({ ...h, evidenceHash: getBytes(id("e")) }),
    });
    const player = await honestOne();
    for (const accusation of late.slice(0, 2)) {
      await verdictOf(network, [player], await player.accuse(accusation, generation, truth()));
    }
    expect((await network.reader.cluster(cluster))?.status).toBe(clusterStatus.halted);
    expect(await statusOf(0)).toBe(workerStatus.slashed);
    const dispute = await player.accuse(early[0], generation, truth());
    const none = 2n ** 256n - 1n;
    await network.mine(150);
    const recover = () =>
      failure(send(network.clusters, network.signers[5], "recover", [cluster, none]));
    expect(await recover()).toBe("RecoveryOpen");
    const verdict = await verdictOf(network, [player], dispute);
    expect(verdict).toMatchObject({ losers: accused });
    expect(await recover()).toBe("NotSealed");
    const burned: bigint = await network.clusters.burned();
    expect(burned).toBe(2n * 5n * 10n ** 18n);
    expect(await gaps(network)).toEqual([0n, 0n]);
  });
});

describe("a true result", () => {
  test.each([
    ["a wrong state", flippedFrom(20), reasons.step],
    ["another length", ofLength(30), reasons.length],
  ])("accused with %s › the challenger loses its stake", async (_what, fault, _reason) => {
    const after = await stateOf();
    const [accusation] = blockWith(after);
    const wrong = toyExecution(generation, fault);
    const player = await blockPlayer(network, { signer: 6, execution: wrong, stakes: 1n });
    const honest = await blockPlayer(network, { signer: 1, execution: truth(), results: [after] });
    const dispute = await player.accuse(accusation, generation, wrong);
    expect((await network.clusters.workerOf(accountOfKey(keys[0]))).statements).toBe(1n);
    const verdict = await verdictOf(network, [player, honest], dispute);
    expect(verdict.losers).toBe(challenger);
    expect(await statusOf(0)).toBe(workerStatus.bonded);
    expect((await network.clusters.workerOf(accountOfKey(keys[0]))).statements).toBe(0n);
    expect((await network.blockArbiter.accounts(network.accounts[1])).free).toBe(10n ** 18n / 2n);
    expect(await gaps(network)).toEqual([0n, 0n]);
  });

  test("accused with the true result itself › the challenger loses at once", async () => {
    const after = await stateOf();
    const [accusation] = blockWith(after);
    const player = await honestOne();
    const honest = await blockPlayer(network, { signer: 1, execution: truth(), results: [after] });
    const dispute = await player.accuse(accusation, generation, truth());
    const verdict = await verdictOf(network, [honest], dispute);
    expect(verdict).toMatchObject({ losers: challenger, reason: reasons.same });
    expect(await gaps(network)).toEqual([0n, 0n]);
  });

  test("a delegate answers for the owner", async () => {
    const after = await stateOf();
    const [accusation] = blockWith(after);
    const owner = network.accounts[1];
    await send(network.blockArbiter, network.signers[1], "setDelegate", [network.accounts[9]]);
    const wrong = toyExecution(generation, flippedFrom(20));
    const player = await blockPlayer(network, { signer: 6, execution: wrong, stakes: 1n });
    const delegate = await blockPlayer(network, {
      signer: 9,
      execution: truth(),
      results: [after],
      party: owner,
    });
    const dispute = await player.accuse(accusation, generation, wrong);
    const verdict = await verdictOf(network, [player, delegate], dispute);
    expect(verdict).toMatchObject({ losers: challenger, reason: reasons.step });
  });
});

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
