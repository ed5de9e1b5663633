/**
 * Accuses, by itself, every worker that voted for another result than this worker's: those whose votes decided the header
 * that carries it, and those whose precommits for an undecided one were seen.
 *
 * Invariant: an accusation is brought only with this worker's own execution of the block's call, whose result is the one
 * in its journal; a worker is accused once for a header. What does not hold of one vote, or was brought by somebody else
 * before, keeps nothing from the others: peers can write any votes into a node's log.
 */
import { bytesToHex } from "@noble/hashes/utils.js";
import { MachineExecution, RefusedError } from "../../game/index.ts";
import {
  type Accusation,
  applicationHash,
  type Commit,
  type Header,
  HistoryError,
  headerHash,
  type PrecommitOf,
  precommitFor,
  readFraming,
  recordPath,
  signerAmong,
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

/** A header that decided a block's result, with its votes, and the node that showed it. */
export interface DecidedHeader {
  readonly node: ConsensusNode;
  /** Of the block whose result it is: the header stands one higher. */
  readonly height: bigint;
  readonly header: Header;
  readonly commit: Commit;
}

const commitFlag = 2;

/** Brings one worker's accusations to a chain. */
export class Accuser {
  readonly #worker: Worker;
  readonly #chain: ClusterChain;
  readonly #nodes: readonly ConsensusNode[];
  readonly #accused = new Set<string>();

  /** @param nodes Who is asked for a header that another one does not show. */
  constructor(worker: Worker, chain: ClusterChain, nodes: readonly ConsensusNode[] = []) {
    this.#worker = worker;
    this.#chain = chain;
    this.#nodes = nodes;
  }

  /**
   * Accuses whoever voted for a decided header, if it carries another result of block `height` than this worker's.
   * Resolves to the positions of those that were accused now.
   */
  async accuseDecided({ node, height, header, commit }: DecidedHeader): Promise<number[]> {
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
    const news = votes.filter(
      (vote) => !this.#accused.has(`${vote.worker} ${name}`) && this.#isCast(header, vote),
    );
    if (news.length === 0) return [];
    const parent = await this.#parentOf(header, height, node);
    const transactions = [block.record, ...readFraming(block.input).transactions];
    const record = { transaction: block.record, siblings: recordPath(transactions) };
    const { machine, application: before } = stateAfter(this.#worker, height - 1n);
    const execution = new MachineExecution(
      this.#worker.program,
      snapshot(machine.baseTree().state),
      block.input,
    );
    const accused: number[] = [];
    for (const { worker, precommit } of news) {
      const accusation: Accusation = { parent, before, record, header, worker, precommit };
      if (await this.#isBrought(accusation, execution)) accused.push(worker);
      this.#accused.add(`${worker} ${name}`);
    }
    return accused;
  }

  /** Whether an accusation was brought now; not if it does not hold, or the chain has it or will not have it. */
  async #isBrought(accusation: Accusation, execution: MachineExecution): Promise<boolean> {
    try {
      await this.#chain.accuse(accusation, execution);
      return true;
    } catch (error) {
      if (error instanceof HistoryError || error instanceof RefusedError) return false;
      throw error;
    }
  }

  /** Whether a vote for a header is by the worker that it names. */
  #isCast(header: Header, { worker, precommit }: Vote): boolean {
    const validator = this.#chain.generation.validators[worker];
    if (validator === undefined) return false;
    try {
      const vote = precommitFor(header, precommit);
      return signerAmong(vote, vote.signature, [validator.publicKey]) === 0;
    } catch (error) {
      if (error instanceof HistoryError) return false;
      throw error;
    }
  }

  /** The header that another one names as its parent, by the first node that shows it. Throws `rpc-failed`. */
  async #parentOf({ lastBlockId }: Header, height: bigint, first: ConsensusNode): Promise<Header> {
    for (const node of [first, ...this.#nodes]) {
      try {
        const { header } = await node.block(height);
        if (sameBytes(headerHash(header), lastBlockId.hash)) return header;
      } catch (error) {
        if (!(error instanceof NodeError || error instanceof HistoryError)) throw error;
      }
    }
    throw new NodeError("rpc-failed", `no node shows the header of block ${height}`);
  }

  #positionOf(address: Uint8Array): number {
    return this.#chain.generation.validators.findIndex(({ publicKey }) =>
      sameBytes(validatorAddress(publicKey), address),
    );
  }
}
