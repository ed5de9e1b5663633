/** One worker over the counters program, and the blocks that a test has it decide. */
import { expect } from "vitest";
import { applicationHash } from "../../src/history/index.ts";
import type { Worker } from "../../src/node/worker/blockWorker.ts";
import { countersGenesis, counterTransaction } from "./counters.ts";
import { appState, chainId, memoryWorker } from "./network.ts";

export const room = 2 ** 19;

export function begun(worker = memoryWorker(), genesis = countersGenesis()): Worker {
  worker.initChain(chainId, 1n, appState(genesis));
  return worker;
}

/** One block of these transactions, decided and committed. */
export function decide(worker: Worker, transactions: readonly Uint8Array[]): string {
  const height = worker.height + 1n;
  const block = transactions.length === 0 ? [] : worker.propose(height, transactions, room);
  expect(worker.isValid(height, block)).toBe(true);
  const hash = worker.finalize(height, block);
  worker.commit();
  expect(applicationHash(worker.application)).toBe(hash);
  return hash;
}

export const add = (tag: number, amount = 1n) => counterTransaction("add", tag % 8, amount, tag);
