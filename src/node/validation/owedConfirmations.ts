/**
 * What a validator has found right and must say before its turn is over.
 *
 * Invariant: a proof that was made is not lost by a transaction that was not mined, nor by a reorganisation that has undone
 * one: as long as the chain shows the turn under the same seed, the same confirmation is sent again.
 */
import type { Contract } from "ethers";
import { type Hash, RefusedError, type Sender } from "../../game/index.ts";
import type { Content, Fragment } from "../../history/index.ts";

/** One turn's confirmation. */
export interface OwedConfirmation {
  readonly seed: Hash;
  readonly samples: readonly Hash[];
  readonly snapshot: Content;
  /** Instructions that were replayed. */
  readonly steps: bigint;
}

/** The confirmations of one validator. */
export class OwedConfirmations {
  readonly #contract: Contract;
  readonly #sender: Sender;
  /** By fragment: who is chosen again under another seed makes another proof. */
  readonly #owed = new Map<Hash, OwedConfirmation>();

  /** @param contract Validation. */
  constructor(contract: Contract, sender: Sender) {
    this.#contract = contract;
    this.#sender = sender;
  }

  /** What a turn has come to already. */
  of({ id, seed }: Fragment): OwedConfirmation | undefined {
    const owed = this.#owed.get(id);
    return owed?.seed === seed ? owed : undefined;
  }

  /**
   * Sends a confirmation; whether the chain took it: it may have it from before a restart, or the time may be over.
   * Rejects with what else kept it back; it is owed all the same.
   */
  async send({ id }: Fragment, owed: OwedConfirmation): Promise<boolean> {
    this.#owed.set(id, owed);
    try {
      await this.#sender.send(this.#contract, "confirm", [id, owed.samples, owed.snapshot]);
      return true;
    } catch (error) {
      if (error instanceof RefusedError) return false;
      throw error;
    }
  }

  /** Forgets those of the fragments that are over for good; one that could not be looked at is none of them. */
  forget(isOver: (id: Hash) => boolean): void {
    for (const id of this.#owed.keys()) if (isOver(id)) this.#owed.delete(id);
  }
}
