/**
 * What ends where nothing else would end it: draws beyond the counter's room, confirmations beyond those that are walked over, a
 * halt that nobody ends, fragments side by side, a deposit that goes fee by fee. States that take thousands of transactions are
 * written into the storage.
 */
import { AbiCoder, keccak256, toBeHex } from "ethers";
import { beforeEach, describe, expect, test } from "vitest";
import type { Hash } from "../../src/game/index.ts";
import { clusterStatus, fragmentStatus, validatorStatus } from "../../src/history/index.ts";
import {
  type BegunFragment,
  beginAt,
  beginFragment,
  begunNetworks,
  checkpoint,
  confirmTurn,
  drawOnce,
  fragmentOf,
  poolOfFour,
  type ValidatedNetwork,
  validateAll,
  validationGaps,
} from "./fragments.ts";
import { createToyCluster, failure, keysOf, runningGeneration, send } from "./network.ts";
import { asAccount } from "./offices.ts";

let network: ValidatedNetwork;
let begun: BegunFragment;

const begin = begunNetworks();
beforeEach(async () => {
  ({ network, begun } = await begin());
});

const call = (method: string, args: readonly unknown[], signer = 6) =>
  failure(send(network.validation, network.signers[signer], method, args));
const gaps = () => validationGaps(network, [begun.cluster], [begun.id]);

/** Where a mapping of Validation keeps what stands under a fragment's name. */
const placeOf = (slot: number, id: Hash) =>
  BigInt(keccak256(AbiCoder.defaultAbiCoder().encode(["bytes32", "uint256"], [id, slot])));
const wordAt = async (place: bigint): Promise<bigint> =>
  BigInt(await network.provider.getStorage(network.addresses.validation, place));
const setWord = (place: bigint, word: bigint) =>
  network.provider.send("hardhat_setStorageAt", [
    network.addresses.validation,
    toBeHex(place),
    toBeHex(word, 32),
  ]);

/** The number of the mapping for which a word under the fragment's name is as expected. */
async function slotWhere(isIt: (word: bigint, place: bigint) => boolean | Promise<boolean>) {
  for (let slot = 0; slot < 64; slot++) {
    const place = placeOf(slot, begun.id);
    if (await isIt(await wordAt(place), place)) return slot;
  }
  throw new Error("expected the mapping");
}

describe("the counter of draws", () => {
  /** Of struct Fragment: the word of `attempts`, and its bits there. */
  const [word, shift] = [4n, 64n];
  async function setAttempts(attempts: bigint) {
    const slot = await slotWhere((first) => first === BigInt(begun.cluster));
    const place = placeOf(slot, begun.id) + word;
    const old = await wordAt(place);
    expect((old >> shift) & 0xffffn).toBe(0n);
    await setWord(place, old | (attempts << shift));
    expect((await fragmentOf(network, begun.id)).attempts).toBe(Number(attempts));
  }

  test("goes on from 0 after 65,536 draws: the fragment is not stuck, and becomes final", async () => {
    await setAttempts(65_535n);
    const { seedBlocks, drawBlocks } = network.parameters.validation;
    await network.mine(seedBlocks + drawBlocks + 2);
    expect(await call("redraw", [begun.id])).toBe("done");
    expect((await fragmentOf(network, begun.id)).attempts).toBe(0);
    await validateAll(network, begun.id);
    await network.mine(network.parameters.validation.windowBlocks + 1);
    expect(await call("finish", [begun.id])).toBe("done");
  });

  test("the last draw before that is a draw like any other", async () => {
    await setAttempts(65_535n);
    const fragment = await drawOnce(network, begun.id);
    expect(fragment).toMatchObject({ status: fragmentStatus.turn, attempts: 0 });
    await confirmTurn(network, fragment);
    expect(await gaps()).toEqual([0n, 0n]);
  });
});

describe("a fragment with as many confirmations as are walked over", () => {
  const most = 64n;

  /** One confirmation, refuted; then the list holds it so many times. */
  async function fill(count: bigint) {
    const confirmation = await confirmTurn(network, await drawOnce(network, begun.id));
    const arbiter = await asAccount(network, network.addresses.validationArbiter);
    await send(network.validation, arbiter, "bind", [confirmation.id]);
    await send(network.validation, arbiter, "convict", [confirmation.id, network.accounts[15]]);
    const slot = await slotWhere(async (length, place) => {
      const first = BigInt(keccak256(toBeHex(place, 32)));
      return length === 1n && (await wordAt(first)) === confirmation.id;
    });
    const place = placeOf(slot, begun.id);
    const first = BigInt(keccak256(toBeHex(place, 32)));
    await setWord(place, count);
    for (let i = 0n; i < count; i++) await setWord(first + i, confirmation.id);
    expect(await network.validation.confirmationsOf(begun.id)).toHaveLength(Number(count));
  }

  test("of which none stands › is given up, where another draw would follow for ever", async () => {
    await fill(most);
    expect((await drawOnce(network, begun.id)).status).toBe(fragmentStatus.decided);
    await network.mine(network.parameters.validation.windowBlocks + 1);
    expect(await call("finish", [begun.id])).toBe("done");
    expect((await fragmentOf(network, begun.id)).status).toBe(fragmentStatus.void);
    expect(await network.reader.cluster(begun.cluster)).toMatchObject({
      status: clusterStatus.halted,
      refutedHeight: 2n,
      finalHeight: 0n,
    });
    const { workers, validations } = await network.rewards.reservationOf(begun.id);
    expect([workers, validations]).toEqual([0n, 0n]);
    expect(await gaps()).toEqual([0n, 0n]);
  });

  test("less one › is drawn for once more, and decided with what that confirms", async () => {
    await fill(most - 1n);
    const fragment = await drawOnce(network, begun.id);
    expect(fragment.status).toBe(fragmentStatus.turn);
    await confirmTurn(network, fragment);
    expect((await drawOnce(network, begun.id)).status).toBe(fragmentStatus.decided);
    await network.mine(network.parameters.validation.windowBlocks + 1);
    // The forged entries are of one confirmation, which is bound once.
    expect((await fragmentOf(network, begun.id)).status).toBe(fragmentStatus.decided);
    expect(await network.validation.confirmationsOf(begun.id)).toHaveLength(Number(most));
  });
});

test("a developer that halts its cluster before a draw has no other one by that", async () => {
  const { seedBlocks } = network.parameters.validation;
  await network.mine(seedBlocks + 1);
  // Whoever sees the seed's block knows whom it chooses.
  const snapshot = await network.provider.send("evm_snapshot", []);
  const { status, chosen, seed } = await drawOnce(network, begun.id);
  expect(status).toBe(fragmentStatus.turn);
  await network.provider.send("evm_revert", [snapshot]);
  await send(network.clusters, network.signers[0], "halt", [begun.cluster]);
  expect(await drawOnce(network, begun.id)).toMatchObject({ status, chosen, seed });
});

describe("a cluster that its developer halts for ever", () => {
  beforeEach(async () => {
    await confirmTurn(network, await drawOnce(network, begun.id));
    await send(network.clusters, network.signers[0], "halt", [begun.cluster]);
  });

  test("does not keep what is reserved: draws go on, and who has worked is paid", async () => {
    await validateAll(network, begun.id);
    await network.mine(network.parameters.validation.windowBlocks + 1);
    expect(await call("finish", [begun.id])).toBe("done");
    expect((await fragmentOf(network, begun.id)).status).toBe(fragmentStatus.final);
    const paid = await Promise.all(
      poolOfFour.map(
        (index) => network.rewards.credits(network.accounts[index]) as Promise<bigint>,
      ),
    );
    expect(paid.reduce((sum, credit) => sum + credit)).toBeGreaterThan(0n);
    expect(await gaps()).toEqual([0n, 0n]);
  });

  test("nor what is refuted: it is void, though no recovery cuts it", async () => {
    const misbehaviour = await asAccount(network, network.addresses.misbehaviour);
    await send(network.clusters, misbehaviour, "freeze", [begun.generation, 2n]);
    expect(await call("void", [begun.id])).toBe("StillInLine");
    await network.mine(network.parameters.validation.longestBlocks);
    await call("redraw", [begun.id]);
    expect(await failure(drawOnce(network, begun.id))).toBe("InDispute");
    expect(await call("void", [begun.id])).toBe("done");
    const { workers, validations } = await network.rewards.reservationOf(begun.id);
    expect([workers, validations]).toEqual([0n, 0n]);
    expect(await gaps()).toEqual([0n, 0n]);
  });
});

test("no cluster has more than 16 fragments drawn for side by side; what is decided makes room", async () => {
  const cluster = (await createToyCluster(network)) as Hash;
  const { generation, blocks } = await runningGeneration(network, cluster, keysOf("many"));
  const chain = blocks.makeChain(Array.from({ length: 4 * 18 }, () => ({})));
  for (let position = 0; position < 18; position++) {
    await checkpoint(network, generation.id, blocks, chain[4 * position + 3]);
  }
  await send(network.rewards, network.signers[0], "fund", [cluster], 10n ** 18n);
  const [{ application }] = chain;
  const beginOne = (position: number) =>
    failure(beginAt(network, cluster, position, application, application));
  for (let position = 0; position < 16; position++) expect(await beginOne(position)).toBe("done");
  expect(await beginOne(16)).toBe("TooManyOpen");
  const validateAt = async (position: number) => {
    const id: Hash = await network.validation.fragmentAt(cluster, position);
    // Its seed may have expired meanwhile.
    await call("redraw", [id]);
    return { id, confirmations: await validateAll(network, id) };
  };
  const { id: decided, confirmations } = await validateAt(3);
  const [confirmation] = confirmations;
  expect(await beginOne(16)).toBe("done");
  expect(await beginOne(17)).toBe("TooManyOpen");
  // What is drawn for again, since a confirmation was refuted, may be one too many; none is begun meanwhile.
  const arbiter = await asAccount(network, network.addresses.validationArbiter);
  await send(network.validation, arbiter, "bind", [confirmation.id]);
  await send(network.validation, arbiter, "convict", [confirmation.id, network.accounts[15]]);
  expect((await fragmentOf(network, decided)).status).toBe(fragmentStatus.drawing);
  expect(await beginOne(17)).toBe("TooManyOpen");
  await validateAt(4);
  expect(await beginOne(17)).toBe("TooManyOpen");
  await validateAt(5);
  expect(await beginOne(17)).toBe("done");
});

test("fees that are spread over time cost the place too: no deposit goes while its owner is in the pool", async () => {
  const { missFee, mostMisses, deposit } = network.parameters.validation;
  const [first, ...others] = poolOfFour;
  for (const index of others) await call("deregister", [], index);
  await send(network.validation, network.signers[14], "register", [], deposit);
  const account = network.accounts[first];
  let missed = 0;
  // It misses every turn of its own and confirms another one between: never two in a row.
  for (let round = 0; round < 40 && missed <= mostMisses; round++) {
    const other = await beginFragment(network);
    const drawn = await drawOnce(network, other.id);
    if (drawn.chosen !== account) continue;
    if (missed > 0 && (await network.validations.validator(account)).misses > 0) {
      await confirmTurn(network, drawn);
      continue;
    }
    expect(await call("miss", [other.id], first)).toBe("done");
    missed++;
    const { status, misses, deposit: left } = await network.validations.validator(account);
    expect(misses).toBe(1);
    expect(left).toBe(deposit - BigInt(missed) * missFee);
    expect(status).toBe(missed <= mostMisses ? validatorStatus.active : validatorStatus.inactive);
  }
  expect(missed).toBe(mostMisses + 1);
  const missing = BigInt(missed) * missFee;
  const enter = (value: bigint) =>
    failure(send(network.validation, network.signers[first], "register", [], value));
  expect(await enter(0n)).toBe("WrongDeposit");
  expect(await enter(missing)).toBe("done");
  expect(await network.validations.validator(account)).toMatchObject({
    status: validatorStatus.active,
    misses: 0,
    deposit,
  });
});
