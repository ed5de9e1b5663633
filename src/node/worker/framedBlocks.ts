/**
 * Blocks as the machine's input: built for a proposal, and read back from one. The engine shows a block up to three times
 * (proposed, judged, decided), so the last ones are remembered by their bytes.
 *
 * Invariant: what is remembered is a function of head and bytes; a block has a record exactly if its first transaction
 * is the canonical one of the others.
 */
import { bytesToHex } from "@noble/hashes/utils.js";
import {
  type BlockHead,
  type BlockRecord,
  encodeBlockRecord,
  frameTransactions,
  HistoryError,
  type Receipt,
  readBlockRecord,
} from "../../history/index.ts";
import { inputRoot } from "../../merkle/index.ts";
import { sameBytes } from "../bytes.ts";

/** A block's transactions with what they are for the machine. */
export interface FramedBlockCall {
  /** Names the block among all that this worker has seen. */
  readonly key: string;
  readonly height: bigint;
  readonly transactions: readonly Uint8Array[];
  /** Undefined where the first transaction is not the record of the others. */
  readonly record: BlockRecord | undefined;
  /** The call's input. */
  readonly input: Uint8Array;
}

/** A proposal's own and somebody else's, while rounds change. */
const remembered = 3;

/** Frames blocks of one chain. */
export class BlockFramer {
  #last: FramedBlockCall[] = [];
  #count = 0;

  /** The block of a proposal: the record, then the transactions. */
  build(
    head: BlockHead,
    list: readonly Uint8Array[],
    receipts: readonly Receipt[],
  ): FramedBlockCall {
    const known = this.#last.find(
      ({ height, record, transactions }) =>
        height === head.height &&
        record?.receipts === receipts &&
        isSameList(transactions.slice(1), list),
    );
    if (known !== undefined) return known;
    const input = frameTransactions(head, list);
    const record = recordOf(input, list.length, receipts);
    const transactions = [encodeBlockRecord(record), ...list];
    return this.#remember(head.height, transactions, record, input);
  }

  /** A block of at least one transaction. */
  read(head: BlockHead, transactions: readonly Uint8Array[]): FramedBlockCall {
    const known = this.#last.find(
      (block) => block.height === head.height && isSameList(block.transactions, transactions),
    );
    if (known !== undefined) return known;
    const [first, ...list] = transactions;
    const input = frameTransactions(head, list);
    return this.#remember(head.height, transactions, recordIn(first, input, list.length), input);
  }

  #remember(
    height: bigint,
    transactions: readonly Uint8Array[],
    record: BlockRecord | undefined,
    input: Uint8Array,
  ): FramedBlockCall {
    const block = { key: `${height} ${this.#count++}`, height, transactions, record, input };
    this.#last = [block, ...this.#last].slice(0, remembered);
    return block;
  }
}

function recordOf(input: Uint8Array, count: number, receipts: readonly Receipt[]): BlockRecord {
  const root = `0x${bytesToHex(inputRoot(input))}` as const;
  return { inputRoot: root, inputLength: input.length, count, receipts };
}

/** The record that a first transaction is, if it is that of the others. */
function recordIn(first: Uint8Array, input: Uint8Array, count: number): BlockRecord | undefined {
  if (count === 0) return undefined;
  try {
    const record = readBlockRecord(first);
    const { inputRoot: root, inputLength } = recordOf(input, count, []);
    const isSame =
      record.inputRoot === root && record.inputLength === inputLength && record.count === count;
    return isSame ? record : undefined;
  } catch (error) {
    if (error instanceof HistoryError) return undefined;
    throw error;
  }
}

function isSameList(a: readonly Uint8Array[], b: readonly Uint8Array[]): boolean {
  return a.length === b.length && a.every((item, index) => sameBytes(item, b[index]));
}
