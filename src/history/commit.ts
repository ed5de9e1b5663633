/**
 * The votes for one block (paper 5.4, last two lines): who precommitted a header, with which power.
 *
 * Invariant: only votes for the block count (`block_id_flag` 2; 1 is absent, 3 is nil), each validator once, and a
 * commit holds if they have more than two thirds of the power of the set that the *header* names.
 */
import { bytesToHex, concatBytes } from "@noble/hashes/utils.js";
import { sameBytes } from "../merkle/tree/arrays.ts";
import { type BlockId, type Header, headerHash, type Timestamp, timestampBytes } from "./block.ts";
import { HistoryError } from "./historyError.ts";
import { treeRoot } from "./sha256Tree.ts";
import {
  isQuorum,
  totalPower,
  type Validator,
  validatorAddress,
  validatorsHash,
} from "./validatorSet.ts";
import { accountOf, type RecoverableSignature, recoverable, voteTypes } from "./vote.ts";
import { bytesField, messageField, varintField } from "./wire.ts";

/** `BlockIDFlag` of CometBFT. */
export const blockIdFlags = { absent: 1, commit: 2, nil: 3 } as const;

/** One validator's part of a commit. */
export interface CommitSignature {
  readonly flag: number;
  /** 20 bytes; empty if absent. */
  readonly validatorAddress: Uint8Array;
  readonly time: Timestamp;
  /** 64 bytes, r ‖ s; empty if absent. */
  readonly signature: Uint8Array;
}

/** Precommits of one height and round for one block. */
export interface Commit {
  readonly height: bigint;
  readonly round: number;
  readonly blockId: BlockId;
  readonly signatures: readonly CommitSignature[];
}

/** A vote that holds. */
export interface VerifiedVote {
  readonly validator: Validator;
  /** Position in the validator set. */
  readonly index: number;
  /** The consensus key's account, which ecrecover gives. */
  readonly account: string;
  readonly signature: RecoverableSignature;
  readonly time: Timestamp;
}

/** What a verified commit shows. */
export interface VerifiedCommit {
  /** 32 bytes. */
  readonly headerHash: Uint8Array;
  readonly votes: readonly VerifiedVote[];
  readonly power: bigint;
  readonly total: bigint;
}

/** The hash of a block's votes, as the next header carries it: a tree over `CommitSig` messages. */
export function commitHash(commit: Commit): Uint8Array {
  return treeRoot(
    commit.signatures.map((vote) =>
      concatBytes(
        varintField(1, BigInt(vote.flag)),
        bytesField(2, vote.validatorAddress),
        messageField(3, timestampBytes(vote.time)),
        bytesField(4, vote.signature),
      ),
    ),
  );
}

/**
 * Verifies that the workers of `validators` committed `header`. Throws a HistoryError: `header-mismatch`,
 * `commit-mismatch`, `validators-mismatch`, `unknown-signer`, `malformed-vote`, `invalid-signature`,
 * `insufficient-power`.
 */
export function verifyCommit(
  header: Header,
  commit: Commit,
  validators: readonly Validator[],
): VerifiedCommit {
  const hash = headerHash(header);
  if (!sameBytes(hash, commit.blockId.hash)) throw new HistoryError("header-mismatch");
  if (commit.height !== header.height) throw new HistoryError("commit-mismatch", "another height");
  if (!sameBytes(validatorsHash(validators), header.validatorsHash)) {
    throw new HistoryError("validators-mismatch");
  }
  const votes = verifyVotes(header.chainId, commit, validators);
  const power = votes.reduce((sum, { validator }) => sum + validator.power, 0n);
  const total = totalPower(validators);
  if (!isQuorum(power, total)) {
    throw new HistoryError("insufficient-power", `${power} of ${total}`);
  }
  return { headerHash: hash, votes, power, total };
}

/**
 * The votes for the commit's block, each checked; a validator that votes twice is nobody the second time. Throws a
 * HistoryError: `unknown-signer`, `malformed-vote`, `invalid-signature`.
 */
export function verifyVotes(
  chainId: string,
  commit: Commit,
  validators: readonly Validator[],
): VerifiedVote[] {
  const waiting = new Map(
    validators.map((validator, index) => [
      bytesToHex(validatorAddress(validator.publicKey)),
      { validator, index },
    ]),
  );
  const { height, round, blockId } = commit;
  return commit.signatures
    .filter(({ flag }) => flag === blockIdFlags.commit)
    .map(({ validatorAddress: address, time, signature: bytes }) => {
      const found = waiting.get(bytesToHex(address));
      if (found === undefined) throw new HistoryError("unknown-signer", bytesToHex(address));
      waiting.delete(bytesToHex(address));
      const vote = { type: voteTypes.precommit, chainId, height, round, blockId, time };
      const { publicKey } = found.validator;
      const signature = recoverable(vote, bytes, publicKey);
      return { ...found, account: accountOf(publicKey), signature, time };
    });
}
