/**
 * A client of a cluster, for browsers and Node: hands a transaction to a gateway, waits for the block behind its block,
 * and checks what comes back by the paper's thirteen steps (§5.4).
 *
 * Invariant: the gateway is trusted with nothing but to answer at all; the generation comes from elsewhere, or the
 * report says that it rests on the gateway's word. Nothing here needs Node.
 */

import { bytesToHex } from "@noble/hashes/utils.js";
import { getBytes, isHexString } from "ethers";
import type { Hash } from "../../game/index.ts";
import {
  type ClientAnswers,
  type ClientReport,
  type ClientResponse,
  type Generation,
  HistoryError,
  type Manifest,
  readManifest,
  readReceipt,
  readResponse,
  readStorageProof,
  receiptDomain,
  transactionHash,
  verifyResponse,
} from "../../history/index.ts";
import type { MemoryRange } from "../../merkle/index.ts";
import { type Answer, asked, jsonOf } from "../answers.ts";
import { type GenerationText, readGeneration } from "./generationText.ts";

/** Beyond what the gateway is told to wait. */
const answerTimeoutMs = 30_000;
/** Longest answer that is taken. */
const mostBytes = 2 ** 26;

/** What became of a transaction that was sent. */
export interface Sent {
  /** SHA-256 of the transaction, 64 hex digits. */
  readonly hash: string;
  /** 0: it waits for a block. */
  readonly code: number;
  readonly reason: string;
}

/** A response with what others say to it, and what the check of all that found. */
export interface CheckedResponse {
  readonly response: ClientResponse;
  readonly answers: ClientAnswers;
  readonly report: ClientReport;
  /** Milliseconds that the check took. */
  readonly checkMs: number;
}

/** What a client knows of a generation, and from whom. */
export interface KnownGeneration {
  readonly generation: Generation;
  readonly receipts: GenerationText["receipts"];
  /** Where the deposits are; needed to check them by a proof. */
  readonly contract?: GenerationText["contract"];
}

/** A client of one gateway. */
export class GatewayClient {
  readonly #url: string;
  readonly #trustedBlock: Hash | undefined;
  #known: KnownGeneration | undefined;

  /**
   * @param known The generation, from the chain or somebody trusted; without it the gateway's word is taken.
   * @param trustedBlock Hash of an EVM block, against which deposits are proven; without it the gateway's word is taken.
   */
  constructor(url: string, known?: KnownGeneration, trustedBlock?: Hash) {
    this.#url = url.replace(/\/$/, "");
    this.#known = known;
    this.#trustedBlock = trustedBlock;
  }

  /** The generation that responses are checked against. */
  async generation(): Promise<KnownGeneration> {
    this.#known ??= readGeneration(await this.#get("/generation"));
    return this.#known;
  }

  /** Hands a transaction in. */
  async send(transaction: Uint8Array): Promise<Sent> {
    const body = transaction.slice();
    return (await this.#get("/transactions", { method: "POST", body })) as Sent;
  }

  /** The checked response for a transaction and bytes of memory after its block. */
  async response(hash: string, range: MemoryRange, waitMs = 20_000): Promise<CheckedResponse> {
    const { memory, address, length } = range;
    const query = `memory=${memory}&address=${address}&length=${length}&wait=${waitMs}`;
    const response = readResponse(await this.#get(`/responses/${hash}?${query}`, {}, waitMs));
    this.#checkAsked(response, hash, range);
    const answers = await this.#answers(response);
    const { generation } = await this.generation();
    const start = performance.now();
    const report = verifyResponse(response, generation, answers);
    return { response, answers, report, checkMs: performance.now() - start };
  }

  /** Checks a response once more; resolves to the milliseconds that it takes. */
  async checkAgain({ response, answers }: CheckedResponse): Promise<number> {
    const { generation } = await this.generation();
    const start = performance.now();
    verifyResponse(response, generation, answers);
    return performance.now() - start;
  }

  /** A gateway may answer truly about another transaction or range. */
  #checkAsked({ transaction, range }: ClientResponse, hash: string, wanted: MemoryRange): void {
    const refuse = (what: string): never => {
      throw new HistoryError("malformed-answer", `the response is about another ${what}`);
    };
    if (bytesToHex(transactionHash(transaction)) !== hash.toLowerCase()) refuse("transaction");
    const isRange =
      range.memory === wanted.memory &&
      range.address === wanted.address &&
      range.length === wanted.length;
    if (!isRange) refuse("range");
  }

  /** What metadata nodes, storage nodes and the chain's node say, as far as the gateway reaches them. */
  async #answers({ header }: ClientResponse): Promise<ClientAnswers> {
    const { height } = header;
    const [manifests, receipts, deposits] = await Promise.all([
      Promise.all([this.#manifest(height), this.#manifest(height + 1n)]),
      this.#receipts(height),
      this.#deposits(),
    ]);
    const [one, next] = manifests;
    return {
      ...(one === undefined || next === undefined ? {} : { metadata: [[one, next]] as const }),
      ...receipts,
      ...deposits,
    };
  }

  async #manifest(height: bigint): Promise<Manifest | undefined> {
    const answer = (await this.#find(`/manifests/${height}`)) as { manifest?: unknown } | undefined;
    if (answer === undefined) return undefined;
    if (!isHexString(answer.manifest)) throw new HistoryError("malformed-answer", "manifest");
    return readManifest(getBytes(answer.manifest));
  }

  async #receipts(height: bigint): Promise<Pick<ClientAnswers, "receipts">> {
    const { receipts: terms } = await this.generation();
    if (terms === undefined) return {};
    const answer = (await this.#find(`/receipts/${height}`)) as { receipts?: unknown } | undefined;
    if (!Array.isArray(answer?.receipts) || answer.receipts.length === 0) return {};
    return {
      receipts: {
        cluster: terms.cluster,
        domain: receiptDomain(BigInt(terms.chainId), terms.contract),
        storageNodes: terms.storageNodes,
        signed: answer.receipts.map(readReceipt),
      },
    };
  }

  async #deposits(): Promise<Pick<ClientAnswers, "deposits">> {
    if (this.#trustedBlock !== undefined) return this.#provenDeposits(this.#trustedBlock);
    const answer = (await this.#find("/deposits")) as
      | { ofWorkers: readonly string[]; least: string }
      | undefined;
    if (answer === undefined) return {};
    const { ofWorkers, least } = answer;
    return {
      deposits: { basis: "rpc", ofWorkers: ofWorkers.map(BigInt), least: BigInt(least) },
    };
  }

  /** Whoever wants a proof takes nobody's word where there is none. */
  async #provenDeposits(blockHash: Hash): Promise<Pick<ClientAnswers, "deposits">> {
    const { contract } = await this.generation();
    const answer = contract && (await this.#find(`/stakes/${blockHash}`));
    if (contract === undefined || answer === undefined) return {};
    const { clusters, evmChainId, generation, deposit: wei } = contract;
    const deposit = BigInt(wei);
    const trusted = {
      evmChainId: BigInt(evmChainId),
      blockHash,
      clusters,
      generation: BigInt(generation),
      deposit,
    };
    const proof = readStorageProof(answer);
    return { deposits: { basis: "storage-proof", proof, trusted, least: deposit } };
  }

  /** The answer, or nothing where there is none (404). */
  async #find(path: string): Promise<unknown> {
    const answer = await this.#ask(path);
    return answer.status === 404 ? undefined : this.#read(path, answer);
  }

  async #get(path: string, init: RequestInit = {}, waitMs = 0): Promise<unknown> {
    return this.#read(path, await this.#ask(path, init, waitMs));
  }

  async #ask(path: string, init: RequestInit = {}, waitMs = 0): Promise<Answer> {
    const bounds = { timeoutMs: answerTimeoutMs + waitMs, mostBytes };
    return asked(`${this.#url}${path}`, init, bounds).catch((error: Error) => {
      throw new GatewayError(`${path}: ${error.message}`);
    });
  }

  #read(path: string, answer: Answer): unknown {
    let fields: { readonly error?: { readonly message?: unknown } } | null;
    try {
      fields = jsonOf(answer) as typeof fields;
    } catch {
      throw new GatewayError(`${path}: the answer is no JSON`);
    }
    if (answer.ok) return fields;
    throw new GatewayError(`${path}: ${fields?.error?.message ?? answer.status}`);
  }
}

/** The gateway did not do what it was asked; the message says what it answered. */
export class GatewayError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "GatewayError";
  }
}
