/**
 * A contract's events in pages (docs/game.md §7): many nodes answer `eth_getLogs` for a limited range of blocks, or for
 * a limited number of results, and a player that cannot read events loses by the clock.
 *
 * Invariant: every block from the first one asked for to the newest one is in exactly one page of an answer. What lies
 * deeper than a reorganisation reaches is asked for once; the rest again with each question.
 */
import type { Contract, ContractEventName, EventLog, Provider } from "ethers";

/** Events this deep are final: a shallower one may still be undone by a reorganisation. */
export const finalityBlocks = 64;

/** Blocks of the first page that is tried, and of the longest. */
const longestPage = 2 ** 20;
/** Pages after which a limit met before is tried again: it may have come from a stretch with many events. */
const pagesPerLimit = 64;

interface Known {
  /** The first block that has not been read for good. */
  next: number;
  logs: EventLog[];
}

/** Reads events of one contract, however little its node answers at a time. */
export class EventPages {
  readonly #contract: Contract;
  readonly #provider: () => Provider;
  readonly #known = new Map<string, Known>();
  #pageBlocks = longestPage;
  /** A page of so many blocks was refused. */
  #refusedBlocks = Number.POSITIVE_INFINITY;
  #pagesRead = 0;

  constructor(contract: Contract, provider: () => Provider) {
    this.#contract = contract;
    this.#provider = provider;
  }

  /**
   * All events of a filter from a block on, in order.
   *
   * @param key Names the filter: what was read for it before is not asked for again.
   * @throws what the node answers if it refuses even single blocks, or cannot be reached.
   */
  async read(filter: ContractEventName, key: string, fromBlock: number): Promise<EventLog[]> {
    const name = `${key} from ${fromBlock}`;
    const known = this.#known.get(name) ?? { next: fromBlock, logs: [] };
    const newest = await this.#provider().getBlockNumber();
    const logs = [...known.logs];
    for (let block = known.next; block <= newest; ) {
      const [page, next] = await this.#page(filter, block, newest);
      logs.push(...page);
      block = next;
    }
    const next = Math.max(known.next, newest + 1 - finalityBlocks);
    if ((this.#known.get(name)?.next ?? -1) < next) {
      const isFinal = ({ blockNumber }: EventLog) => blockNumber < next;
      this.#known.set(name, { next, logs: logs.filter(isFinal) });
    }
    return logs;
  }

  /** Forgets what was read for a key. */
  forget(key: string): void {
    for (const name of this.#known.keys()) {
      if (name.startsWith(`${key} from `)) this.#known.delete(name);
    }
  }

  /** One page that the node answers, and the block after it. */
  async #page(
    filter: ContractEventName,
    from: number,
    newest: number,
  ): Promise<[EventLog[], number]> {
    for (;;) {
      const to = Math.min(newest, from + this.#pageBlocks - 1);
      try {
        const logs = (await this.#contract.queryFilter(filter, from, to)) as EventLog[];
        this.#widen(to - from + 1);
        return [logs, to + 1];
      } catch (error) {
        // A node that is not there at all refuses small pages too.
        if (to === from || (error as { code?: string }).code === "NETWORK_ERROR") throw error;
        this.#refusedBlocks = to - from + 1;
        this.#pageBlocks = Math.max(1, (to - from + 1) >> 2);
      }
    }
  }

  #widen(answeredBlocks: number): void {
    if (++this.#pagesRead % pagesPerLimit === 0) this.#refusedBlocks = Number.POSITIVE_INFINITY;
    if (answeredBlocks < this.#pageBlocks) return;
    const wider = Math.min(2 * answeredBlocks, longestPage);
    const middle = Math.floor((answeredBlocks + this.#refusedBlocks) / 2);
    // Close to what was refused is close enough.
    const isWorthIt = this.#refusedBlocks - answeredBlocks > answeredBlocks / 8;
    if (isWorthIt) this.#pageBlocks = Math.min(wider, middle);
  }
}
