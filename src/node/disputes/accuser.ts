/**
 * Accuses, by itself, every worker that voted for another result than this worker's: those whose votes decided the header
 * that carries it, and those whose precommits for an undecided one were seen.
 *
 * Invariant: an accusation is brought only with this worker's own execution of the block's call, whose result is the one
 * in its journal; a worker is accused once for a header.
 */
import { bytesToHex } from "@noble/hashes/utils.js";
import { MachineExecution } from "../../game/index.ts";
import {
  type Accusation,
  applicationHash,
  type Header,
  headerHash,
  type PrecommitOf,
  recordPath,
  validatorAddress,
} from "../../history/index.ts";
import { snapshot } from "../../interpreter/index.ts";
import { sameBytes } from "../bytes.ts";
import type { ConsensusNode } from "../consensus.ts";
import { NodeError } from "../nodeError.ts";
import type { Worker } from "../worker/blockWorker.ts";
import { stateAfter } from "../worker/recovery.ts";
import type { ClusterChain } from "./clusterChain.ts";

/** Somebody's precommit for a header. */
interface Vote {
  /** Position in the generation's workers. */
  readonly worker: number;
  readonly precommit: PrecommitOf;
}

const commitFlag = 2;

/** Brings one worker's accusations to a chain. */
export class Accuser {
  readonly #worker: Worker;
  readonly #chain: ClusterChain;
  readonly #accused = new Set<string>();

  constructor(worker: Worker, chain: ClusterChain) {
    this.#worker = worker;
    this.#chain = chain;
  }

  /**
   * Accuses whoever voted for the decided header at `height` + 1, if it carries another result of block `height` than
   * this worker's. Resolves to the positions of those that were accused now.
   */
  async accuseDecided(node: ConsensusNode, height: bigint): Promise<number[]> {
    const { header, commit } = await node.signedHeader(height + 1n);
    const { round, blockId } = commit;
    const votes = commit.signatures.flatMap(
      ({ flag, validatorAddress: address, time, signature }) => {
        if (flag !== commitFlag) return [];
        const worker = this.#positionOf(address);
        return worker < 0 ? [] : [{ worker, precommit: { round, blockId, time, signature } }];
      },
    );
    return this.#accuse(node, height, header, votes);
  }

  /** Accuses whoever precommitted an undecided header that carries another result of block `height`. */
  async accuseStrays(node: ConsensusNode, height: bigint): Promise<number[]> {
    const accused: number[] = [];
    for (const { header, ...vote } of await node.strayPrecommits(height + 1n)) {
      accused.push(...(await this.#accuse(node, height, header, [vote])));
    }
    return accused;
  }

  async #accuse(
    node: ConsensusNode,
    height: bigint,
    header: Header,
    votes: readonly Vote[],
  ): Promise<number[]> {
    const block = this.#worker.journal.block(height);
    if (block === undefined) throw new NodeError("state-gone", `block ${height} has no call here`);
    const own = Buffer.from(applicationHash(block.application).slice(2), "hex");
    if (sameBytes(header.appHash, own)) return [];
    const name = bytesToHex(headerHash(header));
    const news = votes.filter(({ worker }) => !this.#accused.has(`${worker} ${name}`));
    if (news.length === 0) return [];
    const { transactions, header: parent } = await node.block(height);
    const record = { transaction: transactions[0], siblings: recordPath(transactions) };
    const { machine, application: before } = stateAfter(this.#worker, height - 1n);
    const execution = new MachineExecution(
      this.#worker.program,
      snapshot(machine.baseTree().state),
      block.input,
    );
    for (const { worker, precommit } of news) {
      const accusation: Accusation = { parent, before, record, header, worker, precommit };
      await this.#chain.accuse(accusation, execution);
      this.#accused.add(`${worker} ${name}`);
    }
    return news.map(({ worker }) => worker);
  }

  #positionOf(address: Uint8Array): number {
    return this.#chain.generation.validators.findIndex(({ publicKey }) =>
      sameBytes(validatorAddress(publicKey), address),
    );
  }
}
