/**
 * What a node needs from the EVM chain: who the generation is, what the workers have at stake, and a place to accuse.
 *
 * Invariant: no block's validity depends on any of this (docs/cluster.md §1).
 */
import type { Execution, Hash } from "../../game/index.ts";
import {
  type Accusation,
  type Generation,
  type StorageProof,
  verifyAccusation,
} from "../../history/index.ts";
import type { GenerationText } from "../client/generationText.ts";
import type { SuccessionChain } from "../worker/handoverVotes.ts";

/** The workers' deposits in wei, in the generation's order, and what each must have. */
export interface Deposits {
  readonly ofWorkers: readonly bigint[];
  readonly least: bigint;
}

/** A chain, as the node of one generation sees it. */
export interface ClusterChain extends SuccessionChain {
  readonly generation: Generation;
  deposits(): Promise<Deposits>;
  /** Where the deposits are; undefined where there is no contract. */
  contract(): Promise<GenerationText["contract"]>;
  /** Proof of the deposits under an EVM block's hash; undefined for a block that is not there. */
  stakes(blockHash: Hash): Promise<StorageProof | undefined>;
  /**
   * Accuses a worker of the result that it has voted for, with the accuser's own execution of the block's call. Resolves
   * once the dispute is open; playing it to its end is `follow`'s. Throws a HistoryError if the accusation does not hold.
   */
  accuse(accusation: Accusation, execution: Execution): Promise<void>;
  /** Positions of the workers that have lost a dispute. */
  convicted(): Promise<readonly number[]>;
  close(): Promise<void>;
}

const deposit = 10n ** 18n;

/**
 * No chain: a record of accusations that hold, for trying without contracts. It convicts whoever voted for another
 * application hash than the accuser's, on the accuser's word.
 *
 * Invariant: nobody may rely on it but who runs it.
 */
export class OwnRecord implements ClusterChain {
  readonly generation: Generation;
  readonly #convicted = new Set<number>();

  constructor(generation: Generation) {
    this.generation = generation;
  }

  async deposits(): Promise<Deposits> {
    const ofWorkers = this.generation.validators.map((_, index) =>
      this.#convicted.has(index) ? 0n : deposit,
    );
    return { ofWorkers, least: deposit };
  }

  async contract(): Promise<undefined> {}

  async stakes(): Promise<undefined> {}

  async accuse(accusation: Accusation): Promise<void> {
    verifyAccusation(accusation, this.generation);
    this.#convicted.add(accusation.worker);
  }

  /** Nobody ever takes over. */
  async successors(): Promise<undefined> {}

  async handOver(): Promise<boolean> {
    return true;
  }

  async convicted(): Promise<readonly number[]> {
    return [...this.#convicted].sort((a, b) => a - b);
  }

  async close(): Promise<void> {}
}
