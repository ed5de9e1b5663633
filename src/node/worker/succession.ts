/**
 * How a worker's generation ends (docs/cluster.md §2): a decided block holds a handover, FinalizeBlock gives the engine
 * the next generation's keys, the next block is empty and names them, and the chain is over.
 *
 * Invariant: what is here follows from the genesis's validators and the decided blocks alone.
 */
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import {
  HistoryError,
  looksLikeHandover,
  type Validator,
  verifyHandover,
} from "../../history/index.ts";
import type { BlockJournal } from "./journal.ts";

/** Facts of the journal. */
const validatorsFact = "validators";
const successorsFact = "successors";

const textOf = (validators: readonly Validator[]): string =>
  JSON.stringify(
    validators.map(({ publicKey, power }) => [bytesToHex(publicKey), power.toString()]),
  );

function validatorsIn(text: string | undefined): readonly Validator[] | undefined {
  if (text === undefined) return undefined;
  const list: readonly (readonly [string, string])[] = JSON.parse(text);
  return list.map(([key, power]) => ({ publicKey: hexToBytes(key), power: BigInt(power) }));
}

/** The end of one generation, as its worker knows it. */
export class Succession {
  readonly #chainId: string;
  /** The generation's workers. */
  readonly validators: readonly Validator[];
  #successors: readonly Validator[] | undefined;

  /** As a journal has it. */
  constructor(journal: BlockJournal) {
    this.#chainId = journal.fact("chainId") ?? "";
    this.validators = validatorsIn(journal.fact(validatorsFact)) ?? [];
    this.#successors = validatorsIn(journal.fact(successorsFact));
  }

  /** What a journal keeps of a generation's workers. */
  static facts(validators: readonly Validator[]): Readonly<Record<string, string>> {
    return { [validatorsFact]: textOf(validators) };
  }

  /** The next generation, once a committed block has named it: from then on blocks are empty. */
  get successors(): readonly Validator[] | undefined {
    return this.#successors;
  }

  /** The successors that a transaction names; undefined unless it is a handover that the generation has agreed on. */
  namedBy(transaction: Uint8Array): readonly Validator[] | undefined {
    if (!looksLikeHandover(transaction)) return undefined;
    try {
      return verifyHandover(transaction, this.#chainId, this.validators);
    } catch (error) {
      if (error instanceof HistoryError) return undefined;
      throw error;
    }
  }

  /** Whether a block may hold these transactions of clients: at most one handover, which is agreed on. */
  admits(transactions: readonly Uint8Array[]): boolean {
    if (this.#successors !== undefined) return transactions.length === 0;
    const handovers = transactions.filter(looksLikeHandover);
    return handovers.length <= 1 && handovers.every((each) => this.namedBy(each) !== undefined);
  }

  /** The successors that a decided block names: the first ones, if there are any. */
  inBlock(transactions: readonly Uint8Array[]): readonly Validator[] | undefined {
    if (this.#successors !== undefined) return undefined;
    for (const transaction of transactions) {
      const named = this.namedBy(transaction);
      if (named !== undefined) return named;
    }
    return undefined;
  }

  /** What a journal keeps with the block that names them. */
  static namedFacts(successors: readonly Validator[]): Readonly<Record<string, string>> {
    return { [successorsFact]: textOf(successors) };
  }

  /** A block that names them was committed. */
  follow(successors: readonly Validator[]): void {
    this.#successors = successors;
  }

  /** What the engine is told after a block that names successors: they come, the present workers go. */
  updates(successors: readonly Validator[] | undefined): readonly Validator[] {
    if (successors === undefined) return [];
    return [...this.validators.map((worker) => ({ ...worker, power: 0n })), ...successors];
  }
}
