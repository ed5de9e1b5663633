/**
 * Whole disputes from headers and votes to the verdict, before the toy's judge: one liar of four, three of four, hashes
 * without a preimage, true results accused.
 */
import { getBytes, id } from "ethers";
import { beforeEach, describe, expect, test } from "vitest";
import {
  applicationHash,
  type ClusterGeneration,
  clusterStatus,
  workerStatus,
} from "../../src/history/index.ts";
import { flippedFrom, ofLength, understatedFrom } from "../game/simulation.ts";
import { accused, begin, challenger, handsOn, keys, reasons } from "./accused.ts";
import { blockPlayer, gaps, toyBefore, toyExecution, verdictOf } from "./disputes.ts";
import {
  accountOfKey,
  failure,
  inOrder,
  joinAll,
  keysOf,
  send,
  type TestNetwork,
} from "./network.ts";

let network: TestNetwork;
let cluster: string;
let generation: ClusterGeneration;
beforeEach(async () => {
  ({ network, cluster, generation } = await begin());
});
const { truth, stateOf, statusOf, blockWith, honestOne } = handsOn(() => ({ network, generation }));

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

  test("who has lost its deposit cannot keep a halted cluster from its recovery", async () => {
    const wrong = toyExecution(generation, flippedFrom(20));
    const lie = await stateOf(wrong);
    // A worker can sign any number of headers that never were, and have itself accused over them.
    const [first, ...invented] = ["a", "b", "c"].map((name) =>
      blockWith(lie, { child: (h: object) => ({ ...h, evidenceHash: getBytes(id(name)) }) }),
    );
    const confederate = await honestOne();
    for (const accusation of first.slice(0, 2)) {
      const dispute = await confederate.accuse(accusation, generation, truth());
      await verdictOf(network, [confederate], dispute);
    }
    expect((await network.reader.cluster(cluster))?.status).toBe(clusterStatus.halted);
    await confederate.accuse(invented[0][0], generation, truth());
    const second = keysOf("second");
    await joinAll(network, cluster, second);
    await send(network.clusters, network.signers[5], "seal", [cluster, inOrder(second)]);
    const none = 2n ** 256n - 1n;
    const recover = () =>
      failure(send(network.clusters, network.signers[5], "recover", [cluster, none]));
    await network.mine(150);
    expect(await recover()).toBe("RecoveryOpen");
    expect(await failure(confederate.accuse(invented[1][0], generation, truth()))).toBe(
      "NotBonded",
    );
    const dispute = await network.blockArbiter.disputeCount();
    await verdictOf(network, [confederate], dispute);
    expect(await recover()).toBe("done");
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
