/**
 * One worker's node of the embedded engine, as the rest of a node sees any engine.
 *
 * Invariant: it answers from decided blocks and its own worker alone.
 */
import { bytesToHex } from "@noble/hashes/utils.js";
import type { Block, Commit, Header, Validator } from "../../history/index.ts";
import type { ConsensusNode, ConsensusStatus, StrayPrecommit, Submitted } from "../consensus.ts";
import { NodeError } from "../nodeError.ts";
import type { Worker } from "../worker/blockWorker.ts";
import { type WorkerAnswer, WorkerQueries, type WorkerQuery } from "../worker/queries.ts";
import type { DecidedBlock, EmbeddedEngine } from "./embeddedEngine.ts";

/** A node of an embedded engine. */
export class EmbeddedNode implements ConsensusNode {
  readonly #engine: EmbeddedEngine;
  readonly #worker: Worker;
  readonly #queries: WorkerQueries;

  constructor(engine: EmbeddedEngine, worker: Worker) {
    this.#engine = engine;
    this.#worker = worker;
    this.#queries = new WorkerQueries(worker);
  }

  async status(): Promise<ConsensusStatus> {
    const { chainId, height, blocks } = this.#engine;
    return { chainId, height: blocks.length === 0 ? 0n : height };
  }

  async block(height: bigint): Promise<Block> {
    return this.#decided(height).block;
  }

  async signedHeader(height: bigint): Promise<{ header: Header; commit: Commit }> {
    const { block, commit } = this.#decided(height);
    return { header: block.header, commit };
  }

  async validators(): Promise<readonly Validator[]> {
    return this.#engine.validators;
  }

  async submit(transaction: Uint8Array): Promise<Submitted> {
    return this.#engine.submit(this.#worker, transaction);
  }

  async heightOf(transactionHash: Uint8Array): Promise<bigint | undefined> {
    return this.#engine.heights.get(bytesToHex(transactionHash));
  }

  query(query: WorkerQuery): Promise<WorkerAnswer> {
    return this.#queries.answer(query);
  }

  async strayPrecommits(height: bigint): Promise<readonly StrayPrecommit[]> {
    return this.#engine.strays.get(height) ?? [];
  }

  #decided(height: bigint): DecidedBlock {
    const decided = this.#engine.blockAt(height);
    if (decided === undefined) throw new NodeError("rpc-failed", `no block at height ${height}`);
    return decided;
  }
}
