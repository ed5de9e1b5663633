/**
 * What a worker answers about its state (ABCI Query, and the gateway through it): the application state after a block,
 * memory with its proof, the hash of a range after a step, results of a call.
 *
 * Invariant: an answer is about one committed height, which it names; it never sees a block that is only tried. Older
 * heights are answered from snapshots and the journal, on a machine of their own.
 */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { ApplicationState } from "../../history/index.ts";
import { Machine } from "../../interpreter/index.ts";
import { type MemoryRange, proveMemory, type StateTree } from "../../merkle/index.ts";
import { NodeError } from "../nodeError.ts";
import type { Worker } from "./blockWorker.ts";
import { type Recovered, stateAfter } from "./recovery.ts";

/** Longest that an answer waits for a block under way before the try is taken back for it. */
const patienceMs = 200;

/** What a worker is asked; a height of 0 is the last committed one. */
export type WorkerQuery =
  | { readonly kind: "application"; readonly height: bigint }
  | { readonly kind: "memory"; readonly height: bigint; readonly range: MemoryRange }
  | {
      readonly kind: "probe";
      /** Block whose call is looked into. */
      readonly height: bigint;
      /** Steps of the call after which the range is hashed. */
      readonly step: number;
      readonly range: MemoryRange;
    }
  | { readonly kind: "results"; readonly height: bigint }
  | { readonly kind: "handover"; readonly height: bigint };

/** What it answers. */
export interface WorkerAnswer {
  readonly height: bigint;
  readonly application: ApplicationState;
  /** Of `memory`: as `verifyMemory` takes it, against `application.base`. */
  readonly proof?: Uint8Array;
  /** Of `probe`: keccak-256 of the range, as hex without 0x. */
  readonly hash?: string;
  /** Of `results`: what the call of the block at this height returned, slots as unsigned integers. */
  readonly results?: readonly bigint[];
  /** Of `results`: what it put out. */
  readonly output?: Uint8Array;
  /** Of `handover`: the worker's signature under the next generation's keys, once it has signed. */
  readonly handoverVote?: string;
}

/** Answers questions about one worker. */
export class WorkerQueries {
  readonly #worker: Worker;
  /** The older state that was asked for last. */
  #older: { readonly height: bigint; readonly found: Recovered } | undefined;

  constructor(worker: Worker) {
    this.#worker = worker;
  }

  /** Answers a question. Throws `state-gone`, and RangeError for a range that does not lie in the memory. */
  async answer(query: WorkerQuery): Promise<WorkerAnswer> {
    await this.#worker.quiet(patienceMs);
    const height = query.height === 0n ? this.#worker.height : query.height;
    if (height > this.#worker.height) {
      throw new NodeError("state-gone", `height ${height} has not been reached`);
    }
    switch (query.kind) {
      case "application":
        return { height, application: this.#applicationAfter(height) };
      case "memory": {
        const application = this.#applicationAfter(height);
        return { height, application, proof: proveMemory(this.#treeAfter(height), query.range) };
      }
      case "probe":
        return this.#probe(height, query.step, query.range);
      case "results":
        return this.#results(height);
      case "handover": {
        const { application, handoverVote } = this.#worker;
        return { height, application, ...(handoverVote === undefined ? {} : { handoverVote }) };
      }
    }
  }

  #applicationAfter(height: bigint): ApplicationState {
    if (height === this.#worker.height) return this.#worker.application;
    const block = this.#worker.journal.lastBlock(height);
    if (block !== undefined) return block.application;
    const inherited = this.#worker.journal.inheritedAt(height);
    if (inherited !== undefined) return inherited;
    return this.#olderAfter(height).application;
  }

  #treeAfter(height: bigint): StateTree {
    const { base } = this.#applicationAfter(height);
    if (base === this.#worker.application.base) return this.#worker.machine.baseTree();
    return this.#olderAfter(height).machine.baseTree();
  }

  #olderAfter(height: bigint): Recovered {
    if (this.#older?.height !== height) {
      this.#older = { height, found: stateAfter(this.#worker, height) };
    }
    return this.#older.found;
  }

  /** The machine in the call of a block, after some of its steps. */
  #inCall(height: bigint, steps: number | undefined): Machine {
    const block = this.#worker.journal.block(height);
    if (block === undefined) throw new NodeError("state-gone", `block ${height} has no call`);
    const { machine: before } = stateAfter(this.#worker, height - 1n);
    const machine = new Machine(this.#worker.program, before.baseTree().state);
    machine.begin(block.input);
    machine.run(steps === undefined ? {} : { steps });
    return machine;
  }

  #probe(height: bigint, step: number, range: MemoryRange): WorkerAnswer {
    const { state } = this.#inCall(height, step);
    const { address, length } = range;
    const bytes = state.memories[range.memory]?.bytes.subarray(address, address + length);
    if (bytes === undefined || bytes.length !== length) {
      throw new RangeError("expected a range within a memory");
    }
    const application = this.#applicationAfter(height);
    return { height, application, hash: bytesToHex(keccak_256(bytes)) };
  }

  #results(height: bigint): WorkerAnswer {
    const machine = this.#inCall(height, undefined);
    const application = this.#applicationAfter(height);
    return { height, application, results: machine.results(), output: machine.output.slice() };
  }
}
