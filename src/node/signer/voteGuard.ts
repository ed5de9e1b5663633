/**
 * What a worker's key may sign: nothing that would be slashed, nothing that the worker has not found out by itself.
 *
 * CometBFT precommits a block that two thirds have prevoted without asking the application again, and a joined worker
 * would vouch for a state that it never computed: so the key asks here.
 *
 * Invariant: one signature for each height, round and step, whatever crashes (what was signed is on the disk before it
 * leaves); a vote for a block only if this worker's own ProcessProposal accepted that block; no vote at all before a
 * worker that joined by state sync has executed a block.
 */
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import type { Timestamp } from "../../history/index.ts";
import type { BlockJournal } from "../worker/journal.ts";

/** Steps of a round, in their order. */
export const signedSteps = { proposal: 1, prevote: 2, precommit: 3 } as const;

/** What is to be signed. */
export interface Signable {
  readonly height: bigint;
  readonly round: number;
  readonly step: number;
  /** Header hash; empty for nil. */
  readonly blockHash: Uint8Array;
  readonly time: Timestamp;
  /** Digest of all but the time, by which a repeated request is known. */
  readonly content: string;
}

/** What was signed. */
export interface SignedOnce {
  readonly time: Timestamp;
  /** 64 bytes r ‖ s. */
  readonly signature: Uint8Array;
}

interface Kept {
  readonly height: string;
  readonly round: number;
  readonly step: number;
  readonly content: string;
  readonly seconds: string;
  readonly nanos: number;
  readonly signature: string;
}

const acceptedFact = "accepted";
const signedFact = "signed";

/** Keeps one worker's key from signing what it must not. */
export class VoteGuard {
  readonly #journal: BlockJournal;
  #accepted: { height: string; hashes: string[] };
  #last: Kept | undefined;

  constructor(journal: BlockJournal) {
    this.#journal = journal;
    this.#accepted = JSON.parse(journal.fact(acceptedFact) ?? '{"height":"0","hashes":[]}');
    const last = journal.fact(signedFact);
    this.#last = last === undefined ? undefined : JSON.parse(last);
  }

  /** ProcessProposal accepted a block. */
  accept(height: bigint, blockHash: Uint8Array): void {
    const hash = bytesToHex(blockHash);
    const isSame = this.#accepted.height === height.toString();
    if (isSame && this.#accepted.hashes.includes(hash)) return;
    const hashes = isSame ? [...this.#accepted.hashes, hash] : [hash];
    const accepted = { height: height.toString(), hashes };
    this.#journal.keepFacts({ [acceptedFact]: JSON.stringify(accepted) });
    this.#accepted = accepted;
  }

  /** Why a vote must not be signed; undefined if it may. */
  refusal({ height, round, step, blockHash, content }: Signable): string | undefined {
    const syncedAt = BigInt(this.#journal.fact("syncedAt") ?? -1);
    if (syncedAt >= 0n && this.#journal.height <= syncedAt) {
      return "this worker joined by state sync and has executed no block yet";
    }
    const order = this.#last === undefined ? 1 : compared(this.#last, { height, round, step });
    if (order < 0) return "a later height, round or step was signed";
    if (order === 0 && this.#last?.content !== content) return "another vote was signed";
    const isNil = blockHash.length === 0 || step === signedSteps.proposal;
    if (isNil) return undefined;
    const { height: accepted, hashes } = this.#accepted;
    const isAccepted = accepted === height.toString() && hashes.includes(bytesToHex(blockHash));
    return isAccepted ? undefined : "this worker has not found the block valid";
  }

  /** What was signed for the same content before; undefined if nothing was. */
  signedBefore({ height, round, step, content }: Signable): SignedOnce | undefined {
    const last = this.#last;
    if (last === undefined || compared(last, { height, round, step }) !== 0) return undefined;
    if (last.content !== content) return undefined;
    return {
      time: { seconds: BigInt(last.seconds), nanos: last.nanos },
      signature: hexToBytes(last.signature),
    };
  }

  /** A signature was made: it is on the disk when this returns. */
  keep(signed: Signable, signature: Uint8Array): void {
    const { height, round, step, content, time } = signed;
    const last = {
      height: height.toString(),
      round,
      step,
      content,
      seconds: time.seconds.toString(),
      nanos: time.nanos,
      signature: bytesToHex(signature),
    };
    // The disk first: what it did not take must not be given out when the same is asked for again.
    this.#journal.keepFacts({ [signedFact]: JSON.stringify(last) });
    this.#last = last;
  }
}

/** Positive if what is asked for comes after what was signed, 0 if it is the same step. */
function compared(
  last: Kept,
  asked: { readonly height: bigint; readonly round: number; readonly step: number },
): number {
  const height = asked.height - BigInt(last.height);
  if (height !== 0n) return height > 0n ? 1 : -1;
  return asked.round - last.round || asked.step - last.step;
}
