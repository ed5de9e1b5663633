/**
 * CheckTx: whether the machine would execute a transaction in the next block, after those that were accepted before.
 *
 * Invariant: what is accepted is executed by the wrapper, in whatever order a block at this height holds it; a single
 * transaction is refused with the status that the wrapper gives it (test/sdk/checkTransaction.test.ts).
 */
import { SessionTable } from "./sessions.ts";
import type { TransactionStatus } from "./status.ts";
import {
  type ClientTransaction,
  maxLifetimeBlocks,
  readTransaction,
  recoverClient,
  transactionDigest,
} from "./transaction.ts";

/** Says whether a transaction's client signed it for a chain. */
export type SignatureCheck = (transaction: ClientTransaction, chainId: string) => boolean;

/** The check in JavaScript; `hostSignatureCheck` is faster. */
export const signatureCheck: SignatureCheck = (transaction, chainId) =>
  recoverClient(transactionDigest(chainId, transaction), transaction.signature) ===
  transaction.client;

/** The transactions that a node has accepted for the blocks to come. */
export class CheckState {
  readonly chainId: string;
  readonly #isSigned: SignatureCheck;
  #height = 0n;
  #sessions = new SessionTable(new Uint8Array());

  /** Accepts nothing before `reset`. */
  constructor(chainId: string, isSigned: SignatureCheck = signatureCheck) {
    this.chainId = chainId;
    this.#isSigned = isSigned;
  }

  /**
   * Begins anew after a commit: nothing is accepted yet. Transactions that still wait are to be checked again, in
   * their order, with `isRechecked`, which spares them the signature.
   *
   * @param nextHeight height of the block that is to come.
   * @param memory bytes of the wrapper's memory; what is needed of them is copied.
   */
  reset(nextHeight: bigint, memory: Uint8Array): void {
    this.#height = nextHeight;
    this.#sessions = new SessionTable(memory);
  }

  /** Accepts (`executed`) or refuses a transaction. */
  check(bytes: Uint8Array, isRechecked = false): TransactionStatus {
    const transaction = readTransaction(bytes);
    if (transaction === undefined) return "malformed";
    if (transaction.expiryHeight < this.#height) return "expired";
    if (transaction.expiryHeight - this.#height > maxLifetimeBlocks) return "expiry-too-far";
    if (!isRechecked && !this.#isSigned(transaction, this.chainId)) return "bad-signature";
    return this.#sessions.advance(transaction, this.#height);
  }
}
