/**
 * What a worker answers about its state (ABCI Query, and the gateway through it): the application state after a block,
 * memory with its proof, the hash of a range after a step, results of a call.
 *
 * Invariant: an answer is about one committed height, which it names; it never sees a block that is only tried. Older
 * heights are answered from snapshots and the journal, on a machine of their own, one question after the other and beside
 * the blocks: whoever asks holds up a block by no more than one block's work.
 */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { ApplicationState } from "../../history/index.ts";
import { Machine } from "../../interpreter/index.ts";
import { type MemoryRange, proveMemory } from "../../merkle/index.ts";
import { NodeError } from "../nodeError.ts";
import type { Worker } from "./blockWorker.ts";
import { type Recovered, stateAfterBeside } from "./recovery.ts";

/** Longest that an answer waits for a block under way before the try is taken back for it. */
const patienceMs = 200;

/** Questions that have blocks executed again, and wait for their turn; more are refused. */
const mostWaiting = 16;

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
  /** What was told of a call last: any client may ask the same again and again. */
  #told: { readonly question: string; readonly answer: WorkerAnswer } | undefined;
  #waiting = 0;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(worker: Worker) {
    this.#worker = worker;
  }

  /** Answers a question. Throws `state-gone`, `node-busy`, and RangeError for a range that does not lie in the memory. */
  async answer(query: WorkerQuery): Promise<WorkerAnswer> {
    await this.#worker.quiet(patienceMs);
    const height = query.height === 0n ? this.#worker.height : query.height;
    if (height > this.#worker.height) {
      throw new NodeError("state-gone", `height ${height} has not been reached`);
    }
    switch (query.kind) {
      case "application":
        return { height, application: await this.#applicationAfter(height) };
      case "memory":
        return this.#memory(height, query.range);
      case "probe":
        return this.#once(`probe ${height} ${query.step} ${Object.values(query.range)}`, () =>
          this.#probe(height, query.step, query.range),
        );
      case "results":
        return this.#once(`results ${height}`, () => this.#results(height));
      case "handover": {
        const { application, handoverVote } = this.#worker;
        return { height, application, ...(handoverVote === undefined ? {} : { handoverVote }) };
      }
    }
  }

  async #applicationAfter(height: bigint): Promise<ApplicationState> {
    return this.#keptAfter(height) ?? (await this.#olderAfter(height)).application;
  }

  /** The application state, if no block has to be executed for it. */
  #keptAfter(height: bigint): ApplicationState | undefined {
    const { journal, application } = this.#worker;
    if (height === this.#worker.height) return application;
    return journal.lastBlock(height)?.application ?? journal.inheritedAt(height);
  }

  async #memory(height: bigint, range: MemoryRange): Promise<WorkerAnswer> {
    const { machine, application: newest } = this.#worker;
    const kept = this.#keptAfter(height);
    if (kept !== undefined && kept.base === newest.base) {
      return { height, application: kept, proof: proveMemory(machine.baseTree(), range) };
    }
    const { machine: older, application } = await this.#olderAfter(height);
    return { height, application, proof: proveMemory(older.baseTree(), range) };
  }

  /** Executes blocks again when it is the question's turn. Throws `node-busy`. */
  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#waiting >= mostWaiting) throw new NodeError("node-busy");
    this.#waiting++;
    const done = this.#turn.then(work).finally(() => {
      this.#waiting--;
    });
    this.#turn = done.catch(() => {});
    return done;
  }

  #olderAfter(height: bigint): Promise<Recovered> {
    return this.#inTurn(async () => {
      if (this.#older?.height !== height) {
        this.#older = { height, found: await stateAfterBeside(this.#worker, height) };
      }
      return this.#older.found;
    });
  }

  #once(question: string, answer: () => Promise<WorkerAnswer>): Promise<WorkerAnswer> {
    return this.#inTurn(async () => {
      if (this.#told?.question !== question) this.#told = { question, answer: await answer() };
      return this.#told.answer;
    });
  }

  /** The machine in the call of a block, after some of its steps. */
  async #inCall(height: bigint, steps: number | undefined) {
    const block = this.#worker.journal.block(height);
    if (block === undefined) throw new NodeError("state-gone", `block ${height} has no call`);
    const { machine: before } = await stateAfterBeside(this.#worker, height - 1n);
    const machine = new Machine(this.#worker.program, before.baseTree().state);
    machine.begin(block.input);
    machine.run(steps === undefined ? {} : { steps });
    return { machine, application: block.application };
  }

  async #probe(height: bigint, step: number, range: MemoryRange): Promise<WorkerAnswer> {
    const { machine, application } = await this.#inCall(height, step);
    const { address, length } = range;
    const bytes = machine.state.memories[range.memory]?.bytes.subarray(address, address + length);
    if (bytes === undefined || bytes.length !== length) {
      throw new RangeError("expected a range within a memory");
    }
    return { height, application, hash: bytesToHex(keccak_256(bytes)) };
  }

  async #results(height: bigint): Promise<WorkerAnswer> {
    const { machine, application } = await this.#inCall(height, undefined);
    return { height, application, results: machine.results(), output: machine.output.slice() };
  }
}
