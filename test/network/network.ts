/** A chain with the network's contracts, its accounts, and a cluster of workers that have joined: for network tests. */
import { bytesToHex } from "@noble/hashes/utils.js";
import {
  Contract,
  ContractFactory,
  getBytes,
  type InterfaceAbi,
  id,
  JsonRpcSigner,
  type Signer,
  SigningKey,
} from "ethers";
import hre from "hardhat";
import { InProcessProvider } from "../../src/cli/session/inProcessProvider.ts";
import type { deployContract } from "../../src/game/chain/deploy.ts";
import { deployJudge } from "../../src/game/chain/deploy.ts";
import {
  type ApplicationState,
  accountOf,
  type ClusterGeneration,
  ClusterReader,
  defaultNetworkParameters,
  deployNetwork,
  initialApplicationState,
  joinArguments,
  membershipDomain,
  type NetworkParameters,
  type Order,
  validatorAddress,
} from "../../src/history/index.ts";
import { type Connection, freshChain } from "../freshChain.ts";
import { testParameters } from "../game/chain.ts";
import { type ToyProgram, toyGenesis, toyHash, toyProof } from "../game/simulation.ts";
import { chainMaker } from "../history/chainMaker.ts";

const { windowBlocks: _, ...disputes } = testParameters;

export const networkParameters: NetworkParameters = {
  clusters: {
    deposit: 10n ** 19n,
    rewardBps: 5000,
    coolingOffBlocks: 100,
    longestBlocks: 1000,
    recoveryBlocks: 150,
  },
  disputes,
  spacing: 4,
  staleBlocks: 30,
  validation: defaultNetworkParameters.validation,
  rewards: defaultNetworkParameters.rewards,
  storage: {
    deposit: 10n ** 18n,
    halfPrice: 10n ** 15n,
    rewardBps: 5000,
    answerBlocks: 20,
    leaveBlocks: 1100,
  },
};

export const order: Order = {
  size: 4,
  validationBps: 6000,
  memoryBytes: 2n ** 20n,
  fuelPerSecond: 10n ** 9n,
  isOpen: true,
};

export const toy: ToyProgram = { steps: 50, fuel: 3, name: 7 };

/** Hardhat's own artifacts, which a coverage run instruments. */
const deployHere: typeof deployContract = async (signer, name, args = []) => {
  const { abi, bytecode } = await hre.artifacts.readArtifact(name);
  const factory = new ContractFactory(abi as InterfaceAbi, bytecode, signer);
  const deployed = await factory.deploy(...args);
  const receipt = await deployed.deploymentTransaction()?.wait();
  if (receipt == null) throw new Error(`expected ${name} to be mined`);
  const { gasUsed, blockNumber } = receipt;
  return { address: await deployed.getAddress(), gas: gasUsed, blockNumber };
};

interface Deployed {
  readonly connection: Connection;
  readonly accounts: readonly string[];
  readonly judge: string;
  readonly parameters: NetworkParameters;
  readonly addresses: Awaited<ReturnType<typeof deployNetwork>>;
}

export type TestNetwork = Awaited<ReturnType<typeof networkAt>>;

const providerOf = ({ provider }: Connection) =>
  new InProcessProvider(provider, { pollingInterval: 20 });

const signersOf = (provider: InProcessProvider, accounts: readonly string[]): Signer[] =>
  accounts.slice(0, 20).map((account) => new JsonRpcSigner(provider, account));

/** Accounts: 0 is the developer, 1–6 own workers or accuse, 7 deploys, 8 is the validation. */
export async function startNetwork(
  judgeKind: "simulated" | "real" = "simulated",
  parameters = networkParameters,
  /** Number of the account that makes heights final; null: the contract Validation. */
  office: number | null = 8,
) {
  const connection = await freshChain();
  const known = (await connection.ethers.getSigners()).map(({ address }) => address);
  const signers = signersOf(providerOf(connection), known);
  const judge =
    judgeKind === "real"
      ? (await deployJudge(signers[7])).address
      : await (await connection.ethers.deployContract("SimulatedJudge")).getAddress();
  const addresses = await deployNetwork(
    signers[7],
    judge,
    parameters,
    office === null ? undefined : known[office],
    deployHere,
  );
  return networkAt({ connection, accounts: known, judge, parameters, addresses });
}

/** What was deployed, through a provider and readers that remember nothing. */
async function networkAt({ connection, accounts, judge, parameters, addresses }: Deployed) {
  const provider = providerOf(connection);
  const contract = async (name: string, address: string) =>
    new Contract(address, (await hre.artifacts.readArtifact(name)).abi as InterfaceAbi, provider);
  const { chainId } = await provider.getNetwork();
  return {
    connection,
    provider,
    signers: signersOf(provider, accounts),
    accounts,
    judge,
    parameters,
    addresses,
    evmChainId: chainId,
    domain: membershipDomain(chainId, addresses.clusters),
    reader: new ClusterReader(addresses.clusters, provider),
    clusters: await contract("Clusters", addresses.clusters),
    blockArbiter: await contract("BlockArbiter", addresses.blockArbiter),
    misbehaviour: await contract("Misbehaviour", addresses.misbehaviour),
    lists: await contract("MismatchedTransactions", addresses.mismatchedTransactions),
    checkpoints: await contract("Checkpoints", addresses.checkpoints),
    storage: await contract("Storage", addresses.storage),
    validation: await contract("Validation", addresses.validation),
    rewards: await contract("Rewards", addresses.rewards),
    programMemory: await contract("ProgramMemory", addresses.programMemory),
    ancestors: await contract("Ancestors", addresses.ancestors),
    validationArbiter: await contract("ValidationArbiter", addresses.validationArbiter),
    mine: (blocks: number) => provider.send("hardhat_mine", [`0x${blocks.toString(16)}`]),
  };
}

/**
 * Makes a network, and what stands on it, once, and goes back to that state whenever it is called again: tests that each
 * begin from one state do not deploy it each.
 */
export function fromOneState<T>(
  make: () => Promise<T & { readonly network: TestNetwork }>,
): () => Promise<T & { readonly network: TestNetwork }> {
  let made: (T & { readonly network: TestNetwork }) | undefined;
  let snapshot = "";
  return async () => {
    if (made === undefined) made = await make();
    else await made.network.provider.send("evm_revert", [snapshot]);
    snapshot = await made.network.provider.send("evm_snapshot", []);
    return { ...made, network: await networkAt(made.network) };
  };
}

/** Sends a call and waits; its receipt. */
export async function send(
  contract: Contract,
  signer: Signer,
  method: string,
  args: readonly unknown[],
  value = 0n,
) {
  const connected = contract.connect(signer) as Contract;
  return (await connected.getFunction(method)(...args, { value })).wait();
}

/** Keys of a generation's workers, other ones for each name. */
export function keysOf(name: string, count = 4): SigningKey[] {
  return Array.from({ length: count }, (_, index) => new SigningKey(id(`${name} ${index}`)));
}

/** The key's account and its place in CometBFT's order. */
export function consensusAddress(key: SigningKey): string {
  return bytesToHex(validatorAddress(getBytes(key.compressedPublicKey)));
}

/** Creates a cluster of the toy program. */
export async function createToyCluster(network: TestNetwork, of: Partial<Order> = {}) {
  const genesis = toyGenesis(toy);
  const args = [{ ...order, ...of }, toyProof(genesis), toyProof(genesis)];
  const connected = network.clusters.connect(network.signers[0]) as Contract;
  const cluster: string = await connected.create.staticCall(...args);
  await send(network.clusters, network.signers[0], "create", args);
  return cluster;
}

/** Has workers join the next generation, each with an owner of its own (accounts 1, 2 …). */
export async function joinAll(network: TestNetwork, cluster: string, keys: readonly SigningKey[]) {
  const { next } = await network.clusters.clusterOf(cluster);
  for (const [index, key] of keys.entries()) {
    const owner = network.signers[1 + (index % 6)];
    const args = joinArguments(
      getBytes(key.privateKey),
      next,
      await owner.getAddress(),
      network.domain,
    );
    const { deposit } = network.parameters.clusters;
    await send(network.clusters, owner, "join", [cluster, ...args], deposit);
  }
  return next as bigint;
}

/** Accounts of keys in CometBFT's order. */
export function inOrder(keys: readonly SigningKey[]): string[] {
  return [...keys]
    .sort((a, b) => (consensusAddress(a) < consensusAddress(b) ? -1 : 1))
    .map(accountOfKey);
}

/** Account of a consensus key. */
export function accountOfKey(key: SigningKey): string {
  return accountOf(getBytes(key.compressedPublicKey));
}

/** A running generation with its keys, and what makes its blocks. */
export async function runningGeneration(
  network: TestNetwork,
  cluster: string,
  keys: readonly SigningKey[],
  application: ApplicationState = initialApplicationState(toyHash(toyGenesis(toy))),
) {
  const generation = await joinedGeneration(network, cluster, keys);
  return { generation, blocks: blocksOf(generation, keys, application) };
}

/** A network with a toy cluster whose first generation runs. */
export async function runningCluster(keys: readonly SigningKey[]) {
  const network = await startNetwork();
  const cluster = await createToyCluster(network);
  return { network, cluster, ...(await runningGeneration(network, cluster, keys)) };
}

async function joinedGeneration(
  network: TestNetwork,
  cluster: string,
  keys: readonly SigningKey[],
): Promise<ClusterGeneration> {
  const number = await joinAll(network, cluster, keys);
  await send(network.clusters, network.signers[5], "seal", [cluster, inOrder(keys)]);
  return generationOf(network, number);
}

/** A generation that must exist. */
export async function generationOf(
  network: TestNetwork,
  number: bigint,
): Promise<ClusterGeneration> {
  const generation = await network.reader.generation(number);
  if (generation === undefined) throw new Error(`expected generation ${number}`);
  return generation;
}

/** What makes blocks of a generation. */
export function blocksOf(
  generation: ClusterGeneration,
  keys: readonly SigningKey[],
  application: ApplicationState,
) {
  const { chainId, initialHeight } = generation;
  return chainMaker({ chainId, keys, power: 1n, initialHeight, application });
}

/** Name of the contract's error that a call is refused with; "done" if it is not. */
export { failure } from "../game/actors.ts";
