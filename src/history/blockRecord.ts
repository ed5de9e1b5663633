/**
 * The first transaction of a block, written by its proposer and checked by every worker: what the other transactions
 * are as input of the machine, and the receipts of earlier blocks.
 *
 * Invariant: a block has a record exactly if it has other transactions. The record is the leftmost leaf under the data
 * hash, and leftmost is unambiguous: every sibling on its path stands right, where a path of RFC 6962 proves neither
 * position nor number of any other leaf. No client transaction may begin like a record.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { AbiCoder, ParamType } from "ethers";
import type { Hash } from "../game/index.ts";
import { inputRoot } from "../merkle/index.ts";
import { sameBytes } from "../merkle/tree/arrays.ts";
import { decodeCanonical } from "./canonicalAbi.ts";
import { type BlockHead, frameTransactions } from "./framing.ts";
import { HistoryError } from "./historyError.ts";
import type { Receipt } from "./receipt.ts";
import { type Aunt, rootOfPath, treePath } from "./sha256Tree.ts";

/** How a record begins; CheckTx refuses transactions that begin so. */
const magic = utf8ToBytes("wasm-arbiter block record 1\n");
const recordType = ParamType.from(
  "tuple(bytes32 inputRoot, uint32 inputLength, uint32 count, tuple(uint64 height, bytes32 root, uint32 length, address storageNode, bytes signature)[] receipts)",
);

/** What a block's proposer says of its transactions. */
export interface BlockRecord {
  /** Root of the input L that frames the other transactions (docs/proof-format.md §7). */
  readonly inputRoot: Hash;
  /** Bytes of L. */
  readonly inputLength: number;
  /** Number of the other transactions. */
  readonly count: number;
  /** Receipts of earlier blocks, agreed on with this one. */
  readonly receipts: readonly Receipt[];
}

/** Its fields as they are encoded. */
interface EncodedRecord {
  readonly inputRoot: Hash;
  readonly inputLength: bigint;
  readonly count: bigint;
  readonly receipts: readonly (Omit<Receipt, "length"> & { readonly length: bigint })[];
}

/** The record for a block's transactions; `head` is of the header that they will stand under. */
export function blockRecordOf(
  head: BlockHead,
  transactions: readonly Uint8Array[],
  receipts: readonly Receipt[],
): BlockRecord {
  const input = frameTransactions(head, transactions);
  const root: Hash = `0x${bytesToHex(inputRoot(input))}`;
  return { inputRoot: root, inputLength: input.length, count: transactions.length, receipts };
}

/** The record's bytes as a transaction. */
export function encodeBlockRecord(record: BlockRecord): Uint8Array {
  const encoded = AbiCoder.defaultAbiCoder().encode([recordType], [record]);
  return Uint8Array.from([...magic, ...hexToBytes(encoded.slice(2))]);
}

/** Whether a transaction begins like a record: such a one of a client's is refused. */
export function looksLikeBlockRecord(transaction: Uint8Array): boolean {
  return sameBytes(transaction.subarray(0, magic.length), magic);
}

/** Reads a record. Throws `malformed-block-record` for anything but its canonical bytes. */
export function readBlockRecord(transaction: Uint8Array): BlockRecord {
  if (!looksLikeBlockRecord(transaction))
    throw new HistoryError("malformed-block-record", "its beginning");
  let record: BlockRecord;
  try {
    const fields = decodeCanonical<EncodedRecord>(recordType, transaction.subarray(magic.length));
    record = {
      inputRoot: fields.inputRoot,
      inputLength: Number(fields.inputLength),
      count: Number(fields.count),
      receipts: fields.receipts.map((receipt) => ({ ...receipt, length: Number(receipt.length) })),
    };
  } catch {
    throw new HistoryError("malformed-block-record", "its fields");
  }
  if (!sameBytes(encodeBlockRecord(record), transaction)) {
    throw new HistoryError("malformed-block-record", "not the canonical encoding");
  }
  return record;
}

/** The path that proves a block's record under its data hash. */
export function recordPath(transactions: readonly Uint8Array[]): Uint8Array[] {
  return treePath(transactions.map(sha256), 0).map(({ hash }) => hash);
}

/** The record that a path of right-hand siblings proves. Throws `record-not-proven`, `malformed-block-record`. */
export function verifyBlockRecord(
  dataHash: Uint8Array,
  transaction: Uint8Array,
  siblings: readonly Uint8Array[],
): BlockRecord {
  const path: Aunt[] = siblings.map((hash) => ({ left: false, hash }));
  if (!sameBytes(rootOfPath(sha256(transaction), path), dataHash)) {
    throw new HistoryError("record-not-proven");
  }
  return readBlockRecord(transaction);
}
