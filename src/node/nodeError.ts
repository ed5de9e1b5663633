/**
 * What can go wrong in a node's processes, each with a stable code (docs/errors.md).
 *
 * Invariant: what a transaction or a peer does wrong is an answer, never one of these; these are what an operator has
 * to know of.
 */

/** Codes and what they say. */
export const nodeErrorCodes = {
  "abci-message": "the consensus engine sent bytes that are no ABCI message",
  "signer-message": "the consensus engine sent bytes that are no request to a signer",
  "genesis-mismatch": "the chain's genesis is not this worker's package and settings",
  "block-not-of-cluster": "a block was decided whose record is not that of its transactions",
  "height-mismatch": "the consensus engine and the worker disagree on the height",
  "state-corrupt": "the worker's folder does not hold the state that it says",
  "folder-in-use": "another process works in this folder",
  "state-gone": "the state at this height is not kept any more",
  "node-busy": "the node has as many questions to execute blocks for as it takes",
  "rpc-failed": "the consensus engine's RPC did not answer as it should",
  "process-failed": "a process of the cluster ended or did not become ready",
  "content-missing": "the content store does not hold these bytes",
  "content-mismatch": "the content store gave bytes of another root",
  "content-refused": "the storage node does not take these bytes",
  "manifest-refused": "a manifest breaks a rule of the chain",
  "chain-refused": "the chain does not know what the node names",
} as const;

/** Stable code of a node's failure (docs/errors.md). */
export type NodeErrorCode = keyof typeof nodeErrorCodes;

/** Thrown by the node's parts; `code` is stable, the message is for people. */
export class NodeError extends Error {
  readonly code: NodeErrorCode;

  constructor(code: NodeErrorCode, detail = "") {
    super(detail === "" ? nodeErrorCodes[code] : `${nodeErrorCodes[code]}: ${detail}`);
    this.name = "NodeError";
    this.code = code;
  }
}
