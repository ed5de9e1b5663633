/**
 * Reports of votes that no honest worker gives (docs/network.md §6), as Misbehaviour takes them.
 *
 * Invariant: a report is made only of what `conflictOf` and `brokenVoteRule` call slashable, so an honest worker is
 * never reported.
 */
import { sameBytes } from "../../merkle/tree/arrays.ts";
import { dataHash, type Header, headerHash } from "../block.ts";
import type { Commit } from "../commit.ts";
import { conflictOf, type PrecommitOf, type SignedVote, type VotePair } from "../evidence.ts";
import { HistoryError } from "../historyError.ts";
import type { Validator } from "../validatorSet.ts";
import { recoverable } from "../vote.ts";
import {
  blockIdCalldata,
  commitCalldata,
  headerCalldata,
  hexOf,
  precommitCalldata,
  voteCalldata,
} from "./calldata.ts";
import type { ClusterGeneration } from "./clusterReader.ts";

/** A call of Misbehaviour: its method and the arguments. */
export interface MisbehaviourReport {
  readonly method:
    | "reportDoubleVote"
    | "reportContradiction"
    | "reportFork"
    | "reportHeader"
    | "reportSequence";
  readonly args: readonly unknown[];
}

/** Rules that one header can break; the numbers are the contract's. */
export const voteRules = {
  "chain-id": 1,
  validators: 2,
  height: 3,
  "initial-state": 4,
  "empty-block": 5,
} as const;

/** Name of such a rule. */
export type VoteRule = keyof typeof voteRules;

const noTransactions = dataHash([]);

/** A precommit as the contract takes it, of a vote. */
const precommitOf = ({ round, blockId, time, signature }: SignedVote): PrecommitOf => ({
  round,
  blockId,
  time,
  signature,
});

/**
 * (a) and (b): the report of a pair of votes; `undefined` if the pair is legal. Throws what `conflictOf` throws.
 */
export function reportOfVotes(
  pair: VotePair,
  worker: Validator,
  generation: ClusterGeneration,
): MisbehaviourReport | undefined {
  const conflict = conflictOf(pair, worker);
  const [one, other] = pair.votes;
  if (one.chainId !== generation.chainId) {
    throw new HistoryError("commit-mismatch", "a vote of another chain");
  }
  if (conflict?.kind === "double-vote") {
    const voteFor = (vote: SignedVote) => ({
      round: vote.round,
      blockId: blockIdCalldata(vote.blockId),
      vote: voteCalldata(vote.time, recoverable(vote, vote.signature, worker.publicKey)),
    });
    const args = [generation.id, one.type, one.height, voteFor(one), voteFor(other)];
    return { method: "reportDoubleVote", args };
  }
  if (conflict?.kind !== "contradicting-headers" || pair.headers === undefined) return undefined;
  const sides = pair.headers.flatMap((header, index) => [
    headerCalldata(header),
    precommitCalldata(header, precommitOf(pair.votes[index]), worker),
  ]);
  return { method: "reportContradiction", args: [generation.id, ...sides] };
}

/** (c): the report of two headers of one height that both have a quorum. Throws what `verifyCommit` throws. */
export function reportOfFork(
  forks: readonly [{ header: Header; commit: Commit }, { header: Header; commit: Commit }],
  generation: ClusterGeneration,
): MisbehaviourReport {
  const commits = forks.map(({ header, commit }) =>
    commitCalldata(header, commit, generation.validators),
  );
  return { method: "reportFork", args: [generation.id, ...commits] };
}

/** The rule that a header breaks by itself, or behind its parent where that is given; `undefined` if it breaks none. */
export function brokenVoteRule(
  header: Header,
  parent: Header | undefined,
  generation: ClusterGeneration,
  validatorsHash: Uint8Array,
): VoteRule | undefined {
  if (parent !== undefined) {
    if (!sameBytes(header.lastBlockId.hash, headerHash(parent))) return undefined;
    if (header.height !== parent.height + 1n) return "height";
    const isChanged = !sameBytes(header.appHash, parent.appHash);
    return sameBytes(parent.dataHash, noTransactions) && isChanged ? "empty-block" : undefined;
  }
  if (header.chainId !== generation.chainId) return "chain-id";
  if (!sameBytes(header.validatorsHash, validatorsHash)) return "validators";
  if (header.height < generation.initialHeight) return "height";
  const isFirst = header.height === generation.initialHeight;
  const isOther = hexOf(header.appHash) !== generation.initialApplicationHash;
  return isFirst && isOther ? "initial-state" : undefined;
}

/** (d): the report of a worker's precommit for a header that breaks a rule; see `brokenVoteRule`. */
export function reportOfHeader(
  header: Header,
  parent: Header | undefined,
  vote: SignedVote,
  worker: Validator,
  generation: ClusterGeneration,
): MisbehaviourReport {
  const { round, blockId, time, signature } = vote;
  const precommit = {
    round,
    partsTotal: blockId.parts.total,
    partsHash: blockIdCalldata(blockId).partsHash,
    // Of the generation's chain and the header's height, whatever chain the header names.
    vote: voteCalldata(time, recoverable(vote, signature, worker.publicKey)),
  };
  const headers = [parent, header].filter((each) => each !== undefined).map(headerCalldata);
  return {
    method: parent === undefined ? "reportHeader" : "reportSequence",
    args: [generation.id, ...headers, precommit],
  };
}
