/**
 * What the network's contracts hold, whose it is, and what is left over: read of their public state alone, in every block.
 *
 * Invariant: `gaps` is what a contract's balance is beyond all that anybody has there, is promised or has lost there.
 */
import type { Contract } from "ethers";
import { workerStatus } from "../../src/history/index.ts";
import type { ValidatedNetwork } from "./fragments.ts";

/** What there is to look at. */
export interface Known {
  /** Numbers of the accounts. */
  readonly accounts: readonly number[];
  /** Accounts of all workers that have ever joined. */
  readonly workers: Iterable<string>;
  readonly clusters: readonly string[];
  readonly fragments: Iterable<string>;
}

/** The books at one block. */
export interface Books {
  /** Wei of each account, in all contracts together. */
  readonly wealth: ReadonlyMap<number, bigint>;
  /** Wei in budgets and reserved for fragments. */
  readonly budgets: bigint;
  /** Wei that nobody has any more. */
  readonly burned: bigint;
  readonly gaps: Readonly<Record<string, bigint>>;
}

/** Calls a view of a contract at a block, without what ethers does around it. */
export async function viewAt(
  { provider }: Pick<ValidatedNetwork, "provider">,
  contract: Contract,
  [method, ...args]: readonly [string, ...unknown[]],
  block = "latest",
) {
  const data = contract.interface.encodeFunctionData(method, args);
  const answer = await provider.send("eth_call", [{ to: contract.target, data }, block]);
  return contract.interface.decodeFunctionResult(method, answer);
}

/** Workers whose deposit is there. */
export const hasDeposit = (status: bigint) =>
  [workerStatus.bonded, workerStatus.retired].some((there) => status === BigInt(there));

/** Reads the books. */
export async function booksOf(network: ValidatedNetwork, known: Known): Promise<Books> {
  const { clusters, blockArbiter, validationArbiter, validation, rewards } = network;
  const view = async (contract: Contract, ...call: readonly [string, ...unknown[]]) =>
    viewAt(network, contract, call);
  const sums = new Map<Contract, bigint>();
  const add = (contract: Contract, amount: bigint) =>
    sums.set(contract, (sums.get(contract) ?? 0n) + amount);

  const wealth = new Map<number, bigint>();
  for (const index of known.accounts) {
    const account = network.accounts[index];
    let owned = 0n;
    const has = (contract: Contract, amount: bigint) => {
      add(contract, amount);
      owned += amount;
    };
    for (const contract of [clusters, validation, rewards]) {
      has(contract, (await view(contract, "credits", account))[0]);
    }
    for (const contract of [blockArbiter, validationArbiter]) {
      const { free, staked } = await view(contract, "accounts", account);
      has(contract, free + staked);
    }
    has(validation, (await view(validation, "validatorOf", account))[0].deposit);
    wealth.set(index, owned);
  }
  for (const worker of known.workers) {
    const [{ owner, status }] = await view(clusters, "workerOf", worker);
    if (!hasDeposit(status)) continue;
    const { deposit } = network.parameters.clusters;
    const index = network.accounts.indexOf(owner);
    wealth.set(index, (wealth.get(index) ?? 0n) + deposit);
    add(clusters, deposit);
  }
  let burned = 0n;
  for (const contract of [clusters, blockArbiter, validationArbiter, validation]) {
    const [lost] = await view(contract, "burned");
    add(contract, lost);
    burned += lost;
  }
  const held = sums.get(rewards) ?? 0n;
  for (const cluster of known.clusters) add(rewards, (await view(rewards, "budgetOf", cluster))[0]);
  for (const fragment of known.fragments) {
    const { workers, validations, ofWorker, ofValidation }: Record<string, bigint> = (
      await view(rewards, "reservationOf", fragment)
    )[0];
    add(rewards, workers * ofWorker + validations * ofValidation);
  }
  const budgets = (sums.get(rewards) ?? 0n) - held;
  const gaps: Record<string, bigint> = {};
  for (const [name, contract] of Object.entries({
    clusters,
    blockArbiter,
    validationArbiter,
    validation,
    rewards,
  })) {
    const balance = await network.provider.getBalance(contract.target);
    gaps[name] = balance - (sums.get(contract) ?? 0n);
  }
  return { wealth, budgets, burned, gaps };
}
