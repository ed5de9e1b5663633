/**
 * What two votes of one worker, or a vote and two headers, show (paper §5.3; the rules below come from holding its
 * sketch against CometBFT, which lets an honest worker change its mind between rounds).
 *
 *   (a) two votes of one height, round and type for different blocks, nil counting as one: slashed
 *   (b) two precommits of one height, whatever the rounds, for headers that differ in what the state determines: slashed
 *   (c) the same, for headers that differ only in what a proposer chooses: legal after a change of lock
 *
 * Invariant: no sequence of moves that CometBFT's algorithm makes is (a) or (b), so an honest worker is never slashed.
 */
import { bytesToHex } from "@noble/hashes/utils.js";
import { sameBytes } from "../merkle/tree/arrays.ts";
import { type BlockId, blockIdBytes, type Header, headerHash, type Timestamp } from "./block.ts";
import { HistoryError } from "./historyError.ts";
import type { Validator } from "./validatorSet.ts";
import { recoverable, type VoteContent, voteTypes } from "./vote.ts";

/** A vote with its signature, 64 bytes r ‖ s. */
export interface SignedVote extends VoteContent {
  readonly signature: Uint8Array;
}

/** A header's fields that follow from the chain before it: every honest proposal of a height agrees in them. */
export const stateFields = [
  "version",
  "lastBlockId",
  "validatorsHash",
  "nextValidatorsHash",
  "consensusHash",
  "appHash",
  "lastResultsHash",
] as const satisfies readonly (keyof Header)[];

/** Name of such a field. */
export type StateField = (typeof stateFields)[number];

/** What two votes of one worker show. */
export type Conflict =
  | { readonly kind: "double-vote" }
  | { readonly kind: "contradicting-headers"; readonly field: StateField }
  | { readonly kind: "lock-change" };

function isSameField(field: StateField, one: Header, other: Header): boolean {
  if (field === "version") {
    return one.version.block === other.version.block && one.version.app === other.version.app;
  }
  if (field === "lastBlockId") {
    return sameBytes(blockIdBytes(one.lastBlockId), blockIdBytes(other.lastBlockId));
  }
  return sameBytes(one[field], other[field]);
}

/** Throws `commit-mismatch` unless a vote is for the header. */
function checkHeader(vote: VoteContent, header: Header): void {
  if (!sameBytes(vote.blockId.hash, headerHash(header))) throw new HistoryError("header-mismatch");
  if (vote.height !== header.height || vote.chainId !== header.chainId) {
    throw new HistoryError("commit-mismatch", "another height or chain");
  }
}

/** Two votes by one worker, with the headers that they are for where those are known. */
export interface VotePair {
  readonly votes: readonly [SignedVote, SignedVote];
  /** Needed to tell (b) from (c). */
  readonly headers?: readonly [Header, Header];
}

/**
 * What a pair of votes shows; `undefined` if they can stand beside each other whatever the headers are. Throws a
 * HistoryError if `worker` did not sign both (`invalid-signature`, `malformed-vote`), or a header is not the one that
 * its vote names (`header-mismatch`, `commit-mismatch`), or the headers are needed and missing (`commit-mismatch`).
 */
export function conflictOf({ votes, headers }: VotePair, worker: Validator): Conflict | undefined {
  for (const vote of votes) recoverable(vote, vote.signature, worker.publicKey);
  const [one, other] = votes;
  const isOneHeight =
    one.chainId === other.chainId && one.height === other.height && one.type === other.type;
  const isOneBlock = sameBytes(blockIdBytes(one.blockId), blockIdBytes(other.blockId));
  if (!isOneHeight || isOneBlock) return undefined;
  if (one.round === other.round) return { kind: "double-vote" };
  const isNil = [one, other].some(({ blockId }) => blockId.hash.length === 0);
  if (one.type !== voteTypes.precommit || isNil) return undefined;
  if (headers === undefined) throw new HistoryError("commit-mismatch", "the headers are missing");
  checkHeader(one, headers[0]);
  checkHeader(other, headers[1]);
  const field = stateFields.find((name) => !isSameField(name, headers[0], headers[1]));
  return field === undefined ? { kind: "lock-change" } : { kind: "contradicting-headers", field };
}

/** A worker's precommit for a block, as a commit or a node's write-ahead log has it. */
export interface PrecommitOf {
  readonly round: number;
  readonly blockId: BlockId;
  readonly time: Timestamp;
  readonly signature: Uint8Array;
}

/** The signed vote that a precommit for a header is. Throws `header-mismatch` if it names another block. */
export function precommitFor(header: Header, precommit: PrecommitOf): SignedVote {
  const { chainId, height } = header;
  const { round, blockId, time, signature } = precommit;
  if (!sameBytes(blockId.hash, headerHash(header))) {
    throw new HistoryError("header-mismatch", bytesToHex(blockId.hash));
  }
  return { type: voteTypes.precommit, chainId, height, round, blockId, time, signature };
}
