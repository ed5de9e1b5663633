/**
 * The application hash (paper 5.2): what a block's execution has made, voted by the workers in the next block's header.
 *
 *   H_APP = keccak( H_result ‖ H_base ‖ fuel u64 ‖ steps u64 ‖ receipts' hash )
 *
 * Invariant: roll-back is visible: H_base is what the next call begins from, H_result if the call returned, otherwise
 * the base before it. A block without transactions changes nothing, or an idle cluster would make blocks for ever.
 */
import { solidityPackedKeccak256 } from "ethers";
import type { Hash } from "../game/index.ts";
import { noReceipts } from "./receipt.ts";

/** The preimage of an application hash. */
export interface ApplicationState {
  /** State hash at the end of the last call, whether it returned, exited or trapped. */
  readonly result: Hash;
  /** State hash from which the next call begins. */
  readonly base: Hash;
  /** Fuel spent by all calls since genesis, rolled back ones too. */
  readonly fuel: bigint;
  /** Instructions executed by all calls since genesis, rolled back ones too. */
  readonly steps: bigint;
  /** Running hash over the receipts that blocks have agreed on. */
  readonly receiptsHash: Hash;
}

/** The application hash, 32 bytes. */
export function applicationHash(state: ApplicationState): Hash {
  return solidityPackedKeccak256(
    ["bytes32", "bytes32", "uint64", "uint64", "bytes32"],
    [state.result, state.base, state.fuel, state.steps, state.receiptsHash],
  );
}

/** What `InitChain` answers: a cluster that has run nothing. `genesis` is the state hash after any start functions. */
export function initialApplicationState(genesis: Hash): ApplicationState {
  return { result: genesis, base: genesis, fuel: 0n, steps: 0n, receiptsHash: noReceipts };
}

/** What one call has made: its terminal state, whether it returned, and what it spent. */
export interface CallOutcome {
  readonly result: Hash;
  readonly isReturned: boolean;
  readonly fuel: bigint;
  readonly steps: bigint;
}

/** The application's state after a block with transactions. */
export function applicationStateAfter(
  before: ApplicationState,
  outcome: CallOutcome,
  receiptsHash: Hash,
): ApplicationState {
  return {
    result: outcome.result,
    base: outcome.isReturned ? outcome.result : before.base,
    fuel: before.fuel + outcome.fuel,
    steps: before.steps + outcome.steps,
    receiptsHash,
  };
}
