/**
 * The embedded engine when something goes wrong: applications that throw at every request, workers that are stopped and
 * started again, a mempool without room, a lost quorum, a polka that a worker has refused.
 */
import { describe, expect, test } from "vitest";
import {
  applicationHash,
  frameTransactions,
  headerHash,
  transactionHash,
  validatorAddress,
  verifyCommit,
} from "../../src/history/index.ts";
import { EmbeddedEngine } from "../../src/node/engine/embeddedEngine.ts";
import { EmbeddedNode } from "../../src/node/engine/embeddedNode.ts";
import { dataBytes, nanosOf, resultsHash } from "../../src/node/engine/headers.ts";
import { Proposers } from "../../src/node/engine/proposers.ts";
import type { Worker } from "../../src/node/worker/blockWorker.ts";
import { counters, countersGenesis, counterTransaction } from "./counters.ts";
import { appState, chainId, memoryWorker, network, workerKeys } from "./network.ts";
import { randomNumbers } from "./realRun.ts";

const add = (tag: number) => counterTransaction("add", tag % 5, 1n, tag);

type Request = "check" | "propose" | "isValid" | "finalize" | "commit";

/** The worker's application throws at one request, before or after it has done what it was asked. */
function breakAt(worker: Worker, request: Request, isAfter: boolean): () => void {
  const broken = new Error(`${request} is broken`);
  const method = worker[request].bind(worker) as (...args: unknown[]) => unknown;
  const own = worker as unknown as Record<string, unknown>;
  own[request] = (...args: unknown[]) => {
    if (isAfter) method(...args);
    throw broken;
  };
  return () => Reflect.deleteProperty(own, request);
}

/** Every block is decided by whom it names, follows from the one before, and is everybody's who is awake. */
function expectSound(engine: EmbeddedEngine, workers: readonly Worker[]): void {
  const proposers = new Proposers(engine.validators);
  engine.blocks.forEach(({ block, commit }, index) => {
    const before = engine.blocks[index - 1];
    verifyCommit(block.header, commit, engine.validators);
    if (before !== undefined) {
      expect(block.header.lastBlockId.hash).toEqual(headerHash(before.block.header));
      expect(nanosOf(block.header.time)).toBeGreaterThan(nanosOf(before.block.header.time));
      const count = before.block.transactions.length;
      const codes = Array.from({ length: count }, () => 0);
      expect(block.header.lastResultsHash).toEqual(resultsHash(codes));
    }
    const proposer = engine.validators[proposers.at(commit.round)];
    expect(block.header.proposerAddress).toEqual(validatorAddress(proposer.publicKey));
    proposers.nextHeight();
  });
  const hashes = workers.map((worker) => applicationHash(worker.application));
  expect(new Set(hashes).size).toBe(1);
}

describe("an application that throws", () => {
  const requests: readonly Request[] = ["check", "propose", "isValid", "finalize", "commit"];
  const cases = requests.flatMap((request) => [
    [request, false] as const,
    [request, true] as const,
  ]);

  test.each(cases)(
    "at %s, after doing it: %s › its worker stops, the others go on, and it comes back",
    (...broken) => {
      const { engine, workers } = network();
      for (let tag = 0; tag < 3; tag++) engine.submit(workers[0], add(tag));
      engine.work();
      const mend = breakAt(workers[2], ...broken);
      for (let tag = 3; tag < 12; tag++) {
        engine.submit(workers[tag % 2], add(tag));
        engine.work();
      }
      expect(engine.failureOf(workers[2])).toMatchObject({ message: `${broken[0]} is broken` });
      expect(engine.isHalted(workers[2])).toBe(false);
      expect(engine.heights.size).toBeGreaterThanOrEqual(12);
      mend();
      engine.setDown(workers[2], false);
      expect(engine.failureOf(workers[2])).toBeUndefined();
      // With another one down the others need its vote.
      engine.setDown(workers[3], true);
      engine.submit(workers[2], add(99));
      expect(engine.work()).toBeGreaterThan(0);
      engine.setDown(workers[3], false);
      engine.submit(workers[3], add(100));
      engine.work();
      expectSound(engine, workers);
    },
  );

  test("without a quorum › what was thrown comes out, again and again, and nothing is decided", () => {
    const { engine, workers } = network();
    engine.submit(workers[0], add(1));
    engine.work();
    const mends = workers.slice(0, 2).map((worker) => breakAt(worker, "commit", false));
    engine.submit(workers[3], add(2));
    expect(() => engine.work()).toThrow("commit is broken");
    const { height } = engine;
    expect(engine.hasWork).toBe(true);
    expect(() => engine.decide()).toThrow("commit is broken");
    expect(engine.height).toBe(height);
    for (const mend of mends) mend();
    for (const worker of workers.slice(0, 2)) engine.setDown(worker, false);
    engine.work();
    expectSound(engine, workers);
  });

  test("of every worker › it is told although nobody waits", async () => {
    const { engine, workers } = network();
    for (const worker of workers) breakAt(worker, "commit", false);
    engine.submit(workers[0], add(1));
    await expect(engine.follow(new AbortController().signal)).rejects.toThrow("commit is broken");
  });
});

test("workers that are stopped and started at random › one chain, which everybody has in the end", () => {
  const random = randomNumbers(20_261_201);
  const { engine, workers } = network();
  let tag = 0;
  const down = new Set<number>();
  for (let move = 0; move < 120; move++) {
    const at = Math.floor(random() * 4);
    if (random() < 0.35) {
      if (down.has(at)) down.delete(at);
      else down.add(at);
      engine.setDown(workers[at], down.has(at));
    } else if (!down.has(at)) engine.submit(workers[at], add(++tag));
    if (random() < 0.7) engine.decide();
  }
  for (const at of down) engine.setDown(workers[at], false);
  engine.work();
  expect(engine.heights.size).toBeGreaterThanOrEqual(tag);
  expect(tag).toBeGreaterThan(20);
  expect(workers.some((worker) => engine.isHalted(worker))).toBe(false);
  expect(engine.blocks.some(({ commit }) => commit.round > 0)).toBe(true);
  expectSound(engine, workers);
});

test("who refused a block signs nothing for it, and follows where two thirds decide it", () => {
  const { engine, workers } = network();
  const [refusing] = workers;
  refusing.isValid = () => false;
  for (let tag = 0; tag < 6; tag++) {
    engine.submit(workers[1], add(tag));
    engine.work();
  }
  const position = engine.positionOf(refusing);
  expect(engine.blocks.length).toBeGreaterThan(2);
  for (const { block, commit } of engine.blocks) {
    const signed = commit.signatures[position].flag === 2;
    expect(signed).toBe(false);
    verifyCommit(block.header, commit, engine.validators);
  }
  expectSound(engine, workers);
});

describe("a mempool", () => {
  test("takes no more than CometBFT's, and goes on when blocks have made room", () => {
    const { engine, workers } = network();
    for (let tag = 0; tag < 5000; tag++) engine.submit(workers[0], add(tag));
    const refused = expect.objectContaining({ code: "rpc-failed" });
    expect(() => engine.submit(workers[0], add(5000))).toThrow(refused);
    engine.decide();
    expect(engine.submit(workers[0], add(5000)).code).toBe(0);
  });

  test("takes nothing that no block holds; else an idle cluster would never stop", () => {
    const genesis = { ...countersGenesis(), transactionBytes: 2 ** 19 };
    const { engine, workers } = network({}, genesis);
    const most = dataBytes(2 ** 19, 4);
    const long = new Uint8Array(most + 1).fill(1);
    expect(() => engine.submit(workers[0], long)).toThrow(
      expect.objectContaining({ code: "rpc-failed" }),
    );
    engine.work();
    expect(engine.hasWork).toBe(false);
  });

  test("asks no application twice about one transaction", () => {
    const { engine, workers } = network();
    let checks = 0;
    const { check } = workers[1];
    workers[1].check = (...args) => {
      checks++;
      return check.apply(workers[1], args);
    };
    for (let times = 0; times < 3; times++) {
      expect(engine.submit(workers[1], add(1)).code).toBe(0);
    }
    expect(checks).toBe(1);
  });

  test("a worker that is down takes nothing", () => {
    const { engine, workers } = network();
    engine.setDown(workers[1], true);
    expect(() => engine.submit(workers[1], add(1))).toThrow(
      expect.objectContaining({ code: "rpc-failed" }),
    );
  });
});

describe("following", () => {
  test("a network that has lost its quorum goes on when it has one again", async () => {
    const { engine, workers } = network();
    const stopped = new AbortController();
    const running = engine.follow(stopped.signal);
    for (const at of [0, 1]) engine.setDown(workers[at], true);
    engine.submit(workers[2], add(1));
    for (let turn = 0; turn < 5; turn++) await new Promise((done) => setImmediate(done));
    const name = Buffer.from(transactionHash(add(1))).toString("hex");
    expect(engine.heights.has(name)).toBe(false);
    engine.setDown(workers[0], false);
    for (let turn = 0; turn < 20; turn++) await new Promise((done) => setImmediate(done));
    expect(engine.heights.has(name)).toBe(true);
    stopped.abort();
    await running;
  });

  test("a long one leaves nothing behind at its signal", async () => {
    const { engine, workers } = network();
    const stopped = new AbortController();
    let listeners = 0;
    let most = 0;
    const { signal } = stopped;
    const listen = signal.addEventListener.bind(signal);
    const leave = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof listen>) => {
      most = Math.max(most, ++listeners);
      listen(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof leave>) => {
      listeners--;
      leave(...args);
    };
    const running = engine.follow(signal);
    for (let tag = 0; tag < 12; tag++) {
      engine.submit(workers[0], add(tag));
      for (let turn = 0; turn < 6; turn++) await new Promise((done) => setImmediate(done));
    }
    stopped.abort();
    await running;
    expect(most).toBe(1);
    expect(listeners).toBe(0);
  });
});

test("a transaction that no call takes is refused, one that fills a call is not", () => {
  const { inputBytes } = counters.config.limits;
  const genesis = { ...countersGenesis(), transactionBytes: 2 * inputBytes };
  const { workers } = network({}, genesis);
  const longest = inputBytes - framed([new Uint8Array()]).length;
  expect(framed([new Uint8Array(longest)]).length).toBe(inputBytes);
  expect(workers[0].check(new Uint8Array(longest).fill(1)).code).toBe(0);
  expect(workers[0].check(new Uint8Array(longest + 1).fill(1)).code).toBe(2);
});

const framed = (list: readonly Uint8Array[]) => frameTransactions({ chainId, height: 1n }, list);

describe("the first block", () => {
  test("has one time in every round", () => {
    const { engine, workers } = network();
    const begin = 1_800_000_000_001_000_003n;
    for (const worker of workers.slice(0, 2)) {
      worker.isValid = () => {
        Reflect.deleteProperty(worker, "isValid");
        return false;
      };
    }
    engine.decide();
    const [{ block, commit }] = engine.blocks;
    expect(commit.round).toBe(1);
    expect(nanosOf(block.header.time)).toBe(begin);
  });

  test("at any height › before it a node says 0, as CometBFT's does", async () => {
    const worker = memoryWorker();
    const [key] = workerKeys;
    const members = [{ worker, key, power: 1n }];
    const engine = new EmbeddedEngine({
      chainId,
      members,
      appState: appState(),
      initialHeight: 5n,
    });
    const node = new EmbeddedNode(engine, worker);
    expect((await node.status()).height).toBe(0n);
    engine.decide();
    expect((await node.status()).height).toBe(5n);
  });
});
