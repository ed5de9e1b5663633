/**
 * What a storage node need not keep any more (docs/network.md §8): contents of blocks below the height that is verified,
 * about which nobody can be accused and nothing can be challenged.
 *
 * Invariant: only finality that the chain will not take back counts, and what an open challenge asks for stays until it
 * is answered.
 */
import { Contract, type ContractRunner } from "ethers";
import type { Address, Hash } from "../../game/index.ts";
import { ClusterReader, StorageChallenges, storageInterface } from "../../history/index.ts";
import type { ContentStore } from "../content/contentStore.ts";

/** Whose contents are released. */
export interface ReleasedContentsOptions {
  /** The contract Storage. */
  readonly storage: Address;
  /** Block of the contract's creation. */
  readonly fromBlock: number;
  /** The storage node that holds them. */
  readonly node: Address;
  readonly cluster: Hash;
  readonly runner: ContractRunner;
  readonly store: ContentStore;
  /** Heights above the final one for which contents are taken. */
  readonly aheadBlocks: bigint;
}

/** Drops one node's released contents. */
export class ReleasedContents {
  readonly #options: ReleasedContentsOptions;
  readonly #challenges: StorageChallenges;
  #clusters: ClusterReader | undefined;
  /** Below this height all is dropped. */
  #released = 0n;
  /** As it was seen last. */
  #finalHeight = 0n;

  constructor(options: ReleasedContentsOptions) {
    const { storage, runner, fromBlock } = options;
    this.#options = options;
    this.#challenges = new StorageChallenges(storage, runner, fromBlock);
  }

  /**
   * Whether bytes for a height may have to be shown: it is not verified, and so near that what is taken for it is dropped
   * one day.
   */
  admits(height: bigint): boolean {
    return height >= this.#finalHeight && height <= this.#finalHeight + this.#options.aheadBlocks;
  }

  /** Drops what is released; how many contents. Rejects with what the chain's node answers. */
  async release(): Promise<number> {
    const { cluster, node, store } = this.#options;
    const clusters = await this.#reader();
    const finalHeight = (await clusters.cluster(cluster, "finalized"))?.finalHeight ?? 0n;
    this.#finalHeight = finalHeight;
    if (finalHeight <= this.#released) return 0;
    // Read behind the height: a challenge below it came before.
    const open = await this.#challenges.open(node);
    const dropped = await store.release(
      finalHeight,
      open.map(({ content }) => content),
    );
    if (open.length === 0) this.#released = finalHeight;
    return dropped;
  }

  async #reader(): Promise<ClusterReader> {
    const { storage, runner } = this.#options;
    this.#clusters ??= new ClusterReader(
      await new Contract(storage, storageInterface, runner).clusters(),
      runner,
    );
    return this.#clusters;
  }
}
