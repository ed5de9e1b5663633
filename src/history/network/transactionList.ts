/**
 * Proving that a block's transactions are not what its record says (paper 5.8, docs/network.md §5): the whole list,
 * brought to MismatchedTransactions in as many transactions as it takes.
 *
 * Invariant: a list of an honest block has both the header's data hash and the record's root; one that has one of them
 * is proof, whichever it is.
 */
import { type Contract, hexlify, type Result } from "ethers";
import { sameBytes } from "../../merkle/tree/arrays.ts";
import type { ApplicationState } from "../applicationHash.ts";
import { dataHash, type Header } from "../block.ts";
import { blockRecordOf, verifyBlockRecord } from "../blockRecord.ts";
import { blockIdFlags, type Commit } from "../commit.ts";
import type { RecordProof } from "../manifest.ts";
import { applicationCalldata, headerCalldata, hexOf, precommitCalldata } from "./calldata.ts";
import type { ClusterGeneration } from "./clusterReader.ts";
import { headerName } from "./fragmentEvidence.ts";

/** How much goes into one transaction. */
export interface ListBatches {
  /** Lengths, 8,000 unless given. */
  readonly lengths?: number;
  /** Bytes of transactions, 128 KiB unless given. */
  readonly bytes?: number;
}

/** What a list shows of a block. */
export type ListFinding = "honest" | "other-list" | "mismatch";

/** What bringing this list would show, without a chain. Throws what `verifyBlockRecord` throws. */
export function findingOf(
  header: Header,
  record: RecordProof,
  transactions: readonly Uint8Array[],
): ListFinding {
  const said = verifyBlockRecord(header.dataHash, record.transaction, record.siblings);
  const isList = sameBytes(dataHash([record.transaction, ...transactions]), header.dataHash);
  const found = blockRecordOf(header, transactions, []);
  const isInput =
    found.inputRoot === said.inputRoot &&
    found.inputLength === said.inputLength &&
    found.count === said.count;
  if (isList && isInput) return "honest";
  return isList || isInput ? "mismatch" : "other-list";
}

/** Cuts a list into parts of at most so many bytes, and at least one item. */
function batchesOf(transactions: readonly Uint8Array[], most: number): Uint8Array[][] {
  const batches: Uint8Array[][] = [];
  let bytes = 0;
  for (const transaction of transactions) {
    if (batches.length === 0 || bytes + transaction.length > most) {
      batches.push([]);
      bytes = 0;
    }
    batches.at(-1)?.push(transaction);
    bytes += transaction.length;
  }
  return batches;
}

/** A block of a generation, with the record that it begins with. */
export interface RecordedBlock {
  readonly generation: bigint;
  readonly header: Header;
  readonly record: RecordProof;
}

/** The arguments of `reportRecord`: a block's first transaction is no record. */
export function recordArguments({ generation, header, record }: RecordedBlock): unknown[] {
  const { transaction, siblings } = record;
  return [generation, headerCalldata(header), hexlify(transaction), siblings.map(hexOf)];
}

/**
 * The arguments of `reportRefusal`: no call begins with the input that a block's record names.
 *
 * @param before What the block's header carries.
 * @param beginWitness Of the state from which the call would begin (docs/proof-format.md §6).
 */
export function refusalArguments(
  block: RecordedBlock,
  before: ApplicationState,
  beginWitness: Uint8Array,
): unknown[] {
  return [...recordArguments(block), applicationCalldata(before), hexlify(beginWitness)];
}

/**
 * The arguments of `slash`: all workers whose votes for a header a commit holds. Throws a HistoryError for a vote that
 * is not its worker's.
 */
export function voterArguments(
  generation: ClusterGeneration,
  header: Header,
  { round, blockId, signatures }: Commit,
): unknown[] {
  const precommits = signatures.flatMap(({ flag, time, signature }, worker) => {
    if (flag !== blockIdFlags.commit) return [];
    const precommit = { round, blockId, time, signature };
    return [precommitCalldata(header, precommit, generation.workers[worker])];
  });
  return [generation.id, headerName(header), precommits];
}

/**
 * Brings a list by the account that `contract` (MismatchedTransactions, connected to a signer) sends from. `send` sends
 * a call and waits until it is mined; RefusedError if there is no mismatch.
 */
export async function bringList(
  contract: Contract,
  send: (method: string, args: readonly unknown[]) => Promise<unknown>,
  subject: RecordedBlock,
  transactions: readonly Uint8Array[],
  batches: ListBatches = {},
): Promise<void> {
  // A call's answer is the stream's state behind it, which the next call brings along.
  const step = async (method: string, args: readonly unknown[]): Promise<unknown> => {
    const stream: Result = await contract.getFunction(method).staticCall(...args);
    await send(method, args);
    return stream.toArray(true);
  };
  let stream = await step("begin", [...recordArguments(subject), transactions.length]);
  const most = batches.lengths ?? 8000;
  for (let from = 0; from < transactions.length; from += most) {
    const lengths = transactions.slice(from, from + most).map(({ length }) => length);
    stream = await step("announce", [stream, lengths]);
  }
  for (const batch of batchesOf(transactions, batches.bytes ?? 2 ** 17)) {
    stream = await step("take", [stream, batch.map(hexOf)]);
  }
  await send("conclude", [stream]);
}
