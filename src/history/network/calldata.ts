/**
 * Blocks and votes as the network's contracts take them (contracts/src/network/types/); the contracts' half of
 * block.ts, commit.ts and evidence.ts.
 *
 * Invariant: what a contract computes of these values is what src/history computes of the objects that they come from.
 */
import { bytesToHex } from "@noble/hashes/utils.js";
import type { ApplicationState } from "../applicationHash.ts";
import type { BlockId, Header, Timestamp } from "../block.ts";
import { type Commit, verifyCommit } from "../commit.ts";
import { type PrecommitOf, precommitFor } from "../evidence.ts";
import type { Validator } from "../validatorSet.ts";
import { recoverable } from "../vote.ts";

/** Bytes as hex. */
export const hexOf = (bytes: Uint8Array): string => `0x${bytesToHex(bytes)}`;
/** A hash, or zero where there is none. */
const wordOf = (bytes: Uint8Array): string => hexOf(bytes).padEnd(66, "0");
const timeOf = ({ seconds, nanos }: Timestamp) => ({ secs: seconds, nanos });

/** `BlockId`; all zero for nil. */
export function blockIdCalldata({ hash, parts }: BlockId) {
  return { hash: wordOf(hash), total: parts.total, partsHash: wordOf(parts.hash) };
}

/** `Header`. */
export function headerCalldata(header: Header) {
  return {
    versionBlock: header.version.block,
    versionApp: header.version.app,
    chainId: header.chainId,
    height: header.height,
    time: timeOf(header.time),
    lastBlockId: blockIdCalldata(header.lastBlockId),
    lastCommitHash: hexOf(header.lastCommitHash),
    dataHash: hexOf(header.dataHash),
    validatorsHash: hexOf(header.validatorsHash),
    nextValidatorsHash: hexOf(header.nextValidatorsHash),
    consensusHash: hexOf(header.consensusHash),
    appHash: hexOf(header.appHash),
    lastResultsHash: hexOf(header.lastResultsHash),
    evidenceHash: hexOf(header.evidenceHash),
    proposerAddress: hexOf(header.proposerAddress),
  };
}

/** `Vote`: a signature with the time that it covers. */
export function voteCalldata(
  time: Timestamp,
  signature: { readonly r: string; readonly s: string; readonly v: number },
) {
  const { r, s, v } = signature;
  return { time: timeOf(time), v, r, s };
}

/** `Commit`: the votes by account, ascending. Throws what `verifyCommit` throws. */
export function commitCalldata(header: Header, commit: Commit, validators: readonly Validator[]) {
  const { votes } = verifyCommit(header, commit, validators);
  const ascending = [...votes].sort((a, b) =>
    a.account.toLowerCase() < b.account.toLowerCase() ? -1 : 1,
  );
  return {
    header: headerCalldata(header),
    round: commit.round,
    partsTotal: commit.blockId.parts.total,
    partsHash: wordOf(commit.blockId.parts.hash),
    votes: ascending.map(({ time, signature }) => voteCalldata(time, signature)),
  };
}

/** `Precommit`. Throws a HistoryError if it is not the worker's, or for another header. */
export function precommitCalldata(header: Header, precommit: PrecommitOf, worker: Validator) {
  const { round, blockId, time, signature } = precommit;
  const vote = precommitFor(header, precommit);
  return {
    round,
    partsTotal: blockId.parts.total,
    partsHash: wordOf(blockId.parts.hash),
    vote: voteCalldata(time, recoverable(vote, signature, worker.publicKey)),
  };
}

/** `ApplicationState`. */
export function applicationCalldata(state: ApplicationState) {
  const { result, base, fuel, steps, receiptsHash } = state;
  return { result, base, fuel, steps, receiptsHash };
}
