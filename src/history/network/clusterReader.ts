/**
 * Reading Clusters (docs/network.md §1–§4): what a worker, a validator and a client ask before they believe a vote.
 *
 * Invariant: nothing is remembered, so every answer is as new as the node that gives it.
 */
import { type BlockTag, Contract, type ContractRunner, getBytes, type Result } from "ethers";
import type { Address, Hash } from "../../game/index.ts";
import type { Generation } from "../chainRules.ts";
import type { Validator } from "../validatorSet.ts";
import { clustersInterface } from "./networkInterfaces.ts";

/** Where a cluster stands; the numbers are the contract's. */
export const clusterStatus = { none: 0, forming: 1, running: 2, halted: 3, closed: 4 } as const;
/** Where a worker stands; the numbers are the contract's. */
export const workerStatus = { none: 0, bonded: 1, retired: 2, slashed: 3, withdrawn: 4 } as const;

/** What a developer orders; fuel and bytes as numbers of the machine. */
export interface Order {
  /** Workers of a generation, 1 to 64. */
  readonly size: number;
  /** Probability of one more validation (p_v), in 1/10,000. */
  readonly validationBps: number;
  /** Bytes of state that every worker has room for. */
  readonly memoryBytes: bigint;
  /** Fuel that is paid for in a second (φ_max). */
  readonly fuelPerSecond: bigint;
  /** Whether anyone may join. */
  readonly isOpen: boolean;
}

/** A cluster as the contract has it. */
export interface Cluster {
  readonly id: Hash;
  readonly developer: Address;
  readonly status: number;
  /** The state in the header of this height is verified. */
  readonly finalHeight: bigint;
  /** States in headers of this height and above cannot be relied on; undefined if there are none. */
  readonly refutedHeight: bigint | undefined;
  /** Number of the generation that runs or ran last; 0 before the first. */
  readonly current: bigint;
  /** Number of the generation that is being formed. */
  readonly next: bigint;
  readonly order: Order;
  readonly program: Hash;
  readonly genesis: Hash;
}

/** A worker as the contract has it. */
export interface ClusterWorker extends Validator {
  /** Account of the consensus key: the worker's name. */
  readonly account: Address;
  readonly owner: Address;
  readonly generation: bigint;
  readonly status: number;
  /** EVM block in which it gave notice; 0 if it has not. */
  readonly noticeBlock: number;
}

/** A generation: what votes are verified against, and what the contract knows beside it. */
export interface ClusterGeneration extends Generation {
  /** Number that the contract gives it. */
  readonly id: bigint;
  readonly cluster: Hash;
  /** Its place in the cluster, from 0. */
  readonly number: number;
  /** Whether it is complete, has begun, and has ended. */
  readonly isSealed: boolean;
  readonly isStarted: boolean;
  readonly isEnded: boolean;
  /** Last height of its chain, if it was handed over. */
  readonly lastHeight: bigint | undefined;
  /** In CometBFT's order once it is sealed, before in order of joining. */
  readonly workers: readonly ClusterWorker[];
}

/** Every worker has the same power. */
const power = 1n;
const never = 2n ** 64n - 1n;

const validatorOf = ({ publicKey }: Validator): Validator => ({ publicKey, power });

/** A Clusters contract on a chain, for reading. Methods reject with the error of ethers if the node fails. */
export class ClusterReader {
  /** The contract as ethers sees it. */
  readonly contract: Contract;

  constructor(address: Address, runner: ContractRunner) {
    this.contract = new Contract(address, clustersInterface, runner);
  }

  /** A cluster; undefined if there is none of this id. */
  async cluster(id: Hash, block: BlockTag = "latest"): Promise<Cluster | undefined> {
    const known: Result = await this.contract.clusterOf(id, { blockTag: block });
    const { order, refutedHeight } = known;
    if (Number(known.status) === clusterStatus.none) return undefined;
    return {
      id,
      developer: known.developer,
      status: Number(known.status),
      finalHeight: known.finalHeight,
      refutedHeight: refutedHeight === never ? undefined : refutedHeight,
      current: known.current,
      next: known.next,
      order: {
        size: Number(order.size),
        validationBps: Number(order.validationBps),
        memoryBytes: order.memoryBytes,
        fuelPerSecond: order.fuelPerSecond,
        isOpen: order.isOpen,
      },
      program: known.program,
      genesis: known.genesis,
    };
  }

  /** A worker by the account of its consensus key; undefined if the key has never joined. */
  async worker(account: Address, block: BlockTag = "latest"): Promise<ClusterWorker | undefined> {
    const known: Result = await this.contract.workerOf(account, { blockTag: block });
    const status = Number(known.status);
    if (status === workerStatus.none) return undefined;
    const { owner, generation, keyX } = known;
    const publicKey = Uint8Array.from([Number(known.keyPrefix), ...getBytes(keyX)]);
    return {
      account,
      owner,
      generation,
      status,
      publicKey,
      power,
      noticeBlock: Number(known.noticeBlock),
    };
  }

  /**
   * A generation with its workers; undefined if there is none of this number.
   *
   * @param block EVM block at whose end the contract is read.
   */
  async generation(id: bigint, block: BlockTag = "latest"): Promise<ClusterGeneration | undefined> {
    const at = { blockTag: block };
    const known: Result = await this.contract.generationOf(id, at);
    if (BigInt(known.cluster) === 0n) return undefined;
    const members: Result = await this.contract.membersOf(id, at);
    const workers = await Promise.all([...members].map((account) => this.worker(account, block)));
    const isEnded = known.endBlock !== 0n;
    const present = workers.filter((worker) => worker !== undefined);
    const successors =
      known.startBlock === 0n ? undefined : await this.#successors(id, known, block);
    return {
      ...(successors === undefined ? {} : { successors }),
      id,
      cluster: known.cluster,
      number: Number(known.number),
      chainId: await this.contract.chainIdOf(id, at),
      validators: present.map(validatorOf),
      initialHeight: known.initialHeight,
      initialApplicationHash: known.initialAppHash,
      isSealed: known.sealedBlock !== 0n,
      isStarted: known.startBlock !== 0n,
      isEnded,
      lastHeight: isEnded && !known.isBroken ? known.lastHeight : undefined,
      workers: present,
    };
  }

  /** Who follows a generation that has begun: who has taken over, or, while it runs, who is sealed for that. */
  async #successors(id: bigint, known: Result, block: BlockTag) {
    const { current, next } = await this.contract.clusterOf(known.cluster, { blockTag: block });
    if (known.isBroken) return undefined;
    let follower: bigint = current === id ? next : current;
    while (follower > id && follower !== next) {
      const { parent } = await this.contract.generationOf(follower, { blockTag: block });
      if (parent === id) break;
      follower = parent;
    }
    if (follower <= id) return undefined;
    const { sealedBlock } = await this.contract.generationOf(follower, { blockTag: block });
    if (sealedBlock === 0n) return undefined;
    const accounts: Result = await this.contract.membersOf(follower, { blockTag: block });
    const members = await Promise.all([...accounts].map((account) => this.worker(account, block)));
    return members.filter((worker) => worker !== undefined).map(validatorOf);
  }

  /** The generation that runs; undefined before the first one, while the cluster is halted, and when it is closed. */
  async running(id: Hash): Promise<ClusterGeneration | undefined> {
    const cluster = await this.cluster(id);
    return cluster?.status === clusterStatus.running ? this.generation(cluster.current) : undefined;
  }
}
