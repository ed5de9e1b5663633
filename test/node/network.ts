/**
 * A cluster of the embedded engine for tests: workers over the counters program, with keys that are the same in every
 * run and a clock that counts.
 */
import { id, SigningKey } from "ethers";
import { EmbeddedEngine } from "../../src/node/engine/embeddedEngine.ts";
import { Worker, type WorkerOptions } from "../../src/node/worker/blockWorker.ts";
import { BlockJournal } from "../../src/node/worker/journal.ts";
import { encodeGenesis } from "../../src/node/worker/workerGenesis.ts";
import { counters, countersGenesis } from "./counters.ts";

export const chainId = "31337-counters-0";

export const workerKeys = [0, 1, 2, 3].map((index) => new SigningKey(id(`node worker ${index}`)));

export const appState = (genesis = countersGenesis()) =>
  new TextEncoder().encode(encodeGenesis(genesis));

/** A worker that keeps nothing on the disk. */
export function memoryWorker(options: Partial<WorkerOptions> = {}): Worker {
  const journal = new BlockJournal(":memory:");
  return new Worker({ program: counters, journal, proposalMs: 3_600_000, ...options });
}

/** A network of four; changes are a worker's own options and whether it precommits alone. */
export function network(
  changes: Readonly<Record<number, Partial<WorkerOptions> & { precommitsAlone?: boolean }>> = {},
  genesis = countersGenesis(),
) {
  let clock = 1_800_000_000_000_000_000n;
  const members = workerKeys.map((key, index) => {
    const { precommitsAlone = false, ...options } = changes[index] ?? {};
    return { key, power: 1n, worker: memoryWorker(options), precommitsAlone };
  });
  const engine = new EmbeddedEngine({
    chainId,
    members,
    appState: appState(genesis),
    now: () => {
      clock += 1_000_003n;
      return clock;
    },
  });
  return { engine, workers: members.map(({ worker }) => worker), members };
}
