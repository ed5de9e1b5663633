/**
 * A storage node (paper 5.5, 5.6): keeps a cluster's transactions, signs receipts for them, and shows them to whoever
 * asks.
 *
 *   PUT /contents/:height      bytes → a signed receipt
 *   GET /contents/:root/:length → the bytes
 *   GET /names/:root/:length → { name }: what the store calls them, in IPFS their CID
 *
 * Invariant: a receipt is signed only when the bytes are in the store; it names what was kept by the root that the
 * machine's input has, so it is a promise about what the cluster executed and nothing else.
 */
import type { TypedDataDomain } from "ethers";
import type { Address, Hash, TypedDataSigner } from "../../game/index.ts";
import { type Content, type Receipt, receiptFields, signReceipt } from "../../history/index.ts";
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
}

/** A storage node. */
export class StorageNode {
  readonly #options: StorageNodeOptions;

  constructor(options: StorageNodeOptions) {
    this.#options = options;
  }

  /** Keeps a block's transactions as the machine's input, and signs for them. */
  async keep(height: bigint, bytes: Uint8Array): Promise<Receipt> {
    const { store, cluster, address, domain, signer } = this.#options;
    const content = await store.put(bytes, height);
    return signReceipt(cluster, { height, ...content }, address, domain, signer);
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
