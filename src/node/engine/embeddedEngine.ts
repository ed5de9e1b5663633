/**
 * A consensus engine in one process, for trying and for tests: the workers of a cluster, their rounds, proposers and
 * votes, with the bytes of CometBFT's headers, parts, votes and commits.
 *
 * It has no network: a message reaches everybody at once or, from a worker that is down, nobody. A block needs more
 * than two thirds of the power twice, as prevotes and as precommits; a round without goes on to the next proposer.
 *
 * Invariant: a worker votes for a proposal only if its header follows from what the worker itself has computed and the
 * worker's application finds the block valid; who found it invalid follows what was decided and signs nothing for it
 * (docs/cluster.md §4); whom two thirds outvote about a state halts, as CometBFT does. Liars may do otherwise.
 */
import {
  type Block,
  type BlockId,
  type Commit,
  headerHash,
  isQuorum,
  type Timestamp,
  totalPower,
  type Validator,
} from "../../history/index.ts";
import { sameBytes } from "../bytes.ts";
import type { StrayPrecommit, Submitted } from "../consensus.ts";
import { NodeError } from "../nodeError.ts";
import type { Worker } from "../worker/blockWorker.ts";
import { partSetHeader } from "./blockParts.ts";
import {
  type ChainView,
  consensusHash,
  dataBytes,
  medianTime,
  noBlock,
  noCommit,
  proposedBlock,
  resultsHash,
  timeOf,
} from "./headers.ts";
import { Mempool, transactionName } from "./mempool.ts";
import { precommit, signatureOf } from "./precommits.ts";
import { orderedValidators, Proposers, updatedValidators } from "./proposers.ts";
import { type EngineMember, Seat } from "./seat.ts";

const mostRounds = 100;

/** The chain that the members make. */
export interface EngineOptions {
  readonly chainId: string;
  readonly members: readonly EngineMember[];
  /** The genesis's `app_state`. */
  readonly appState: Uint8Array;
  /** Height of the first block, 1 unless the generation goes on from another one. */
  readonly initialHeight?: bigint;
  /** Most bytes of a block, 512 KiB unless given. */
  readonly blockBytes?: number;
  /** Nanoseconds since 1970; the clock of this machine unless given. */
  readonly now?: () => bigint;
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
  /** Most bytes of a block's transactions. */
  readonly #dataBytes: number;
  /** The first block's time. */
  readonly #genesisTime: Timestamp;
  readonly #consensusHash: Uint8Array;
  readonly #now: () => bigint;
  readonly #initialHeight: bigint;
  /** Who validates the block after the next one. */
  #nextValidators: readonly Validator[];
  readonly #mempool: Mempool;
  #lastResultsHash = resultsHash([]);
  /** Told that there may be something to decide. */
  readonly #waiting: (() => void)[] = [];

  constructor(options: EngineOptions) {
    this.chainId = options.chainId;
    this.#now = options.now ?? (() => BigInt(Date.now()) * 1_000_000n);
    this.#genesisTime = timeOf(this.#now());
    const blockBytes = options.blockBytes ?? 2 ** 19;
    this.#consensusHash = consensusHash(BigInt(blockBytes), -1n);
    this.#dataBytes = dataBytes(blockBytes, options.members.length);
    this.#mempool = new Mempool(this.#dataBytes);
    this.#initialHeight = options.initialHeight ?? 1n;
    this.#seats = orderedValidators(options.members.map((member) => new Seat(member)));
    const { validators } = this;
    this.#seats.forEach((seat, index) => {
      seat.index = index;
      seat.beginChain(options.chainId, this.#initialHeight, options.appState, validators);
    });
    this.#nextValidators = validators;
    this.#proposers = new Proposers(validators);
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

  /** What a worker's application has thrown; undefined if it has not failed since it was started. */
  failureOf(worker: Worker): unknown {
    return this.#seat(worker).failure;
  }

  /** Takes a worker out of the network, or starts it again: it executes what was decided meanwhile. */
  setDown(worker: Worker, isDown: boolean): void {
    const seat = this.#seat(worker);
    seat.isDown = isDown;
    if (isDown) return;
    const missed = this.blocks.map(({ block }) => block);
    for (const updates of seat.catchUp(missed)) this.#update(updates);
    if (seat.isAwake && missed.length > 0) this.#lastResultsHash = resultsHash(worker.codes);
    this.#wakeAll();
  }

  /**
   * Hands a transaction to a worker; gossip brings it to the others. Throws `rpc-failed` where the worker is down, or the
   * mempool has no room.
   */
  submit(worker: Worker, transaction: Uint8Array): Submitted {
    const seat = this.#seat(worker);
    const name = transactionName(transaction);
    if (this.#mempool.waiting.has(name)) return { code: 0, reason: "" };
    this.#mempool.expectRoom(transaction);
    const checked = seat.isUp ? seat.asks(() => worker.check(transaction)) : undefined;
    if (checked === undefined) throw new NodeError("rpc-failed", "this worker is down");
    if (checked.code !== 0 || this.heights.has(name)) return checked;
    // The others check for themselves: what they take next may depend on it.
    for (const other of this.#seats) {
      if (other !== seat && other.isAwake) other.asks((each) => each.check(transaction));
    }
    this.#mempool.add(name, transaction);
    this.#wakeAll();
    return checked;
  }

  /** Whether there is anything to decide, or to tell: transactions, an application hash that no header carries yet. */
  get hasWork(): boolean {
    if (this.isOver) return false;
    if (this.#stopped !== undefined) return true;
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

  /**
   * Decides blocks until the signal is given; an idle network makes none, and one without a quorum waits for it. Throws
   * what workers' applications have thrown once the others are too few to go on.
   */
  async follow(signal: AbortSignal): Promise<void> {
    const wake = () => this.#wakeAll();
    signal.addEventListener("abort", wake);
    try {
      while (!signal.aborted) {
        const isDecided = this.hasWork && this.decide();
        await new Promise<void>((go) =>
          isDecided || signal.aborted ? setImmediate(go) : this.#waiting.push(go),
        );
      }
    } finally {
      signal.removeEventListener("abort", wake);
    }
  }

  #wakeAll(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /**
   * Decides the next block; false if the workers that are awake have not enough power to. Throws what a worker's
   * application has thrown if that is why.
   */
  decide(): boolean {
    if (this.isOver) return false;
    for (let round = 0; round < mostRounds; round++) {
      if (this.#stopped !== undefined) throw this.#stopped;
      if (!this.#hasQuorum(this.#awake())) return false;
      const proposer = this.#seats[this.#proposers.at(round)];
      if (proposer.isAwake && this.#round(proposer, round)) return true;
    }
    return false;
  }

  /** One round; true if it decided. */
  #round(proposer: Seat, round: number): boolean {
    const block = this.#proposalOf(proposer);
    if (block === undefined) return false;
    const id: BlockId = { hash: headerHash(block.header), parts: partSetHeader(block) };
    const prevoters = this.#awake().filter((seat) => this.#prevotes(seat, block));
    const awake = this.#awake();
    // Two thirds of prevotes outweigh a worker's own; but no worker can go on from a state that it does not have.
    const followers = awake.filter(({ appHash }) => sameBytes(appHash, block.header.appHash));
    for (const seat of awake) if (!followers.includes(seat)) this.#stray(seat, block, round);
    if (!this.#hasQuorum(prevoters)) return false;
    // Who found the block invalid signs nothing for it, whatever two thirds have prevoted: its signer refuses.
    const given = new Map(
      prevoters.map(({ index, member }) => [
        index,
        precommit(member.key, block.header, id, round, this.#now()),
      ]),
    );
    for (const seat of awake) seat.isHalted = !followers.includes(seat);
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

  #proposalOf(proposer: Seat): Block | undefined {
    const view = this.#viewOf(proposer);
    const waiting = [...this.#mempool.waiting.values()];
    const transactions = proposer.asks((worker) =>
      worker.propose(view.height, waiting, this.#dataBytes),
    );
    return transactions && proposedBlock(view, transactions, proposer);
  }

  #viewOf({ appHash }: Seat): ChainView {
    const last = this.blocks.at(-1);
    return {
      chainId: this.chainId,
      height: this.height + 1n,
      time: last === undefined ? this.#genesisTime : medianTime(last.commit, this.#seats),
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
    return seat.asks((worker) => worker.isValid(header.height, transactions)) === true;
  }

  #decided(decided: DecidedBlock): void {
    const { header, transactions } = decided.block;
    this.blocks.push(decided);
    for (const transaction of transactions) {
      const name = transactionName(transaction);
      this.heights.set(name, header.height);
      this.#mempool.remove(name);
    }
    for (const seat of this.#awake()) this.#update(seat.execute(decided.block));
    // In a CometBFT network a liar with other codes halts; here they are those of the first who is awake.
    const [first] = this.#awake();
    if (first !== undefined) this.#lastResultsHash = resultsHash(first.member.worker.codes);
    this.#proposers.nextHeight();
    this.#recheck();
  }

  /** What a worker's application says of the validators; all say the same, or some of them halt. */
  #update(updates: readonly Validator[]): void {
    if (updates.length > 0) this.#nextValidators = updatedValidators(this.validators, updates);
  }

  /** Transactions that no worker takes any more go; each is asked, since what it takes next may depend on it. */
  #recheck(): void {
    for (const [name, transaction] of this.#mempool.waiting) {
      const takes = this.#awake().filter(
        (seat) => seat.asks((worker) => worker.check(transaction, true))?.code === 0,
      );
      if (takes.length === 0) this.#mempool.remove(name);
    }
  }

  #awake(): Seat[] {
    return this.#seats.filter(({ isAwake }) => isAwake);
  }

  /** What a worker's application has thrown, if without that worker the others have no quorum. */
  get #stopped(): unknown {
    const failed = this.#seats.find(({ failure }) => failure !== undefined);
    return failed !== undefined && !this.#hasQuorum(this.#awake()) ? failed.failure : undefined;
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
