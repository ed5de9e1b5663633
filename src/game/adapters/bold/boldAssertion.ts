/**
 * What rivals in a BoLD challenge stand for, and what their predecessor was made with (docs/adapters.md section 3), as
 * the challenge manager takes them in its proofs.
 *
 * Invariant: an assertion's hash binds every field, so of two assertions on chain one can be told from the other by it.
 */
import { AbiCoder, keccak256 } from "ethers";
import type { Address, Hash } from "../../claim/claim.ts";
import { assertionStateType } from "./managerAbi.ts";

/** An assertion, as the rollup hashes it. */
export interface BoldAssertion {
  readonly assertionState: {
    /** State hash and 0; calls so far and 0. */
    readonly globalState: {
      readonly bytes32Vals: readonly [Hash, Hash];
      readonly u64Vals: readonly [number, number];
    };
    /** 1 finished, 2 errored. */
    readonly machineStatus: number;
    readonly endHistoryRoot: Hash;
  };
  readonly prevAssertionHash: Hash;
  readonly inboxAcc: Hash;
}

/** What the predecessor of a challenged assertion was made with. */
export interface BoldConfig {
  /** Program root. */
  readonly wasmModuleRoot: Hash;
  readonly requiredStake: bigint;
  readonly challengeManager: Address;
  readonly confirmPeriodBlocks: number;
  /** Calls that the assertions after it are about, counted from the chain's beginning. */
  readonly nextInboxPosition: number;
}

/** Hash of an assertion. */
export function assertionHash(assertion: BoldAssertion): Hash {
  const { assertionState, prevAssertionHash, inboxAcc } = assertion;
  return keccak256(
    AbiCoder.defaultAbiCoder().encode(
      [assertionStateType, "bytes32", "bytes32"],
      [assertionState, prevAssertionHash, inboxAcc],
    ),
  );
}
