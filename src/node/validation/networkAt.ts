/**
 * The contracts that belong to a Validation, by what it and they say of each other.
 *
 * Invariant: one address is enough; whoever deployed the network has fixed the others in it.
 */
import { Contract, type ContractRunner } from "ethers";
import type { Address } from "../../game/index.ts";
import {
  ClusterReader,
  rewardsInterface,
  validationArbiterInterface,
  validationInterface,
} from "../../history/index.ts";
import type { ValidatedNetwork } from "./validatorNode.ts";

/** Where a network's contracts are. Rejects with what the node answers. */
export async function networkAt(
  validation: Address,
  runner: ContractRunner,
  fromBlock: number,
): Promise<ValidatedNetwork> {
  const contract = new Contract(validation, validationInterface, runner);
  const clusters: Address = await contract.clusters();
  const validationArbiter: Address = await contract.arbiter();
  const { arbiter, transactions, misbehaviour, checkpoints } = await new ClusterReader(
    clusters,
    runner,
  ).contract.offices();
  const evidence: Address = await new Contract(
    validationArbiter,
    validationArbiterInterface,
    runner,
  ).evidence();
  const ancestors: Address = await new Contract(
    evidence,
    ["function ancestors() view returns (address)"],
    runner,
  ).ancestors();
  const rewards = new Contract(await contract.rewards(), rewardsInterface, runner);
  const programMemory: Address = await rewards.programs();
  return {
    validation,
    clusters,
    checkpoints,
    blockArbiter: arbiter,
    mismatchedTransactions: transactions,
    misbehaviour,
    validationArbiter,
    ancestors,
    programMemory,
    fromBlock,
  };
}
