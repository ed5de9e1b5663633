/**
 * Challenges before the contract Storage (docs/network.md §8): which are open for a node, and how one is made.
 *
 * Invariant: a challenge is open while the contract holds it, whatever the events say; the receipt of a challenge comes
 * from the event and is what the node itself has signed, since the contract has checked that.
 */
import { Contract, type ContractRunner, type EventLog } from "ethers";
import { EventPages } from "../../game/chain/eventPages.ts";
import type { Address, Hash } from "../../game/index.ts";
import type { Content } from "../manifest.ts";
import type { Receipt } from "../receipt.ts";
import { storageInterface } from "./networkInterfaces.ts";

/** A demand that a node has not answered yet. */
export interface OpenChallenge {
  readonly id: bigint;
  readonly challenger: Address;
  /** What the node has signed for. */
  readonly content: Content;
  readonly height: bigint;
  /** Which 4,096 bytes of it. */
  readonly chunk: number;
  /** Last EVM block in which it can be answered. */
  readonly deadlineBlock: number;
}

/** Reads challenges. */
export class StorageChallenges {
  readonly contract: Contract;
  readonly #pages: EventPages;
  readonly #fromBlock: number;

  /** @param fromBlock Block of the contract's creation (`Network.fromBlock`). */
  constructor(storage: Address, runner: ContractRunner, fromBlock: number) {
    this.contract = new Contract(storage, storageInterface, runner);
    this.#fromBlock = fromBlock;
    this.#pages = new EventPages(this.contract, () => {
      if (!runner.provider) throw new TypeError("expected a runner with a provider");
      return runner.provider;
    });
  }

  /** Open challenges of a node, oldest first. Rejects with what the chain's node answers. */
  async open(node: Address): Promise<OpenChallenge[]> {
    const filter = this.contract.filters.Challenged(null, node);
    const logs = await this.#pages.read(filter, `challenges of ${node}`, this.#fromBlock);
    const ids: readonly EventLog[] = logs;
    const held = await Promise.all(
      ids.map(async (log) => ((await this.#isHeld(log.args.id)) ? challengeOf(log) : undefined)),
    );
    return held.filter((challenge) => challenge !== undefined);
  }

  /** Wei that the next challenge of a node costs: twice as much for each one that it has open. */
  price(node: Address): Promise<bigint> {
    return this.contract.priceOf(node);
  }

  async #isHeld(id: bigint): Promise<boolean> {
    const { node } = await this.contract.challenges(id);
    return BigInt(node) !== 0n;
  }
}

function challengeOf({ args }: EventLog): OpenChallenge {
  const { id, challenger, receipt, chunk, deadline } = args;
  // `length` of a Result is its number of fields.
  const content = { root: receipt.root, length: Number(receipt.getValue("length")) };
  return {
    id,
    challenger,
    content,
    height: receipt.height,
    chunk: Number(chunk),
    deadlineBlock: Number(deadline),
  };
}

/** The arguments of `challenge`; its price (`priceOf`) goes with the call, and what is more comes back as a credit. */
export function challengeArguments(
  cluster: Hash,
  { height, root, length, signature }: Receipt,
  chunk: number,
): readonly unknown[] {
  return [{ cluster, height, root, length }, signature, chunk];
}
