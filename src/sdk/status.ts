/**
 * What became of a transaction (docs/sdk.md §4), as the wrapper's results and CheckTx say it.
 *
 * Invariant: a code is a status's position in this list; codes are stable and equal those of sdk/wrapper/src/status.rs.
 */

/** Statuses in the order of their codes. */
export const transactionStatuses = [
  "executed",
  "malformed",
  "expired",
  "expiry-too-far",
  "bad-signature",
  "nonce-used",
  "nonce-gap",
  "sessions-full",
  "result-too-long",
] as const;

/** Name of a status. Only `executed` and `result-too-long` say that the application has handled the transaction. */
export type TransactionStatus = (typeof transactionStatuses)[number];

/** A status's code: 0 for `executed`, as an ABCI application answers. */
export function statusCode(status: TransactionStatus): number {
  return transactionStatuses.indexOf(status);
}
