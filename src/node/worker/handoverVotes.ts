/**
 * How workers come to a handover (docs/cluster.md §2): each signs the next generation's keys once the EVM chain holds
 * them as sealed, asks the others for their signatures, and submits the handover when more than two thirds have signed;
 * when the last header is decided, it brings that to the contract, until it stands there deep.
 *
 * Invariant: what is signed was read from the chain; what others say counts only with their signatures, and nothing here
 * decides about a block.
 */
import type { SigningKey } from "ethers";
import { RefusedError } from "../../game/index.ts";
import {
  type Commit,
  encodeHandover,
  type HandoverVote,
  type Header,
  HistoryError,
  isHandoverSigned,
  isQuorum,
  signHandover,
  totalPower,
  type Validator,
  validatorsHash,
} from "../../history/index.ts";
import { sameBytes } from "../bytes.ts";
import type { ConsensusNode } from "../consensus.ts";
import { NodeError } from "../nodeError.ts";
import type { Worker } from "./blockWorker.ts";

/** What a worker needs of the EVM chain for a handover. */
export interface SuccessionChain {
  /** The next generation, once it is sealed and may take over; undefined before. */
  successors(): Promise<readonly Validator[] | undefined>;
  /**
   * Shows the contract the last header of this generation's chain, with its votes, unless it knows it; whether that has
   * happened so deep in the chain that no reorganisation undoes it.
   */
  handOver(header: Header, commit: Commit): Promise<boolean>;
}

/** One worker's part in a handover. */
export class HandoverVotes {
  readonly #worker: Worker;
  readonly #chain: SuccessionChain;
  readonly #key: SigningKey;
  readonly #nodes: readonly ConsensusNode[];
  #isBrought = false;

  /** @param nodes Of the cluster, the own first: the handover is submitted there. */
  constructor(
    worker: Worker,
    chain: SuccessionChain,
    key: SigningKey,
    nodes: readonly ConsensusNode[],
  ) {
    this.#worker = worker;
    this.#chain = chain;
    this.#key = key;
    this.#nodes = nodes;
  }

  /** Goes as far as it can; call it again and again. Rejects with what a node or the chain answers. */
  async look(): Promise<void> {
    if (this.#worker.genesis === undefined || this.#isBrought) return;
    if (this.#worker.succession.successors !== undefined) return this.#bring();
    const successors = await this.#chain.successors();
    if (successors === undefined) return;
    const { chainId } = await this.#nodes[0].status();
    this.#worker.handoverVote = signHandover(chainId, successors, this.#key);
    const votes = await this.#votesFor(chainId, successors);
    const { validators } = this.#worker.succession;
    const power = votes.reduce((sum, { worker }) => sum + validators[worker].power, 0n);
    if (!isQuorum(power, totalPower(validators))) return;
    await this.#nodes[0].submit(encodeHandover({ successors, votes }));
  }

  /** The signatures that this worker and the others give, by worker. */
  async #votesFor(chainId: string, successors: readonly Validator[]): Promise<HandoverVote[]> {
    const asked = this.#nodes.map((node) =>
      node.query({ kind: "handover", height: 0n }).then(
        ({ handoverVote }) => handoverVote,
        () => undefined,
      ),
    );
    const given = new Set([this.#worker.handoverVote, ...(await Promise.all(asked))]);
    const signatures = [...given].filter((signature) => signature !== undefined);
    return this.#worker.succession.validators.flatMap((validator, worker) => {
      const signature = signatures.find((each) =>
        isHandoverSigned(chainId, successors, each, validator),
      );
      return signature === undefined ? [] : [{ worker, signature }];
    });
  }

  /** Brings the last header to the contract, from any node that shows it; somebody else may have come first. */
  async #bring(): Promise<void> {
    const { successors = [] } = this.#worker.succession;
    const wanted = validatorsHash(successors);
    for (const node of this.#nodes) {
      try {
        const { height } = await node.status();
        const { header, commit } = await node.signedHeader(height);
        if (!sameBytes(header.nextValidatorsHash, wanted)) continue;
        this.#isBrought = await this.#chain.handOver(header, commit);
        return;
      } catch (error) {
        // A node that shows something else; or somebody else was first.
        const isPassed =
          error instanceof NodeError ||
          error instanceof HistoryError ||
          error instanceof RefusedError;
        if (!isPassed) throw error;
      }
    }
  }
}
