/**
 * Puts the network's contracts on a chain (docs/network.md §9): Clusters and the contracts that act on it.
 *
 * Invariant: who may slash, freeze and make final is fixed when Clusters is created, by the addresses that the next
 * creations of the deployer have; no account has any power afterwards.
 */
import { getCreateAddress, type Signer, ZeroAddress } from "ethers";
import {
  type Address,
  defaultParameters,
  deployContract,
  type Parameters,
} from "../../game/index.ts";

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
  /** Half of what it costs to answer a challenge, in wei. */
  readonly halfPrice: bigint;
  readonly rewardBps: number;
  /** Open challenges that one node may have. */
  readonly mostChallenges: number;
  readonly answerBlocks: number;
  readonly leaveBlocks: number;
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
    mostChallenges: 8,
    answerBlocks: 300,
    leaveBlocks: 302_400,
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
  /** Block of the first contract: where the search for events begins. */
  readonly fromBlock: number;
}

/**
 * Deploys the network's contracts over a judge, seven transactions in a row: the account must send nothing else meanwhile.
 *
 * @param validation Who says which height is verified; nobody unless given.
 * @param deploy How a contract is deployed by its name.
 * @throws what ethers throws if the node or a contract refuses; Error if another transaction came in between.
 */
export async function deployNetwork(
  signer: Signer,
  judge: Address,
  parameters: NetworkParameters = defaultNetworkParameters,
  validation: Address = ZeroAddress,
  deploy: typeof deployContract = deployContract,
): Promise<Network> {
  const from = await signer.getAddress();
  const nonce = await signer.getNonce();
  const addresses = Array.from({ length: 7 }, (_, index) =>
    getCreateAddress({ from, nonce: nonce + index }),
  );
  const [clusters, evidence, blockArbiter, misbehaviour, ...others] = addresses;
  const [mismatchedTransactions, checkpoints, storage] = others;
  const offices = {
    arbiter: blockArbiter,
    misbehaviour,
    transactions: mismatchedTransactions,
    checkpoints,
    validation,
  };
  const { spacing, staleBlocks } = parameters;
  const game = { ...parameters.disputes, windowBlocks: 0 };
  const creations: readonly [string, Address, readonly unknown[]][] = [
    ["Clusters", clusters, [judge, parameters.clusters, offices]],
    ["VoteEvidence", evidence, [clusters]],
    ["BlockArbiter", blockArbiter, [judge, game, evidence]],
    ["Misbehaviour", misbehaviour, [clusters]],
    ["MismatchedTransactions", mismatchedTransactions, [clusters]],
    ["Checkpoints", checkpoints, [clusters, spacing, staleBlocks]],
    ["Storage", storage, [clusters, parameters.storage]],
  ];
  let fromBlock: number | undefined;
  for (const [name, expected, args] of creations) {
    const { address, blockNumber } = await deploy(signer, name, args);
    if (address !== expected) {
      throw new Error(`${name} is at ${address}: the account has sent something else meanwhile`);
    }
    fromBlock ??= blockNumber;
  }
  return {
    clusters,
    blockArbiter,
    misbehaviour,
    mismatchedTransactions,
    checkpoints,
    storage,
    fromBlock: fromBlock ?? 0,
  };
}
