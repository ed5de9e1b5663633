/**
 * The disputes that a player has opened, watched until no reorganisation can undo them (docs/game.md §7).
 *
 * Invariant: an opening that the chain no longer has is repeated, as deep as verdicts are watched, once at a time; of two
 * openings against one stake the later is watched. Nobody waits for a repeat: it may take an execution and a transaction,
 * and the disputes that are open have clocks.
 */
import { dataLength, type TransactionReceipt } from "ethers";
import type { ArbiterClient, OpenedEvent } from "../chain/arbiterClient.ts";
import { finalityBlocks } from "../chain/eventPages.ts";
import {
  type Address,
  type Call,
  claimOf,
  type Hash,
  type SignedTransition,
} from "../claim/claim.ts";
import { resultKey } from "../claim/keys.ts";
import { evidenceDomain, signerOf } from "../claim/signedTransition.ts";

/** A dispute that was opened, as long as a reorganisation may undo it. */
export interface Opening {
  /** Opens it once more. */
  readonly again: () => Promise<TransactionReceipt>;
  /** Key of what the accused has at stake. */
  readonly backing: Hash;
  /** Block that held the opening. */
  readonly blockNumber: number;
  /** The call that opening it once more executes. */
  readonly call?: Call;
}

/** What became of an opening that was undone. */
export type Reopening =
  | { kind: "reopened"; id: bigint }
  | { kind: "failed"; id: bigint; error: unknown };

/** Openings at one Arbiter. */
export class OpeningWatch {
  readonly #arbiter: ArbiterClient;
  #openings: Opening[] = [];
  /** Openings that are being repeated. */
  readonly #atWork = new Map<Opening, Promise<void>>();

  constructor(arbiter: ArbiterClient) {
    this.#arbiter = arbiter;
  }

  /** Takes care of an opening. */
  watch(opening: Opening): void {
    this.#openings = this.#openings.filter(({ backing }) => backing !== opening.backing);
    this.#openings.push(opening);
  }

  /** Takes care of a dispute about a signed transition that was mined in a block. */
  async watchSigned(
    signed: SignedTransition,
    again: () => Promise<TransactionReceipt>,
    blockNumber: number,
  ): Promise<void> {
    const backing = await this.#backingOf(signed);
    this.watch({ again, backing, blockNumber, call: signed.transition });
  }

  /** Calls that are executed to open disputes about them again. */
  get calls(): readonly Call[] {
    return [...this.#atWork.keys()].flatMap(({ call }) => call ?? []);
  }

  /** Settles when nothing is being repeated any more. */
  async settled(): Promise<void> {
    await Promise.all(this.#atWork.values());
  }

  /** Begins to open again what is not among the Arbiter's disputes any more, at the block that was looked at. */
  repeatLost(
    disputes: readonly OpenedEvent[],
    challenger: Address,
    block: number,
    tell: (what: Reopening) => void,
  ): void {
    this.#openings = this.#openings.filter((each) => block - each.blockNumber <= finalityBlocks);
    for (const opening of this.#openings) {
      const isThere = disputes.some(
        (each) => each.challenger === challenger && each.dispute.backings[0] === opening.backing,
      );
      if (isThere || opening.blockNumber > block || this.#atWork.has(opening)) continue;
      const work = this.#repeat(opening)
        .then(tell)
        .finally(() => this.#atWork.delete(opening));
      this.#atWork.set(opening, work);
    }
  }

  async #repeat(opening: Opening): Promise<Reopening> {
    try {
      const receipt = await opening.again();
      return { kind: "reopened", id: this.#arbiter.openedBy(receipt) };
    } catch (error) {
      return { kind: "failed", id: 0n, error };
    }
  }

  /** Key of what the accused has at stake: of its statement, or of the claim that stands on chain. */
  async #backingOf({ transition, signature }: SignedTransition): Promise<Hash> {
    if (dataLength(signature) === 32) return signature;
    const { chainId } = await this.#arbiter.provider.getNetwork();
    const domain = evidenceDomain(chainId, this.#arbiter.address);
    return resultKey(signerOf({ transition, signature }, domain), transition, claimOf(transition));
  }
}
