/**
 * Validation of a fragment from its beginning to finality on chain: turns, draws, timeouts, pay; what everything is refused
 * for; every sum to the wei.
 */
import { id as nameOf } from "ethers";
import { beforeEach, describe, expect, test } from "vitest";
import type { Hash } from "../../src/game/index.ts";
import {
  fragmentStatus,
  initialApplicationState,
  proofOfExecution,
  sampleHashes,
  samplesFrom,
  seedHeader,
  validatorStatus,
} from "../../src/history/index.ts";
import {
  type BegunFragment,
  beginAt,
  beginFragment,
  begunNetworks,
  confirmTurn,
  drawOnce,
  fragmentOf,
  listFor,
  poolOfFour,
  registerValidators,
  signerOf,
  type ValidatedNetwork,
  validateAll,
  validationGaps,
} from "./fragments.ts";
import { failure, send } from "./network.ts";
import { asAccount } from "./offices.ts";

let network: ValidatedNetwork;
let begun: BegunFragment;

const begin = begunNetworks();
beforeEach(async () => {
  ({ network, begun } = await begin());
});

const refusal = (method: string, args: readonly unknown[], signer = 6, value = 0n) =>
  failure(send(network.validation, network.signers[signer], method, args, value));
const validator = (account: string) => network.validations.validator(account);

describe("a fragment", () => {
  test("is validated, decided and final; workers and validators are paid, deposits come free", async () => {
    const confirmations = await validateAll(network, begun.id);
    expect(confirmations.length).toBeGreaterThan(0);
    expect(await refusal("finish", [begun.id])).toBe("WindowOpen");
    await network.mine(9);
    await send(network.validation, network.signers[6], "finish", [begun.id]);
    const { finalHeight } = await network.clusters.clusterOf(begun.cluster);
    expect(finalHeight).toBe(4n);
    expect((await fragmentOf(network, begun.id)).status).toBe(fragmentStatus.final);
    for (const { validator: account } of confirmations) {
      expect((await validator(account)).bound).toBe(0);
      expect(await network.rewards.credits(account)).toBeGreaterThan(0n);
    }
    const { fuel } = await fragmentOf(network, begun.id);
    expect(fuel).toBe(0n);
    expect(await validationGaps(network, [begun.cluster], [begun.id])).toEqual([0n, 0n]);
    expect(await refusal("finish", [begun.id])).toBe("WrongFragmentStatus");
    const account = poolOfFour[0];
    await send(network.validation, network.signers[account], "deregister", []);
    expect(await refusal("withdraw", [], account)).toBe("ValidatorNotFree");
    await network.mine(50);
    await send(network.validation, network.signers[account], "withdraw", []);
    await send(network.validation, network.signers[account], "collect", []);
    expect(await validationGaps(network, [begun.cluster], [begun.id])).toEqual([0n, 0n]);
  });

  test("begins only with the states that the checkpoints carry, once", async () => {
    const { application } = begun.chain[0];
    const wrong = { ...application, steps: 1n };
    expect(await failure(beginAt(network, begun.cluster, 0, wrong, application))).toBe(
      "AlreadyBegun",
    );
    expect(await failure(beginAt(network, begun.cluster, 1, application, application))).toBe(
      "NoCheckpoint",
    );
  });

  test("is not begun without the pay for all its validations", async () => {
    const { budgetOf, rewardOf } = network.rewards;
    expect(await rewardOf(10n ** 9n, 2n ** 20n)).toBe(
      5n * 10n ** 9n + (2n ** 20n * 10n ** 9n) / 10n ** 9n,
    );
    const budget = await budgetOf(begun.cluster);
    const developer = network.signers[0];
    await send(network.rewards, developer, "takeBack", [begun.cluster, budget]);
    expect(await budgetOf(begun.cluster)).toBe(0n);
    expect(await failure(send(network.rewards, developer, "takeBack", [begun.cluster, 1n]))).toBe(
      "NotFunded",
    );
    expect(
      await failure(send(network.rewards, network.signers[3], "takeBack", [begun.cluster, 0n])),
    ).toBe("NotDeveloper");
    const unknown = nameOf("no cluster");
    const fund = send(network.rewards, developer, "fund", [unknown], 1n);
    expect(await failure(fund)).toBe("UnknownCluster");
  });
});

describe("a draw", () => {
  test("waits for its seed, and takes no other header", async () => {
    const { requestBlock } = await fragmentOf(network, begun.id);
    const { seedBlocks, drawBlocks } = network.parameters.validation;
    const early = await seedHeader(network.provider, requestBlock);
    expect(await refusal("draw", [begun.id, early])).toBe("SeedNotThere");
    expect(await refusal("redraw", [begun.id])).toBe("SeedNotExpired");
    await network.mine(seedBlocks + 1);
    expect(await refusal("draw", [begun.id, early])).toBe("WrongSeedHeader");
    await network.mine(drawBlocks + 1);
    const late = await seedHeader(network.provider, requestBlock + seedBlocks);
    expect(await refusal("draw", [begun.id, late])).toBe("SeedExpired");
    await send(network.validation, network.signers[6], "redraw", [begun.id]);
    expect((await drawOnce(network, begun.id)).attempts).toBe(2);
  });

  test("binds who has left the pool since the request", async () => {
    for (const index of poolOfFour) {
      await send(network.validation, network.signers[index], "deregister", []);
    }
    // All left in later blocks than the request's.
    const { status, chosen } = await drawOnce(network, begun.id);
    expect(status).toBe(fragmentStatus.turn);
    expect((await validator(chosen)).status).toBe(validatorStatus.inactive);
    const signer = network.accounts.indexOf(chosen);
    await network.mine(50);
    expect(await refusal("withdraw", [], signer)).toBe("ValidatorNotFree");
  });

  test("leaves out who came before, and owners of the cluster's workers", async () => {
    const owner = network.signers[1];
    await registerValidators(network, [owner]);
    let before = "";
    for (let turn = 0; turn < 6; turn++) {
      const fragment = await drawOnce(network, begun.id);
      if (fragment.status !== fragmentStatus.turn) break;
      expect(fragment.chosen).not.toBe(before);
      expect(fragment.chosen).not.toBe(await owner.getAddress());
      before = fragment.chosen;
      await confirmTurn(network, fragment);
    }
  });
});

describe("a turn", () => {
  test("is confirmed by the chosen one, in time, with a list that fits", async () => {
    const fragment = await drawOnce(network, begun.id);
    const chosen = network.accounts.indexOf(fragment.chosen);
    const list = listFor(fragment);
    const nothing = { root: nameOf("nothing"), length: 0 };
    expect(await refusal("confirm", [begun.id, list, nothing], 6)).toBe("NotChosen");
    expect(await refusal("confirm", [begun.id, [...list, list[0]], nothing], chosen)).toBe(
      "WrongSampleCount",
    );
    expect(await refusal("confirm", [begun.id, [], nothing], chosen)).toBe("WrongSampleCount");
    // A list for which whoever disputes it would have no room.
    const long = Array(4 * network.parameters.validation.samples + 1).fill(list[0]);
    expect(await refusal("confirm", [begun.id, long, nothing], chosen)).toBe("WrongSampleCount");
    const { proof, seed, samples } = await confirmTurn(network, fragment, list);
    expect(samples).toEqual(list);
    const { period } = fragment;
    expect(proof).toBe(proofOfExecution(samplesFrom(list, { seed, period })));
  });

  test("that is missed costs a fee; too many in a row cost the place", async () => {
    const { missFee, mostMisses, deposit } = network.parameters.validation;
    const misses = new Map<string, number>();
    for (let turn = 0; turn < 30; turn++) {
      const fragment = await drawOnce(network, begun.id);
      if (fragment.status !== fragmentStatus.turn) continue;
      expect(await refusal("miss", [begun.id])).toBe("TurnNotOver");
      await network.mine(fragment.turnBlocks + 1);
      const signer = await signerOf(network, fragment.chosen);
      expect(
        await failure(
          send(network.validation, signer, "confirm", [
            begun.id,
            [],
            { root: nameOf(""), length: 0 },
          ]),
        ),
      ).toBe("TurnOver");
      await send(network.validation, network.signers[6], "miss", [begun.id]);
      const count = (misses.get(fragment.chosen) ?? 0) + 1;
      misses.set(fragment.chosen, count);
      const known = await validator(fragment.chosen);
      expect(known.deposit).toBe(deposit - BigInt(count) * missFee);
      expect(known.status).toBe(
        count < mostMisses ? validatorStatus.active : validatorStatus.inactive,
      );
      if (known.status !== validatorStatus.inactive) continue;
      await send(network.validation, signer, "register", [], BigInt(count) * missFee);
      expect((await validator(fragment.chosen)).status).toBe(validatorStatus.active);
      break;
    }
    expect([...misses.values()]).toContain(mostMisses);
    expect(await validationGaps(network, [begun.cluster], [begun.id])).toEqual([0n, 0n]);
  });

  test("lasts as the declared fuel and the memory say", async () => {
    const made = await beginFragment(network, [
      {
        transactions: [new Uint8Array([1])],
        after: (state) => ({ ...state, fuel: 9n * 10n ** 9n }),
      },
      {},
      {},
      {},
    ]);
    const { turnBlocks, steps, period } = await fragmentOf(network, made.id);
    expect(turnBlocks).toBe(12 + 3);
    expect(steps).toBe(400n);
    expect(period).toBe((2n * 400n) / 64n - 1n);
  });
});

test("a fragment whose checkpoint was cut is void; its validators are paid, its workers are not", async () => {
  const fragment = await drawOnce(network, begun.id);
  await confirmTurn(network, fragment);
  expect(await refusal("void", [begun.id])).toBe("StillInLine");
  const misbehaviour = await asAccount(network, network.addresses.misbehaviour);
  await send(network.clusters, misbehaviour, "freeze", [begun.generation, 2n]);
  const { requestBlock } = await fragmentOf(network, begun.id);
  await network.mine(4);
  const header = await seedHeader(network.provider, requestBlock + 3);
  expect(await refusal("draw", [begun.id, header])).toBe("InDispute");
});

test("steps of a list lie where its hashes put them", () => {
  const terms = { seed: nameOf("seed") as Hash, period: 9n };
  const hashes = [nameOf("a"), nameOf("b")] as Hash[];
  expect(sampleHashes(samplesFrom(hashes, terms))).toEqual(hashes);
  expect(initialApplicationState(nameOf("x") as Hash).steps).toBe(0n);
});
