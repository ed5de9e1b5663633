/**
 * Transactions that wait for a block of the embedded engine, with the bounds of CometBFT's mempool (0.38, config
 * `mempool`, mempool/clist_mempool.go): so many at most, and none that no block could hold.
 *
 * Invariant: in the order in which they came, each once; what is refused here was never shown to an application.
 */
import { bytesToHex } from "@noble/hashes/utils.js";
import { transactionHash } from "../../history/index.ts";
import { NodeError } from "../nodeError.ts";
import { fieldBytes } from "../worker/proposal.ts";

/** CometBFT's `size`. */
const mostTransactions = 5000;

/** A transaction's name: its SHA-256 in hex. */
export const transactionName = (transaction: Uint8Array): string =>
  bytesToHex(transactionHash(transaction));

/** The waiting transactions of one network. */
export class Mempool {
  readonly #waiting = new Map<string, Uint8Array>();
  readonly #dataBytes: number;

  /** @param dataBytes Most bytes that a block's transactions take together. */
  constructor(dataBytes: number) {
    this.#dataBytes = dataBytes;
  }

  /** Number of transactions. */
  get size(): number {
    return this.#waiting.size;
  }

  /** All of them, by their names. */
  get waiting(): ReadonlyMap<string, Uint8Array> {
    return this.#waiting;
  }

  /** Throws `rpc-failed`, as CometBFT answers with an error, where there is no room for a transaction. */
  expectRoom(transaction: Uint8Array): void {
    if (this.#waiting.size >= mostTransactions) {
      throw new NodeError("rpc-failed", `the mempool is full: ${this.#waiting.size} transactions`);
    }
    const bytes = fieldBytes(transaction);
    if (bytes > this.#dataBytes) {
      throw new NodeError("rpc-failed", `${bytes} bytes, a block has room for ${this.#dataBytes}`);
    }
  }

  add(name: string, transaction: Uint8Array): void {
    this.#waiting.set(name, transaction);
  }

  remove(name: string): void {
    this.#waiting.delete(name);
  }
}
