/**
 * Load on a cluster that runs the ledger: what the gateway takes is executed, all of it, and every worker is in the same
 * state; the bytes of a workload are the same in every run.
 */
import { expect, test } from "vitest";
import { sendLoad } from "../../examples/sdk/load.ts";
import { applicationHash, initialApplicationState } from "../../src/history/index.ts";
import { load, programRoot } from "../../src/index.ts";
import { EmbeddedNode } from "../../src/node/engine/embeddedNode.ts";
import { Gateway } from "../../src/node/gateway/clusterGateway.ts";
import { serveHttp } from "../../src/node/http.ts";
import {
  lastResults,
  transactionCount,
  workload,
  wrapApplication,
  wrapperMemory,
} from "../../src/sdk/index.ts";
import { ledgerBytes } from "../sdk/application.ts";
import { countersGenesis } from "./counters.ts";
import { chainId, network } from "./network.ts";

const program = load(wrapApplication(ledgerBytes("as")));
const genesis = countersGenesis({
  program: `0x${Buffer.from(programRoot(program)).toString("hex")}`,
  blockFuel: 20_000_000_000,
});

test("24 transactions of 8 clients through a gateway are executed, each once", async () => {
  const options = { program };
  const { engine, workers } = network({ 0: options, 1: options, 2: options, 3: options }, genesis);
  const { cluster, receipts } = genesis;
  const gateway = new Gateway({
    node: new EmbeddedNode(engine, workers[0]),
    generation: {
      chainId,
      validators: engine.validators,
      initialHeight: 1n,
      initialApplicationHash: applicationHash(initialApplicationState(workers[0].application.base)),
    },
    receipts: { ...receipts, cluster, chainId: receipts.chainId.toString() },
  });
  const http = await serveHttp({ host: "127.0.0.1", port: 0, routes: gateway.routes() });
  const stopped = new AbortController();
  const running = engine.follow(stopped.signal);
  try {
    const report = await sendLoad(http.url, { transactions: 24, clients: 8 });
    expect(report.codes).toEqual({ 0: 24 });
    const memory = () => workers[2].machine.state.memories[wrapperMemory(program)].bytes;
    while (transactionCount(memory()) < 24n) await new Promise((done) => setTimeout(done, 20));
    const entries = lastResults(memory(), 24);
    expect(entries.every(({ status }) => status === "executed")).toBe(true);
    expect(new Set(workers.map((worker) => worker.machine.base())).size).toBe(1);
  } finally {
    stopped.abort();
    await running;
    await http.close();
  }
});

test("a workload is the same in every run, its clients take turns", () => {
  const options = {
    chainId,
    transactions: 5,
    clients: 2,
    expiryHeight: 9n,
    session: 3n,
    payload: (index: number) => Uint8Array.of(index),
  };
  const list = [...workload(options)];
  expect([...workload(options)]).toEqual(list);
  const clientOf = (bytes: Uint8Array) => Buffer.from(bytes.subarray(1, 21)).toString("hex");
  expect(list.map(clientOf)).toEqual([0, 1, 0, 1, 0].map((index) => clientOf(list[index])));
  expect(new Set(list.map(clientOf)).size).toBe(2);
  expect([...workload({ ...options, seed: "other" })]).not.toEqual(list);
  expect(() => [...workload({ ...options, clients: 0 })]).toThrow(RangeError);
});
