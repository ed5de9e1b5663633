/**
 * A worker accused of a wrong result through headers and its vote alone, without a signed transition (the protocol's
 * notes ask for four manifests; two headers suffice).
 *
 * Header h carries the state before the block's call and, through its record, the call's input; header h + 1 names
 * header h as its parent and carries the result that the worker voted for. Only the preimage of header h's application
 * hash is brought: a liar may vote a hash whose preimage nobody has, and then has to open it or loses by the clock.
 *
 * Invariant: what is refuted is (chain, header hash, worker), never a vote's digest, since rounds and times vary.
 */
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import type { Hash } from "../game/index.ts";
import { sameBytes } from "../merkle/tree/arrays.ts";
import { type ApplicationState, applicationHash } from "./applicationHash.ts";
import { type Header, headerHash } from "./block.ts";
import { verifyBlockRecord } from "./blockRecord.ts";
import type { Generation } from "./chainRules.ts";
import { type PrecommitOf, precommitFor } from "./evidence.ts";
import { HistoryError } from "./historyError.ts";
import type { RecordProof } from "./manifest.ts";
import { validatorsHash } from "./validatorSet.ts";
import { recoverable } from "./vote.ts";

/** What is brought against a worker. */
export interface Accusation {
  /** Header h. */
  readonly parent: Header;
  /** Preimage of header h's application hash. */
  readonly before: ApplicationState;
  /** Record of block h, under header h's data hash. */
  readonly record: RecordProof;
  /** Header h + 1. */
  readonly header: Header;
  /** Position of the accused in the generation's workers. */
  readonly worker: number;
  /** Its precommit for header h + 1, of any round. */
  readonly precommit: PrecommitOf;
}

/** What an accusation shows. */
export interface ShownResult {
  /** State hash from which the call begins. */
  readonly previousState: Hash;
  readonly inputRoot: Hash;
  /** Bytes. */
  readonly inputLength: number;
  /** Application hash that the accused voted for: of the state after the call. */
  readonly applicationHash: Hash;
  /** Hash of header h + 1, as hex: with chain and worker, what is refuted. */
  readonly headerHash: Hash;
}

/**
 * What the accused voted for. Throws a HistoryError: `validators-mismatch`, `unknown-signer`, `application-mismatch`,
 * `record-not-proven`, `malformed-block-record`, `parent-mismatch`, `header-mismatch`, `malformed-vote`,
 * `invalid-signature`.
 */
export function verifyAccusation(accusation: Accusation, generation: Generation): ShownResult {
  const { parent, before, record, header, precommit } = accusation;
  const worker = generation.validators[accusation.worker];
  if (worker === undefined) throw new HistoryError("unknown-signer", `${accusation.worker}`);
  const isOfGeneration =
    header.chainId === generation.chainId &&
    sameBytes(header.validatorsHash, validatorsHash(generation.validators));
  if (!isOfGeneration) throw new HistoryError("validators-mismatch");
  const isInitial = parent.height === generation.initialHeight;
  const appHash = hexToBytes(applicationHash(before).slice(2));
  if (!sameBytes(parent.appHash, appHash)) throw new HistoryError("application-mismatch");
  if (isInitial && applicationHash(before) !== generation.initialApplicationHash) {
    throw new HistoryError("application-mismatch", "the chain begins in another state");
  }
  const isParent =
    header.height === parent.height + 1n &&
    sameBytes(header.lastBlockId.hash, headerHash(parent)) &&
    parent.chainId === header.chainId;
  if (!isParent) throw new HistoryError("parent-mismatch");
  const { inputRoot, inputLength } = verifyBlockRecord(
    parent.dataHash,
    record.transaction,
    record.siblings,
  );
  const vote = precommitFor(header, precommit);
  recoverable(vote, vote.signature, worker.publicKey);
  return {
    previousState: before.base,
    inputRoot,
    inputLength,
    applicationHash: `0x${bytesToHex(header.appHash)}`,
    headerHash: `0x${bytesToHex(headerHash(header))}`,
  };
}
