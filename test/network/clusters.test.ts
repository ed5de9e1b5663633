/** Clusters.sol: orders, joining, generations, handover, leaving, halts and recovery, with every refusal. */
import { getBytes, SigningKey, ZeroAddress, ZeroHash } from "ethers";
import { beforeEach, describe, expect, test } from "vitest";
import {
  applicationHash,
  clusterChainId,
  clusterId,
  clusterStatus,
  commitCalldata,
  dataHash,
  initialApplicationState,
  joinArguments,
  validatorsHash,
  workerStatus,
} from "../../src/history/index.ts";
import { toyGenesis, toyHash, toyProof } from "../game/simulation.ts";
import {
  accountOfKey,
  blocksOf,
  createToyCluster,
  failure,
  generationOf,
  inOrder,
  joinAll,
  keysOf,
  order,
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
beforeEach(async () => {
  network = await startNetwork();
  cluster = await createToyCluster(network);
});

/** Calls Clusters; name of the error, or "done". */
const call = (signer: number, method: string, args: readonly unknown[], value = 0n) =>
  failure(send(network.clusters, network.signers[signer], method, args, value));

/** The arguments of `join` for a key, owned by an account. */
async function joining(key: SigningKey, owner: number, generation?: bigint) {
  const { next } = await network.clusters.clusterOf(cluster);
  const args = joinArguments(
    getBytes(key.privateKey),
    generation ?? next,
    network.accounts[owner],
    network.domain,
  );
  return [cluster, ...args];
}

const statusOf = async () => (await network.reader.cluster(cluster))?.status;

describe("orders", () => {
  test("the cluster's id and chain id are those of the library", async () => {
    const { clusters } = network.addresses;
    expect(cluster).toBe(clusterId(network.evmChainId, clusters, 1));
    const { next } = await network.clusters.clusterOf(cluster);
    const chainId: string = await network.clusters.chainIdOf(next);
    expect(chainId).toBe(clusterChainId(network.evmChainId, clusters, cluster, 0));
    expect(chainId).toHaveLength(50);
  });

  test.each([
    ["no workers", { size: 0 }],
    ["too many workers", { size: 65 }],
    ["validations without end", { validationBps: 10_000 }],
  ])("%s › refused", async (_what, change) => {
    const proof = toyProof(toyGenesis(toy));
    expect(await call(0, "create", [{ ...order, ...change }, proof, proof])).toBe("InvalidOrder");
    expect(await call(0, "adjust", [cluster, { ...order, ...change }])).toBe("InvalidOrder");
  });

  test("only the developer changes, invites, halts and closes", async () => {
    for (const [method, args] of [
      ["adjust", [cluster, order]],
      ["invite", [cluster, network.accounts[1], true]],
      ["halt", [cluster]],
      ["close", [cluster]],
    ] as const) {
      expect(await call(1, method, args)).toBe("NotDeveloper");
    }
    expect(await call(0, "halt", [cluster])).toBe("WrongStatus");
    expect(await call(0, "adjust", [cluster, { ...order, validationBps: 1 }])).toBe("done");
    expect((await network.reader.cluster(cluster))?.order.validationBps).toBe(1);
    await joinAll(network, cluster, keys.slice(0, 1));
    expect(await call(0, "adjust", [cluster, { ...order, size: 5 }])).toBe("GenerationFull");
  });

  test("a network's parameters must bound every walk and every wait", async () => {
    const { judge, connection, parameters } = network;
    const offices = await network.clusters.offices();
    const deploy = (change: object) =>
      failure(
        connection.ethers.deployContract("Clusters", [
          judge,
          { ...parameters.clusters, ...change },
          [...offices],
        ]),
      );
    expect(await deploy({})).toBe("done");
    for (const change of [
      { deposit: 0n },
      { rewardBps: 9001 },
      { longestBlocks: 0 },
      { coolingOffBlocks: 31 },
      { recoveryBlocks: 31 },
      { coolingOffBlocks: 1001 },
      { recoveryBlocks: 1000 },
    ]) {
      expect(await deploy(change), JSON.stringify(change, String)).toBe("InvalidNetwork");
    }
  });
});

describe("joining", () => {
  test("a generation of four begins with the genesis, as CometBFT names its workers", async () => {
    const { generation, blocks } = await runningGeneration(network, cluster, keys);
    expect(generation.isStarted).toBe(true);
    expect(generation.initialHeight).toBe(1n);
    expect(generation.initialApplicationHash).toBe(
      applicationHash(initialApplicationState(genesisHash)),
    );
    expect(generation.workers.map(({ account }) => account)).toEqual(inOrder(keys));
    const { validatorsHash: onChain } = await network.clusters.generationOf(generation.id);
    expect(getBytes(onChain)).toEqual(validatorsHash(blocks.generation.validators));
    expect(generation.validators).toEqual(blocks.generation.validators);
    expect(await network.provider.getBalance(network.addresses.clusters)).toBe(4n * deposit);
  });

  test("refusals", async () => {
    const [key] = keys;
    const args = await joining(key, 1);
    expect(await call(1, "join", args, deposit - 1n)).toBe("WrongDeposit");
    expect(await call(1, "join", [ZeroHash, ...args.slice(1)], deposit)).toBe("WrongStatus");
    // Another account takes the key's signature for its own.
    expect(await call(2, "join", args, deposit)).toBe("KeyNotProven");
    expect(await call(1, "join", await joining(key, 1, 99n), deposit)).toBe("KeyNotProven");
    expect(await call(1, "join", args, deposit)).toBe("done");
    expect(await call(1, "join", args, deposit)).toBe("KeyUsed");
    await call(0, "adjust", [cluster, order]);
    await joinAll(network, cluster, keys.slice(1));
    const fifth = await joining(new SigningKey(keysOf("fifth")[0].privateKey), 2);
    expect(await call(2, "join", fifth, deposit)).toBe("GenerationFull");
  });

  test("by invitation only, where the developer wants it so", async () => {
    await call(0, "adjust", [cluster, { ...order, isOpen: false }]);
    const args = await joining(keys[0], 1);
    expect(await call(1, "join", args, deposit)).toBe("NotInvited");
    await call(0, "invite", [cluster, network.accounts[1], true]);
    expect(await call(1, "join", args, deposit)).toBe("done");
    await call(0, "invite", [cluster, network.accounts[1], false]);
    expect(await call(1, "join", await joining(keys[1], 1), deposit)).toBe("NotInvited");
  });

  test("sealing › only all that have joined, in CometBFT's order", async () => {
    await joinAll(network, cluster, keys.slice(0, 3));
    expect(await call(5, "seal", [cluster, inOrder(keys.slice(0, 3))])).toBe("NotSealed");
    await joinAll(network, cluster, keys.slice(3));
    const accounts = inOrder(keys);
    const [a, b, c, d] = accounts;
    expect(await call(5, "seal", [cluster, [b, a, c, d]])).toBe("WrongOrder");
    expect(await call(5, "seal", [cluster, [a, b, c, c]])).toBe("WrongOrder");
    expect(await call(5, "seal", [cluster, [a, b, c]])).toBe("NotSealed");
    expect(await call(5, "seal", [cluster, [a, b, c, network.accounts[1]]])).toBe("WrongOrder");
    expect(await call(5, "seal", [ZeroHash, accounts])).toBe("WrongStatus");
    expect(await call(5, "seal", [cluster, accounts])).toBe("done");
    // The next generation has nobody yet.
    expect(await call(5, "seal", [cluster, accounts])).toBe("NotSealed");
  });

  test("leaving before the start › the deposit at once, the key never again", async () => {
    await joinAll(network, cluster, keys.slice(0, 2));
    const account = accountOfKey(keys[0]);
    expect(await call(2, "abandon", [account])).toBe("NotOwner");
    expect(await call(1, "abandon", [account])).toBe("done");
    expect(await call(1, "abandon", [account])).toBe("NotBonded");
    expect(await network.clusters.credits(network.accounts[1])).toBe(deposit);
    expect(await call(1, "collect", [])).toBe("done");
    expect(await network.provider.getBalance(network.addresses.clusters)).toBe(deposit);
    expect(await call(1, "join", await joining(keys[0], 1), deposit)).toBe("KeyUsed");
    const { next } = await network.clusters.clusterOf(cluster);
    expect([...(await network.clusters.membersOf(next))]).toEqual([accountOfKey(keys[1])]);
    // Who has left is no member.
    await joinAll(network, cluster, keys.slice(2));
    const late = keysOf("late", 1);
    await joinAll(network, cluster, late);
    const three = [...keys.slice(1), keys[0]];
    expect(await call(5, "seal", [cluster, inOrder(three)])).toBe("WrongOrder");
    expect(await call(5, "seal", [cluster, inOrder([...keys.slice(1), ...late])])).toBe("done");
  });
});

/** A header of an empty block that names the next generation, with the votes of all workers but `absent`. */
async function handover(
  keysNow: readonly SigningKey[],
  keysNext: readonly SigningKey[],
  absent: readonly number[] = [],
  change: object = {},
) {
  const { current, next } = await network.clusters.clusterOf(cluster);
  const generation = await generationOf(network, current);
  const application = initialApplicationState(genesisHash);
  const blocks = blocksOf(generation, keysNow, application);
  const following = blocksOf(await generationOf(network, next), keysNext, application);
  const nextValidatorsHash = validatorsHash(following.generation.validators);
  const [{ header }] = blocks.makeChain([
    { header: (made) => ({ ...made, height: 7n, nextValidatorsHash, ...change }) },
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
    expect(old).toMatchObject({ isEnded: true, lastHeight: 7n });
    expect(young).toMatchObject({ id: 2n, number: 1, initialHeight: 8n, isStarted: true });
    expect(getBytes(young.initialApplicationHash)).toEqual(header.appHash);
    expect(await network.checkpoints.countOf(cluster)).toBe(1n);
    // The old chain is over.
    expect(await call(6, "handOver", [cluster, calldata])).toBe("NoticeRuns");
    await network.mine(100);
    expect(await call(6, "handOver", [cluster, calldata])).toBe("WrongChain");
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
    expect(await call(7, "makeFinal", [cluster, 7n])).toBe("NotAuthorised");
    expect(await call(8, "makeFinal", [cluster, 6n])).toBe("done");
    expect(await call(1, "withdraw", [account])).toBe("NotFree");
    expect(await call(8, "makeFinal", [cluster, 7n])).toBe("done");
    expect(await call(8, "makeFinal", [cluster, 7n])).toBe("HeightFinal");
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

test("only the offices act on workers and clusters", async () => {
  const { generation } = await runningGeneration(network, cluster, keys);
  const account = accountOfKey(keys[0]);
  for (const [method, args] of [
    ["bind", [account]],
    ["release", [account]],
    ["convict", [account, ZeroAddress, ZeroHash, 1n]],
    ["slash", [account, generation.id, ZeroAddress]],
    ["freeze", [generation.id, 1n]],
    ["makeFinal", [cluster, 1n]],
  ] as const) {
    expect(await call(1, method, args), method).toBe("NotAuthorised");
  }
});
