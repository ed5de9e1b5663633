/**
 * Reading and calling an Arbiter on any JSON-RPC chain (docs/game.md §7), over ethers v6.
 *
 * Invariant: a dispute's state is taken from its newest event and checked against the contract's `stateOf`; when
 * the chain reorganises between the two questions, the answer is "not now" and the caller asks again. Events are read
 * in pages (eventPages.ts).
 */
import {
  Contract,
  type ContractRunner,
  type EventLog,
  type Interface,
  type Provider,
  type Result,
  type TransactionReceipt,
} from "ethers";
import type { Address, Hash, Transition } from "../claim/claim.ts";
import {
  type Dispute,
  decodeDispute,
  disputeDigest,
  opposedKey,
  type Side,
} from "../search/disputeState.ts";
import type { Situation } from "../search/strategy.ts";
import { arbiterInterface } from "./contracts.ts";
import { EventPages } from "./eventPages.ts";

/** Constructor parameters of the contract. */
export interface Parameters {
  /** Parts into which a round divides the searched segment; 2 to 256. */
  readonly k: number;
  /** Blocks that every single move has. */
  readonly graceBlocks: number;
  /** Blocks beyond the grace, for all moves of a party together. */
  readonly bankBlocks: number;
  /** Blocks between announcing a withdrawal and taking it. */
  readonly coolingOffBlocks: number;
  /** Wei. */
  readonly stake: bigint;
  /** The winner's part of the loser's stake, in 1/10,000; the rest is burned. */
  readonly rewardBps: number;
  /** Blocks from a call's first posted claim in which its claims can be disputed. */
  readonly windowBlocks: number;
}

/**
 * A dispute as it was opened: its number, the parties, the accused's transition, the first state and where the
 * chain has it.
 */
export interface OpenedEvent {
  readonly id: bigint;
  readonly accused: Address;
  readonly challenger: Address;
  readonly transition: Transition;
  /** State of the dispute right after opening. */
  readonly dispute: Dispute;
  readonly blockNumber: number;
  readonly transactionHash: Hash;
}

/**
 * What a move does: proves a claim, posts a state, posts a vector (first mover of a round), chooses a part of the other's
 * (second mover).
 */
export type MoveKind = "proof" | "state" | "vector" | "part";

/**
 * A move in a dispute: whose and of what kind, the hashes that it posted, and the dispute's state after it.
 */
export interface MovedEvent {
  readonly side: Side;
  readonly move: MoveKind;
  readonly hashes: readonly Hash[];
  readonly dispute: Dispute;
  readonly blockNumber: number;
  readonly transactionHash: Hash;
}

/** What has become of the stake behind a statement; the numbers are the contract's. */
export const backingStatus = { none: 0, staked: 1, lost: 2 } as const;

export const moveNames: readonly MoveKind[] = ["proof", "state", "vector", "part"];
const disputeType = arbiterInterface.getFunction("proveClaim")?.inputs[0];

/**
 * An Arbiter on a chain, for reading: its parameters, its disputes and their events. A party that plays uses
 * `Player`, which has one of these; what is not here is called through `contract`. Every method asks the node, and
 * rejects with the error of ethers if that fails.
 */
export class ArbiterClient {
  /** The contract as ethers sees it, with the whole ABI of IArbiter. */
  readonly contract: Contract;
  /** Where it is. */
  readonly address: Address;
  /** Block of the contract's creation: where the search for events begins. */
  readonly fromBlock: number;
  readonly #events: EventPages;
  #parameters: Parameters | undefined;

  /**
   * @param runner What asks the node: a provider for reading, a signer for `contract`'s transactions too.
   * @param fromBlock Block of the contract's creation; 0 makes nodes search all of the chain.
   * @param abi Of a contract with the same moves and events, if it is not an Arbiter.
   */
  constructor(
    address: Address,
    runner: ContractRunner,
    fromBlock = 0,
    abi: Interface = arbiterInterface,
  ) {
    this.address = address;
    this.fromBlock = fromBlock;
    this.contract = new Contract(address, abi, runner);
    this.#events = new EventPages(this.contract, () => this.provider);
  }

  /** The runner's provider. Throws TypeError if it has none. */
  get provider(): Provider {
    const provider = this.contract.runner?.provider;
    if (!provider) throw new TypeError("expected a runner with a provider");
    return provider;
  }

  /** What the contract was deployed with; asked once, because nothing can change it. */
  async parameters(): Promise<Parameters> {
    if (this.#parameters === undefined) {
      const p = await this.contract.parameters();
      this.#parameters = {
        k: Number(p.k),
        graceBlocks: Number(p.graceBlocks),
        bankBlocks: Number(p.bankBlocks),
        coolingOffBlocks: Number(p.coolingOffBlocks),
        stake: p.stake,
        rewardBps: Number(p.rewardBps),
        windowBlocks: Number(p.windowBlocks),
      };
    }
    return this.#parameters;
  }

  /** The epoch in which a signature must be made to bind a party. */
  async epochOf(party: Address): Promise<bigint> {
    return (await this.contract.accounts(party)).epoch;
  }

  /** Mask of the sides of a dispute whose stake is lost already, in this dispute or another one: 1 accused, 2 challenger. */
  async lostSides(dispute: Dispute): Promise<number> {
    const stakes = await Promise.all(dispute.backings.map((key) => this.contract.backings(key)));
    return stakes.reduce((mask, { status }, side) => {
      return Number(status) === backingStatus.lost ? mask | (1 << side) : mask;
    }, 0);
  }

  /** All disputes that name a party, open or not: those in which it is accused first, each in order. */
  async disputesOf(party: Address, fromBlock = this.fromBlock): Promise<OpenedEvent[]> {
    const { filters } = this.contract;
    const logs = await Promise.all([
      this.#events.read(filters.Opened(null, party), `accused ${party}`, fromBlock),
      this.#events.read(filters.Opened(null, null, party), `challenger ${party}`, fromBlock),
    ]);
    return logs.flat().map(decodeOpened);
  }

  /** All disputes of the contract, open or not, in order. */
  async allDisputes(fromBlock = this.fromBlock): Promise<OpenedEvent[]> {
    const logs = await this.#events.read(this.contract.filters.Opened(), "opened", fromBlock);
    return logs.map(decodeOpened);
  }

  /** Forgets the moves of a dispute that have been read: for one that nobody will ask about again. */
  forget(id: bigint): void {
    for (const event of ["Opened", "Moved", "Judged", "Settled"]) {
      this.#events.forget(`${event} ${id}`);
    }
  }

  /** Number of the dispute that a transaction has opened. RangeError if it has opened none. */
  openedBy(receipt: TransactionReceipt): bigint {
    for (const log of receipt.logs) {
      const event = log.address === this.address ? arbiterInterface.parseLog(log) : null;
      if (event?.name === "Opened") return event.args.id;
    }
    throw new RangeError(`expected a transaction that opens a dispute, got ${receipt.hash}`);
  }

  /** The opening of a dispute. RangeError if there is no dispute of this number. */
  async opened(id: bigint): Promise<OpenedEvent> {
    const logs = await this.#logs("Opened", id, this.fromBlock);
    if (logs.length === 0)
      throw new RangeError(`no dispute ${id} was opened from block ${this.fromBlock} on`);
    return decodeOpened(logs[0]);
  }

  /** All moves of a dispute so far, in order. */
  async moves(opened: OpenedEvent): Promise<MovedEvent[]> {
    return (await this.#logs("Moved", opened.id, opened.blockNumber)).map(decodeMoved);
  }

  /** Whether a dispute is not settled yet. */
  async isOpen({ dispute }: OpenedEvent): Promise<boolean> {
    return BigInt(await this.contract.stateOf(opposedKey(dispute))) !== 0n;
  }

  /** The present state of an open dispute; undefined once it is settled. */
  async situation(opened: OpenedEvent): Promise<Situation | undefined> {
    const digest: Hash = await this.contract.stateOf(opposedKey(opened.dispute));
    if (BigInt(digest) === 0n) return undefined;
    const newest = (await this.moves(opened)).at(-1);
    const situation = newest
      ? { dispute: newest.dispute, posted: newest.hashes }
      : { dispute: opened.dispute, posted: [] };
    if (disputeType && disputeDigest(situation.dispute, disputeType) !== digest) {
      throw new StaleViewError(opened.id);
    }
    return situation;
  }

  /**
   * The event of the judged step: `args.step`, `args.preState`, `args.postState`. Undefined where no step was
   * judged.
   */
  async judged(opened: OpenedEvent): Promise<EventLog | undefined> {
    return (await this.#logs("Judged", opened.id, opened.blockNumber))[0];
  }

  /**
   * The event that ended the dispute: `args.losers` (mask: 1 accused, 2 challenger), `args.reason`, `args.reward`.
   * Undefined while it is open.
   */
  async settled(opened: OpenedEvent): Promise<EventLog | undefined> {
    return (await this.#logs("Settled", opened.id, opened.blockNumber))[0];
  }

  async #logs(event: string, id: bigint, fromBlock: number): Promise<EventLog[]> {
    return this.#events.read(this.contract.filters[event](id), `${event} ${id}`, fromBlock);
  }
}

/** The node's events and its state belong to different blocks: ask again. */
export class StaleViewError extends Error {
  readonly code = "stale-view";

  constructor(id: bigint) {
    super(`dispute ${id}: events and state are of different blocks, ask again`);
    this.name = "StaleViewError";
  }
}

/** Plain values from what ethers decodes. */
export function decodeTransition(value: Result): Transition {
  return {
    program: value.program,
    previousState: value.previousState,
    inputRoot: value.inputRoot,
    inputLength: Number(value.inputLength),
    nextState: value.nextState,
    steps: value.steps,
    fuel: value.fuel,
    epoch: value.epoch,
  };
}

function decodeOpened(log: EventLog): OpenedEvent {
  const { id, accused, challenger, transition, dispute } = log.args;
  return {
    id,
    accused,
    challenger,
    transition: decodeTransition(transition),
    dispute: decodeDispute(dispute),
    blockNumber: log.blockNumber,
    transactionHash: log.transactionHash,
  };
}

function decodeMoved(log: EventLog): MovedEvent {
  return {
    side: Number(log.args.side) as Side,
    move: moveNames[Number(log.args.move)],
    hashes: [...log.args.hashes],
    dispute: decodeDispute(log.args.dispute),
    blockNumber: log.blockNumber,
    transactionHash: log.transactionHash,
  };
}
