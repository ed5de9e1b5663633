/**
 * What can be wrong with a cluster's history, each with a stable code (docs/errors.md). A block that the cluster
 * should not have made is a *breach* (chainRules.ts), not an exception; an exception is bytes that are not what
 * they are presented for.
 */

/** Codes and what they say. */
export const historyErrorCodes = {
  "malformed-answer": "the node's answer is not of the form that CometBFT gives",
  "malformed-vote": "the signature is no secp256k1 signature with a low s",
  "header-mismatch": "the header does not have the hash that the commit or the next block names",
  "validators-mismatch": "the validators do not have the hash that the header names",
  "commit-mismatch": "the commit is not about this header",
  "unknown-signer": "a vote is by nobody of the validator set",
  "invalid-signature": "a vote was not signed by the validator that it names",
  "insufficient-power": "the votes have not more than two thirds of the voting power",
  "application-mismatch": "the application state does not have the hash that the header carries",
  "parent-mismatch": "the header is not the child of the one that it is presented with",
  "malformed-block-record": "the transaction is not the canonical record of a block",
  "record-not-proven": "the siblings do not lead from the record to the data hash",
  "malformed-manifest": "the bytes are not the canonical encoding of a manifest",
  "transaction-not-proven": "the path does not lead from the transaction to the data hash",
  "receipt-mismatch": "the receipt is not a storage node's for the block's transactions",
  "manifest-mismatch": "a metadata node's manifests are not those of the response",
  "deposit-too-small": "a worker that voted has less at stake than the client asks for",
  "state-not-proven": "the proof does not lead from the block's hash to the contract's storage",
  "generation-mismatch": "the contract has another generation under this number",
  "malformed-handover": "the transaction is not the canonical encoding of a handover",
  "malformed-framing": "the bytes are not the canonical framing of a block's transactions",
} as const;

/** Stable code of what is wrong with a header, a commit, a proof or a framing (docs/errors.md). */
export type HistoryErrorCode = keyof typeof historyErrorCodes;

/** Thrown by every `verify…` and `read…` of the history library; `code` is stable, the message is for people. */
export class HistoryError extends Error {
  readonly code: HistoryErrorCode;

  constructor(code: HistoryErrorCode, detail = "") {
    super(detail === "" ? historyErrorCodes[code] : `${historyErrorCodes[code]}: ${detail}`);
    this.name = "HistoryError";
    this.code = code;
  }
}
