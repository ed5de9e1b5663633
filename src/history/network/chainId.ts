/**
 * Names that the contract gives: of a cluster, and of each generation's chain (docs/network.md §3).
 *
 * Invariant: two generations of any cluster, contract or EVM chain have two chain ids, so a vote is for one of them.
 */
import { AbiCoder, dataSlice, keccak256 } from "ethers";
import type { Address, Hash } from "../../game/index.ts";

const coder = AbiCoder.defaultAbiCoder();
/** With "0x" the 50 characters that CometBFT admits. */
const chainIdBytes = 24;

/** The chain id of a cluster's generation: `chainIdOf` of the contract. `number` is its place in the cluster, from 0. */
export function clusterChainId(
  evmChainId: bigint,
  clusters: Address,
  cluster: Hash,
  number: number,
): string {
  const types = ["uint256", "address", "bytes32", "uint32"];
  const hash = keccak256(coder.encode(types, [evmChainId, clusters, cluster, number]));
  return dataSlice(hash, 0, chainIdBytes);
}

/** The id of the cluster that was created as the `count`-th of a contract, from 1. */
export function clusterId(evmChainId: bigint, clusters: Address, count: number): Hash {
  return keccak256(coder.encode(["uint256", "address", "uint256"], [evmChainId, clusters, count]));
}
