/**
 * ABIs of the network's contracts, by their Solidity names (docs/network.md).
 *
 * Invariant: they are those of contracts/src/network, as the generated file has them.
 */
import { Interface } from "ethers";
import { contractArtifact } from "../../game/index.ts";

const abiOf = (name: string): Interface => new Interface(contractArtifact(name).abi);

/** ABI of Clusters. */
export const clustersInterface = abiOf("Clusters");
/** ABI of BlockArbiter. */
export const blockArbiterInterface = abiOf("BlockArbiter");
/** ABI of Misbehaviour. */
export const misbehaviourInterface = abiOf("Misbehaviour");
/** ABI of MismatchedTransactions. */
export const mismatchedTransactionsInterface = abiOf("MismatchedTransactions");
/** ABI of Checkpoints. */
export const checkpointsInterface = abiOf("Checkpoints");
/** ABI of Storage. */
export const storageInterface = abiOf("Storage");
/** ABI of Validation. */
export const validationInterface = abiOf("Validation");
/** ABI of Rewards. */
export const rewardsInterface = abiOf("Rewards");
/** ABI of ProgramMemory. */
export const programMemoryInterface = abiOf("ProgramMemory");
/** ABI of Ancestors. */
export const ancestorsInterface = abiOf("Ancestors");
/** ABI of ValidationArbiter. */
export const validationArbiterInterface = abiOf("ValidationArbiter");
