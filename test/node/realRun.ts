/**
 * A real cluster under fire: transactions are sent until each is in a block, while workers' processes are killed.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { bytesToHex } from "@noble/hashes/utils.js";
import { transactionHash } from "../../src/history/index.ts";
import type { CometNetwork } from "../../src/node/cometbft/network.ts";
import { counterTransaction } from "./counters.ts";

const atOnce = 24;
/** After so long a transaction that is in no block is sent again. */
const resendMs = 8_000;

/** Pseudo-random numbers below 1 from a pinned seed. */
export function randomNumbers(seed: number): () => number {
  let x = seed | 1;
  return () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) / 2 ** 32;
  };
}

/** Transactions in blocks, by their hash, as one node shows them; grows with the chain. */
export class Decided {
  readonly heights = new Map<string, bigint[]>();
  readonly #network: CometNetwork;
  #next = 1n;

  constructor(network: CometNetwork) {
    this.#network = network;
  }

  /** Reads what is new, from any node that answers. */
  async read(): Promise<void> {
    for (const { node } of this.#network.members) {
      try {
        const { height } = await node.status();
        for (; this.#next <= height; this.#next++) {
          const { transactions } = await node.block(this.#next);
          for (const transaction of transactions.slice(1)) {
            const name = bytesToHex(transactionHash(transaction));
            this.heights.set(name, [...(this.heights.get(name) ?? []), this.#next]);
          }
        }
        return;
      } catch {}
    }
  }
}

/** Sends `count` transactions until each is in a block; resolves to their hashes. */
export async function sendAll(
  network: CometNetwork,
  decided: Decided,
  count: number,
  firstTag: number,
  random: () => number,
): Promise<string[]> {
  const list = Array.from({ length: count }, (_, index) => {
    const transaction = counterTransaction("add", (firstTag + index) % 64, 1n, firstTag + index);
    return { transaction, name: bytesToHex(transactionHash(transaction)), sentAt: 0 };
  });
  let waiting = list;
  while (waiting.length > 0) {
    const now = Date.now();
    const due = waiting.filter(({ sentAt }) => now - sentAt > resendMs).slice(0, 600);
    const queue = [...due];
    const send = async () => {
      for (let item = queue.pop(); item !== undefined; item = queue.pop()) {
        const { node } = network.members[Math.floor(random() * network.members.length)];
        const sent = await node.submit(item.transaction).catch(() => undefined);
        if (sent?.code === 0) item.sentAt = Date.now();
      }
    };
    await Promise.all(Array.from({ length: atOnce }, send));
    if (due.length === 0) await sleep(200);
    await decided.read();
    waiting = waiting.filter(({ name }) => !decided.heights.has(name));
  }
  return list.map(({ name }) => name);
}

/**
 * Kills all processes of one worker after the other, until the signal is given; counts how often each was. The next one
 * is killed at a random moment after the last one answers again, so that two thirds are there most of the time.
 */
export async function killAtRandom(
  network: CometNetwork,
  pauseMs: number,
  random: () => number,
  signal: AbortSignal,
): Promise<number[]> {
  const kills = network.members.map(() => 0);
  for (let turn = 0; !signal.aborted; turn++) {
    const index = turn % network.members.length;
    const { engine, worker, node } = network.members[index];
    // Which process first, and how long before the other, is chance.
    const order = random() < 0.5 ? [engine, worker] : [worker, engine];
    for (const process of order) {
      process?.kill();
      await sleep(random() * 100);
    }
    kills[index]++;
    while (!signal.aborted && (await node.status().catch(() => undefined)) === undefined) {
      await sleep(100);
    }
    await sleep(pauseMs * random(), undefined, { signal }).catch(() => {});
  }
  return kills;
}

/** Waits until all nodes stand at one height and stay there; resolves to it. */
export async function idle(
  network: Pick<CometNetwork, "members">,
  waitMs: number,
): Promise<bigint> {
  const end = Date.now() + waitMs;
  let before = "";
  while (Date.now() < end) {
    const heights = await Promise.all(
      network.members.map(({ node }) =>
        node.status().then(
          ({ height }) => height,
          () => -1n,
        ),
      ),
    );
    const shown = heights.join();
    if (shown === before && new Set(heights).size === 1 && heights[0] > 0n) return heights[0];
    before = shown;
    await sleep(2_000);
  }
  throw new Error(`the nodes stand at ${before}`);
}
