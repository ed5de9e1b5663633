/**
 * What tests ask of a worker over the counters program.
 */
import { verifyMemory } from "../../src/merkle/index.ts";
import type { Worker } from "../../src/node/worker/blockWorker.ts";
import { WorkerQueries } from "../../src/node/worker/queries.ts";
import { layout } from "./counters.ts";

/** A counter after a block (0: the last one), proven against the application state's base. */
export async function counterOf(worker: Worker, counter: number, height = 0n): Promise<bigint> {
  const range = { memory: 0, address: layout.counters + 8 * counter, length: 8 };
  const answer = await new WorkerQueries(worker).answer({ kind: "memory", height, range });
  const base = Buffer.from(answer.application.base.slice(2), "hex");
  const bytes = verifyMemory(base, range, answer.proof ?? new Uint8Array());
  return new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
}
