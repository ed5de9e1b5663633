/**
 * How a worker brings its blocks to storage nodes, and takes their receipts.
 *
 * Invariant: FinalizeBlock waits for none of this: receipts enter the record of some later block. What a storage node
 * answers counts only if its receipt holds for the very bytes that were sent.
 */
import { type Content, type Receipt, readReceipt } from "../../history/index.ts";
import { NodeError } from "../nodeError.ts";
import type { Worker } from "../worker/blockWorker.ts";

/** A storage node, near or far. */
export interface Storage {
  keep(height: bigint, bytes: Uint8Array): Promise<Receipt>;
  show(content: Content): Promise<Uint8Array>;
}

const answerTimeoutMs = 10_000;

/** A storage node behind a URL. */
export class StorageClient implements Storage {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url.replace(/\/$/, "");
  }

  async keep(height: bigint, bytes: Uint8Array): Promise<Receipt> {
    const response = await this.#ask(`/contents/${height}`, { method: "PUT", body: bytes.slice() });
    return readReceipt(await response.json());
  }

  async show({ root, length }: Content): Promise<Uint8Array> {
    const response = await this.#ask(`/contents/${root}/${length}`, {});
    return new Uint8Array(await response.arrayBuffer());
  }

  async #ask(path: string, init: RequestInit): Promise<Response> {
    const signal = AbortSignal.timeout(answerTimeoutMs);
    const response = await fetch(`${this.#url}${path}`, { ...init, signal }).catch((error) => {
      throw new NodeError("content-missing", `${this.#url}: ${error.message}`);
    });
    if (!response.ok) throw new NodeError("content-missing", `${this.#url}: ${response.status}`);
    return response;
  }
}

/** Blocks that are looked back for missing receipts. */
const lookBack = 64n;

/** Brings what a worker has committed to storage nodes. */
export class Uploader {
  readonly #worker: Worker;
  readonly #storages: readonly Storage[];
  /** Content heights that a storage has signed for, by its position. */
  readonly #done = new Set<string>();

  constructor(worker: Worker, storages: readonly Storage[]) {
    this.#worker = worker;
    this.#storages = storages;
  }

  /** Uploads what no receipt was taken for yet; resolves to the number of receipts that were taken. */
  async upload(): Promise<number> {
    const { journal, receipts, height } = this.#worker;
    if (receipts === undefined) return 0;
    const from = height > lookBack ? height - lookBack : 0n;
    let taken = 0;
    for (const block of [...journal.blocks(from, height)]) {
      for (const [index, storage] of this.#storages.entries()) {
        const name = `${index} ${block.height}`;
        if (this.#done.has(name)) continue;
        // A storage node that is away is asked again the next time.
        const receipt = await storage.keep(block.height, block.input).catch(() => undefined);
        if (receipt === undefined) continue;
        if (receipts.add(receipt) || receipts.has(receipt)) this.#done.add(name);
        taken++;
      }
    }
    return taken;
  }
}
