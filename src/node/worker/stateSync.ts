/**
 * State sync of a worker (CometBFT spec/abci, snapshots): it offers its snapshots in chunks, and becomes one that
 * others offer.
 *
 * Any peer of CometBFT's can ask for all of it, as often as it likes: an answer takes a chunk's work, not a snapshot's.
 *
 * Invariant: a snapshot is adopted whole or not at all, and only if its state is the base of an application state whose
 * hash is the one that CometBFT's light client has verified. What it does not show is the genesis, which the joining
 * worker brings itself.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import type { Validator } from "../../history/index.ts";
import { sameBytes } from "../bytes.ts";
import { NodeError } from "../nodeError.ts";
import type { Worker } from "./blockWorker.ts";
import { mostSnapshotBytes, readSnapshot } from "./snapshots.ts";
import type { ClusterGenesis } from "./workerGenesis.ts";

/** The only format there is. */
export const snapshotFormat = 1;
const chunkBytes = 2 ** 20;

/** A snapshot as CometBFT passes it on. */
export interface OfferedSnapshot {
  readonly height: bigint;
  readonly format: number;
  readonly chunks: number;
  readonly hash: Uint8Array;
}

/** What becomes of an offer or a chunk. */
export type SyncAnswer = "accept" | "reject" | "reject-format";

/** State sync of one worker. */
export class StateSync {
  readonly #worker: Worker;
  readonly #genesis: ClusterGenesis | undefined;
  readonly #chainId: string;
  readonly #validators: readonly Validator[];
  #offered: (OfferedSnapshot & { readonly appHash: Uint8Array }) | undefined;
  #chunks: (Uint8Array | undefined)[] = [];

  /** @param genesis What the generation agreed on, for a worker that is to join; `validators` are its workers. */
  constructor(
    worker: Worker,
    genesis: ClusterGenesis | undefined,
    chainId: string,
    validators: readonly Validator[] = [],
  ) {
    this.#validators = validators;
    this.#worker = worker;
    this.#genesis = genesis;
    this.#chainId = chainId;
  }

  /** Snapshots that this worker has. */
  list(): OfferedSnapshot[] {
    const { snapshots } = this.#worker;
    return (snapshots?.heights() ?? []).flatMap((height) => {
      const digest = snapshots?.digest(height);
      if (digest === undefined) return [];
      const chunks = Math.ceil(digest.length / chunkBytes);
      return [{ height, format: snapshotFormat, chunks, hash: digest.hash }];
    });
  }

  /** A chunk of one of them; empty if there is none. */
  chunk(height: bigint, format: number, index: number): Uint8Array {
    if (format !== snapshotFormat) return new Uint8Array();
    const { snapshots } = this.#worker;
    return snapshots?.slice(height, index * chunkBytes, chunkBytes) ?? new Uint8Array();
  }

  /** Somebody's snapshot, for a verified application hash. */
  offer(snapshot: OfferedSnapshot, appHash: Uint8Array): SyncAnswer {
    if (snapshot.format !== snapshotFormat) return "reject-format";
    // A peer that offers more than any state of the program takes would have it all kept before it is found false.
    const mostChunks = Math.ceil(mostSnapshotBytes(this.#worker.program) / chunkBytes);
    const isPossible = snapshot.chunks > 0 && snapshot.chunks <= mostChunks;
    if (!isPossible || this.#genesis === undefined) return "reject";
    this.#offered = { ...snapshot, appHash };
    this.#chunks = Array.from({ length: snapshot.chunks }, () => undefined);
    return "accept";
  }

  /** A chunk of the offered snapshot; with the last one the worker becomes what it says. */
  apply(index: number, bytes: Uint8Array): SyncAnswer {
    const offered = this.#offered;
    if (offered === undefined || this.#genesis === undefined) return "reject";
    if (index >= offered.chunks || bytes.length > chunkBytes) return this.#given("reject");
    this.#chunks[index] = bytes;
    const chunks = this.#chunks.filter((chunk) => chunk !== undefined);
    if (chunks.length < offered.chunks) return "accept";
    const whole = new Uint8Array(Buffer.concat(chunks));
    this.#given("accept");
    if (!sameBytes(sha256(whole), offered.hash)) return "reject";
    try {
      const snapshot = readSnapshot(this.#worker.program, whole, offered.appHash);
      if (snapshot.height !== offered.height) return "reject";
      this.#worker.adoptSnapshot(snapshot, this.#genesis, this.#chainId, this.#validators);
    } catch (error) {
      if (error instanceof NodeError && error.code === "state-corrupt") return "reject";
      throw error;
    }
    return "accept";
  }

  /** The offer is over. */
  #given(answer: SyncAnswer): SyncAnswer {
    this.#offered = undefined;
    this.#chunks = [];
    return answer;
  }
}
