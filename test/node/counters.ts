/**
 * The counters program and its transactions: what the cluster's tests run (examples/cluster/assembly/counters.ts).
 */
import { readFileSync } from "node:fs";
import { id } from "ethers";
import { load, programRoot } from "../../src/index.ts";
import type { ClusterGenesis } from "../../src/node/worker/workerGenesis.ts";

export const counters = load(
  readFileSync(new URL("../../examples/cluster/counters.wasm", import.meta.url)),
);

/** Addresses in the program's memory: its exported globals. */
export const layout = { output: 1024, counters: 1056 } as const;

const kinds = { add: 1, trap: 2, spin: 3 } as const;

/** A transaction; `tag` makes equal ones differ. */
export function counterTransaction(
  kind: keyof typeof kinds,
  counter: number,
  amount: bigint,
  tag: number,
): Uint8Array {
  const bytes = new Uint8Array(24);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, kinds[kind], true);
  view.setUint32(4, counter, true);
  view.setBigUint64(8, amount, true);
  view.setBigUint64(16, BigInt(tag), true);
  return bytes;
}

/** What a cluster of these tests agrees on. */
export function countersGenesis(
  changes: Partial<ClusterGenesis> = {},
  program = counters,
): ClusterGenesis {
  return {
    program: `0x${Buffer.from(programRoot(program)).toString("hex")}`,
    cluster: id("cluster of counters") as `0x${string}`,
    blockFuel: 50_000_000,
    transactionBytes: 2 ** 16,
    receipts: {
      chainId: 31337n,
      contract: "0x00000000000000000000000000000000000000A1",
      storageNodes: [],
    },
    ...changes,
  };
}
