/**
 * Which of the waiting transactions a block gets: those that fit, whose call returns and stays within the block's fuel.
 *
 * A call runs all of a block's transactions, so what trapped is found by halving: the shortest prefix that fails ends
 * with a transaction to leave out. Which transactions a proposer leaves out decides nothing but its own proposal.
 *
 * Invariant: what is proposed was executed and is valid; the search is bounded, and when it ends early the longest
 * prefix that was seen to return is proposed.
 */
import { bytesToHex } from "@noble/hashes/utils.js";
import { type BlockHead, frameTransactions, transactionHash } from "../../history/index.ts";
import type { Try } from "./blockMachine.ts";

/** How a list of transactions fares as a block's call. */
export type Verdict = "returns" | "traps" | "over-fuel";

/** The same of a block's call that was run. */
export function verdictOf(found: Try): Verdict {
  if (found === "over-fuel") return found;
  return found.isReturned ? "returns" : "traps";
}

/** Transactions that a worker has seen fail alone or again and again, the last few thousand: poison. */
export class PoisonList {
  readonly #failures = new Map<string, number>();
  static readonly #most = 4096;
  /** Failures after which a transaction that only fails among others counts as poison. */
  static readonly #patience = 3;

  /** Whether CheckTx is to refuse it. */
  has(transaction: Uint8Array): boolean {
    if (this.#failures.size === 0) return false;
    return (this.#failures.get(nameOf(transaction)) ?? 0) >= PoisonList.#patience;
  }

  /** It made a call fail; `alone` if there was nothing else in the call. */
  add(transaction: Uint8Array, alone: boolean): void {
    const name = nameOf(transaction);
    const before = this.#failures.get(name) ?? 0;
    this.#failures.delete(name);
    this.#failures.set(name, alone ? PoisonList.#patience : before + 1);
    if (this.#failures.size <= PoisonList.#most) return;
    const [oldest] = this.#failures.keys();
    this.#failures.delete(oldest);
  }
}

function nameOf(transaction: Uint8Array): string {
  return bytesToHex(transactionHash(transaction));
}

/** Bytes that a transaction takes of a block: itself behind a field's key and its length. */
export function blockBytes(transaction: Uint8Array): number {
  const { length } = transaction;
  return 1 + Math.max(1, Math.ceil((32 - Math.clz32(length)) / 7)) + length;
}

/** The first of the transactions that fit into so many bytes of a block; those that do not are passed over. */
export function fitting(transactions: readonly Uint8Array[], bytes: number): Uint8Array[] {
  let left = bytes;
  return transactions.filter((transaction) => {
    const taken = blockBytes(transaction);
    if (taken > left) return false;
    left -= taken;
    return true;
  });
}

/** The first of the transactions that the machine takes as one input of at most so many bytes, framed. */
export function framable(
  head: BlockHead,
  transactions: readonly Uint8Array[],
  mostBytes: number,
): Uint8Array[] {
  const offsetBytes = 4;
  let bytes = frameTransactions(head, []).length;
  return transactions.filter((transaction) => {
    const longer = bytes + offsetBytes + transaction.length;
    if (longer > mostBytes) return false;
    bytes = longer;
    return true;
  });
}

/** What the search asks, and how long it may take. */
export interface Search {
  readonly verdict: (transactions: readonly Uint8Array[]) => Verdict;
  readonly poison: PoisonList;
  /** Calls that may be run at most, 64 unless given. */
  readonly mostCalls?: number;
  /** Whether the time is up. */
  readonly isLate: () => boolean;
}

/** The transactions to propose: a list whose last verdict was `returns`, or none. */
export function choose(transactions: readonly Uint8Array[], search: Search): Uint8Array[] {
  const { verdict, poison, mostCalls = 64, isLate } = search;
  let calls = 0;
  let list = [...transactions];
  /** Transactions at the beginning of the list that are known to return together. */
  let good = 0;
  const fate = (count: number): Verdict => {
    calls++;
    const found = verdict(list.slice(0, count));
    if (found === "returns") good = Math.max(good, count);
    return found;
  };
  const isOver = () => calls >= mostCalls || isLate();
  while (list.length > good) {
    const whole = fate(list.length);
    if (whole === "returns" || isOver()) break;
    let failing = list.length;
    let last: Verdict = whole;
    while (failing - good > 1 && !isOver()) {
      const middle = Math.floor((good + failing) / 2);
      const found = fate(middle);
      if (found === "returns") continue;
      failing = middle;
      last = found;
    }
    if (failing - good > 1) break;
    const culprit = list[failing - 1];
    const failsAlone = failing === 1 || verdict([culprit]) !== "returns";
    calls += failing === 1 ? 0 : 1;
    // What only costs too much behind the others waits for the next block.
    if (last === "over-fuel" && !failsAlone) break;
    poison.add(culprit, failsAlone);
    list = list.filter((_, index) => index !== failing - 1);
  }
  return list.slice(0, good);
}
