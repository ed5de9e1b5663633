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
import { asked, jsonOf } from "../answers.ts";
import { NodeError } from "../nodeError.ts";
import { isReceiptFor, type Storage } from "../storage/storageClient.ts";
import type { FragmentSource } from "./fragmentData.ts";

/** What a gateway has of the blocks; undefined where there is none. */
export interface BlockSource {
  manifest(height: bigint): Promise<Manifest | undefined>;
  /** A block's transactions, its record first. */
  transactions(height: bigint): Promise<readonly Uint8Array[] | undefined>;
}

/** Who has what. */
export interface NetworkSourceOptions {
  readonly blocks: BlockSource;
  /** Storage nodes by the account that signs their receipts; any name for one that is not known by it. */
  readonly storages: ReadonlyMap<string, Storage>;
}

/** A block of a cluster in hex is the longest answer. */
const bounds = { timeoutMs: 30_000, mostBytes: 2 ** 24 };

/** Blocks and manifests of a gateway. Throws `content-missing` for an answer that is none. */
export function gatewayBlocks(url: string): BlockSource {
  const base = url.replace(/\/$/, "");
  const ask = async <T>(path: string, read: (found: never) => T): Promise<T | undefined> => {
    try {
      const answer = await asked(`${base}/${path}`, {}, bounds);
      return answer.ok ? read(jsonOf(answer) as never) : undefined;
    } catch (error) {
      throw new NodeError("content-missing", `${base}/${path}: ${(error as Error).message}`);
    }
  };
  return {
    manifest: (height) =>
      ask(`manifests/${height}`, ({ manifest }: { readonly manifest: string }) =>
        readManifest(getBytes(manifest)),
      ),
    transactions: (height) =>
      ask(`blocks/${height}`, ({ transactions }: { readonly transactions: readonly string[] }) =>
        transactions.map((transaction) => getBytes(transaction)),
      ),
  };
}

/** The network as a validator sees it. */
export class NetworkSource implements FragmentSource {
  readonly #options: NetworkSourceOptions;

  constructor(options: NetworkSourceOptions) {
    this.#options = options;
  }

  async manifest(height: bigint): Promise<Manifest> {
    const manifest = await this.#options.blocks.manifest(height);
    if (manifest === undefined) throw new NodeError("content-missing", `manifest ${height}`);
    return manifest;
  }

  async block(height: bigint): Promise<readonly Uint8Array[]> {
    const transactions = await this.#options.blocks.transactions(height);
    if (transactions === undefined) throw new NodeError("content-missing", `block ${height}`);
    return transactions;
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
    let isKept = false;
    for (const storage of this.#options.storages.values()) {
      const receipt = await storage.keep(height, bytes).catch(() => undefined);
      isKept ||= receipt !== undefined && isReceiptFor(receipt, height, bytes);
    }
    if (!isKept) throw new NodeError("content-missing", "no storage node takes a snapshot");
    return contentOf(bytes);
  }
}
