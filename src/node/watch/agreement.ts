/**
 * Watches whether the cluster's headers carry what this worker has computed, and how far the cluster is ahead.
 *
 * A worker that is outvoted halts, and its consensus engine stays alive and silent with the height standing still
 * (CometBFT logs a consensus failure); FinalizeBlock never shows it the header that it disagrees with. So the headers
 * are read from all nodes that are known.
 *
 * Invariant: a header counts only with a verified commit of the generation's workers, also where it says how far the cluster
 * is; every height is looked at once, in order, and a disagreement is told once.
 */
import { hexToBytes } from "@noble/hashes/utils.js";
import type { Hash } from "../../game/index.ts";
import {
  type ApplicationState,
  applicationHash,
  type Commit,
  type Header,
  HistoryError,
  initialApplicationState,
  type Validator,
  verifyCommit,
} from "../../history/index.ts";
import { sameBytes } from "../bytes.ts";
import type { ConsensusNode } from "../consensus.ts";
import { NodeError } from "../nodeError.ts";
import type { Worker } from "../worker/blockWorker.ts";
import { stateAfter } from "../worker/recovery.ts";

/** A header that carries another result than this worker's. */
export interface Disagreement {
  /** Height of the block whose result it is: the header stands one higher. */
  readonly height: bigint;
  readonly header: Header;
  readonly commit: Commit;
  /** What this worker has computed. */
  readonly own: ApplicationState;
  /** The node that showed the header. */
  readonly node: ConsensusNode;
}

/** Watches one worker against nodes of its cluster. */
export class AgreementWatch {
  readonly #worker: Worker;
  readonly #nodes: readonly ConsensusNode[];
  readonly #validators: readonly Validator[];
  #checked: bigint | undefined;
  /** Height of the furthest header that was seen. */
  furthest = 0n;
  /** What was found; the first only, since everything behind it follows. */
  disagreement: Disagreement | undefined;

  constructor(worker: Worker, nodes: readonly ConsensusNode[], validators: readonly Validator[]) {
    this.#worker = worker;
    this.#nodes = nodes;
    this.#validators = validators;
  }

  /** How many blocks the worker is behind the furthest node. */
  get lag(): bigint {
    const lag = this.furthest - this.#worker.height;
    return lag > 0n ? lag : 0n;
  }

  /** Looks at all headers that are new; resolves to a disagreement that was just found. */
  async look(): Promise<Disagreement | undefined> {
    if (this.disagreement !== undefined) return undefined;
    for (const node of this.#nodes) {
      const found = await this.#lookAt(node).catch((error: unknown) => {
        // A node that does not answer, or lies, shows nothing; the next one may.
        if (error instanceof NodeError || error instanceof HistoryError) return undefined;
        throw error;
      });
      if (found !== undefined) {
        this.disagreement = found;
        return found;
      }
    }
    return undefined;
  }

  async #lookAt(node: ConsensusNode): Promise<Disagreement | undefined> {
    const { height: top } = await node.status();
    if (top > this.furthest) {
      // What a node says of its height is nothing: a liar among them would have every worker called sick.
      await this.#verified(node, top);
      this.furthest = top;
    }
    let checked = this.#checked ?? this.#worker.journal.startsAt ?? 0n;
    while (checked < this.#worker.height && checked + 1n < top) {
      const height = checked + 1n;
      const { header, commit } = await this.#verified(node, height + 1n);
      const own = this.#stateAfter(height);
      if (!sameBytes(header.appHash, hexToBytes(applicationHash(own).slice(2)))) {
        return { height, header, commit, own, node };
      }
      checked = height;
      this.#checked = height;
    }
    return undefined;
  }

  async #verified(node: ConsensusNode, height: bigint) {
    const { header, commit } = await node.signedHeader(height);
    // Another height's header is as true, and says nothing of this one.
    const isAsked =
      header.height === height && header.chainId === this.#worker.journal.fact("chainId");
    if (!isAsked) throw new HistoryError("commit-mismatch", "another height or chain");
    verifyCommit(header, commit, this.#validators);
    return { header, commit };
  }

  #stateAfter(height: bigint): ApplicationState {
    const { journal } = this.#worker;
    const kept = journal.lastBlock(height);
    if (kept !== undefined) return kept.application;
    if (journal.startsAt !== undefined) return stateAfter(this.#worker, height).application;
    return initialApplicationState((journal.fact("genesisState") ?? "") as Hash);
  }
}
