/**
 * The receipts that a worker knows of: those that its cluster has agreed on, and those that wait for the next record.
 *
 * Invariant: a receipt is taken once, if one of the genesis's storage nodes signed it for this cluster and for what an
 * earlier block's record says. A worker that joined by state sync, or goes on from another generation's state, does not
 * hold the blocks before it: it cannot tell what those were, and takes a storage node's word, which the storage node
 * answers for.
 */
import {
  type BlockRecord,
  isReceiptSigned,
  type Receipt,
  readBlockRecord,
  receiptDomain,
} from "../../history/index.ts";
import type { BlockJournal } from "./journal.ts";
import type { ClusterGenesis } from "./workerGenesis.ts";

/** Receipts in one record at most: a signature takes milliseconds to check. */
export const mostReceipts = 32;

/** Receipts that wait at most. */
const mostWaiting = 1024;

const keyOf = ({ height, storageNode }: Receipt): string => `${height} ${storageNode}`;
const allOf = (receipt: Receipt): string =>
  [receipt.height, receipt.root, receipt.length, receipt.storageNode, receipt.signature].join();

/** Receipts of one cluster, as one worker knows them. */
export class ReceiptBook {
  readonly #journal: BlockJournal;
  readonly #genesis: ClusterGenesis;
  readonly #agreed = new Set<string>();
  readonly #waiting = new Map<string, Receipt>();
  /** Receipts whose signature was checked. */
  readonly #signed = new Set<string>();

  constructor(journal: BlockJournal, genesis: ClusterGenesis) {
    this.#journal = journal;
    this.#genesis = genesis;
    for (const { record } of journal.blocks(0n, journal.height))
      this.agree(readBlockRecord(record));
  }

  /** Takes a receipt that a storage node gave; whether it holds and is new. */
  add(receipt: Receipt): boolean {
    const isFull = this.#waiting.size >= mostWaiting;
    if (isFull || this.has(receipt) || !this.#holds(receipt)) return false;
    this.#waiting.set(keyOf(receipt), receipt);
    return true;
  }

  /** Whether the cluster has agreed on a receipt of this storage node for this height, or it waits. */
  has(receipt: Pick<Receipt, "height" | "storageNode">): boolean {
    const key = keyOf(receipt as Receipt);
    return this.#agreed.has(key) || this.#waiting.has(key);
  }

  /** Whether the cluster has agreed on a receipt. */
  isAgreed(receipt: Pick<Receipt, "height" | "storageNode">): boolean {
    return this.#agreed.has(keyOf(receipt as Receipt));
  }

  /** Receipts for the record of a block, in the order that a record has. */
  forBlock(height: bigint): Receipt[] {
    return [...this.#waiting.values()]
      .filter((receipt) => receipt.height < height)
      .sort(compared)
      .slice(0, mostReceipts);
  }

  /** Whether a record of a block may carry these receipts. */
  areValid(height: bigint, receipts: readonly Receipt[]): boolean {
    return (
      receipts.length <= mostReceipts &&
      receipts.every(
        (receipt, index) =>
          receipt.height < height &&
          !this.#agreed.has(keyOf(receipt)) &&
          (index === 0 || compared(receipts[index - 1], receipt) < 0) &&
          this.#holds(receipt),
      )
    );
  }

  /** The cluster has agreed on a record. */
  agree({ receipts }: BlockRecord): void {
    for (const receipt of receipts) {
      this.#agreed.add(keyOf(receipt));
      this.#waiting.delete(keyOf(receipt));
    }
  }

  #holds(receipt: Receipt): boolean {
    const { cluster, receipts: terms } = this.#genesis;
    if (!terms.storageNodes.includes(receipt.storageNode)) return false;
    if (!this.#isOfBlock(receipt)) return false;
    if (this.#signed.has(allOf(receipt))) return true;
    const domain = receiptDomain(terms.chainId, terms.contract);
    if (!isReceiptSigned(cluster, receipt, domain)) return false;
    if (this.#signed.size >= 2 * mostWaiting) this.#signed.clear();
    this.#signed.add(allOf(receipt));
    return true;
  }

  #isOfBlock({ height, root, length }: Receipt): boolean {
    const { startsAt } = this.#journal;
    if (startsAt !== undefined && height <= startsAt) return true;
    const block = this.#journal.block(height);
    if (block === undefined) return false;
    const { inputRoot, inputLength } = readBlockRecord(block.record);
    return inputRoot === root && inputLength === length;
  }
}

/** Order of receipts in a record: by height, then by storage node; equal ones do not stand beside each other. */
function compared(a: Receipt, b: Receipt): number {
  if (a.height !== b.height) return a.height < b.height ? -1 : 1;
  if (a.storageNode === b.storageNode) return 0;
  return a.storageNode < b.storageNode ? -1 : 1;
}
