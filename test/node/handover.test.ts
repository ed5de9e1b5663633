/**
 * How a generation ends and the next one begins: agreed by signatures, decided by a block, named by the last header,
 * taken by the contract; the state goes on under another chain id with other keys.
 */
import { mkdirSync, rmdirSync } from "node:fs";
import { id, type SigningKey } from "ethers";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type ClusterStage, openClusterStage } from "../../src/cli/game/clusterStage.ts";
import {
  applicationHash,
  blockRecordOf,
  ClusterReader,
  encodeBlockRecord,
  encodeHandover,
  type Generation,
  type Handover,
  readHandover,
  validatorsHash,
  verifyHandover,
} from "../../src/history/index.ts";
import { ContractChain } from "../../src/node/disputes/contractChain.ts";
import { EmbeddedEngine } from "../../src/node/engine/embeddedEngine.ts";
import { EmbeddedNode } from "../../src/node/engine/embeddedNode.ts";
import { OwnManifests } from "../../src/node/manifests/manifestStore.ts";
import { ManifestWriter } from "../../src/node/manifests/manifestWriter.ts";
import { keepLastState } from "../../src/node/worker/besideBlocks.ts";
import { Worker } from "../../src/node/worker/blockWorker.ts";
import { HandoverVotes } from "../../src/node/worker/handoverVotes.ts";
import { BlockJournal } from "../../src/node/worker/journal.ts";
import { readSnapshot, SnapshotFolder } from "../../src/node/worker/snapshots.ts";
import { temporaryFolder } from "../cli/commandLine.ts";
import { counters, countersGenesis, counterTransaction } from "./counters.ts";
import { keysOf, handoverBy as signedBy, validatorsOf } from "./handovers.ts";
import { appState, chainId, memoryWorker, network, workerKeys } from "./network.ts";
import { counterOf } from "./workerRuns.ts";

const secondKeys = keysOf("second");
const present = validatorsOf(workerKeys);
const successors = validatorsOf(secondKeys);
const folder = temporaryFolder();
afterAll(() => folder.end());

const handoverBy = (voters: readonly number[], changes: Partial<Handover> = {}) =>
  signedBy(voters, successors, changes);

describe("the transaction", () => {
  test("is read as what was written, and names the successors", () => {
    const transaction = handoverBy([0, 2, 3]);
    expect(verifyHandover(transaction, chainId, present)).toEqual(successors);
    expect(encodeHandover(readHandover(transaction))).toEqual(transaction);
  });

  const good = readHandover(handoverBy([0, 1, 2, 3]));
  const [first, second, third] = good.votes;
  test.each<[string, Uint8Array, string]>([
    ["half of the power", handoverBy([0, 1]), "insufficient-power"],
    ["one worker thrice", handoverBy([0], { votes: [first, first, first] }), "unknown-signer"],
    ["another order", handoverBy([0], { votes: [second, first, third] }), "unknown-signer"],
    [
      "a worker that there is not",
      handoverBy([], { votes: [{ ...first, worker: 4 }] }),
      "unknown-signer",
    ],
    [
      "another's signature",
      handoverBy([], { votes: [{ ...first, worker: 1 }] }),
      "invalid-signature",
    ],
    [
      "no signature",
      handoverBy([], { votes: [{ ...first, signature: "0x00" }] }),
      "invalid-signature",
    ],
    [
      "other successors",
      encodeHandover({ ...good, successors: validatorsOf(keysOf("third")) }),
      "invalid-signature",
    ],
    ["the present workers", encodeHandover({ ...good, successors: present }), "malformed-handover"],
    ["nobody", encodeHandover({ ...good, successors: [] }), "malformed-handover"],
    [
      "a key twice",
      encodeHandover({ ...good, successors: [successors[0], successors[0]] }),
      "malformed-handover",
    ],
    ["a byte more", Uint8Array.from([...handoverBy([0, 1, 2]), 0]), "malformed-handover"],
    ["no fields", handoverBy([0, 1, 2]).subarray(0, 30), "malformed-handover"],
  ])("%s › refused", (_what, transaction, code) => {
    expect(() => verifyHandover(transaction, chainId, present)).toThrow(
      expect.objectContaining({ code }),
    );
  });

  test("of another chain › refused", () => {
    expect(() => verifyHandover(handoverBy([0, 1, 2]), "another", present)).toThrow(
      expect.objectContaining({ code: "invalid-signature" }),
    );
  });

  test("every byte changed › refused", () => {
    const transaction = handoverBy([0, 1, 2]);
    const magicBytes = 24;
    for (let place = magicBytes; place < transaction.length; place += 7) {
      const changed = transaction.slice();
      changed[place] ^= 1;
      expect(() => verifyHandover(changed, chainId, present), `byte ${place}`).toThrow();
    }
  });
});

describe("a worker", () => {
  const begun = (worker = memoryWorker()): Worker => {
    worker.initChain(chainId, 1n, appState(), present);
    return worker;
  };
  const add = (tag: number) => counterTransaction("add", 3, 1n, tag);
  const room = 2 ** 19;
  /** A block of these transactions behind their record. */
  const blockOf = (height: bigint, list: readonly Uint8Array[]) => [
    encodeBlockRecord(blockRecordOf({ chainId, height }, list, [])),
    ...list,
  ];

  test("takes an agreed handover only, one a block, and then empty blocks alone", () => {
    const worker = begun();
    const handover = handoverBy([0, 1, 2]);
    const other = handoverBy([1, 2, 3]);
    expect(worker.check(handoverBy([0, 1])).code).toBe(5);
    expect(worker.check(handover).code).toBe(0);
    const block = worker.propose(1n, [add(1), handover, other], room);
    expect(block.length).toBe(3);
    expect(worker.isValid(1n, block)).toBe(true);
    expect(worker.isValid(1n, blockOf(1n, [add(1), handover]))).toBe(true);
    expect(worker.isValid(1n, blockOf(1n, [add(1), handover, other]))).toBe(false);
    expect(worker.isValid(1n, blockOf(1n, [handoverBy([0, 1])]))).toBe(false);
    worker.finalize(1n, block);
    expect(worker.validatorUpdates.map(({ power }) => power)).toEqual([
      0n,
      0n,
      0n,
      0n,
      1n,
      1n,
      1n,
      1n,
    ]);
    worker.commit();
    expect(worker.validatorUpdates).toEqual([]);
    expect(worker.check(add(2))).toEqual({
      code: 6,
      reason: "the generation has been handed over",
    });
    expect(worker.propose(2n, [add(2)], room)).toEqual([]);
    expect(worker.isValid(2n, blockOf(2n, [add(2)]))).toBe(false);
    expect(worker.isValid(2n, [])).toBe(true);
  });

  test("remembers after a restart", () => {
    const open = () =>
      new Worker({ program: counters, journal: new BlockJournal(folder.file("w.sqlite")) });
    const worker = begun(open());
    worker.finalize(1n, worker.propose(1n, [add(1), handoverBy([0, 1, 3])], room));
    worker.commit();
    worker.journal.close();
    const again = open();
    expect(again.succession.successors).toEqual(successors);
    expect(again.check(add(2)).code).toBe(6);
    again.finalize(2n, []);
    again.commit();
    expect(again.chainHeight).toBe(2n);
    again.journal.close();
  });

  test("whose last state could not be written writes it later", async () => {
    const snapshots = new SnapshotFolder(folder.file("last"), 4);
    const worker = begun(memoryWorker({ snapshots }));
    worker.finalize(1n, worker.propose(1n, [add(1), handoverBy([0, 1, 3])], room));
    worker.commit();
    worker.finalize(2n, []);
    const obstacle = folder.file("last/2.snapshot.new");
    mkdirSync(obstacle);
    expect(() => worker.commit()).toThrow(/EISDIR/);
    expect(worker.height).toBe(2n);
    expect(snapshots.heights()).not.toContain(2n);
    await expect(keepLastState(worker)).rejects.toThrow(/EISDIR/);
    rmdirSync(obstacle);
    await keepLastState(worker);
    expect(snapshots.heights()).toContain(2n);
    const read = readSnapshot(counters, snapshots.read(2n) ?? new Uint8Array());
    expect(read.application).toEqual(worker.application);
  });

  test("without knowing its generation takes none", () => {
    const worker = memoryWorker();
    worker.initChain(chainId, 1n, appState());
    expect(worker.check(handoverBy([0, 1, 2])).code).toBe(5);
  });
});

test("an embedded network › the header behind the handover names the successors, and nothing follows", () => {
  const { engine, workers } = network();
  engine.submit(workers[0], counterTransaction("add", 1, 1n, 1));
  engine.submit(workers[2], handoverBy([0, 1, 2]));
  engine.work();
  expect(engine.isOver).toBe(true);
  const [before, last] = engine.blocks.slice(-2).map(({ block }) => block);
  expect(before.header.nextValidatorsHash).toEqual(before.header.validatorsHash);
  expect(last.transactions).toEqual([]);
  expect(last.header.nextValidatorsHash).toEqual(validatorsHash(successors));
  expect(engine.submit(workers[1], counterTransaction("add", 1, 1n, 2)).code).toBe(6);
  expect(engine.decide()).toBe(false);
});

describe("with the contracts", () => {
  const firstKeys = keysOf("first");
  let stage: ClusterStage;
  beforeAll(async () => {
    stage = await openClusterStage(counters, firstKeys);
  }, 180_000);
  afterAll(() => stage?.close());

  /** Workers of a generation on an engine of their own; they go on from a snapshot if one is given. */
  function generationOf(
    name: string,
    keys: readonly SigningKey[],
    of: Generation,
    from?: Uint8Array,
  ) {
    const genesis = countersGenesis({
      cluster: stage.cluster,
      ...(from === undefined ? {} : { initialApplicationHash: of.initialApplicationHash }),
    });
    const members = keys.map((key, index) => {
      const worker = new Worker({
        program: counters,
        journal: new BlockJournal(folder.file(`${name}${index}.sqlite`)),
        snapshots: new SnapshotFolder(folder.file(`${name}${index}`), 2),
      });
      if (from !== undefined) worker.inherit(from);
      return { key, power: 1n, worker };
    });
    const engine = new EmbeddedEngine({
      chainId: of.chainId,
      members,
      appState: appState(genesis),
      initialHeight: of.initialHeight,
    });
    const nodes = members.map(({ worker }) => new EmbeddedNode(engine, worker));
    return { engine, members, nodes, workers: members.map(({ worker }) => worker) };
  }

  test("workers agree by themselves on whom Clusters has sealed, and the next generation counts on", async () => {
    const first = generationOf("first", firstKeys, stage.generation);
    first.engine.submit(first.workers[0], counterTransaction("add", 3, 40n, 1));
    first.engine.work();
    const chains = await Promise.all(
      stage.owners.map((signer) =>
        ContractChain.connect({
          ...stage.addresses,
          fromBlock: stage.fromBlock,
          generation: stage.generation.id,
          signer,
          pollMs: 10,
        }),
      ),
    );
    const votes = first.workers.map((worker, index) => {
      const others = first.nodes.filter((_, other) => other !== index);
      return new HandoverVotes(worker, chains[index], firstKeys[index], [
        first.nodes[index],
        ...others,
      ]);
    });
    const look = async () => {
      for (const each of votes) await each.look();
      first.engine.work();
    };
    const number = await stage.join(secondKeys);
    await look();
    expect(first.workers.map(({ handoverVote }) => handoverVote)).toEqual(Array(4).fill(undefined));
    // The cooling-off is over, and the seal is deep.
    await stage.mine(50_400);
    for (let block = 0; block < 64; block++) await stage.mine(1);
    const reader = new ClusterReader(stage.addresses.clusters, stage.watcher);
    const isEnded = async () => (await reader.generation(stage.generation.id))?.isEnded;
    for (let looks = 0; looks < 4 && !(await isEnded()); looks++) await look();
    expect(first.engine.isOver).toBe(true);
    expect(await isEnded()).toBe(true);
    // A reorganisation may take it back: it is looked at until it is deep, and then no more.
    const shown = vi.spyOn(first.nodes[0], "signedHeader");
    await look();
    expect(shown).toHaveBeenCalled();
    for (let block = 0; block < 70; block++) await stage.mine(1);
    await look();
    shown.mockClear();
    await look();
    expect(shown).not.toHaveBeenCalled();
    shown.mockRestore();
    const [old, young] = await Promise.all([
      reader.generation(stage.generation.id),
      reader.generation(number),
    ]);
    expect(old).toMatchObject({ isEnded: true, lastHeight: first.engine.height, successors });
    expect(young).toMatchObject({ isStarted: true, initialHeight: first.engine.height + 1n });
    if (young === undefined || old === undefined) throw new Error("Clusters knows the generations");

    // Manifests of the old chain keep all rules to its last header, for whoever knows the successors.
    const { base } = memoryWorker().application;
    const write = (of: Generation, node: EmbeddedNode) =>
      new ManifestWriter(node, new OwnManifests(":memory:", of), {
        genesisState: base,
        initialHeight: of.initialHeight,
      }).write();
    expect(await write(old, first.nodes[0])).toBe(Number(first.engine.height));
    const { successors: _, ...uninformed } = old;
    await expect(write(uninformed, first.nodes[0])).rejects.toThrow("validators");

    const from = first.workers[1].snapshots?.read(first.engine.height);
    if (from === undefined) throw new Error("the last state is a snapshot");
    const other = { ...young, initialApplicationHash: id("another state") as `0x${string}` };
    expect(() => generationOf("wrong", secondKeys, other, from)).toThrow("another state");
    const second = generationOf("second", secondKeys, young, from);
    second.engine.submit(second.workers[0], counterTransaction("add", 3, 2n, 2));
    second.engine.work();
    const [{ block: begun }] = second.engine.blocks;
    expect(begun.header.height).toBe(young.initialHeight);
    expect(`0x${Buffer.from(begun.header.appHash).toString("hex")}`).toBe(
      young.initialApplicationHash,
    );
    for (const worker of second.workers) expect(await counterOf(worker, 3)).toBe(42n);
    expect(second.workers[0].chainHeight).toBe(second.engine.height);
    expect(await write(young, second.nodes[2])).toBe(second.engine.blocks.length);

    // A worker of the second generation that is opened again is where it was.
    const hash = applicationHash(second.workers[3].application);
    second.workers[3].journal.close();
    const again = new Worker({
      program: counters,
      journal: new BlockJournal(folder.file("second3.sqlite")),
      snapshots: new SnapshotFolder(folder.file("second3"), 2),
    });
    expect(applicationHash(again.application)).toBe(hash);
    await expect(counterOf(again, 3, 1n)).rejects.toThrow("handover");
    for (const { worker } of [...first.members, ...second.members.slice(0, 3), { worker: again }]) {
      worker.journal.close();
    }
  }, 180_000);
});
