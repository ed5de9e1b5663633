/**
 * A consensus engine in one process, for trying and for tests: the workers of a cluster, their rounds, proposers and
 * votes, with the bytes of CometBFT's headers, parts, votes and commits.
 *
 * It has no network: a message reaches everybody at once or, from a worker that is down, nobody. A block needs more
 * than two thirds of the power twice, as prevotes and as precommits; a round without goes on to the next proposer.
 *
 * Invariant: a worker prevotes a proposal only if its header follows from what the worker itself has computed and the
 * worker's application finds the block valid; whom two thirds outvote halts, as CometBFT does. Liars may do otherwise.
 */
import { bytesToHex } from "@noble/hashes/utils.js";
import { getBytes, type SigningKey } from "ethers";
import {
  type Block,
  type BlockId,
  type Commit,
  headerHash,
  isQuorum,
  totalPower,
  transactionHash,
  type Validator,
} from "../../history/index.ts";
import { sameBytes } from "../bytes.ts";
import type { StrayPrecommit } from "../consensus.ts";
import type { Worker } from "../worker/blockWorker.ts";
import { partSetHeader } from "./blockParts.ts";
import {
  type ChainView,
  consensusHash,
  medianTime,
  noBlock,
  noCommit,
  proposedBlock,
  resultsHash,
  timeOf,
} from "./headers.ts";
import { precommit, signatureOf } from "./precommits.ts";
import { orderedValidators, Proposers } from "./proposers.ts";

const mostRounds = 100;

/** A worker of the network. */
export interface EngineMember {
  readonly worker: Worker;
  readonly key: SigningKey;
  readonly power: bigint;
  /** Precommits its own version of a block that follows from another state than its own: a liar. */
  readonly precommitsAlone?: boolean;
}

/** The chain that the members make. */
export interface EngineOptions {
  readonly chainId: string;
  readonly members: readonly EngineMember[];
  /** The genesis's `app_state`. */
  readonly appState: Uint8Array;
  /** Height of the first block, 1 unless the generation goes on from another one. */
  readonly initialHeight?: bigint;
  /** Most bytes of a block's transactions, 512 KiB unless given. */
  readonly blockBytes?: number;
  /** Nanoseconds since 1970; the clock of this machine unless given. */
  readonly now?: () => bigint;
}

interface Seat extends Validator {
  readonly member: EngineMember;
  readonly index: number;
  /** What the worker's application said after the last block. */
  appHash: Uint8Array;
  isDown: boolean;
  /** Whether two thirds decided what it holds for wrong. */
  isHalted: boolean;
}

/** A decided block with its own votes. */
export interface DecidedBlock {
  readonly block: Block;
  readonly commit: Commit;
}

/** The network. */
export class EmbeddedEngine {
  readonly chainId: string;
  readonly blocks: DecidedBlock[] = [];
  readonly strays = new Map<bigint, StrayPrecommit[]>();
  /** Heights of transactions by their hash, in hex. */
  readonly heights = new Map<string, bigint>();
  readonly #seats: readonly Seat[];
  readonly #proposers: Proposers;
  readonly #options: EngineOptions;
  readonly #consensusHash: Uint8Array;
  readonly #now: () => bigint;
  readonly #initialHeight: bigint;
  /** Who validates the block after the next one. */
  #nextValidators: readonly Validator[];
  #mempool = new Map<string, Uint8Array>();
  #lastResultsHash = resultsHash([]);
  readonly #submitted: (() => void)[] = [];

  constructor(options: EngineOptions) {
    this.#options = options;
    this.chainId = options.chainId;
    this.#now = options.now ?? (() => BigInt(Date.now()) * 1_000_000n);
    const blockBytes = BigInt(options.blockBytes ?? 2 ** 19);
    this.#consensusHash = consensusHash(blockBytes, -1n);
    const seated = options.members.map((member) => ({
      member,
      publicKey: getBytes(member.key.compressedPublicKey),
      power: member.power,
    }));
    this.#initialHeight = options.initialHeight ?? 1n;
    const { chainId, appState } = options;
    const ordered = orderedValidators(seated);
    const validators = ordered.map(({ publicKey, power }) => ({ publicKey, power }));
    const begun = ({ worker }: EngineMember) =>
      getBytes(worker.initChain(chainId, this.#initialHeight, appState, validators));
    this.#seats = ordered.map((seat, index) => ({
      ...seat,
      index,
      appHash: begun(seat.member),
      isDown: false,
      isHalted: false,
    }));
    this.#nextValidators = validators;
    this.#proposers = new Proposers(this.#seats);
  }

  /** The workers in CometBFT's order. */
  get validators(): readonly Validator[] {
    return this.#seats.map(({ publicKey, power }) => ({ publicKey, power }));
  }

  /** Height of the last decided block; one below the first height while there is none. */
  get height(): bigint {
    return this.#initialHeight - 1n + BigInt(this.blocks.length);
  }

  /** The decided block at a height. */
  blockAt(height: bigint): DecidedBlock | undefined {
    return this.blocks[Number(height - this.#initialHeight)];
  }

  /** Whether the last block names other validators than these for the next one: the chain is over. */
  get isOver(): boolean {
    const header = this.blocks.at(-1)?.block.header;
    return header !== undefined && !sameBytes(header.nextValidatorsHash, header.validatorsHash);
  }

  /** Position of a member in the validator set. */
  positionOf(worker: Worker): number {
    return this.#seat(worker).index;
  }

  /** Whether a worker was outvoted and halted. */
  isHalted(worker: Worker): boolean {
    return this.#seat(worker).isHalted;
  }

  /** Takes a worker out of the network, or back. It misses what is decided meanwhile, and cannot catch up here. */
  setDown(worker: Worker, isDown: boolean): void {
    this.#seat(worker).isDown = isDown;
  }

  /** Hands a transaction to a worker; gossip brings it to the others. */
  submit(
    worker: Worker,
    transaction: Uint8Array,
  ): { readonly code: number; readonly reason: string } {
    const checked = worker.check(transaction);
    const name = bytesToHex(transactionHash(transaction));
    if (checked.code === 0 && !this.heights.has(name)) {
      this.#mempool.set(name, transaction);
      for (const wake of this.#submitted.splice(0)) wake();
    }
    return checked;
  }

  /** Whether there is anything to decide: transactions, or an application hash that no header carries yet. */
  get hasWork(): boolean {
    if (this.isOver) return false;
    const last = this.blocks.at(-1);
    if (this.#mempool.size > 0 || last === undefined) return true;
    return this.#awake().some(({ appHash }) => !sameBytes(appHash, last.block.header.appHash));
  }

  /** Decides blocks while there is something to decide. Returns how many. */
  work(): number {
    let decided = 0;
    while (this.hasWork && this.decide()) decided++;
    return decided;
  }

  /** Decides blocks until the signal is given; an idle network makes none. */
  async follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (this.hasWork) {
        if (!this.decide()) return;
        await new Promise((done) => setImmediate(done));
      } else {
        await new Promise<void>((resolve) => {
          this.#submitted.push(resolve);
          signal.addEventListener("abort", () => resolve(), { once: true });
        });
      }
    }
  }

  /** Decides the next block; false if the workers that are awake have not enough power to. */
  decide(): boolean {
    if (this.isOver) return false;
    for (let round = 0; round < mostRounds; round++) {
      const proposer = this.#seats[this.#proposers.next()];
      if (proposer.isDown || proposer.isHalted) {
        if (!this.#hasQuorum(this.#awake())) return false;
        continue;
      }
      if (this.#round(proposer, round)) return true;
    }
    return false;
  }

  /** One round; true if it decided. */
  #round(proposer: Seat, round: number): boolean {
    const block = this.#proposalOf(proposer);
    const id: BlockId = { hash: headerHash(block.header), parts: partSetHeader(block) };
    const awake = this.#awake();
    const isPolka = this.#hasQuorum(awake.filter((seat) => this.#prevotes(seat, block)));
    // Two thirds of prevotes outweigh a worker's own; but no worker can go on from a state that it does not have.
    const followers = awake.filter(({ appHash }) => sameBytes(appHash, block.header.appHash));
    for (const seat of awake) if (!followers.includes(seat)) this.#stray(seat, block, round);
    if (!isPolka) return false;
    const votes = followers.map((seat) => ({
      seat,
      precommit: precommit(seat.member.key, block.header, id, round, this.#now()),
    }));
    for (const seat of awake) seat.isHalted = !followers.includes(seat);
    const given = new Map(votes.map(({ seat, precommit }) => [seat.index, precommit]));
    const signatures = this.#seats.map(({ index, publicKey }) =>
      signatureOf(given.get(index), publicKey),
    );
    this.#decided({
      block,
      commit: { height: block.header.height, round, blockId: id, signatures },
    });
    return true;
  }

  /** A worker that cannot follow a block falls silent, or signs a version of its own. */
  #stray(seat: Seat, { transactions }: Block, round: number): void {
    if (seat.member.precommitsAlone !== true) return;
    const block = proposedBlock(this.#viewOf(seat), transactions, seat);
    const { header } = block;
    const id: BlockId = { hash: headerHash(header), parts: partSetHeader(block) };
    const vote = precommit(seat.member.key, header, id, round, this.#now());
    const strays = this.strays.get(header.height) ?? [];
    this.strays.set(header.height, [...strays, { header, worker: seat.index, precommit: vote }]);
  }

  #proposalOf(proposer: Seat): Block {
    const { member } = proposer;
    const view = this.#viewOf(proposer);
    const most = this.#options.blockBytes ?? 2 ** 19;
    const waiting = [...this.#mempool.values()];
    const transactions = member.worker.propose(view.height, waiting, most);
    return proposedBlock(view, transactions, proposer);
  }

  #viewOf({ appHash }: Seat): ChainView {
    const last = this.blocks.at(-1);
    return {
      chainId: this.chainId,
      height: this.height + 1n,
      time: last === undefined ? timeOf(this.#now()) : medianTime(last.commit, this.#seats),
      lastBlockId: last?.commit.blockId ?? noBlock,
      lastCommit: last?.commit ?? noCommit,
      validators: this.validators,
      nextValidators: this.#nextValidators,
      consensusHash: this.#consensusHash,
      appHash,
      lastResultsHash: this.#lastResultsHash,
    };
  }

  /** Whether a worker prevotes a block. */
  #prevotes(seat: Seat, { header, transactions }: Block): boolean {
    if (!sameBytes(header.appHash, seat.appHash)) return false;
    return seat.member.worker.isValid(header.height, transactions);
  }

  #decided(decided: DecidedBlock): void {
    const { header, transactions } = decided.block;
    this.blocks.push(decided);
    for (const transaction of transactions) {
      const name = bytesToHex(transactionHash(transaction));
      this.heights.set(name, header.height);
      this.#mempool.delete(name);
    }
    for (const seat of this.#awake()) {
      const { worker } = seat.member;
      seat.appHash = getBytes(worker.finalize(header.height, transactions));
      this.#update(worker.validatorUpdates);
      worker.commit();
    }
    // In a CometBFT network a liar with other codes halts; here they are those of the first who is awake.
    this.#lastResultsHash = resultsHash(this.#awake()[0]?.member.worker.codes ?? []);
    this.#recheck();
  }

  /** What a worker's application says of the validators; all say the same, or some of them halt. */
  #update(updates: readonly Validator[]): void {
    if (updates.length === 0) return;
    const changed = new Set(updates.map(({ publicKey }) => bytesToHex(publicKey)));
    const stay = this.validators.filter(({ publicKey }) => !changed.has(bytesToHex(publicKey)));
    const come = updates.filter(({ power }) => power > 0n);
    this.#nextValidators = orderedValidators([...stay, ...come]);
  }

  /** Transactions that no worker takes any more go. */
  #recheck(): void {
    for (const [name, transaction] of this.#mempool) {
      const takes = ({ member }: Seat) => member.worker.check(transaction, true).code === 0;
      if (!this.#awake().some(takes)) this.#mempool.delete(name);
    }
  }

  #awake(): Seat[] {
    return this.#seats.filter(({ isDown, isHalted }) => !isDown && !isHalted);
  }

  #hasQuorum(seats: readonly Seat[]): boolean {
    return isQuorum(totalPower(seats), totalPower(this.#seats));
  }

  #seat(worker: Worker): Seat {
    const seat = this.#seats.find(({ member }) => member.worker === worker);
    if (seat === undefined) throw new RangeError("expected a worker of this network");
    return seat;
  }
}
