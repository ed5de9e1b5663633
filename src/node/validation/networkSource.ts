/**
 * Where a validator's data come from: a gateway's manifests, and storage nodes for transactions and snapshots.
 *
 * Invariant: it believes nothing and checks nothing: whoever reads from it verifies (fragmentData.ts).
 */
import { getBytes } from "ethers";
import {
  type Content,
  contentOf,
  type Manifest,
  type Receipt,
  readManifest,
} from "../../history/index.ts";
import { NodeError } from "../nodeError.ts";
import type { Storage } from "../storage/storageClient.ts";
import type { FragmentSource } from "./fragmentData.ts";

/** Who has what. */
export interface NetworkSourceOptions {
  /** A manifest; undefined where there is none. */
  readonly manifest: (height: bigint) => Promise<Manifest | undefined>;
  /** Storage nodes by the account that signs their receipts; any name for one that is not known by it. */
  readonly storages: ReadonlyMap<string, Storage>;
}

/** Manifests of a gateway. */
export function gatewayManifests(url: string): NetworkSourceOptions["manifest"] {
  const base = url.replace(/\/$/, "");
  return async (height) => {
    const response = await fetch(`${base}/manifests/${height}`);
    if (!response.ok) return undefined;
    const { manifest } = (await response.json()) as { readonly manifest: string };
    return readManifest(getBytes(manifest));
  };
}

/** The network as a validator sees it. */
export class NetworkSource implements FragmentSource {
  readonly #options: NetworkSourceOptions;

  constructor(options: NetworkSourceOptions) {
    this.#options = options;
  }

  async manifest(height: bigint): Promise<Manifest> {
    const manifest = await this.#options.manifest(height);
    if (manifest === undefined) throw new NodeError("content-missing", `manifest ${height}`);
    return manifest;
  }

  async content(content: Content, receipts: readonly Receipt[]): Promise<Uint8Array> {
    const signed = new Set(receipts.map(({ storageNode }) => storageNode.toLowerCase()));
    const storages = [...this.#options.storages];
    const isSigned = ([account]: readonly [string, Storage]) => signed.has(account.toLowerCase());
    // Who has signed for it first.
    storages.sort((a, b) => Number(isSigned(b)) - Number(isSigned(a)));
    let failure: unknown;
    for (const [, storage] of storages) {
      try {
        const bytes = await storage.show(content);
        const { root, length } = contentOf(bytes);
        if (root === content.root && length === content.length) return bytes;
        failure = new NodeError("content-mismatch", content.root);
      } catch (error) {
        failure = error;
      }
    }
    throw failure ?? new NodeError("content-missing", content.root);
  }

  async keep(height: bigint, bytes: Uint8Array): Promise<Content> {
    let kept: Content | undefined;
    for (const storage of this.#options.storages.values()) {
      const receipt = await storage.keep(height, bytes).catch(() => undefined);
      if (receipt !== undefined) kept = { root: receipt.root, length: receipt.length };
    }
    if (kept === undefined)
      throw new NodeError("content-missing", "no storage node takes a snapshot");
    return kept;
  }
}
