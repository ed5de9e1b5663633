/**
 * The embedded engine: its bytes are CometBFT's (recorded blocks of real networks), its chains keep all rules of
 * docs/history.md, and a worker that is down, outvoted or lying changes only what it must.
 */
import { describe, expect, test } from "vitest";
import { incrementMemory } from "../../src/cli/game/faultyExecution.ts";
import {
  applicationHash,
  brokenRule,
  contentOf,
  encodeManifest,
  type Generation,
  headerHash,
  initialApplicationState,
  type Manifest,
  noContent,
  readBlock,
  readSignedHeader,
  readValidators,
  recordPath,
  transactionHash,
  verifyCommit,
} from "../../src/history/index.ts";
import { partSetHeader } from "../../src/node/engine/blockParts.ts";
import type { EmbeddedEngine } from "../../src/node/engine/embeddedEngine.ts";
import { consensusHash, medianTime, resultsHash } from "../../src/node/engine/headers.ts";
import { orderedValidators } from "../../src/node/engine/proposers.ts";
import { networks, recorded } from "../history/vectors.ts";
import { counterTransaction } from "./counters.ts";
import { chainId, memoryWorker, network } from "./network.ts";

describe("recorded networks", () => {
  test.each(networks)("%s › a block has the part set header that was voted for", (name) => {
    const block = readBlock(recorded(`${name}/block`));
    const { commit } = readSignedHeader(recorded(`${name}/commit0`));
    expect(commit.height).toBe(block.header.height);
    expect(partSetHeader(block)).toEqual(commit.blockId.parts);
  });

  test.each(networks)("%s › validators stand in CometBFT's order", (name) => {
    const validators = readValidators(recorded(`${name}/validators`));
    expect(orderedValidators([...validators].reverse())).toEqual(validators);
  });

  test("consensus parameters and empty results have the recorded hashes", () => {
    const { header } = readBlock(recorded("h1/block"));
    expect(consensusHash(22_020_096n, -1n)).toEqual(header.consensusHash);
    expect(resultsHash([])).toEqual(header.lastResultsHash);
  });

  test("a block's time is the median of the votes before it", () => {
    const { header, lastCommit } = readBlock(recorded("four-workers/block"));
    const validators = readValidators(recorded("four-workers/validators"));
    expect(medianTime(lastCommit, validators)).toEqual(header.time);
  });
});

/** Manifests of a chain, as metadata nodes would hold them. */
function manifestsOf(engine: EmbeddedEngine, states: readonly Manifest["application"][]) {
  const manifests: Manifest[] = [];
  engine.blocks.forEach(({ block }, index) => {
    const before = manifests.at(-1);
    const [transaction = new Uint8Array()] = block.transactions;
    const isEmpty = block.transactions.length === 0;
    manifests.push({
      header: block.header,
      votes: block.lastCommit,
      application: states[index],
      previous: before === undefined ? noContent : contentOf(encodeManifest(before)),
      record: { transaction, siblings: isEmpty ? [] : recordPath(block.transactions) },
    });
  });
  return manifests;
}

describe("a chain of the embedded engine", () => {
  const { engine, workers } = network();
  const states = [workers[0].application];
  for (let tag = 0; tag < 30; tag++) {
    const submitted = counterTransaction("add", tag, BigInt(tag), tag);
    expect(engine.submit(workers[tag % 4], submitted).code).toBe(0);
    if (tag % 7 !== 6) continue;
    engine.decide();
    states.push(workers[0].application);
  }
  while (engine.hasWork) {
    engine.decide();
    states.push(workers[0].application);
  }
  const generation: Generation = {
    chainId,
    validators: engine.validators,
    initialHeight: 1n,
    initialApplicationHash: applicationHash(initialApplicationState(states[0].base)),
  };

  test("holds every transaction, each in one block, and goes idle", () => {
    const held = engine.blocks.flatMap(({ block }) => block.transactions.slice(1));
    expect(held.length).toBe(30);
    expect(
      new Set(held.map((item) => Buffer.from(transactionHash(item)).toString("hex"))).size,
    ).toBe(30);
    expect(engine.work()).toBe(0);
    expect(engine.blocks.at(-1)?.block.transactions.length).toBe(0);
  });

  test("breaks no rule, and every commit verifies", () => {
    const manifests = manifestsOf(engine, states);
    manifests.forEach((manifest, index) => {
      expect(brokenRule(manifest, manifests[index - 1], generation)).toBeUndefined();
    });
    for (const { block, commit } of engine.blocks) {
      expect(verifyCommit(block.header, commit, engine.validators).votes.length).toBe(4);
    }
    expect(manifests.length).toBeGreaterThan(5);
  });

  test("all workers have one application hash", () => {
    const hashes = new Set(workers.map(({ application }) => applicationHash(application)));
    expect(hashes.size).toBe(1);
  });
});

describe("workers that fail", () => {
  test("one that is down › the others go on, in later rounds where it should propose", () => {
    const { engine, workers } = network();
    engine.setDown(workers[1], true);
    for (let tag = 0; tag < 8; tag++) {
      engine.submit(workers[0], counterTransaction("add", 1, 1n, tag));
      expect(engine.decide()).toBe(true);
    }
    expect(engine.blocks.some(({ commit }) => commit.round > 0)).toBe(true);
    engine.setDown(workers[2], true);
    engine.submit(workers[0], counterTransaction("add", 1, 1n, 99));
    expect(engine.decide()).toBe(false);
  });

  test("one whose machine is wrong halts, and its lie is never decided", () => {
    const { engine, workers } = network({ 2: { spoil: incrementMemory } });
    engine.submit(workers[0], counterTransaction("add", 1, 1n, 1));
    engine.work();
    expect(engine.isHalted(workers[2])).toBe(true);
    expect(workers.filter((worker) => engine.isHalted(worker)).length).toBe(1);
    expect(engine.hasWork).toBe(false);
  });

  test("three whose machines are wrong decide their lie, and the honest one halts", () => {
    const wrong = { spoil: incrementMemory };
    const { engine, workers } = network({ 1: wrong, 2: wrong, 3: wrong });
    engine.submit(workers[0], counterTransaction("add", 1, 1n, 1));
    engine.work();
    expect(engine.isHalted(workers[0])).toBe(true);
    const last = engine.blocks.at(-1);
    expect(Buffer.from(last?.block.header.appHash ?? []).toString("hex")).not.toBe(
      applicationHash(workers[0].application).slice(2),
    );
  });

  test("a liar that precommits alone leaves its signed vote behind", () => {
    const { engine, workers } = network({
      2: { spoil: incrementMemory, precommitsAlone: true },
    });
    for (let tag = 0; tag < 6 && !engine.isHalted(workers[2]); tag++) {
      engine.submit(workers[0], counterTransaction("add", 1, 1n, tag));
      engine.work();
    }
    const strays = [...engine.strays.values()].flat();
    for (const { header, precommit, worker } of strays) {
      expect(worker).toBe(engine.positionOf(workers[2]));
      expect(headerHash(header)).toEqual(precommit.blockId.hash);
    }
    expect(strays.length).toBeGreaterThan(0);
  });
});

test("a worker refuses a genesis of another package", () => {
  const worker = memoryWorker();
  const other = `{"program":"0x${"11".repeat(32)}"`;
  expect(() => worker.initChain("x", 1n, new TextEncoder().encode(other))).toThrow("genesis");
});
