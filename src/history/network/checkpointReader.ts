/**
 * Reading a cluster's line of checkpoints (docs/network.md §7).
 *
 * Invariant: what is here, more than two thirds of workers with deposits had signed when it was shown.
 */
import { Contract, type ContractRunner, type Result } from "ethers";
import type { Address, Hash } from "../../game/index.ts";
import { checkpointsInterface } from "./networkInterfaces.ts";

/** A header that was shown on chain. */
export interface Checkpoint {
  readonly generation: bigint;
  readonly height: bigint;
  /** EVM block in which it was shown. */
  readonly shownBlock: number;
  /** The header's own time, seconds since 1970: the cluster's clock. */
  readonly time: bigint;
  readonly headerHash: Hash;
  /** Of the state before the header's block. */
  readonly applicationHash: Hash;
}

/** A Checkpoints contract on a chain, for reading. */
export class CheckpointReader {
  readonly contract: Contract;

  constructor(address: Address, runner: ContractRunner) {
    this.contract = new Contract(address, checkpointsInterface, runner);
  }

  /** Number of checkpoints in a cluster's line. */
  async count(cluster: Hash): Promise<number> {
    return Number(await this.contract.countOf(cluster));
  }

  /** The checkpoint at a position of the line, from 0. */
  async at(cluster: Hash, position: number): Promise<Checkpoint> {
    const known: Result = await this.contract.checkpointAt(cluster, position);
    const { generation, height, shownBlock, time, headerHash, appHash } = known;
    return {
      generation,
      height,
      shownBlock: Number(shownBlock),
      time,
      headerHash,
      applicationHash: appHash,
    };
  }

  /** The newest checkpoint; undefined before the first. */
  async newest(cluster: Hash): Promise<Checkpoint | undefined> {
    const count = await this.count(cluster);
    return count === 0 ? undefined : this.at(cluster, count - 1);
  }

  /** Position for `recover`: of the last checkpoint below a height; undefined if there is none. */
  async lastBelow(cluster: Hash, height: bigint | undefined): Promise<number | undefined> {
    for (let position = (await this.count(cluster)) - 1; position >= 0; position--) {
      const checkpoint = await this.at(cluster, position);
      if (height === undefined || checkpoint.height < height) return position;
    }
    return undefined;
  }
}
