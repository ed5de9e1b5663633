/** Clusters.sol: orders and joining, with every refusal; who may do what. */
import { getBytes, SigningKey, ZeroAddress, ZeroHash } from "ethers";
import { beforeEach, describe, expect, test } from "vitest";
import {
  applicationHash,
  clusterChainId,
  clusterId,
  initialApplicationState,
  joinArguments,
  validatorsHash,
} from "../../src/history/index.ts";
import { toyGenesis, toyHash, toyProof } from "../game/simulation.ts";
import {
  accountOfKey,
  createToyCluster,
  failure,
  fromOneState,
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
