/**
 * Puts the network's contracts on a chain (docs/network.md §9): Clusters and the contracts that act on it.
 *
 * Invariant: who may slash, freeze and make final is fixed when Clusters is created, by the addresses that the next
 * creations of the deployer have; no account has any power afterwards.
 */
import { getCreateAddress, type Signer } from "ethers";
import {
  type Address,
  defaultParameters,
  deployContract,
  type Parameters,
} from "../../game/index.ts";
import type { ValidationParameters } from "./validationReader.ts";

/** Constructor parameters of Clusters. */
export interface ClusterParameters {
  /** Wei that every worker puts down. */
  readonly deposit: bigint;
  /** Part of a lost deposit for who has shown the fault, in 1/10,000. */
  readonly rewardBps: number;
  /** EVM blocks between a generation's end and the first withdrawal. */
  readonly coolingOffBlocks: number;
  /** EVM blocks after which a deposit is free in any case (T_max). */
  readonly longestBlocks: number;
  /** EVM blocks between a halt and the next generation. */
  readonly recoveryBlocks: number;
}

/** Constructor parameters of Storage. */
export interface StorageParameters {
  readonly deposit: bigint;
  /** Half of what it costs to answer a challenge, in wei: the price of one while the node has no other open. */
  readonly halfPrice: bigint;
  readonly rewardBps: number;
  readonly answerBlocks: number;
  readonly leaveBlocks: number;
}

/** Constructor parameters of Rewards (IRewards.Parameters). */
export interface RewardParameters {
  /** c_time/fuel: picoseconds of standard time for a unit of fuel. */
  readonly picosecondsPerFuel: bigint;
  /** c_Υ/fuel: 10^-9 wei for a unit of fuel. */
  readonly nanoweiPerFuel: bigint;
  /** c_Υ/spacetime: 10^-9 wei for a byte in a second of standard time. */
  readonly nanoweiPerByteSecond: bigint;
  /** Wei for a validation beside that. */
  readonly download: bigint;
  /** Seconds from one EVM block to the next. */
  readonly blockSeconds: number;
}

/** What a network is deployed with. */
export interface NetworkParameters {
  readonly clusters: ClusterParameters;
  /** Of BlockArbiter: as an Arbiter's, without a window. */
  readonly disputes: Omit<Parameters, "windowBlocks">;
  /** Blocks of a cluster from one checkpoint to the next (ρ). */
  readonly spacing: number;
  /** EVM blocks after which any height can be checkpointed. */
  readonly staleBlocks: number;
  readonly storage: StorageParameters;
  readonly validation: ValidationParameters;
  readonly rewards: RewardParameters;
}

const { windowBlocks: _, ...disputes } = defaultParameters;

/** For real chains, at 12 s a block: a week of cooling off, thirty days at most. */
export const defaultNetworkParameters: NetworkParameters = {
  clusters: {
    deposit: 10n * 10n ** 18n,
    rewardBps: 5000,
    coolingOffBlocks: 50_400,
    longestBlocks: 216_000,
    recoveryBlocks: 50_400,
  },
  disputes,
  spacing: 1000,
  staleBlocks: 7200,
  storage: {
    deposit: 10n ** 18n,
    halfPrice: 10n ** 15n,
    rewardBps: 5000,
    answerBlocks: 300,
    leaveBlocks: 302_400,
  },
  validation: {
    deposit: 10n * 10n ** 18n,
    missFee: 10n ** 17n,
    rewardBps: 5000,
    leastBps: 5000,
    leastValidations: 1,
    mostValidations: 16,
    mostMisses: 3,
    mostDeferrals: 8,
    mostUnconfirmed: 6,
    samples: 64,
    seedBlocks: 96,
    drawBlocks: 7200,
    turnBlocks: 50,
    bytesPerBlock: 2n ** 26n,
    fuelPerBlock: 3n * 10n ** 9n,
    windowBlocks: 7200,
    coolingOffBlocks: 14_400,
    longestBlocks: 216_000,
  },
  rewards: {
    picosecondsPerFuel: 1000n,
    nanoweiPerFuel: 5n * 10n ** 9n,
    nanoweiPerByteSecond: 10n ** 9n,
    download: 10n ** 13n,
    blockSeconds: 12,
  },
};

/** Where a network's contracts are. */
export interface Network {
  readonly clusters: Address;
  readonly blockArbiter: Address;
  readonly misbehaviour: Address;
  readonly mismatchedTransactions: Address;
  readonly checkpoints: Address;
  readonly storage: Address;
  readonly validation: Address;
  readonly rewards: Address;
  readonly programMemory: Address;
  readonly ancestors: Address;
  readonly validationArbiter: Address;
  /** Block of the first contract: where the search for events begins. */
  readonly fromBlock: number;
}

/** The contracts in the order in which they are created. */
const creationOrder = [
  "Clusters",
  "VoteEvidence",
  "BlockArbiter",
  "Misbehaviour",
  "MismatchedTransactions",
  "Checkpoints",
  "Storage",
  "Validation",
  "Rewards",
  "ProgramMemory",
  "Ancestors",
  "FragmentEvidence",
  "ValidationArbiter",
] as const;

type Addresses = Readonly<Record<(typeof creationOrder)[number], Address>>;

/** Constructor arguments of each contract. */
function argumentsOf(
  at: Addresses,
  judge: Address,
  parameters: NetworkParameters,
  validation: Address,
): Readonly<Record<(typeof creationOrder)[number], readonly unknown[]>> {
  const offices = {
    arbiter: at.BlockArbiter,
    misbehaviour: at.Misbehaviour,
    transactions: at.MismatchedTransactions,
    checkpoints: at.Checkpoints,
    validation,
  };
  const game = { ...parameters.disputes, windowBlocks: 0 };
  const { spacing, staleBlocks } = parameters;
  const { Clusters, Checkpoints, Rewards, ValidationArbiter, Validation } = at;
  return {
    Clusters: [judge, parameters.clusters, offices],
    VoteEvidence: [Clusters],
    BlockArbiter: [judge, game, at.VoteEvidence],
    Misbehaviour: [Clusters, at.Ancestors],
    MismatchedTransactions: [Clusters],
    Checkpoints: [Clusters, spacing, staleBlocks],
    Storage: [Clusters, parameters.storage],
    Validation: [Clusters, Checkpoints, Rewards, ValidationArbiter, parameters.validation],
    Rewards: [Clusters, at.ProgramMemory, Validation, parameters.rewards],
    ProgramMemory: [judge],
    Ancestors: [],
    FragmentEvidence: [Clusters, at.Ancestors, at.MismatchedTransactions],
    ValidationArbiter: [judge, game, Validation, at.FragmentEvidence],
  };
}

/**
 * Deploys the network's contracts over a judge, thirteen transactions in a row: the account must send nothing else
 * meanwhile.
 *
 * @param validation Who says which height is verified, if it is another one than Validation.
 * @param deploy How a contract is deployed by its name.
 * @throws what ethers throws if the node or a contract refuses; Error if another transaction came in between.
 */
export async function deployNetwork(
  signer: Signer,
  judge: Address,
  parameters: NetworkParameters = defaultNetworkParameters,
  validation?: Address,
  deploy: typeof deployContract = deployContract,
): Promise<Network> {
  const from = await signer.getAddress();
  const nonce = await signer.getNonce();
  const at = Object.fromEntries(
    creationOrder.map((name, index) => [name, getCreateAddress({ from, nonce: nonce + index })]),
  ) as Addresses;
  const args = argumentsOf(at, judge, parameters, validation ?? at.Validation);
  let fromBlock: number | undefined;
  for (const name of creationOrder) {
    const { address, blockNumber } = await deploy(signer, name, args[name]);
    if (address !== at[name]) {
      throw new Error(`${name} is at ${address}: the account has sent something else meanwhile`);
    }
    fromBlock ??= blockNumber;
  }
  return {
    clusters: at.Clusters,
    blockArbiter: at.BlockArbiter,
    misbehaviour: at.Misbehaviour,
    mismatchedTransactions: at.MismatchedTransactions,
    checkpoints: at.Checkpoints,
    storage: at.Storage,
    validation: at.Validation,
    rewards: at.Rewards,
    programMemory: at.ProgramMemory,
    ancestors: at.Ancestors,
    validationArbiter: at.ValidationArbiter,
    fromBlock: fromBlock ?? 0,
  };
}
