/**
 * A CometBFT 0.38 node behind its RPC (spec/rpc), as the rest of a node sees any engine.
 *
 * Invariant: answers are read strictly (src/history/rpc.ts); a node that does not answer, or answers with an error, is
 * `rpc-failed`, within a bounded time.
 */
import { bytesToHex } from "@noble/hashes/utils.js";
import { decodeBase64, encodeBase64 } from "ethers";
import {
  type Block,
  type Commit,
  type Header,
  readBlock,
  readSignedHeader,
  readValidators,
  type Validator,
} from "../../history/index.ts";
import type { ConsensusNode, ConsensusStatus, StrayPrecommit, Submitted } from "../consensus.ts";
import { NodeError } from "../nodeError.ts";
import { queryPath } from "../worker/abciWorker.ts";
import type { WorkerAnswer, WorkerQuery } from "../worker/queries.ts";
import { queryText, readAnswer } from "../worker/queryText.ts";
import { precommitsInLog } from "./writeAheadLog.ts";

const answerTimeoutMs = 10_000;
/** CometBFT's error for a transaction that waits already. */
const alreadyThere = /tx already exists in cache/;

interface RpcAnswer {
  readonly result?: unknown;
  readonly error?: { readonly message?: string; readonly data?: string };
}

/** One node behind a URL. */
export class CometNode implements ConsensusNode {
  readonly url: string;
  readonly #logFolder: string | undefined;

  /**
   * @param url As `http://127.0.0.1:26657`.
   * @param logFolder The node's write-ahead log (`data/cs.wal`), if this process can read it.
   */
  constructor(url: string, logFolder?: string) {
    this.url = url;
    this.#logFolder = logFolder;
  }

  async status(): Promise<ConsensusStatus> {
    const answer = (await this.ask("status")) as {
      node_info: { network: string };
      sync_info: { latest_block_height: string };
    };
    const { network } = answer.node_info;
    return { chainId: network, height: BigInt(answer.sync_info.latest_block_height) };
  }

  async block(height: bigint): Promise<Block> {
    return readBlock(await this.ask("block", { height: height.toString() }));
  }

  async signedHeader(height: bigint): Promise<{ header: Header; commit: Commit }> {
    return readSignedHeader(await this.ask("commit", { height: height.toString() }));
  }

  async validators(height: bigint): Promise<readonly Validator[]> {
    return readValidators(
      await this.ask("validators", { height: height.toString(), per_page: "100" }),
    );
  }

  async submit(transaction: Uint8Array): Promise<Submitted> {
    try {
      const answer = await this.ask("broadcast_tx_sync", { tx: encodeBase64(transaction) });
      const { code, log } = answer as { code: number; log: string };
      return { code, reason: log };
    } catch (error) {
      if (error instanceof NodeError && alreadyThere.test(error.message)) {
        return { code: 0, reason: "" };
      }
      throw error;
    }
  }

  async heightOf(transactionHash: Uint8Array): Promise<bigint | undefined> {
    try {
      const hash = encodeBase64(transactionHash);
      const { height } = (await this.ask("tx", { hash })) as { height: string };
      return BigInt(height);
    } catch (error) {
      if (error instanceof NodeError && /not found/.test(error.message)) return undefined;
      throw error;
    }
  }

  async query(query: WorkerQuery): Promise<WorkerAnswer> {
    const data = bytesToHex(new TextEncoder().encode(queryText(query)));
    const answer = (await this.ask("abci_query", { path: queryPath, data })) as {
      response: { code: number; log: string; value: string | null };
    };
    const { code, log, value } = answer.response;
    if (code === 2) throw new RangeError(log);
    if (code === 3) throw new NodeError("state-gone", log);
    if (code !== 0) throw new NodeError("rpc-failed", log);
    return readAnswer(new TextDecoder().decode(decodeBase64(value ?? "")));
  }

  async strayPrecommits(height: bigint): Promise<readonly StrayPrecommit[]> {
    return this.#logFolder === undefined ? [] : precommitsInLog(this.#logFolder, height);
  }

  /** A method of the RPC. Throws `rpc-failed`. */
  async ask(method: string, params: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    let answer: RpcAnswer;
    try {
      const response = await fetch(this.url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
        signal: AbortSignal.timeout(answerTimeoutMs),
      });
      answer = (await response.json()) as RpcAnswer;
    } catch (error) {
      throw new NodeError("rpc-failed", `${method} at ${this.url}: ${(error as Error).message}`);
    }
    if (answer.error !== undefined) {
      const { message, data } = answer.error;
      throw new NodeError("rpc-failed", `${method}: ${message}: ${data}`);
    }
    return answer.result;
  }
}
