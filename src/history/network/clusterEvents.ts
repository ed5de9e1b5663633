/**
 * What has happened to a cluster, as Clusters tells it (docs/network.md §1–§4): what a worker, a validator and a
 * developer follow. Events are read in pages, however little the node answers at a time.
 *
 * Invariant: in the chain's order, each event once; an event of another cluster is in no answer.
 */
import type { EventLog, Result } from "ethers";
import { EventPages } from "../../game/chain/eventPages.ts";
import type { Address, Hash } from "../../game/index.ts";
import type { ClusterReader } from "./clusterReader.ts";

/** What an event says. Heights are the cluster's; `block` is the EVM block. */
export type ClusterEvent = { readonly block: number } & (
  | { readonly kind: "formed"; readonly generation: bigint; readonly chainId: string }
  | {
      readonly kind: "joined";
      readonly generation: bigint;
      readonly account: Address;
      readonly owner: Address;
    }
  | {
      readonly kind: "sealed";
      readonly generation: bigint;
      readonly validatorsHash: Hash;
      /** In CometBFT's order. */
      readonly accounts: readonly Address[];
    }
  | { readonly kind: "unsealed"; readonly generation: bigint }
  | {
      readonly kind: "started";
      readonly generation: bigint;
      readonly initialHeight: bigint;
      readonly initialApplicationHash: Hash;
    }
  /** `lastHeight` is undefined if the chain broke off. */
  | {
      readonly kind: "ended";
      readonly generation: bigint;
      readonly lastHeight: bigint | undefined;
    }
  /** States in headers of `refutedHeight` and above cannot be relied on. */
  | { readonly kind: "halted"; readonly refutedHeight: bigint | undefined }
  | { readonly kind: "closed" }
  | { readonly kind: "final"; readonly height: bigint }
  | {
      readonly kind: "slashed";
      readonly generation: bigint;
      readonly account: Address;
      readonly reporter: Address;
      /** Wei. */
      readonly reward: bigint;
    }
  | {
      readonly kind: "refuted";
      readonly generation: bigint;
      readonly account: Address;
      readonly headerHash: Hash;
      readonly height: bigint;
    }
);

const never = 2n ** 64n - 1n;
const heightOf = (value: bigint): bigint | undefined => (value === never ? undefined : value);

/** Fields of each event that is told, by its name in the contract. */
const decoders: Readonly<Record<string, (args: Result) => object>> = {
  Formed: ({ generation, chainId }) => ({ kind: "formed", generation, chainId }),
  Joined: ({ generation, account, owner }) => ({ kind: "joined", generation, account, owner }),
  Sealed: ({ generation, validatorsHash, accounts }) => ({
    kind: "sealed",
    generation,
    validatorsHash,
    accounts: [...accounts],
  }),
  Unsealed: ({ generation }) => ({ kind: "unsealed", generation }),
  Started: ({ generation, initialHeight, initialAppHash }) => ({
    kind: "started",
    generation,
    initialHeight,
    initialApplicationHash: initialAppHash,
  }),
  Ended: ({ generation, lastHeight }) => ({
    kind: "ended",
    generation,
    lastHeight: heightOf(lastHeight),
  }),
  Halted: ({ refutedHeight }) => ({ kind: "halted", refutedHeight: heightOf(refutedHeight) }),
  Closed: () => ({ kind: "closed" }),
  Final: ({ height }) => ({ kind: "final", height }),
  Slashed: ({ generation, account, reporter, reward }) => ({
    kind: "slashed",
    generation,
    account,
    reporter,
    reward,
  }),
  Refuted: ({ generation, account, headerHash, height }) => ({
    kind: "refuted",
    generation,
    account,
    headerHash,
    height,
  }),
};

/** Reads the events of a Clusters contract. */
export class ClusterEvents {
  readonly #pages: EventPages;
  readonly #fromBlock: number;

  /** @param fromBlock Block of the contract's creation (`Network.fromBlock`). */
  constructor(reader: ClusterReader, fromBlock: number) {
    this.#fromBlock = fromBlock;
    this.#pages = new EventPages(reader.contract, () => {
      const provider = reader.contract.runner?.provider;
      if (!provider) throw new TypeError("expected a reader whose runner has a provider");
      return provider;
    });
  }

  /** All events of a cluster so far, in order. Rejects with what the node answers. */
  async of(cluster: Hash): Promise<ClusterEvent[]> {
    const logs = await this.#pages.read("*", "all", this.#fromBlock);
    const generations = new Set<bigint>();
    const events: ClusterEvent[] = [];
    for (const log of logs) {
      const decode = decoders[log.eventName];
      if (decode === undefined) continue;
      if (log.eventName === "Formed" && log.args.cluster === cluster) {
        generations.add(log.args.generation);
      }
      if (isOf(log, cluster, generations)) {
        events.push({ block: log.blockNumber, ...decode(log.args) } as ClusterEvent);
      }
    }
    return events;
  }
}

/** By its cluster where the event names it, otherwise by its generation. */
function isOf(
  { args, fragment }: EventLog,
  cluster: Hash,
  generations: ReadonlySet<bigint>,
): boolean {
  const names = fragment.inputs.map(({ name }) => name);
  return names.includes("cluster") ? args.cluster === cluster : generations.has(args.generation);
}
