/**
 * The parts of CometBFT's blocks that follow from the chain itself (0.38, spec/core/data_structures.md): consensus
 * parameters' and results' hashes, the header of a proposal, the block time.
 *
 * Invariant: given the same chain, every field but the proposer's choice is the same for all workers; recorded blocks
 * of real networks have these very hashes (test/node/engine).
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { ExecTxResult } from "cosmjs-types/tendermint/abci/types";
import { HashedParams } from "cosmjs-types/tendermint/types/params";
import {
  type Block,
  type BlockId,
  type Commit,
  commitHash,
  dataHash,
  type Header,
  type Timestamp,
  treeRoot,
  type Validator,
  validatorAddress,
  validatorsHash,
} from "../../history/index.ts";
import { applicationVersion } from "../worker/abciWorker.ts";

/** CometBFT's block protocol. */
const blockProtocol = 11n;

/** Block id of nothing: the parent of the first block, and what a vote for nil names. */
export const noBlock: BlockId = {
  hash: new Uint8Array(),
  parts: { total: 0, hash: new Uint8Array() },
};

/** The votes that the first block carries. */
export const noCommit: Commit = { height: 0n, round: 0, blockId: noBlock, signatures: [] };

/** Flags of a commit's signatures. */
export const voteFlags = { absent: 1, commit: 2, nil: 3 } as const;

/** `consensus_hash` of a header. */
export function consensusHash(blockBytes: bigint, blockGas: bigint): Uint8Array {
  const params = { blockMaxBytes: blockBytes, blockMaxGas: blockGas };
  return sha256(HashedParams.encode(HashedParams.fromPartial(params)).finish());
}

/**
 * What CometBFT keeps free of a block for everything but transactions (0.38.26, types/block.go): for each signature as
 * much as the longest kind of key needs, 3,309 bytes of ML-DSA.
 */
const envelopeBytes = { block: 11, header: 626, commit: 94, signature: 3355 + 3 };

/** Most bytes of a block's transactions, each behind its key and length, where the block has this many at most. */
export function dataBytes(blockBytes: number, validators: number): number {
  const { block, header, commit, signature } = envelopeBytes;
  return blockBytes - block - header - commit - signature * validators;
}

/** `last_results_hash` after a block whose transactions have results of nothing but codes. */
export function resultsHash(codes: readonly number[]): Uint8Array {
  const results = codes.map((code) => ExecTxResult.fromPartial({ code }));
  return treeRoot(results.map((result) => ExecTxResult.encode(result).finish()));
}

/** A moment in nanoseconds. */
export const nanosOf = ({ seconds, nanos }: Timestamp): bigint =>
  seconds * 1_000_000_000n + BigInt(nanos);

/** The moment of so many nanoseconds. */
export function timeOf(nanoseconds: bigint): Timestamp {
  return {
    seconds: nanoseconds / 1_000_000_000n,
    nanos: Number(nanoseconds % 1_000_000_000n),
  };
}

/** The block's time: the median of the votes' times by power (spec/consensus/bft-time.md). */
export function medianTime(commit: Commit, validators: readonly Validator[]): Timestamp {
  const votes = commit.signatures
    .map(({ flag, time }, index) => ({ flag, time: nanosOf(time), power: validators[index].power }))
    .filter(({ flag }) => flag !== voteFlags.absent)
    .sort((a, b) => (a.time < b.time ? -1 : 1));
  let median = votes.reduce((sum, { power }) => sum + power, 0n) / 2n;
  for (const { time, power } of votes) {
    if (median <= power) return timeOf(time);
    median -= power;
  }
  throw new RangeError("expected votes");
}

/** Where a chain stands for one worker: what its next proposal says. */
export interface ChainView {
  readonly chainId: string;
  readonly height: bigint;
  readonly time: Timestamp;
  readonly lastBlockId: BlockId;
  readonly lastCommit: Commit;
  readonly validators: readonly Validator[];
  /** Of the block after. */
  readonly nextValidators: readonly Validator[];
  readonly consensusHash: Uint8Array;
  readonly appHash: Uint8Array;
  readonly lastResultsHash: Uint8Array;
}

/** A block that a worker of this view proposes. */
export function proposedBlock(
  view: ChainView,
  transactions: readonly Uint8Array[],
  proposer: Validator,
): Block {
  const header: Header = {
    version: { block: blockProtocol, app: applicationVersion },
    chainId: view.chainId,
    height: view.height,
    time: view.time,
    lastBlockId: view.lastBlockId,
    lastCommitHash: commitHash(view.lastCommit),
    dataHash: dataHash(transactions),
    validatorsHash: validatorsHash(view.validators),
    nextValidatorsHash: validatorsHash(view.nextValidators),
    consensusHash: view.consensusHash,
    appHash: view.appHash,
    lastResultsHash: view.lastResultsHash,
    evidenceHash: treeRoot([]),
    proposerAddress: validatorAddress(proposer.publicKey),
  };
  return { header, transactions, lastCommit: view.lastCommit };
}
