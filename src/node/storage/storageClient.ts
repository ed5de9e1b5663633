/**
 * How a worker brings its blocks to storage nodes, and takes their receipts.
 *
 * Invariant: FinalizeBlock waits for none of this: receipts enter the record of some later block. What a storage node
 * answers counts only if its receipt holds for the very bytes that were sent.
 */
import { type Content, contentOf, type Receipt, readReceipt } from "../../history/index.ts";
import { type Answer, asked, jsonOf } from "../answers.ts";
import { NodeError } from "../nodeError.ts";
import type { Worker } from "../worker/blockWorker.ts";

/** A storage node, near or far. */
export interface Storage {
  keep(height: bigint, bytes: Uint8Array): Promise<Receipt>;
  show(content: Content): Promise<Uint8Array>;
}

const answerTimeoutMs = 10_000;
/** Of a receipt as JSON. */
const receiptBytes = 2 ** 12;
/** Of an answer that says why there is none. */
const refusalBytes = 2 ** 12;

/** A storage node behind a URL. */
export class StorageClient implements Storage {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url.replace(/\/$/, "");
  }

  async keep(height: bigint, bytes: Uint8Array): Promise<Receipt> {
    const init = { method: "PUT", body: bytes.slice() };
    const answer = await this.#ask(`/contents/${height}`, init, receiptBytes);
    return readReceipt(jsonOf(answer));
  }

  async show({ root, length }: Content): Promise<Uint8Array> {
    const mostBytes = Math.max(length, refusalBytes);
    return (await this.#ask(`/contents/${root}/${length}`, {}, mostBytes)).bytes;
  }

  async #ask(path: string, init: RequestInit, mostBytes: number): Promise<Answer> {
    const bounds = { timeoutMs: answerTimeoutMs, mostBytes };
    const answer = await asked(`${this.#url}${path}`, init, bounds).catch((error) => {
      throw new NodeError("content-missing", `${this.#url}: ${error.message}`);
    });
    if (!answer.ok) throw new NodeError("content-missing", `${this.#url}: ${answer.status}`);
    return answer;
  }
}

/** Whether a receipt names the bytes that were sent, as of this height. */
export function isReceiptFor(receipt: Receipt, height: bigint, bytes: Uint8Array): boolean {
  const { root, length } = contentOf(bytes);
  return receipt.height === height && receipt.root === root && receipt.length === length;
}

/** Blocks that are looked back for missing receipts; one storage node keeps a round for two questions' time at most. */
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
    const blocks = [...journal.blocks(from, height)];
    let taken = 0;
    for (const [index, storage] of this.#storages.entries()) {
      const end = performance.now() + answerTimeoutMs;
      for (const block of blocks) {
        const name = `${index} ${block.height}`;
        if (this.#done.has(name)) continue;
        if (performance.now() > end) break;
        // A storage node that is away is asked again the next time.
        const receipt = await storage.keep(block.height, block.input).catch(() => undefined);
        if (receipt === undefined || !isReceiptFor(receipt, block.height, block.input)) continue;
        if (receipts.add(receipt) || receipts.has(receipt)) this.#done.add(name);
        taken++;
      }
    }
    for (const name of this.#done) {
      if (BigInt(name.split(" ")[1]) <= from) this.#done.delete(name);
    }
    return taken;
  }
}
