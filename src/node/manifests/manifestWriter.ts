/**
 * Makes a generation's manifests (paper 5.7) from what a consensus node and its worker show, block after block.
 *
 * Invariant: nothing is believed: the store that takes a manifest checks every rule, so a node that shows something else
 * than the chain stops the writer at the height where it does.
 */

import type { Hash } from "../../game/index.ts";
import {
  type ApplicationState,
  contentOf,
  encodeManifest,
  initialApplicationState,
  type Manifest,
  noContent,
  recordPath,
} from "../../history/index.ts";
import type { ConsensusNode } from "../consensus.ts";
import { NodeError } from "../nodeError.ts";
import type { ManifestStore } from "./manifestStore.ts";

/** Writes manifests of one chain. */
export class ManifestWriter {
  readonly #node: ConsensusNode;
  readonly #store: ManifestStore;
  readonly #genesisState: Hash;
  readonly #initialHeight: bigint;

  /**
   * @param genesisState State hash of the package's genesis, after its start functions; a generation that goes on from
   *   another one begins in the state that its workers show, which the first header names.
   */
  constructor(
    node: ConsensusNode,
    store: ManifestStore,
    {
      genesisState,
      initialHeight,
    }: { readonly genesisState: Hash; readonly initialHeight: bigint },
  ) {
    this.#node = node;
    this.#store = store;
    this.#genesisState = genesisState;
    this.#initialHeight = initialHeight;
  }

  /** Writes all manifests that are missing up to the newest block; how many. Throws `manifest-refused`. */
  async write(): Promise<number> {
    const { height: top } = await this.#node.status();
    let next = (await this.#store.top()) + 1n;
    let written = 0;
    for (; next <= top; next++, written++) {
      const rule = await this.#store.put(await this.#manifest(next));
      if (rule !== undefined) throw new NodeError("manifest-refused", `height ${next}: ${rule}`);
    }
    return written;
  }

  async #manifest(height: bigint): Promise<Manifest> {
    const { header, transactions, lastCommit } = await this.#node.block(height);
    const before = await this.#store.get(height - 1n);
    const isEmpty = transactions.length === 0;
    return {
      header,
      votes: lastCommit,
      application: await this.#applicationBefore(height),
      previous: before === undefined ? noContent : contentOf(encodeManifest(before)),
      record: {
        transaction: transactions[0] ?? new Uint8Array(),
        siblings: isEmpty ? [] : recordPath(transactions),
      },
    };
  }

  async #applicationBefore(height: bigint): Promise<ApplicationState> {
    const isGenesis = height === this.#initialHeight && height === 1n;
    if (isGenesis) return initialApplicationState(this.#genesisState);
    const { application } = await this.#node.query({ kind: "application", height: height - 1n });
    return application;
  }
}
