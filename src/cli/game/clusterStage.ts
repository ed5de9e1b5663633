/**
 * The ground of a staged cluster: an embedded chain with the network's contracts, and a cluster that four workers have
 * joined with their deposits.
 */
import {
  type BrowserProvider,
  Contract,
  getBytes,
  HDNodeWallet,
  hexlify,
  type Signer,
  type SigningKey,
  Wallet,
} from "ethers";
import { type Address, deployJudge, type Hash } from "../../game/index.ts";
import {
  accountOf,
  type ClusterGeneration,
  ClusterReader,
  clustersInterface,
  declaredBytes,
  defaultNetworkParameters,
  deployNetwork,
  joinArguments,
  membershipDomain,
  type Network,
  type NetworkParameters,
  type RpcSender,
  rewardsInterface,
  validatorAddress,
} from "../../history/index.ts";
import { genesis, type Program } from "../../interpreter/index.ts";
import { genesisWitness, StateTree } from "../../merkle/index.ts";
import { type HttpServer, type Routes, serveHttp } from "../../node/http.ts";
import { embeddedChain } from "../session/chain.ts";

/** A cluster on a chain of this process. */
export interface ClusterStage {
  readonly evmChainId: bigint;
  readonly cluster: Hash;
  readonly generation: ClusterGeneration;
  readonly addresses: Network;
  readonly fromBlock: number;
  /** Owner of a worker's deposit, by the worker's key. */
  readonly owners: readonly Signer[];
  /** Somebody with ether who owns no worker. */
  readonly watcher: Signer;
  /** More of that kind: who brings checkpoints, and validators. */
  readonly checkpointer: Signer;
  readonly validators: readonly Signer[];
  /** Connection to the chain. */
  readonly rpc: RpcSender;
  /** Private keys of the watcher and of the validators, for processes of their own. */
  readonly watcherKey: string;
  readonly validatorKeys: readonly string[];
  /** Serves the chain's JSON-RPC to other processes of this machine; resolves to its URL. */
  serve(): Promise<string>;
  /** Has workers join the cluster's next generation, and seals it; resolves to its number. */
  join(keys: readonly SigningKey[]): Promise<bigint>;
  /** Hash of the chain's newest block. */
  newestBlock(): Promise<Hash>;
  /** Lets EVM blocks pass, so that clocks run. */
  mine(blocks: number): Promise<void>;
  close(): Promise<void>;
}

/** Short clocks: a demonstration should not last a day. */
const stagedParameters: NetworkParameters = {
  ...defaultNetworkParameters,
  disputes: {
    ...defaultNetworkParameters.disputes,
    graceBlocks: 60,
    bankBlocks: 300,
    coolingOffBlocks: 100,
    stake: 10n ** 16n,
  },
  spacing: 6,
  validation: {
    ...defaultNetworkParameters.validation,
    // Two for certain, so that a lazy validator is followed by somebody more often than not.
    leastValidations: 2,
    seedBlocks: 3,
    drawBlocks: 200,
    turnBlocks: 600,
    windowBlocks: 5,
    coolingOffBlocks: 300,
  },
};
/** What the staged developer pays in for validation and execution. */
const budget = 10n ** 18n;

const order = {
  validationBps: 5000,
  fuelPerSecond: 10n ** 9n,
  isOpen: true,
};

/** Deploys everything, and has the workers join. */
export async function openClusterStage(
  program: Program,
  keys: readonly SigningKey[],
  validatorCount = 0,
): Promise<ClusterStage> {
  const chain = await embeddedChain();
  let server: HttpServer | undefined;
  const provider = chain.provider as BrowserProvider;
  provider.pollingInterval = 20;
  const [deployer, watcher, ...others] = await Promise.all(
    Array.from({ length: keys.length + 3 + validatorCount }, (_, i) => provider.getSigner(i)),
  );
  const owners = others.slice(0, keys.length);
  const [checkpointer, ...validators] = others.slice(keys.length);
  const judge = await deployJudge(deployer);
  const addresses = await deployNetwork(deployer, judge.address, stagedParameters);
  const { chainId: evmChainId } = await provider.getNetwork();
  const clusters = new Contract(addresses.clusters, clustersInterface, deployer);
  const tree = new StateTree(genesis(program));
  const creation = [
    { ...order, size: keys.length, memoryBytes: declaredBytes(program) },
    genesisWitness(program),
    tree.registerProof(),
  ];
  const cluster: Hash = await clusters.create.staticCall(...creation);
  await sent(clusters, "create", creation);
  const reader = new ClusterReader(addresses.clusters, provider);
  const join = async (joining: readonly SigningKey[]): Promise<bigint> => {
    const number = (await reader.cluster(cluster))?.next ?? 0n;
    const domain = membershipDomain(evmChainId, addresses.clusters);
    const value = stagedParameters.clusters.deposit;
    for (const [index, key] of joining.entries()) {
      const account = await owners[index].getAddress();
      const args = joinArguments(getBytes(key.privateKey), number, account as Address, domain);
      const own = clusters.connect(owners[index]) as Contract;
      await sent(own, "join", [cluster, ...args, { value }]);
    }
    await sent(clusters, "seal", [cluster, inOrder(joining)]);
    return number;
  };
  const rewards = new Contract(addresses.rewards, rewardsInterface, deployer);
  await sent(rewards, "fund", [cluster, { value: budget }]);
  const generation = await reader.generation(await join(keys));
  if (generation === undefined) throw new Error("the generation was not sealed");
  return {
    evmChainId,
    cluster,
    generation,
    addresses,
    fromBlock: addresses.fromBlock,
    owners,
    watcher,
    checkpointer,
    validators,
    rpc: provider,
    watcherKey: keyOf(1),
    validatorKeys: validators.map((_, index) => keyOf(keys.length + 3 + index)),
    async serve() {
      server ??= await serveHttp({ host: "127.0.0.1", port: 0, routes: rpcRoutes(provider) });
      return server.url;
    },
    join,
    newestBlock: async () => ((await provider.getBlock("latest"))?.hash ?? "0x") as Hash,
    mine: (blocks) => provider.send("hardhat_mine", [`0x${blocks.toString(16)}`]),
    async close() {
      await server?.close();
      await chain.close();
    },
  };
}

/** Accounts of the embedded chain come from these words, which everybody knows. */
const hardhatPhrase = "test test test test test test test test test test test junk";
const keyOf = (account: number): string =>
  HDNodeWallet.fromPhrase(hardhatPhrase, undefined, `m/44'/60'/0'/0/${account}`).privateKey;

interface RpcRequest {
  readonly id: number;
  readonly method: string;
  readonly params: readonly unknown[];
}

function rpcRoutes(provider: BrowserProvider): Routes {
  const answer = async ({ id, method, params }: RpcRequest) => {
    try {
      return { jsonrpc: "2.0", id, result: await provider.send(method, [...params]) };
    } catch (error) {
      const { code = -32_000, message, data } = rpcFailure(error);
      return { jsonrpc: "2.0", id, error: { code, message, data } };
    }
  };
  return {
    "POST /": async ({ body }) => {
      const asked = JSON.parse(new TextDecoder().decode(body)) as RpcRequest | RpcRequest[];
      return {
        json: Array.isArray(asked) ? await Promise.all(asked.map(answer)) : await answer(asked),
      };
    },
  };
}

/** What the node itself said, which ethers wraps. */
function rpcFailure(error: unknown) {
  const { error: inner = error } = error as { error?: unknown };
  return inner as { code?: number; message: string; data?: unknown };
}

async function sent(contract: Contract, method: string, args: readonly unknown[]): Promise<void> {
  await (await contract.getFunction(method)(...args)).wait();
}

/** Accounts of the keys in CometBFT's order. */
function inOrder(keys: readonly SigningKey[]): string[] {
  return keys
    .map((key) => getBytes(key.compressedPublicKey))
    .sort((a, b) => Buffer.compare(validatorAddress(a), validatorAddress(b)))
    .map(accountOf);
}

/** A storage node's key for a demonstration, with its address. */
export function storageAccount(key: SigningKey): {
  readonly key: string;
  readonly address: Address;
} {
  const { address } = new Wallet(hexlify(getBytes(key.privateKey)));
  return { key: key.privateKey, address: address as Address };
}
