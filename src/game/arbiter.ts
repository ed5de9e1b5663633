/**
 * Reading and calling an Arbiter on any JSON-RPC chain (docs/game.md §7), over ethers v6.
 *
 * Invariant: a dispute's state is taken from its newest event and checked against the contract's `stateOf`; when
 * the chain reorganises between the two questions, the answer is "not now" and the caller asks again.
 */
import { Contract, type ContractRunner, type EventLog, type Provider } from "ethers";
import type { Address, Hash, Transition } from "./claim.ts";
import { arbiterInterface } from "./contracts.ts";
import { type Dispute, decodeDispute, disputeDigest, type Side } from "./dispute.ts";
import type { Situation } from "./strategy.ts";

/** Constructor parameters of the contract. */
export interface Parameters {
  readonly k: number;
  readonly graceBlocks: number;
  readonly bankBlocks: number;
  readonly coolingOffBlocks: number;
  /** Wei. */
  readonly stake: bigint;
  readonly rewardBps: number;
}

export interface OpenedEvent {
  readonly id: bigint;
  readonly accused: Address;
  readonly challenger: Address;
  readonly transition: Transition;
  readonly dispute: Dispute;
  readonly blockNumber: number;
  readonly transactionHash: Hash;
}

export interface MovedEvent {
  readonly side: Side;
  readonly move: "proof" | "state" | "vector";
  readonly hashes: readonly Hash[];
  readonly dispute: Dispute;
  readonly blockNumber: number;
  readonly transactionHash: Hash;
}

const moveNames = ["proof", "state", "vector"] as const;
const disputeType = arbiterInterface.getFunction("proveClaim")?.inputs[0];

export class ArbiterClient {
  readonly contract: Contract;
  readonly address: Address;
  /** Block of the contract's creation: where the search for events begins. */
  readonly fromBlock: number;
  #parameters: Parameters | undefined;

  constructor(address: Address, runner: ContractRunner, fromBlock = 0) {
    this.address = address;
    this.fromBlock = fromBlock;
    this.contract = new Contract(address, arbiterInterface, runner);
  }

  get provider(): Provider {
    const provider = this.contract.runner?.provider;
    if (!provider) throw new TypeError("expected a runner with a provider");
    return provider;
  }

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
      };
    }
    return this.#parameters;
  }

  /** Numbers of all disputes that name a party, open or not. */
  async disputesOf(party: Address, fromBlock = this.fromBlock): Promise<OpenedEvent[]> {
    const { filters } = this.contract;
    const logs = await Promise.all([
      this.contract.queryFilter(filters.Opened(null, party), fromBlock),
      this.contract.queryFilter(filters.Opened(null, null, party), fromBlock),
    ]);
    return logs.flat().map((log) => decodeOpened(log as EventLog));
  }

  async opened(id: bigint): Promise<OpenedEvent> {
    const logs = await this.#logs("Opened", id, this.fromBlock);
    if (logs.length === 0) throw new RangeError(`expected a dispute's number, got ${id}`);
    return decodeOpened(logs[0]);
  }

  async moves(opened: OpenedEvent): Promise<MovedEvent[]> {
    return (await this.#logs("Moved", opened.id, opened.blockNumber)).map(decodeMoved);
  }

  /** The present state of an open dispute; undefined once it is settled. */
  async situation(opened: OpenedEvent): Promise<Situation | undefined> {
    const digest: Hash = await this.contract.stateOf(opened.id);
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

  async judged(opened: OpenedEvent): Promise<EventLog | undefined> {
    return (await this.#logs("Judged", opened.id, opened.blockNumber))[0];
  }

  async settled(opened: OpenedEvent): Promise<EventLog | undefined> {
    return (await this.#logs("Settled", opened.id, opened.blockNumber))[0];
  }

  async #logs(event: string, id: bigint, fromBlock: number): Promise<EventLog[]> {
    const filter = this.contract.filters[event](id);
    return (await this.contract.queryFilter(filter, fromBlock)) as EventLog[];
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

function decodeOpened(log: EventLog): OpenedEvent {
  const { id, accused, challenger, transition, dispute } = log.args;
  return {
    id,
    accused,
    challenger,
    transition: {
      program: transition.program,
      previousState: transition.previousState,
      inputRoot: transition.inputRoot,
      inputLength: Number(transition.inputLength),
      nextState: transition.nextState,
      steps: transition.steps,
      fuel: transition.fuel,
    },
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
