/**
 * Which of the waiting transactions a block gets: those that fit, whose call returns and stays within the block's fuel.
 *
 * A call runs all of a block's transactions, so how many fit is told by the fuel of those that were tried, and what traps is
 * found by halving: the shortest prefix that fails ends with a transaction to leave out. Which transactions a proposer
 * leaves out decides nothing but its own proposal.
 *
 * Invariant: what is proposed was executed and is valid; the search is bounded, and when it ends early the longest
 * prefix that was seen to return is proposed. Where any prefix returns, one is proposed.
 */
import { bytesToHex } from "@noble/hashes/utils.js";
import { type BlockHead, frameTransactions, transactionHash } from "../../history/index.ts";
import type { Try } from "./blockMachine.ts";

/** How a list of transactions fares as a block's call. */
export type Verdict = "returns" | "traps" | "over-fuel";

/** How it fared, and what it took. */
export interface Fate {
  readonly verdict: Verdict;
  /** Part of the block's fuel that the call took; of one that did not return it says nothing. */
  readonly share: number;
}

/** What a call that was run says of its block. */
export function fateOf(found: Try, blockFuel: number): Fate {
  if (found === "over-fuel") return { verdict: found, share: 1 };
  return {
    verdict: found.isReturned ? "returns" : "traps",
    share: Number(found.fuel) / blockFuel,
  };
}

/** Transactions of the first list that is tried, while nothing is known of them. */
const firstTransactions = 64;
/** Part of a block's fuel that is aimed at, and that is enough. */
const aimedShare = 0.97;
const fullShare = 0.9;
/** How much shorter the next list is while not one has returned. */
const shorter = 8;

/** What transactions take of a block's fuel in the mean, as the last proposal found. */
export class Pace {
  #share: number | undefined;

  /** Transactions that a block is expected to hold. */
  get expected(): number {
    if (this.#share === undefined) return firstTransactions;
    return Math.max(1, Math.floor(aimedShare / this.#share));
  }

  note(transactions: number, share: number): void {
    this.#share = share / transactions;
  }
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
export function fieldBytes(transaction: Uint8Array): number {
  const { length } = transaction;
  return 1 + Math.max(1, Math.ceil((32 - Math.clz32(length)) / 7)) + length;
}

/** What a block's transactions have to fit into. */
export interface Room {
  /** Bytes of all of a block's transactions, the record's among them. */
  readonly blockBytes: number;
  readonly record: Uint8Array;
  /** Longest input of the machine, which is the transactions framed. */
  readonly inputBytes: number;
}

/** The first of the transactions that fit into a block and into its call; those that do not are passed over. */
export function fitting(
  head: BlockHead,
  transactions: readonly Uint8Array[],
  { blockBytes, record, inputBytes }: Room,
): Uint8Array[] {
  const offsetBytes = 4;
  let left = blockBytes - fieldBytes(record);
  let framed = frameTransactions(head, []).length;
  return transactions
    .filter((transaction) => {
      const taken = fieldBytes(transaction);
      if (taken > left) return false;
      left -= taken;
      return true;
    })
    .filter((transaction) => {
      const longer = framed + offsetBytes + transaction.length;
      if (longer > inputBytes) return false;
      framed = longer;
      return true;
    });
}

/** What the search asks, and how long it may take. */
export interface Search {
  readonly fate: (transactions: readonly Uint8Array[]) => Fate;
  readonly poison: PoisonList;
  readonly pace: Pace;
  /** Calls that may be run at most, 64 unless given. */
  readonly mostCalls?: number;
  /** Whether the time is up. */
  readonly isLate: () => boolean;
}

/** The transactions to propose: a list that was seen to return, or none. */
export function choose(transactions: readonly Uint8Array[], search: Search): Uint8Array[] {
  return new Choice(transactions, search).made();
}

class Choice {
  #list: readonly Uint8Array[];
  readonly #search: Search;
  #calls = 0;
  /** Transactions at the beginning of the list that are known to return together, and their share of the fuel. */
  #good = 0;
  #share = 0;
  /** Those that are known not to, and why; none while that is unknown. */
  #failing: { readonly count: number; readonly verdict: Verdict } | undefined;

  constructor(transactions: readonly Uint8Array[], search: Search) {
    this.#list = transactions;
    this.#search = search;
  }

  made(): Uint8Array[] {
    while (!this.#isEnough() && !this.#isOver()) {
      if (this.#failing?.count === this.#good + 1) {
        if (!this.#leavesOut(this.#failing.verdict)) break;
      } else {
        this.#tryFirst(this.#next());
      }
    }
    return this.#list.slice(0, this.#good);
  }

  #isEnough(): boolean {
    return this.#good === this.#list.length || (this.#good > 0 && this.#share >= fullShare);
  }

  /** A block has something in it before the time counts: else a crowd of costly transactions would stop a cluster. */
  #isOver(): boolean {
    const { mostCalls = 64, isLate } = this.#search;
    return this.#calls >= mostCalls || (this.#good > 0 && isLate());
  }

  #fate(list: readonly Uint8Array[]): Fate {
    this.#calls++;
    return this.#search.fate(list);
  }

  #tryFirst(count: number): void {
    const { verdict, share } = this.#fate(this.#list.slice(0, count));
    if (verdict !== "returns") {
      this.#failing = { count, verdict };
      return;
    }
    this.#good = count;
    this.#share = share;
    this.#search.pace.note(count, share);
  }

  /** Length of the next list: by what is expected of the fuel, else by halves. */
  #next(): number {
    const good = this.#good;
    const longest = (this.#failing?.count ?? this.#list.length + 1) - 1;
    if (good === 0 && this.#failing !== undefined) return Math.ceil(longest / shorter);
    const { expected } = this.#search.pace;
    if (this.#failing === undefined) return Math.min(longest, Math.max(good + 1, expected));
    const isContradicted = expected > longest || this.#failing.verdict === "traps";
    if (isContradicted) return Math.ceil((good + longest) / 2);
    return Math.max(good + 1, expected);
  }

  /** Leaves out the first transaction that fails behind good ones; false if it is only too much for this block. */
  #leavesOut(verdict: Verdict): boolean {
    const good = this.#good;
    const culprit = this.#list[good];
    const failsAlone = good === 0 || this.#fate([culprit]).verdict !== "returns";
    if (verdict === "over-fuel" && !failsAlone) return false;
    this.#search.poison.add(culprit, failsAlone);
    this.#list = this.#list.filter((_, index) => index !== good);
    this.#failing = undefined;
    return true;
  }
}
