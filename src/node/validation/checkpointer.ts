/**
 * Brings a cluster's headers with their votes to Checkpoints (docs/network.md §7), as any of its nodes may.
 *
 * Invariant: a header is brought once it has a successor, whose commit counts; what another has brought is left.
 */
import { Contract } from "ethers";
import { RefusedError, type Sender } from "../../game/index.ts";
import {
  type CheckpointReader,
  type ClusterGeneration,
  checkpointsInterface,
  commitCalldata,
} from "../../history/index.ts";
import type { ConsensusNode } from "../consensus.ts";

/** Checkpoints one generation's chain. */
export class Checkpointer {
  readonly #node: ConsensusNode;
  readonly #generation: ClusterGeneration;
  readonly #checkpoints: CheckpointReader;
  readonly #sender: Sender;

  constructor(
    node: ConsensusNode,
    generation: ClusterGeneration,
    checkpoints: CheckpointReader,
    sender: Sender,
  ) {
    this.#node = node;
    this.#generation = generation;
    this.#checkpoints = checkpoints;
    this.#sender = sender;
  }

  /** Brings every header that is due; how many. */
  async round(): Promise<number> {
    const { cluster, initialHeight, id, validators } = this.#generation;
    const spacing = BigInt(await this.#checkpoints.contract.spacing());
    const last = await this.#checkpoints.newest(cluster);
    const isOwn = last !== undefined && last.height > initialHeight;
    const from = isOwn ? last.height : initialHeight;
    const { height: top } = await this.#node.status();
    let brought = 0;
    for (let next = (from / spacing + 1n) * spacing; next < top; next += spacing) {
      const { header, commit } = await this.#node.signedHeader(next);
      const args = [id, commitCalldata(header, commit, validators)];
      if (!(await this.#try(args))) return brought;
      brought++;
    }
    return brought;
  }

  async #try(args: readonly unknown[]): Promise<boolean> {
    const { contract } = this.#checkpoints;
    try {
      await this.#sender.send(new Contract(contract.target, checkpointsInterface), "submit", args);
      return true;
    } catch (error) {
      // Brought by another, or the cluster is halted.
      if (error instanceof RefusedError) return false;
      throw error;
    }
  }
}
