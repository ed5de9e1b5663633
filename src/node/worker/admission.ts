/**
 * Which transactions a worker takes from clients, and which a proposed block may hold (docs/cluster.md §2).
 *
 * Invariant: what is taken is never more than a block may hold. What a block may hold follows from the genesis and the
 * decided blocks alone, or honest workers would part; only a client's poison is a worker's own view.
 */
import { frameTransactions, looksLikeBlockRecord, looksLikeHandover } from "../../history/index.ts";
import type { PoisonList } from "./proposal.ts";
import type { Succession } from "./succession.ts";
import type { TransactionRefusal } from "./transactionRules.ts";

/** What a call's input has beside a single transaction. */
const framingBytes = frameTransactions({ chainId: "", height: 0n }, [new Uint8Array()]).length;

/** What transactions are held against. */
export interface AdmissionTerms {
  readonly succession: Succession;
  readonly poison: PoisonList;
  /** Most bytes of one transaction; throws `genesis-mismatch` before a chain has begun. */
  readonly transactionBytes: () => number;
  /** Longest input of a call, in which a transaction has to find room. */
  readonly inputBytes: number;
}

/** Why the cluster refuses a client's transaction, whatever the application says; undefined if it does not. */
export function refusalOf(
  transaction: Uint8Array,
  { succession, poison, transactionBytes, inputBytes }: AdmissionTerms,
): TransactionRefusal | undefined {
  if (succession.successors !== undefined) return 6;
  if (transaction.length === 0) return 1;
  // One that no call takes would wait for ever, and an idle cluster would make empty blocks for it.
  const longest = Math.min(transactionBytes(), inputBytes - framingBytes);
  if (transaction.length > longest) return 2;
  if (looksLikeBlockRecord(transaction)) return 3;
  const isHandover = looksLikeHandover(transaction);
  if (isHandover && succession.namedBy(transaction) === undefined) return 5;
  return poison.has(transaction) ? 4 : undefined;
}

/** Those of the waiting transactions that a block may hold together: none that is refused, one handover at most. */
export function admissible(
  waiting: readonly Uint8Array[],
  terms: AdmissionTerms,
): readonly Uint8Array[] {
  const taken = waiting.filter((transaction) => refusalOf(transaction, terms) === undefined);
  const handover = taken.find(looksLikeHandover);
  return taken.filter((each) => each === handover || !looksLikeHandover(each));
}

/** Whether a proposed block may hold these transactions behind its record. */
export function areAdmitted(
  transactions: readonly Uint8Array[],
  { succession, transactionBytes }: AdmissionTerms,
): boolean {
  const isTaken = (transaction: Uint8Array) =>
    transaction.length > 0 &&
    transaction.length <= transactionBytes() &&
    !looksLikeBlockRecord(transaction);
  return transactions.every(isTaken) && succession.admits(transactions);
}
