/**
 * What the rest of a node needs from a consensus engine, be it CometBFT behind its RPC or the embedded one.
 *
 * Invariant: everything that is read here is verified by whoever relies on it (src/history): the engine's word counts
 * for nothing but liveness.
 */
import type { Block, Commit, Header, PrecommitOf, Validator } from "../history/index.ts";
import type { WorkerAnswer, WorkerQuery } from "./worker/queries.ts";

/** Where a chain stands. */
export interface ConsensusStatus {
  readonly chainId: string;
  /** Height of the last decided block; 0 before the first. */
  readonly height: bigint;
}

/** What became of a transaction that was submitted. */
export interface Submitted {
  /** 0: it waits for a block. */
  readonly code: number;
  readonly reason: string;
}

/** A worker's precommit for a header that was proposed but not decided, as gossip shows it. */
export interface StrayPrecommit {
  readonly header: Header;
  /** Position in the validator set. */
  readonly worker: number;
  readonly precommit: PrecommitOf;
}

/** One node of a consensus engine. Every method throws `rpc-failed` where there is no answer. */
export interface ConsensusNode {
  status(): Promise<ConsensusStatus>;
  /** The block at a height. */
  block(height: bigint): Promise<Block>;
  /** The header at a height with the votes for it. */
  signedHeader(height: bigint): Promise<{ readonly header: Header; readonly commit: Commit }>;
  /** The validator set at a height, in CometBFT's order. */
  validators(height: bigint): Promise<readonly Validator[]>;
  /** Hands a transaction in; resolves when it was checked, not when it is in a block. */
  submit(transaction: Uint8Array): Promise<Submitted>;
  /** Height of the block that holds a transaction, by its SHA-256; undefined while none does. */
  heightOf(transactionHash: Uint8Array): Promise<bigint | undefined>;
  /** Asks the worker behind the node. */
  query(query: WorkerQuery): Promise<WorkerAnswer>;
  /** Precommits at a height for what was not decided there, as far as this node has seen any. */
  strayPrecommits(height: bigint): Promise<readonly StrayPrecommit[]>;
}
