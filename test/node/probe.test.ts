/**
 * The replica probe names who differs, from which step on; results are signed for one state.
 */
import { id, Wallet } from "ethers";
import { expect, test } from "vitest";
import { incrementMemory } from "../../src/cli/game/faultyExecution.ts";
import { applicationHash, areResultsSigned, signResults } from "../../src/history/index.ts";
import type { ConsensusNode } from "../../src/node/consensus.ts";
import { firstDifference, probeReplicas } from "../../src/node/disputes/replicaProbe.ts";
import { EmbeddedNode } from "../../src/node/engine/embeddedNode.ts";
import { WorkerQueries } from "../../src/node/worker/queries.ts";
import { counterTransaction, layout } from "./counters.ts";
import { network } from "./network.ts";

test("the odd one out is named, and the step at which it parts", async () => {
  const { engine, workers } = network();
  engine.submit(workers[0], counterTransaction("spin", 9, 50n, 1));
  engine.work();
  const honest: ConsensusNode[] = workers.map((worker) => new EmbeddedNode(engine, worker));
  const range = { memory: 0, address: layout.counters + 72, length: 8 };
  const probe = { height: 1n, range };
  expect((await probeReplicas(honest, { ...probe, step: 400 })).odd).toEqual([]);
  expect(await firstDifference(honest, probe, 900)).toBeUndefined();
  const parts = 321;
  const odd: ConsensusNode = Object.assign(Object.create(honest[2]), {
    query: async (query: { kind: string; step?: number }) => {
      const answer = await honest[2].query(query as never);
      return query.kind === "probe" && (query.step ?? 0) >= parts
        ? { ...answer, hash: id("another").slice(2) }
        : answer;
    },
  });
  const silent: ConsensusNode = Object.assign(Object.create(honest[3]), {
    query: async () => {
      throw new Error("away");
    },
  });
  const replicas = [honest[0], honest[1], odd, silent];
  const found = await probeReplicas(replicas, { ...probe, step: parts });
  expect(found.odd).toEqual([2]);
  expect(found.silent).toEqual([3]);
  expect(found.hash).toMatch(/^[\da-f]{64}$/);
  expect(await firstDifference(replicas, probe, 900)).toEqual({ step: parts, odd: [2] });
});

test("a worker whose machine went wrong is odd at the call's end in the next block", async () => {
  const spoiled = { 1: { spoil: incrementMemory } };
  const { engine, workers } = network(spoiled);
  engine.submit(workers[0], counterTransaction("add", 1, 1n, 1));
  engine.work();
  expect(engine.isHalted(workers[1])).toBe(true);
  expect(applicationHash(workers[1].application)).not.toBe(applicationHash(workers[0].application));
});

test("signed results hold for what was signed and nothing else", async () => {
  const { engine, workers } = network();
  engine.submit(workers[0], counterTransaction("add", 1, 1n, 1));
  engine.work();
  const answer = await new WorkerQueries(workers[0]).answer({ kind: "results", height: 1n });
  const { results = [], output = new Uint8Array(), application, height } = answer;
  const called = {
    chainId: engine.chainId,
    height,
    applicationHash: applicationHash(application),
    results,
    output,
  };
  const signed = await signResults(called, new Wallet(id("worker account")));
  expect(areResultsSigned(signed)).toBe(true);
  const changes = [
    { chainId: "other" },
    { height: 2n },
    { applicationHash: id("other") },
    { results: [7n] },
    { output: Uint8Array.of(1) },
    { signature: "0x00" },
  ];
  for (const change of changes) {
    expect(areResultsSigned({ ...signed, ...change } as typeof signed)).toBe(false);
  }
});
