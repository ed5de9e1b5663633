/** Clusters.sol: how generations follow each other, how workers leave, halts and recovery, with every refusal. */
import { getBytes, type SigningKey } from "ethers";
import { beforeEach, describe, expect, test } from "vitest";
import type { Hash } from "../../src/game/index.ts";
import {
  CheckpointReader,
  ClusterEvents,
  clusterStatus,
  commitCalldata,
  dataHash,
  initialApplicationState,
  joinArguments,
  precommitFor,
  shownVotes,
  signerAmong,
  validatorsHash,
  workerStatus,
} from "../../src/history/index.ts";
import { toyGenesis, toyHash } from "../game/simulation.ts";
import {
  accountOfKey,
  blocksOf,
  createToyCluster,
  failure,
  fromOneState,
  generationOf,
  inOrder,
  joinAll,
  keysOf,
  runningGeneration,
  send,
  startNetwork,
  type TestNetwork,
  toy,
} from "./network.ts";

const keys = keysOf("first");
const genesisHash = toyHash(toyGenesis(toy));
const deposit = 10n ** 19n;

let network: TestNetwork;
let cluster: string;
const begin = fromOneState(async () => {
  const network = await startNetwork();
  return { network, cluster: await createToyCluster(network) };
});
beforeEach(async () => {
  ({ network, cluster } = await begin());
});

/** Calls Clusters; name of the error, or "done". */
const call = (signer: number, method: string, args: readonly unknown[], value = 0n) =>
  failure(send(network.clusters, network.signers[signer], method, args, value));

const statusOf = async () => (await network.reader.cluster(cluster))?.status;

/** A header of an empty block that names the next generation, with the votes of all workers but `absent`. */
async function handover(
  keysNow: readonly SigningKey[],
  keysNext: readonly SigningKey[],
  absent: readonly number[] = [],
  change: object = {},
  height = 5n,
) {
  const { current, next } = await network.clusters.clusterOf(cluster);
  const generation = await generationOf(network, current);
  const application = initialApplicationState(genesisHash);
  const blocks = blocksOf(generation, keysNow, application);
  const following = blocksOf(await generationOf(network, next), keysNext, application);
  const nextValidatorsHash = validatorsHash(following.generation.validators);
  const [{ header }] = blocks.makeChain([
    { header: (made) => ({ ...made, height, nextValidatorsHash, ...change }) },
  ]);
  const voters = keysNow.map((_, index) => index).filter((index) => !absent.includes(index));
  const commit = blocks.votesFor(header, voters);
  return { header, calldata: commitCalldata(header, commit, blocks.generation.validators) };
}

describe("handover", () => {
  const second = keysOf("second");

  async function sealedNext() {
    await runningGeneration(network, cluster, keys);
    await joinAll(network, cluster, second);
    await send(network.clusters, network.signers[5], "seal", [cluster, inOrder(second)]);
    await network.mine(100);
  }

  test("by the votes of the old generation, at the height behind theirs", async () => {
    await sealedNext();
    const { calldata, header } = await handover(keys, second);
    expect(await call(6, "handOver", [cluster, calldata])).toBe("done");
    const state = await network.reader.cluster(cluster);
    const old = await generationOf(network, 1n);
    const young = await generationOf(network, state?.current ?? 0n);
    expect(old).toMatchObject({ isEnded: true, lastHeight: 5n });
    expect(young).toMatchObject({ id: 2n, number: 1, initialHeight: 6n, isStarted: true });
    expect(getBytes(young.initialApplicationHash)).toEqual(header.appHash);
    expect(await network.checkpoints.countOf(cluster)).toBe(1n);
    const line = new CheckpointReader(network.addresses.checkpoints, network.provider);
    const last = await line.at(cluster as Hash, 0);
    const shown = await shownVotes(line.contract, cluster as Hash, last);
    expect(shown).toHaveLength(calldata.votes.length);
    for (const precommit of shown) {
      const vote = precommitFor(header, precommit);
      const publicKeys = old.workers.map(({ publicKey }) => publicKey);
      expect(signerAmong(vote, vote.signature, publicKeys)).toBeGreaterThanOrEqual(0);
    }
    // The old chain is over.
    expect(await call(6, "handOver", [cluster, calldata])).toBe("NoticeRuns");
    await network.mine(100);
    expect(await call(6, "handOver", [cluster, calldata])).toBe("WrongChain");
  });

  test("behind a header that somebody has shown as a checkpoint already", async () => {
    await sealedNext();
    const { calldata } = await handover(keys, second, [], {}, 4n);
    await send(network.checkpoints, network.signers[7], "submit", [1n, calldata]);
    expect(await call(6, "handOver", [cluster, calldata])).toBe("done");
    expect(await network.checkpoints.countOf(cluster)).toBe(1n);
    expect(await generationOf(network, 1n)).toMatchObject({ isEnded: true, lastHeight: 4n });
    expect(await generationOf(network, 2n)).toMatchObject({ initialHeight: 5n, isStarted: true });
  });

  test("is told as events, and those of another cluster are not", async () => {
    const other = await createToyCluster(network);
    await joinAll(network, other, keysOf("other", 1));
    await sealedNext();
    await call(6, "handOver", [cluster, (await handover(keys, second)).calldata]);
    await call(8, "makeFinal", [cluster, 2n]);
    const events = new ClusterEvents(network.reader, network.addresses.fromBlock);
    const told = await events.of(cluster);
    expect(told.map(({ kind }) => kind)).toEqual([
      "formed",
      ...["joined", "joined", "joined", "joined", "sealed", "started", "formed"],
      ...["joined", "joined", "joined", "joined", "sealed"],
      ...["ended", "started", "formed", "final"],
    ]);
    const blocksOfEvents = told.map(({ block }) => block);
    expect(blocksOfEvents).toEqual([...blocksOfEvents].sort((a, b) => a - b));
    expect(told.find(({ kind }) => kind === "sealed")).toMatchObject({
      accounts: inOrder(keys),
    });
    expect(told.find(({ kind }) => kind === "ended")).toMatchObject({ lastHeight: 5n });
    expect((await events.of(other)).map(({ kind }) => kind)).toEqual(["formed", "joined"]);
    await call(0, "close", [cluster]);
    expect((await events.of(cluster)).slice(-2)).toMatchObject([
      { kind: "ended", lastHeight: undefined },
      { kind: "closed" },
    ]);
  });

  test("refusals", async () => {
    await runningGeneration(network, cluster, keys);
    await joinAll(network, cluster, second);
    const early = await handover(keys, second);
    expect(await call(6, "handOver", [cluster, early.calldata])).toBe("NoticeRuns");
    await network.mine(100);
    expect(await call(6, "handOver", [cluster, early.calldata])).toBe("NotHandedOver");
    await send(network.clusters, network.signers[5], "seal", [cluster, inOrder(second)]);
    const refused = async (absent: readonly number[], change: object = {}) => {
      const { calldata } = await handover(keys, second, absent, change);
      return call(6, "handOver", [cluster, calldata]);
    };
    const same = (await network.clusters.generationOf(1n)).validatorsHash;
    expect(await refused([], { nextValidatorsHash: getBytes(same) })).toBe("NotHandedOver");
    const full = dataHash([Uint8Array.of(1)]);
    expect(await refused([], { dataHash: full })).toBe("NotHandedOver");
    expect(await refused([], { appHash: new Uint8Array(31) })).toBe("NotHandedOver");
    const { calldata } = await handover(keys, second);
    const foreign = { ...calldata, header: { ...calldata.header, chainId: "another" } };
    expect(await call(6, "handOver", [cluster, foreign])).toBe("WrongChain");
    const twoOfFour = { ...calldata, votes: calldata.votes.slice(2) };
    expect(await call(6, "handOver", [cluster, twoOfFour])).toBe("NoQuorum");
    const [a, b, c] = calldata.votes;
    const twice = { ...calldata, votes: [a, b, b] };
    expect(await call(6, "handOver", [cluster, twice])).toBe("SignersOutOfOrder");
    const swapped = { ...calldata, votes: [b, a, c] };
    expect(await call(6, "handOver", [cluster, swapped])).toBe("SignersOutOfOrder");
    const later = { ...calldata, round: 1 };
    expect(await call(6, "handOver", [cluster, later])).toBe("UnknownSigner");
    const late = await handover(keys, second, [], {}, 6n);
    expect(await call(6, "handOver", [cluster, late.calldata])).toBe("NotNext");
    expect(await refused([3])).toBe("done");
  });

  test("a generation that waits too long falls apart", async () => {
    await sealedNext();
    const account = accountOfKey(second[0]);
    expect(await call(1, "abandon", [account])).toBe("NoticeRuns");
    await network.mine(1000);
    expect(await call(1, "abandon", [account])).toBe("done");
    const { next } = await network.clusters.clusterOf(cluster);
    expect((await generationOf(network, next)).isSealed).toBe(false);
    expect(await call(5, "seal", [cluster, inOrder(second.slice(1))])).toBe("NotSealed");
  });
});

describe("leaving", () => {
  test("after a handover › when the last height is verified and the cooling-off is over", async () => {
    const second = keysOf("second");
    await runningGeneration(network, cluster, keys);
    await joinAll(network, cluster, second);
    await send(network.clusters, network.signers[5], "seal", [cluster, inOrder(second)]);
    await network.mine(100);
    const account = accountOfKey(keys[0]);
    expect(await call(1, "withdraw", [account])).toBe("NotFree");
    expect(await call(1, "abandon", [account])).toBe("NotFree");
    const { calldata } = await handover(keys, second);
    await call(6, "handOver", [cluster, calldata]);
    await network.mine(100);
    expect(await call(1, "withdraw", [account])).toBe("NotFree");
    expect(await call(7, "makeFinal", [cluster, 5n])).toBe("NotAuthorised");
    expect(await call(8, "makeFinal", [cluster, 4n])).toBe("done");
    expect(await call(1, "withdraw", [account])).toBe("NotFree");
    expect(await call(8, "makeFinal", [cluster, 5n])).toBe("done");
    expect(await call(8, "makeFinal", [cluster, 5n])).toBe("HeightFinal");
    expect(await call(2, "withdraw", [account])).toBe("NotOwner");
    expect(await call(1, "withdraw", [account])).toBe("done");
    expect(await call(1, "withdraw", [account])).toBe("NotBonded");
    expect((await network.reader.worker(account))?.status).toBe(workerStatus.withdrawn);
  });

  test("after a handover that nobody verifies › after the longest time", async () => {
    const second = keysOf("second");
    await runningGeneration(network, cluster, keys);
    await joinAll(network, cluster, second);
    await send(network.clusters, network.signers[5], "seal", [cluster, inOrder(second)]);
    await network.mine(100);
    await call(6, "handOver", [cluster, (await handover(keys, second)).calldata]);
    const account = accountOfKey(keys[0]);
    await network.mine(998);
    expect(await call(1, "withdraw", [account])).toBe("NotFree");
    await network.mine(1);
    expect(await call(1, "withdraw", [account])).toBe("done");
  });

  test("without a successor › notice, retirement, and the longest time again", async () => {
    await runningGeneration(network, cluster, keys);
    const account = accountOfKey(keys[0]);
    expect(await call(2, "giveNotice", [account])).toBe("NotOwner");
    expect(await call(1, "retire", [account])).toBe("NoticeRuns");
    expect(await call(1, "giveNotice", [account])).toBe("done");
    await network.mine(500);
    // A second notice does not begin anew.
    expect(await call(1, "giveNotice", [account])).toBe("done");
    await network.mine(497);
    expect(await call(6, "retire", [account])).toBe("NoticeRuns");
    await network.mine(1);
    expect(await call(6, "retire", [account])).toBe("done");
    expect(await call(6, "retire", [account])).toBe("NotBonded");
    // Three of four are a quorum still.
    expect(await statusOf()).toBe(clusterStatus.running);
    expect(await call(1, "withdraw", [account])).toBe("NotFree");
    await network.mine(1000);
    expect(await call(1, "withdraw", [account])).toBe("done");
    expect(await call(1, "giveNotice", [account])).toBe("NotBonded");
  });

  test("two of four retired › the cluster halts", async () => {
    await runningGeneration(network, cluster, keys);
    for (const [index, key] of keys.slice(0, 2).entries()) {
      await call(1 + index, "giveNotice", [accountOfKey(key)]);
    }
    await network.mine(1000);
    for (const key of keys.slice(0, 2)) await call(6, "retire", [accountOfKey(key)]);
    expect(await statusOf()).toBe(clusterStatus.halted);
    expect(await call(3, "giveNotice", [accountOfKey(keys[2])])).toBe("NotStarted");
    await network.mine(1000);
    expect(await call(3, "withdraw", [accountOfKey(keys[2])])).toBe("done");
  });
});

describe("halt and recovery", () => {
  const second = keysOf("second");
  const none = 2n ** 256n - 1n;

  test("without a checkpoint a halted cluster begins with its genesis again", async () => {
    await runningGeneration(network, cluster, keys);
    expect(await call(0, "halt", [cluster])).toBe("done");
    expect(await statusOf()).toBe(clusterStatus.halted);
    expect(await call(5, "recover", [cluster, none])).toBe("RecoveryOpen");
    await network.mine(150);
    expect(await call(5, "recover", [cluster, none])).toBe("NotSealed");
    await joinAll(network, cluster, second);
    await send(network.clusters, network.signers[5], "seal", [cluster, inOrder(second)]);
    expect(await call(5, "recover", [cluster, 0n])).not.toBe("done");
    expect(await call(5, "recover", [cluster, none])).toBe("done");
    const state = await network.reader.cluster(cluster);
    expect(state).toMatchObject({ status: clusterStatus.running, current: 2n, next: 3n });
    expect(await generationOf(network, 2n)).toMatchObject({ initialHeight: 1n, number: 1 });
    expect(await call(5, "recover", [cluster, none])).toBe("WrongStatus");
    // Who served before it broke off waits for the longest time.
    await network.mine(1000);
    expect(await call(1, "withdraw", [accountOfKey(keys[0])])).toBe("done");
  });

  test("a closed cluster lets everyone go", async () => {
    await runningGeneration(network, cluster, keys);
    await joinAll(network, cluster, second);
    await send(network.clusters, network.signers[5], "seal", [cluster, inOrder(second)]);
    expect(await call(0, "close", [cluster])).toBe("done");
    expect(await call(0, "close", [cluster])).toBe("WrongStatus");
    const late = joinArguments(
      getBytes(keysOf("third")[0].privateKey),
      2n,
      network.accounts[1],
      network.domain,
    );
    expect(await call(1, "join", [cluster, ...late], deposit)).toBe("WrongStatus");
    for (const [index, key] of second.entries()) {
      expect(await call(1 + index, "abandon", [accountOfKey(key)])).toBe("done");
    }
    await network.mine(1000);
    for (const [index, key] of keys.entries()) {
      expect(await call(1 + index, "withdraw", [accountOfKey(key)])).toBe("done");
    }
    for (const owner of [1, 2, 3, 4]) await call(owner, "collect", []);
    expect(await network.provider.getBalance(network.addresses.clusters)).toBe(0n);
  });
});
