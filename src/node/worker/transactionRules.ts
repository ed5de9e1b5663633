/**
 * Why a transaction is not taken: the cluster's own refusals, and what an application's rules say.
 *
 * Invariant: codes are stable (docs/cluster.md §2); what is taken is never more than a block would hold.
 */
import type { MachineState } from "../../interpreter/index.ts";

/** Why CheckTx refuses a transaction. */
export const transactionRefusals = {
  1: "it is empty",
  2: "it is longer than the cluster takes",
  3: "it begins like a block's record",
  4: "it made a call trap or spend too much",
  5: "it begins like a handover, and the generation has not agreed on it",
  6: "the generation has been handed over",
} as const;

/** A code of the cluster's own. */
export type TransactionRefusal = keyof typeof transactionRefusals;

/** Rules of the application itself, beside the cluster's; codes from 16 up are theirs. */
export interface TransactionRules {
  /** A chain begins, or a block was committed: what is checked from now on is for the next height. */
  reset(chainId: string, nextHeight: bigint, state: MachineState): void;
  /** 0 if the machine would take it; else a code, and its name. Rechecked is what was taken before the last commit. */
  check(
    transaction: Uint8Array,
    isRechecked: boolean,
  ): { readonly code: number; readonly name: string };
  /** What became of the transactions of the call that has returned last: 0 for each that was executed. */
  codes(state: MachineState, count: number): readonly number[];
}

/** What CheckTx answers. */
export interface Checked {
  /** 0: taken. */
  readonly code: number;
  readonly reason: string;
}
