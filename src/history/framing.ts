/**
 * A block's transactions as the input L of a gateway call (paper 3.3): head ‖ count ‖ count + 1 offsets ‖ transactions.
 * The head, keccak256(chain id) ‖ height u64, is of the block's own header, so programs know both and nobody can
 * give them others. Numbers are little-endian, count and offsets u32. Offsets are positions in L: the first is where
 * the transactions begin, the last is L's length, transaction i lies in [offset i, offset i + 1).
 *
 * Invariant: canonical: a block has one framing, and bytes that are a framing have one reading. So what header and
 * data hash commit to and the input that the machine read can be compared (paper 5.8).
 */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import type { Header } from "./block.ts";
import { HistoryError } from "./historyError.ts";

const wordBytes = 4;
const chainBytes = 32;
/** Bytes before the count: the chain's hash and the height. */
const headBytes = chainBytes + 8;
const greatestWord = 2 ** 32 - 1;
const greatestHeight = 2n ** 63n - 1n;

/** What a framing says of its block's header. */
export type BlockHead = Pick<Header, "chainId" | "height">;

/** A framing as it is read. */
export interface FramedBlock {
  /** keccak256 of the chain id's UTF-8 bytes, 32 bytes. */
  readonly chainHash: Uint8Array;
  readonly height: bigint;
  readonly transactions: readonly Uint8Array[];
}

/** What a framing carries of a chain id: the keccak256 of its UTF-8 bytes, 32 bytes. */
export function chainHash(chainId: string): Uint8Array {
  return keccak_256(utf8ToBytes(chainId));
}

/** Where the transactions begin. */
function firstOffset(count: number): number {
  return headBytes + wordBytes * (count + 2);
}

/**
 * Frames a block's transactions in their order, without the block record. Throws a RangeError where L would be longer
 * than 2^32 − 1 bytes and for a height that no header has.
 */
export function frameTransactions(
  { chainId, height }: BlockHead,
  transactions: readonly Uint8Array[],
): Uint8Array {
  if (height < 0n || height > greatestHeight) {
    throw new RangeError(`expected a height from 0 to 2^63 − 1, got ${height}`);
  }
  const start = new Uint8Array(firstOffset(transactions.length));
  const words = new DataView(start.buffer);
  start.set(chainHash(chainId));
  words.setBigUint64(chainBytes, height, true);
  words.setUint32(headBytes, transactions.length, true);
  let offset = start.length;
  words.setUint32(headBytes + wordBytes, offset, true);
  transactions.forEach((transaction, index) => {
    offset += transaction.length;
    if (offset > greatestWord) throw new RangeError("expected less than 2^32 bytes in all");
    words.setUint32(headBytes + wordBytes * (index + 2), offset, true);
  });
  return concatBytes(start, ...transactions);
}

/** The block in L, its parts views of it. Throws `malformed-framing` for anything but a canonical framing. */
export function readFraming(input: Uint8Array): FramedBlock {
  const refuse = (what: string): never => {
    throw new HistoryError("malformed-framing", what);
  };
  const words = new DataView(input.buffer, input.byteOffset, input.length);
  if (input.length < firstOffset(0)) return refuse("the head is cut short");
  const height = words.getBigUint64(chainBytes, true);
  if (height > greatestHeight) return refuse("no header has its height");
  const count = words.getUint32(headBytes, true);
  if (firstOffset(count) > input.length) return refuse(`${count} transactions do not fit`);
  const offsetOf = (index: number) => words.getUint32(headBytes + wordBytes * (index + 1), true);
  if (offsetOf(0) !== firstOffset(count)) return refuse("the first offset is not the head's end");
  if (offsetOf(count) !== input.length) return refuse("the last offset is not the length");
  const transactions = Array.from({ length: count }, (_, index) => {
    const from = offsetOf(index);
    const to = offsetOf(index + 1);
    if (to < from || to > input.length) return refuse(`transaction ${index} ends before it begins`);
    return input.subarray(from, to);
  });
  return { chainHash: input.subarray(0, chainBytes), height, transactions };
}
