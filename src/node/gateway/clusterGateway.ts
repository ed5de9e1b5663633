/**
 * A gateway (HTTP): takes transactions, and answers with all that a client needs to believe nobody (paper §5.4).
 *
 *   POST /transactions                         bytes → { hash, code, reason }
 *   GET  /responses/:hash?address=&length=      the response for a transaction, once the next block carries its state
 *   GET  /generation                            what this gateway takes the generation to be
 *   GET  /manifests/:height, /receipts/:height  what metadata and storage nodes say
 *   GET  /blocks/:height                        a block's transactions, its record first
 *   GET  /deposits                              the workers' deposits, by the chain's node
 *   GET  /stakes/:blockHash                     their proof under an EVM block's hash
 *
 * Invariant: a gateway has no keys and is trusted with nothing; what it says wrong is refused by the client by the
 * step's name.
 */
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { hexlify, isHexString } from "ethers";
import type { Hash } from "../../game/index.ts";
import {
  type Block,
  type ClientResponse,
  encodeManifest,
  type Generation,
  readBlockRecord,
  receiptFields,
  recordPath,
  responseFields,
  type StorageProof,
  transactionHash,
  treePath,
} from "../../history/index.ts";
import type { MemoryRange } from "../../merkle/index.ts";
import { sameBytes } from "../bytes.ts";
import { type GenerationText, generationText } from "../client/generationText.ts";
import type { ConsensusNode } from "../consensus.ts";
import { HttpError, type Routes } from "../http.ts";
import type { ManifestStore } from "../manifests/manifestStore.ts";

/** What a gateway stands on. */
export interface GatewayOptions {
  readonly node: ConsensusNode;
  readonly generation: Generation;
  readonly receipts?: GenerationText["receipts"];
  readonly manifests?: ManifestStore;
  /** Deposits of the workers in wei, in the generation's order, and what each must have. */
  readonly deposits?: () => Promise<{
    readonly ofWorkers: readonly bigint[];
    readonly least: bigint;
  }>;
  /** Where the deposits are. */
  readonly contract?: GenerationText["contract"];
  /** Their proof under the hash of an EVM block; undefined for a block that is not there. */
  readonly stakes?: (blockHash: Hash) => Promise<StorageProof | undefined>;
  /** The client's page, and its script. */
  readonly page?: { readonly html: string; readonly script: string };
}

const longestWaitMs = 30_000;
const pollMs = 50;

/** A gateway of one cluster. */
export class Gateway {
  readonly #options: GatewayOptions;

  constructor(options: GatewayOptions) {
    this.#options = options;
  }

  /** Block i, block i + 1, and the bytes of a range after block i, for a transaction of block i. */
  async respond(hash: Uint8Array, range: MemoryRange, waitMs: number): Promise<ClientResponse> {
    const end = performance.now() + waitMs;
    const height = await this.#until(end, () => this.#options.node.heightOf(hash));
    const { node } = this.#options;
    const isNext = async () => ((await node.status()).height > height ? true : undefined);
    await this.#until(end, isNext);
    const block = await node.block(height);
    const { header, commit } = await node.signedHeader(height);
    const next = await node.signedHeader(height + 1n);
    const { application, proof } = await node.query({ kind: "memory", height, range });
    const index = indexOf(block, hash);
    return {
      transaction: block.transactions[index],
      transactionPath: treePath(block.transactions.map(transactionHash), index),
      record: { transaction: block.transactions[0], siblings: recordPath(block.transactions) },
      header,
      commit,
      nextHeader: next.header,
      nextCommit: next.commit,
      application,
      range,
      proof: proof ?? new Uint8Array(),
    };
  }

  /** What it answers over HTTP. */
  routes(): Routes {
    const { node, generation, receipts, contract, page } = this.#options;
    return {
      "POST /transactions": async ({ body }) => {
        const { code, reason } = await node.submit(body);
        return { json: { hash: bytesToHex(transactionHash(body)), code, reason } };
      },
      "GET /responses/*": async ({ parts, url }) => {
        const response = await this.respond(hashOf(parts[0]), rangeOf(url), waitOf(url));
        return { json: responseFields(response) };
      },
      "GET /generation": () => ({ json: generationText(generation, receipts, contract) }),
      "GET /manifests/*": async ({ parts }) => ({ json: await this.#manifest(heightOf(parts[0])) }),
      "GET /receipts/*": async ({ parts }) => ({ json: await this.#receipts(heightOf(parts[0])) }),
      "GET /blocks/*": async ({ parts }) => ({ json: await this.#block(heightOf(parts[0])) }),
      "GET /deposits": async () => ({ json: await this.#deposits() }),
      "GET /stakes/*": async ({ parts }) => ({ json: await this.#stakes(parts[0]) }),
      "GET /status": async () => {
        const { chainId, height } = await node.status();
        return { json: { chainId, height: height.toString() } };
      },
      "GET /healthz": async () => ({ json: { height: (await node.status()).height.toString() } }),
      ...(page === undefined ? {} : pageRoutes(page)),
    };
  }

  async #manifest(height: bigint) {
    const manifest = await this.#options.manifests?.get(height);
    if (manifest === undefined) throw new HttpError(404, `no manifest at height ${height}`);
    return { manifest: hexlify(encodeManifest(manifest)) };
  }

  async #block(height: bigint) {
    const { height: top } = await this.#options.node.status();
    if (height > top) throw new HttpError(404, `no block at height ${height}`);
    const { transactions } = await this.#options.node.block(height);
    return { transactions: transactions.map((transaction) => hexlify(transaction)) };
  }

  /** Receipts for a block stand in the records of later ones. */
  async #receipts(height: bigint) {
    const { node } = this.#options;
    const { height: top } = await node.status();
    const last = height + receiptWindow < top ? height + receiptWindow : top;
    const found = [];
    for (let later = height + 1n; later <= last; later++) {
      const { transactions } = await node.block(later);
      if (transactions.length === 0) continue;
      const { receipts } = readBlockRecord(transactions[0]);
      found.push(...receipts.filter((receipt) => receipt.height === height));
    }
    return { receipts: found.map(receiptFields) };
  }

  async #deposits() {
    const deposits = await this.#options.deposits?.();
    if (deposits === undefined) throw new HttpError(404, "this gateway knows no chain");
    return { ofWorkers: deposits.ofWorkers.map(String), least: deposits.least.toString() };
  }

  async #stakes(blockHash: string): Promise<StorageProof> {
    if (!isHexString(blockHash, 32)) throw new HttpError(400, "expected a block's hash");
    const proof = await this.#options.stakes?.(blockHash as Hash);
    if (proof === undefined) throw new HttpError(404, "this gateway's chain has no such block");
    return proof;
  }

  /** Asks until there is an answer; `state-gone` is none yet. */
  async #until<T>(end: number, ask: () => Promise<T | undefined>): Promise<T> {
    for (;;) {
      const found = await ask();
      if (found !== undefined) return found;
      if (performance.now() >= end) throw new HttpError(404, "not in a block with a successor yet");
      await new Promise((done) => setTimeout(done, pollMs));
    }
  }
}

/** Blocks behind a block in which its receipts are looked for. */
const receiptWindow = 64n;

function pageRoutes({ html, script }: NonNullable<GatewayOptions["page"]>): Routes {
  return {
    "GET /": () => ({ type: "text/html; charset=utf-8", bytes: html }),
    "GET /client.js": () => ({ type: "text/javascript; charset=utf-8", bytes: script }),
  };
}

function indexOf({ transactions }: Block, hash: Uint8Array): number {
  const index = transactions.findIndex((item) => sameBytes(transactionHash(item), hash));
  if (index < 1) throw new HttpError(404, "the block does not hold the transaction");
  return index;
}

function hashOf(text: string): Uint8Array {
  if (!/^[\da-f]{64}$/i.test(text)) throw new HttpError(400, "expected 64 hex digits");
  return hexToBytes(text.toLowerCase());
}

function heightOf(text: string): bigint {
  if (!/^\d{1,18}$/.test(text)) throw new HttpError(400, "expected a height");
  return BigInt(text);
}

function rangeOf({ searchParams }: URL): MemoryRange {
  const number = (name: string, otherwise: number) => {
    const text = searchParams.get(name) ?? String(otherwise);
    if (!/^\d{1,10}$/.test(text)) throw new HttpError(400, `expected a number as ${name}`);
    return Number(text);
  };
  return {
    memory: number("memory", 0),
    address: number("address", 0),
    length: number("length", 32),
  };
}

function waitOf({ searchParams }: URL): number {
  const text = searchParams.get("wait") ?? "0";
  if (!/^\d{1,6}$/.test(text)) throw new HttpError(400, "expected milliseconds as wait");
  return Math.min(Number(text), longestWaitMs);
}
