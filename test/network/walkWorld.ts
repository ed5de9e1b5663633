/**
 * One cluster of a whole network, who takes part in it, and what each has signed: what a walk over all contracts moves about in.
 *
 * Invariant: the first block of a chain that begins with the genesis has the toy's call, with the true result or with one that
 * all its workers lie about; all other blocks are empty, so every state is known.
 */
import { hexlify } from "ethers";
import type { Call, Hash } from "../../src/game/index.ts";
import {
  type ApplicationState,
  applicationHash,
  BlockPlayer,
  type ClusterGeneration,
  ConfirmationPlayer,
  type Manifest,
  workerStatus,
} from "../../src/history/index.ts";
import type { Pick } from "../game/dishonest.ts";
import { flippedFrom, type Simulation } from "../game/simulation.ts";
import { transactions } from "../history/chainMaker.ts";
import { stateBehind, toyBefore, toyExecution } from "./disputes.ts";
import type { ValidatedNetwork } from "./fragments.ts";
import { accountOfKey, blocksOf, createToyCluster, failure, keysOf, send } from "./network.ts";
import { type Books, booksOf, hasDeposit, type Known, viewAt } from "./walkLedger.ts";

/** Accounts. The honest challenger is always right, the other one never; the reporter brings evidence. */
export const developer = 0;
export const owners = [1, 2, 3, 4];
export const [funder, honest, sham, reporter] = [5, 6, 7, 8];
export const pool = [9, 10, 11, 12];
/** Validators that come at the end, when those of the walk may have lost their deposits. */
export const spares = [13, 14, 15];
export const everyone = [developer, ...owners, funder, honest, sham, reporter, ...pool, ...spares];
const chainBlocks = 14;

/** A generation's chain, as its workers have signed it. */
export interface WalkChain {
  readonly generation: ClusterGeneration;
  readonly blocks: ReturnType<typeof blocksOf>;
  /** Changes from a handover's header on. */
  manifests: readonly Manifest[];
  /** Of its first block, if that has a call: what was voted for, and what is true. */
  readonly call?: {
    readonly voted: Simulation;
    readonly truth: Simulation;
    readonly isLie: boolean;
  };
}

/** What a move must have changed: wei of each account, of the budgets, and of nobody. */
export class Flow {
  readonly wealth = new Map<number, bigint>();
  budgets = 0n;
  burned = 0n;

  give(account: number, amount: bigint): void {
    this.wealth.set(account, (this.wealth.get(account) ?? 0n) + amount);
  }

  /** A deposit is lost: a share goes to the winner, if there is one, the rest to nobody. */
  lose(loser: number, amount: bigint, winner: number | undefined, rewardBps: number): void {
    const reward = winner === undefined ? 0n : (amount * BigInt(rewardBps)) / 10_000n;
    this.give(loser, -amount);
    if (winner !== undefined) this.give(winner, reward);
    this.burned += amount - reward;
  }
}

/** A dispute that a walk has opened. */
export interface WalkDispute {
  readonly id: bigint;
  readonly isAboutWorker: boolean;
}

export class World {
  readonly network: ValidatedNetwork;
  readonly pick: Pick;
  readonly cluster: Hash;
  readonly name: string;
  readonly keys;
  readonly joined: string[] = [];
  readonly chains = new Map<bigint, WalkChain>();
  readonly fragments = new Set<Hash>();
  readonly states = new Map<string, ApplicationState>();
  disputes: WalkDispute[] = [];
  readonly #players = new Map<string, BlockPlayer>();

  private constructor(network: ValidatedNetwork, cluster: Hash, pick: Pick, name: string) {
    this.network = network;
    this.cluster = cluster;
    this.pick = pick;
    this.name = name;
    this.keys = keysOf(name, 60);
    this.states.set(applicationHash(toyBefore), toyBefore);
  }

  static async make(network: ValidatedNetwork, pick: Pick, name: string): Promise<World> {
    const cluster = (await createToyCluster(network, { size: 4 })) as Hash;
    return new World(network, cluster, pick, name);
  }

  /** One of a list; undefined of an empty one. */
  one<T>(list: Iterable<T>): T | undefined {
    const all = [...list];
    return all.length === 0 ? undefined : all[this.pick(0, all.length - 1)];
  }

  books(): Promise<Books> {
    const known: Known = {
      accounts: everyone,
      workers: this.joined,
      clusters: [this.cluster],
      fragments: this.fragments,
    };
    return booksOf(this.network, known);
  }

  /** Calls one of the contracts; "done", or the name of the error. */
  by(
    account: number,
    contract: keyof ValidatedNetwork & ("clusters" | "validation" | "rewards" | "checkpoints"),
    method: string,
    args: readonly unknown[] = [],
    value = 0n,
  ): Promise<string> {
    return failure(
      send(this.network[contract], this.network.signers[account], method, args, value),
    );
  }

  async block(): Promise<string> {
    return this.network.provider.send("eth_blockNumber", []);
  }

  async status(): Promise<bigint> {
    return (await viewAt(this.network, this.network.clusters, ["clusterOf", this.cluster]))[0]
      .status;
  }

  /** A worker as it was at a block; its owner by number. */
  async worker(account: string, block = "latest") {
    const call = ["workerOf", account] as const;
    const [{ owner, status }] = await viewAt(this.network, this.network.clusters, call, block);
    return {
      owner: this.network.accounts.indexOf(owner),
      isThere: hasDeposit(status),
      isSlashed: status === BigInt(workerStatus.slashed),
    };
  }

  /** Has the chain of a generation that runs now signed, if it is new. */
  async followChain(): Promise<void> {
    const { current } = await this.network.clusters.clusterOf(this.cluster);
    if (current === 0n || this.chains.has(current)) return;
    const generation = await this.network.reader.generation(current);
    if (generation === undefined) throw new Error(`expected generation ${current}`);
    const state = this.states.get(generation.initialApplicationHash);
    if (state === undefined) throw new Error("expected a state that is known");
    const accounts = new Set(generation.workers.map(({ account }) => account));
    const keys = this.keys.filter((key) => accounts.has(accountOfKey(key)));
    const blocks = blocksOf(generation, keys, state);
    const empty = Array.from({ length: chainBlocks - 1 }, () => ({}));
    if (applicationHash(state) !== applicationHash(toyBefore)) {
      this.chains.set(current, {
        generation,
        blocks,
        manifests: this.#note(blocks.makeChain([{}, ...empty])),
      });
      return;
    }
    const isLie = this.pick(0, 2) === 0;
    const truth = toyExecution(generation);
    const voted = isLie ? toyExecution(generation, flippedFrom(20)) : truth;
    const after = stateBehind(toyBefore, await voted.claim());
    const manifests = blocks.makeChain([{ transactions, after: () => after }, ...empty]);
    const call = { voted, truth, isLie };
    this.chains.set(current, { generation, blocks, manifests: this.#note(manifests), call });
  }

  #note(manifests: readonly Manifest[]): readonly Manifest[] {
    for (const { application } of manifests) {
      this.states.set(applicationHash(application), application);
    }
    return manifests;
  }

  /** The manifest of a checkpoint's header, and the chain that it is of. */
  manifestAt(generation: bigint, height: bigint): Manifest | undefined {
    const chain = this.chains.get(generation);
    return chain?.manifests.find(({ header }) => header.height === height);
  }

  /** What an account plays at one of the arbiters: workers and validators what was voted for. */
  player(account: number, isAboutWorker: boolean): BlockPlayer {
    const name = `${account} ${isAboutWorker}`;
    const known = this.#players.get(name);
    if (known !== undefined) return known;
    const { addresses, signers } = this.network;
    const options = {
      signer: signers[account],
      execution: async (call: Call) => this.#executionOf(account, call),
      sender: { pollMs: 5 },
      resultOf: async ({ voted }: { readonly voted: { readonly appHash: string } }) =>
        this.states.get(voted.appHash),
    };
    const made = isAboutWorker
      ? new BlockPlayer({ ...options, arbiter: addresses.blockArbiter })
      : new ConfirmationPlayer({ ...options, arbiter: addresses.validationArbiter });
    this.#players.set(name, made);
    return made;
  }

  /** The execution that an account goes by. */
  #executionOf(account: number, { inputRoot }: Call): Simulation | undefined {
    for (const { generation, call } of this.chains.values()) {
      if (call?.voted.call.inputRoot !== inputRoot) continue;
      if (account === honest) return call.truth;
      return account === sham ? toyExecution(generation, flippedFrom(33)) : call.voted;
    }
    return undefined;
  }
}

/** Hash of a state, as headers carry it. */
export const carried = ({ header }: Manifest): string => hexlify(header.appHash);
