/**
 * Results: the entries that the wrapper keeps in its memory (docs/sdk.md §5), one leaf of the memory's tree each:
 * transaction's SHA-256 32 ‖ height u64 ‖ status u32 ‖ length u32 ‖ keccak256 of the result 32 ‖ its address u32.
 *
 * Invariant: an entry is read from proven bytes, and a result is what the entry's hash commits to; where a node says
 * that an entry lies is not trusted.
 */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { transactionHash } from "../history/index.ts";
import type { MemoryRange } from "../merkle/index.ts";
import { sameBytes } from "../merkle/tree/arrays.ts";
import { SdkError } from "./sdkError.ts";
import { type TransactionStatus, transactionStatuses } from "./status.ts";
import { wrapperLayout } from "./wrapper.ts";

const { counters, results, resultEntries, resultEntryBytes } = wrapperLayout;

/** What the wrapper keeps of a transaction. */
export interface ResultEntry {
  /** SHA-256 of the transaction. */
  readonly transactionHash: Uint8Array;
  /** Height of the block that held it. */
  readonly height: bigint;
  readonly status: TransactionStatus;
  /** Bytes of the result. */
  readonly length: number;
  /** keccak256 of the result; zero if the transaction was not executed. */
  readonly hash: Uint8Array;
  /** Where the result lies in the wrapper's memory, until later ones are written over it. */
  readonly address: number;
}

/** Number of transactions in all blocks so far, from the wrapper's memory. */
export function transactionCount(memory: Uint8Array): bigint {
  return new DataView(memory.buffer, memory.byteOffset).getBigUint64(counters, true);
}

/**
 * Where the entry of a transaction lies, for `proveMemory` and `verifyMemory`.
 *
 * @param memory program-wide number of the wrapper's memory, from `wrapperMemory`.
 * @param place how many transactions stand before it in its block and in all blocks before.
 */
export function resultRange(memory: number, place: bigint): MemoryRange {
  const slot = Number(place % BigInt(resultEntries));
  const address = results + slot * resultEntryBytes;
  return { memory, address, length: resultEntryBytes };
}

/** An entry's fields. */
export function readResultEntry(bytes: Uint8Array): ResultEntry {
  if (bytes.length !== resultEntryBytes) {
    throw new RangeError(`expected ${resultEntryBytes} bytes, got ${bytes.length}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const status = transactionStatuses[view.getUint32(40, true)];
  if (status === undefined) throw new SdkError("result-mismatch", "no such status");
  return {
    transactionHash: bytes.slice(0, 32),
    height: view.getBigUint64(32, true),
    status,
    length: view.getUint32(44, true),
    hash: bytes.slice(48, 80),
    address: view.getUint32(80, true),
  };
}

/** The entries of the last block's transactions, from the wrapper's memory, in the block's order. */
export function lastResults(memory: Uint8Array, count: number): ResultEntry[] {
  const before = transactionCount(memory) - BigInt(count);
  return Array.from({ length: count }, (_, index) => {
    const { address, length } = resultRange(0, before + BigInt(index));
    return readResultEntry(memory.subarray(address, address + length));
  });
}

/** The result of an entry, from the wrapper's memory; `undefined` once later ones were written over it. */
export function resultBytes(memory: Uint8Array, entry: ResultEntry): Uint8Array | undefined {
  const bytes = memory.slice(entry.address, entry.address + entry.length);
  return sameBytes(keccak_256(bytes), entry.hash) ? bytes : undefined;
}

/**
 * What became of a transaction, from the bytes of its entry as `verifyMemory` or `verifyResponse` gives them.
 *
 * @param result the application's result, if the transaction was executed.
 * @throws SdkError if the entry is of another transaction or the result is another.
 */
export function checkResult(
  proven: Uint8Array,
  transaction: Uint8Array,
  result: Uint8Array,
): ResultEntry {
  const entry = readResultEntry(proven);
  if (!sameBytes(entry.transactionHash, transactionHash(transaction))) {
    throw new SdkError("result-overwritten");
  }
  const isSame =
    entry.status === "executed"
      ? entry.length === result.length && sameBytes(keccak_256(result), entry.hash)
      : result.length === 0;
  if (!isSame) throw new SdkError("result-mismatch");
  return entry;
}
