/**
 * Has the chain know what the programs declare that are validated (docs/validation.md §7): time and pay are reckoned by it where
 * an order names less.
 *
 * Invariant: it is shown once for a program, before the first fragment that it matters for is begun, if anybody validates it.
 */
import type { Contract } from "ethers";
import type { Hash, Sender } from "../../game/index.ts";
import { type ClusterReader, declaredBytes, programMemoryArguments } from "../../history/index.ts";
import type { Program } from "../../interpreter/index.ts";

/** Clusters' programs before the contract ProgramMemory. */
export class DeclaredMemory {
  readonly #contract: Contract;
  readonly #reader: ClusterReader;
  readonly #sender: Sender;
  /** What is still to be shown, if it comes to matter. */
  readonly #open: Map<Hash, { readonly program: Program; readonly bytes: bigint }>;

  /** @param contract From the account that sends. */
  constructor(
    contract: Contract,
    reader: ClusterReader,
    sender: Sender,
    clusters: readonly { readonly id: Hash; readonly program: Program }[],
  ) {
    this.#contract = contract;
    this.#reader = reader;
    this.#sender = sender;
    this.#open = new Map(
      clusters.map(({ id, program }) => [id, { program, bytes: declaredBytes(program) }]),
    );
  }

  /** Shows what orders are below of; `onFailure` is told of each cluster of which it could not, and the others are shown. */
  async show(onFailure: (error: unknown) => void): Promise<void> {
    for (const id of this.#open.keys()) await this.#showOne(id).catch(onFailure);
  }

  async #showOne(id: Hash): Promise<void> {
    const open = this.#open.get(id);
    const cluster = await this.#reader.cluster(id);
    if (open === undefined || cluster === undefined) return;
    const { program, bytes } = open;
    if (cluster.order.memoryBytes >= bytes) return;
    const shown: bigint = await this.#contract.declaredBytes(cluster.program);
    if (shown < bytes) {
      await this.#sender.send(this.#contract, "show", programMemoryArguments(program));
    }
    this.#open.delete(id);
  }
}
