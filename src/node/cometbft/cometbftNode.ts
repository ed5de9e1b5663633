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
import { asked, jsonOf } from "../answers.ts";
import type { ConsensusNode, ConsensusStatus, StrayPrecommit, Submitted } from "../consensus.ts";
import { NodeError } from "../nodeError.ts";
import { queryPath } from "../worker/abciWorker.ts";
import type { WorkerAnswer, WorkerQuery } from "../worker/queries.ts";
import { queryText, readAnswer } from "../worker/queryText.ts";
import { precommitsInLog } from "./writeAheadLog.ts";

/** A block is the longest answer: 512 KiB of transactions as a cluster has them, in base64. */
const bounds = { timeoutMs: 10_000, mostBytes: 2 ** 26 };
/** CometBFT's error for a transaction that waits already. */
const alreadyThere = /tx already exists in cache/;

interface RpcAnswer {
  readonly result?: unknown;
  readonly error?: { readonly message?: string; readonly data?: string };
}

interface StatusAnswer {
  readonly node_info: { readonly network: unknown };
  readonly sync_info: { readonly latest_block_height: unknown };
}
interface QueryAnswer {
  readonly response: { readonly code: unknown; readonly log: unknown; readonly value: unknown };
}

/** Reads an answer; one that is of another form is none. Throws `rpc-failed`. */
function read<A, T>(method: string, answer: unknown, reader: (answer: A) => T): T {
  try {
    return reader(answer as A);
  } catch (error) {
    throw new NodeError("rpc-failed", `${method}: ${(error as Error).message}`);
  }
}

function heightIn(value: unknown): bigint {
  if (typeof value === "string" && /^\d{1,18}$/.test(value)) return BigInt(value);
  throw new RangeError("expected a height");
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
    return read("status", await this.ask("status"), (answer: StatusAnswer) => {
      const { network } = answer.node_info;
      if (typeof network !== "string") throw new RangeError("expected a chain id");
      return { chainId: network, height: heightIn(answer.sync_info.latest_block_height) };
    });
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
      const method = "broadcast_tx_sync";
      const answer = await this.ask(method, { tx: encodeBase64(transaction) });
      return read(method, answer, ({ code, log }: { code: unknown; log: unknown }) => {
        if (!Number.isSafeInteger(code)) throw new RangeError("expected a code");
        return { code: code as number, reason: String(log) };
      });
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
      const answer = await this.ask("tx", { hash });
      return read("tx", answer, ({ height }: { height: unknown }) => heightIn(height));
    } catch (error) {
      if (error instanceof NodeError && /not found/.test(error.message)) return undefined;
      throw error;
    }
  }

  async query(query: WorkerQuery): Promise<WorkerAnswer> {
    const data = bytesToHex(new TextEncoder().encode(queryText(query)));
    const method = "abci_query";
    const answer = await this.ask(method, { path: queryPath, data });
    const { code, log, value } = read(method, answer, ({ response }: QueryAnswer) => ({
      ...response,
    }));
    if (code === 2) throw new RangeError(String(log));
    if (code === 3) throw new NodeError("state-gone", String(log));
    if (code !== 0) throw new NodeError("rpc-failed", String(log));
    return read(method, value, (text: string) =>
      readAnswer(new TextDecoder().decode(decodeBase64(text))),
    );
  }

  async strayPrecommits(height: bigint): Promise<readonly StrayPrecommit[]> {
    return this.#logFolder === undefined ? [] : precommitsInLog(this.#logFolder, height);
  }

  /** A method of the RPC. Throws `rpc-failed`. */
  async ask(method: string, params: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    let answer: RpcAnswer | null;
    try {
      const headers = { "content-type": "application/json" };
      const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
      answer = jsonOf(
        await asked(this.url, { method: "POST", headers, body }, bounds),
      ) as RpcAnswer;
    } catch (error) {
      throw new NodeError("rpc-failed", `${method} at ${this.url}: ${(error as Error).message}`);
    }
    if (answer?.error) {
      const { message, data } = answer.error;
      throw new NodeError("rpc-failed", `${method}: ${message}: ${data}`);
    }
    return answer?.result;
  }
}
