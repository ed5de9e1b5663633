/**
 * A storage node (paper 5.5, 5.6): keeps a cluster's transactions, signs receipts for them, and shows them to whoever
 * asks.
 *
 *   PUT /contents/:height      bytes → a signed receipt
 *   GET /contents/:root/:length → the bytes
 *   GET /names/:root/:length → { name }: what the store calls them, in IPFS their CID
 *
 * Invariant: a receipt is signed only when the bytes are in the store; it names what was kept by the root that the
 * machine's input has, so it is a promise about what the cluster executed and nothing else. What was signed for is never
 * dropped to make room: a node that is full, or is told of a height that is none, refuses.
 */
import type { TypedDataDomain } from "ethers";
import type { Address, Hash, TypedDataSigner } from "../../game/index.ts";
import {
  type Content,
  contentOf,
  type Receipt,
  receiptFields,
  signReceipt,
} from "../../history/index.ts";
import type { ContentStore } from "../content/contentStore.ts";
import { HttpError, type Routes } from "../http.ts";
import { NodeError } from "../nodeError.ts";

/** What a storage node is. */
export interface StorageNodeOptions {
  readonly store: ContentStore;
  /** The only cluster whose contents it keeps. */
  readonly cluster: Hash;
  readonly address: Address;
  readonly signer: TypedDataSigner;
  readonly domain: TypedDataDomain;
  /** Bytes of all that it holds; as many as there are unless given. */
  readonly mostStoredBytes?: number;
  /** Whether the cluster can have a block at a height of which somebody must be shown the bytes; any unless given. */
  readonly admits?: (height: bigint) => boolean;
}

/** A storage node. */
export class StorageNode {
  readonly #options: StorageNodeOptions;
  #puts: Promise<unknown> = Promise.resolve();

  constructor(options: StorageNodeOptions) {
    this.#options = options;
  }

  /** Keeps a block's transactions as the machine's input, and signs for them. Throws `content-refused`. */
  async keep(height: bigint, bytes: Uint8Array): Promise<Receipt> {
    const { cluster, address, domain, signer, admits = () => true } = this.#options;
    if (!admits(height)) throw new NodeError("content-refused", `height ${height}`);
    const content = await this.#put(height, bytes);
    return signReceipt(cluster, { height, ...content }, address, domain, signer);
  }

  /** One after the other: together they could exceed what there is room for. */
  #put(height: bigint, bytes: Uint8Array): Promise<Content> {
    const { store, mostStoredBytes = Number.POSITIVE_INFINITY } = this.#options;
    const put = this.#puts.then(async () => {
      const isNew = !(await store.has(contentOf(bytes)));
      if (isNew && (await store.storedBytes()) + bytes.length > mostStoredBytes) {
        throw new NodeError("content-refused", `it holds ${mostStoredBytes} bytes at most`);
      }
      return store.put(bytes, height);
    });
    this.#puts = put.catch(() => {});
    return put;
  }

  /** The bytes of a content. Throws `content-missing`. */
  async show(content: Content): Promise<Uint8Array> {
    return this.#options.store.get(content);
  }

  /** What it answers over HTTP. */
  routes(): Routes {
    return {
      "PUT /contents/*": async ({ parts, body }) => {
        const receipt = await this.keep(heightOf(parts[0]), body);
        return { json: receiptFields(receipt) };
      },
      "GET /contents/*/*": async ({ parts }) => {
        const bytes = await this.show(contentAt(parts));
        return { type: "application/octet-stream", bytes };
      },
      "GET /names/*/*": ({ parts }) => {
        const content = contentAt(parts);
        const name = this.#options.store.nameOf(content);
        if (name === undefined) throw new NodeError("content-missing", content.root);
        return { json: { name } };
      },
    };
  }
}

function contentAt([root, length]: readonly string[]): Content {
  if (!/^0x[\da-f]{64}$/.test(root) || !/^\d{1,10}$/.test(length)) {
    throw new HttpError(400, "expected a root and a length");
  }
  return { root: root as Hash, length: Number(length) };
}

function heightOf(text: string): bigint {
  if (!/^\d{1,18}$/.test(text)) throw new HttpError(400, "expected a height");
  return BigInt(text);
}
