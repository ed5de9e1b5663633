/**
 * A block's transactions as the input L of a gateway call (paper 3.3): count ‖ count + 1 offsets ‖ transactions, every
 * number a little-endian u32. Offsets are positions in L: the first is where the transactions begin, the last is L's
 * length, transaction i lies in [offset i, offset i + 1).
 *
 * Invariant: canonical: a list of transactions has one framing, and bytes that are a framing have one reading. So
 * the list that the data hash commits to and the input that the machine read can be compared (paper 5.8).
 */
import { concatBytes } from "@noble/hashes/utils.js";
import { HistoryError } from "./historyError.ts";

const wordBytes = 4;
const greatestWord = 2 ** 32 - 1;

/** Bytes of count and offsets. */
function headBytes(count: number): number {
  return wordBytes * (count + 2);
}

/** Frames transactions in their order. Throws a RangeError where L would be longer than 2^32 − 1 bytes. */
export function frameTransactions(transactions: readonly Uint8Array[]): Uint8Array {
  const head = new Uint8Array(headBytes(transactions.length));
  const words = new DataView(head.buffer);
  words.setUint32(0, transactions.length, true);
  let offset = head.length;
  words.setUint32(wordBytes, offset, true);
  transactions.forEach((transaction, index) => {
    offset += transaction.length;
    if (offset > greatestWord) throw new RangeError("expected less than 2^32 bytes in all");
    words.setUint32(wordBytes * (index + 2), offset, true);
  });
  return concatBytes(head, ...transactions);
}

/** The transactions in L, as views of it. Throws `malformed-framing` for anything but a canonical framing. */
export function readFraming(input: Uint8Array): Uint8Array[] {
  const refuse = (what: string): never => {
    throw new HistoryError("malformed-framing", what);
  };
  const words = new DataView(input.buffer, input.byteOffset, input.length);
  if (input.length < headBytes(0)) return refuse("the count is missing");
  const count = words.getUint32(0, true);
  if (headBytes(count) > input.length) return refuse(`${count} transactions do not fit`);
  const offsetOf = (index: number) => words.getUint32(wordBytes * (index + 1), true);
  if (offsetOf(0) !== headBytes(count)) return refuse("the first offset is not the head's end");
  if (offsetOf(count) !== input.length) return refuse("the last offset is not the length");
  return Array.from({ length: count }, (_, index) => {
    const from = offsetOf(index);
    const to = offsetOf(index + 1);
    if (to < from || to > input.length) return refuse(`transaction ${index} ends before it begins`);
    return input.subarray(from, to);
  });
}
