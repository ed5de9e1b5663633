/**
 * One worker: what it proposes and votes for, what it forgets when it is killed, whom it lets join.
 */
import { id, Wallet } from "ethers";
import { describe, expect, test } from "vitest";
import {
  applicationHash,
  blockRecordOf,
  encodeBlockRecord,
  readBlockRecord,
  receiptDomain,
  receiptsHashAfter,
  signReceipt,
} from "../../src/history/index.ts";
import { Worker } from "../../src/node/worker/blockWorker.ts";
import { BlockJournal } from "../../src/node/worker/journal.ts";
import { choose, type Fate, Pace, PoisonList } from "../../src/node/worker/proposal.ts";
import { SnapshotFolder } from "../../src/node/worker/snapshots.ts";
import { StateSync } from "../../src/node/worker/stateSync.ts";
import { temporaryFolder } from "../cli/commandLine.ts";
import { counters, countersGenesis, counterTransaction } from "./counters.ts";
import { chainId, memoryWorker } from "./network.ts";
import { add, begun, decide, room } from "./oneWorker.ts";
import { counterOf } from "./workerRuns.ts";

describe("transactions", () => {
  test("CheckTx › refuses by code what no block may hold", () => {
    const worker = begun();
    expect(worker.check(add(1)).code).toBe(0);
    expect(worker.check(new Uint8Array()).code).toBe(1);
    expect(worker.check(new Uint8Array(2 ** 16)).code).toBe(0);
    expect(worker.check(new Uint8Array(2 ** 16 + 1)).code).toBe(2);
    const record = encodeBlockRecord(blockRecordOf({ chainId, height: 1n }, [add(1)], []));
    expect(worker.check(record).code).toBe(3);
  });

  test("a proposal › leaves out what traps, costs too much or does not fit, and remembers the poison", () => {
    const worker = begun();
    const trap = counterTransaction("trap", 1, 0n, 1);
    const endless = counterTransaction("spin", 1, 10n ** 12n, 2);
    const waiting = [add(1), trap, add(2), endless, add(3)];
    const block = worker.propose(1n, waiting, room);
    expect(block.slice(1)).toEqual([add(1), add(2), add(3)]);
    expect(worker.check(trap).code).toBe(4);
    expect(worker.check(endless).code).toBe(4);
    const calls = worker.machine.calls;
    expect(worker.isValid(1n, block)).toBe(true);
    worker.finalize(1n, block);
    expect(worker.machine.calls).toBe(calls);
    expect(worker.propose(1n, [trap], room)).toEqual([]);
    const narrow = worker.propose(1n, [add(4), add(5)], 2 * 26 + block[0].length);
    expect(narrow.length).toBe(2);
  });

  test("the search for poison › finds every culprit in few calls", () => {
    const list = Array.from({ length: 200 }, (_, index) => Uint8Array.of(index));
    const bad = new Set([3, 77, 78, 199]);
    let calls = 0;
    const fate = (some: readonly Uint8Array[]): Fate => {
      calls++;
      const traps = some.some(([value]) => bad.has(value));
      return { verdict: traps ? "traps" : "returns", share: some.length / 1000 };
    };
    const poison = new PoisonList();
    const search = { fate, poison, pace: new Pace(), mostCalls: 64, isLate: () => false };
    expect(choose(list, search).map(([value]) => value)).toEqual(
      [...list.keys()].filter((value) => !bad.has(value)),
    );
    expect(calls).toBeLessThan(50);
    expect([...bad].every((value) => poison.has(Uint8Array.of(value)))).toBe(true);
    calls = 0;
    const short = choose(list, { ...search, mostCalls: 6 });
    expect(calls).toBeLessThan(9);
    expect(short.every(([value]) => !bad.has(value))).toBe(true);
  });

  test("the search for what is too much › the rest waits and is no poison", () => {
    const list = Array.from({ length: 10 }, (_, index) => Uint8Array.of(index));
    const fate = (some: readonly Uint8Array[]): Fate =>
      some.length > 6
        ? { verdict: "over-fuel", share: 1 }
        : { verdict: "returns", share: some.length / 6.5 };
    const poison = new PoisonList();
    const search = { fate, poison, pace: new Pace(), mostCalls: 64, isLate: () => false };
    expect(choose(list, search)).toEqual(list.slice(0, 6));
    expect(list.some((item) => poison.has(item))).toBe(false);
  });

  test("a crowd of costly transactions › blocks are filled from the first one on, and never empty", () => {
    const crowd = Array.from({ length: 2000 }, (_, index) =>
      Uint8Array.of(index >> 8, index & 255),
    );
    for (const most of [1, 2, 70, 300, 1999, 5000]) {
      for (const isLate of [() => false, () => true]) {
        const pace = new Pace();
        const called: number[] = [];
        const fate = (some: readonly Uint8Array[]): Fate => {
          called.push(some.length);
          if (some.length > most) return { verdict: "over-fuel", share: 1 };
          return { verdict: "returns", share: some.length / (most + 0.5) };
        };
        const search = { fate, poison: new PoisonList(), pace, mostCalls: 64, isLate };
        const first = choose(crowd, search);
        expect(first.length).toBeGreaterThan(0);
        expect(called.length).toBeLessThan(8);
        called.length = 0;
        const second = choose(crowd, search);
        expect(second.length).toBeGreaterThanOrEqual(Math.min(crowd.length, most) * 0.85);
        expect(called.length).toBeLessThan(5);
      }
    }
  });
});

describe("blocks", () => {
  test("every other record than the transactions' own is refused", () => {
    const worker = begun();
    const block = worker.propose(1n, [add(1), add(2)], room);
    const record = readBlockRecord(block[0]);
    const withRecord = (changes: Partial<typeof record>) => [
      encodeBlockRecord({ ...record, ...changes }),
      ...block.slice(1),
    ];
    expect(worker.isValid(1n, block)).toBe(true);
    expect(worker.isValid(2n, block)).toBe(false);
    expect(worker.isValid(1n, withRecord({ count: 3 }))).toBe(false);
    expect(worker.isValid(1n, withRecord({ inputLength: 1 }))).toBe(false);
    expect(worker.isValid(1n, withRecord({ inputRoot: id("x") as `0x${string}` }))).toBe(false);
    expect(worker.isValid(1n, [block[0]])).toBe(false);
    expect(worker.isValid(1n, block.slice(1))).toBe(false);
    expect(worker.isValid(1n, [block[0], block[2], block[1]])).toBe(false);
    expect(worker.isValid(1n, [block[0], block[0], block[1]])).toBe(false);
    expect(worker.isValid(1n, [])).toBe(true);
  });

  test("a block that traps or costs too much is refused; decided all the same, it is rolled back visibly", async () => {
    const worker = begun();
    decide(worker, [add(1)]);
    const before = worker.application;
    for (const poison of [
      counterTransaction("trap", 1, 0n, 1),
      counterTransaction("spin", 1, 10n ** 7n, 1),
    ]) {
      const head = { chainId, height: 2n };
      const list = [add(2), poison];
      const block = [encodeBlockRecord(blockRecordOf(head, list, [])), ...list];
      expect(worker.isValid(2n, block)).toBe(false);
    }
    const list = [add(2), counterTransaction("trap", 1, 0n, 1)];
    const block = [encodeBlockRecord(blockRecordOf({ chainId, height: 2n }, list, [])), ...list];
    worker.finalize(2n, block);
    worker.commit();
    const { application } = worker;
    expect(application.base).toBe(before.base);
    expect(application.result).not.toBe(before.base);
    expect(application.steps).toBeGreaterThan(before.steps);
    expect(await counterOf(worker, 2)).toBe(0n);
    decide(worker, [add(2)]);
    expect(await counterOf(worker, 2)).toBe(1n);
  });

  test("an empty block changes nothing", () => {
    const worker = begun();
    const hash = decide(worker, [add(1)]);
    expect(decide(worker, [])).toBe(hash);
    expect(worker.height).toBe(2n);
  });

  test("a decided block that no honest worker has voted for stops the worker", () => {
    const worker = begun();
    expect(() => worker.finalize(1n, [add(1)])).toThrow("record");
    expect(() => worker.finalize(3n, [])).toThrow("height");
    expect(() => worker.commit()).toThrow("nothing was finalized");
  });
});

describe("receipts", () => {
  const node = new Wallet(id("storage node"));
  const terms = { ...countersGenesis().receipts, storageNodes: [node.address as `0x${string}`] };
  const genesis = countersGenesis({ receipts: terms });
  const domain = receiptDomain(terms.chainId, terms.contract);
  const address = node.address as `0x${string}`;

  test("enter as agreed data in a later record, once, and add to the hash", async () => {
    const worker = begun(memoryWorker(), genesis);
    decide(worker, [add(1)]);
    const { inputRoot: root, inputLength: length } = readBlockRecord(
      worker.journal.block(1n)?.record ?? new Uint8Array(),
    );
    const content = { height: 1n, root, length };
    const receipt = await signReceipt(genesis.cluster, content, address, domain, node);
    const wrong = [
      await signReceipt(genesis.cluster, { ...content, length: length + 1 }, address, domain, node),
      await signReceipt(genesis.cluster, { ...content, height: 2n }, address, domain, node),
      await signReceipt(id("other") as `0x${string}`, content, address, domain, node),
      { ...receipt, storageNode: terms.contract },
    ];
    expect(wrong.map((item) => worker.receipts?.add(item))).toEqual(wrong.map(() => false));
    expect(worker.receipts?.add(receipt)).toBe(true);
    const block = worker.propose(2n, [add(2)], room);
    expect(readBlockRecord(block[0]).receipts).toEqual([receipt]);
    for (const receipts of [[receipt, receipt], ...wrong.map((item) => [item])]) {
      const list = block.slice(1);
      const record = encodeBlockRecord(blockRecordOf({ chainId, height: 2n }, list, receipts));
      expect(worker.isValid(2n, [record, ...list])).toBe(false);
    }
    worker.finalize(2n, block);
    worker.commit();
    expect(worker.application.receiptsHash).toBe(
      receiptsHashAfter(`0x${"00".repeat(32)}`, [receipt]),
    );
    expect(worker.receipts?.forBlock(3n)).toEqual([]);
    expect(worker.receipts?.add(receipt)).toBe(false);
    const again = encodeBlockRecord(blockRecordOf({ chainId, height: 3n }, [add(3)], [receipt]));
    expect(worker.isValid(3n, [again, add(3)])).toBe(false);
  });
});

describe("a worker that is killed", () => {
  const folder = temporaryFolder();
  const open = (name: string) =>
    new Worker({
      program: counters,
      journal: new BlockJournal(folder.file(`${name}.sqlite`)),
      snapshots: new SnapshotFolder(folder.file(name), 3),
      snapshotBlocks: 4,
    });

  test("finds its last commit again, wherever it died", async () => {
    const oracle = begun();
    let worker = begun(open("killed"));
    for (let tag = 1; tag <= 14; tag++) {
      const block = worker.propose(worker.height + 1n, [add(tag, BigInt(tag))], room);
      // Killed before the decision, after it, or after the commit: the folder is all that is left.
      if (tag % 3 > 0) worker.isValid(worker.height + 1n, block);
      if (tag % 3 > 1) worker.finalize(worker.height + 1n, block);
      const height = worker.height;
      await worker.snapshots?.written;
      worker.journal.close();
      worker = open("killed");
      expect(worker.height).toBe(height);
      expect(applicationHash(worker.application)).toBe(applicationHash(oracle.application));
      expect(worker.finalize(height + 1n, block)).toBe(oracle.finalize(height + 1n, block));
      worker.commit();
      oracle.commit();
    }
    expect(await counterOf(worker, 3)).toBe(3n + 11n);
    expect(await counterOf(worker, 3, 5n)).toBe(3n);
    expect(worker.snapshots?.heights()).toEqual([12n, 8n, 4n]);
    worker.journal.close();
  });

  test("whose journal cannot be written has not executed the block, and decides it once more", () => {
    const oracle = begun();
    const worker = begun(open("full"));
    const { append } = worker.journal;
    for (let tag = 1; tag <= 6; tag++) {
      const block = worker.propose(worker.height + 1n, [add(tag, BigInt(tag))], room);
      const height = worker.height + 1n;
      worker.journal.append = () => {
        throw new Error("the disk is full");
      };
      const hash = worker.finalize(height, block);
      expect(() => worker.commit()).toThrow("the disk is full");
      expect(worker.height).toBe(height - 1n);
      expect(applicationHash(worker.application)).toBe(applicationHash(oracle.application));
      worker.journal.append = append;
      expect(worker.finalize(height, block)).toBe(hash);
      worker.commit();
      expect(oracle.finalize(height, block)).toBe(hash);
      oracle.commit();
    }
    worker.journal.close();
  });

  test("does not share its folder with another process", () => {
    const worker = begun(open("shared"));
    decide(worker, [add(1)]);
    expect(() => open("shared")).toThrow("another process");
    decide(worker, [add(2)]);
    worker.journal.close();
    const again = open("shared");
    expect(again.height).toBe(2n);
    expect(() => open("shared")).toThrow("another process");
    again.journal.close();
  });

  test("does not take a spoiled snapshot, nor another journal", () => {
    const worker = begun(open("spoiled"));
    for (let tag = 1; tag <= 9; tag++) decide(worker, [add(tag)]);
    const hash = applicationHash(worker.application);
    const bytes = worker.snapshots?.read(8n) ?? new Uint8Array();
    bytes[bytes.length - 100] ^= 1;
    worker.snapshots?.write(8n, bytes);
    worker.journal.close();
    const again = open("spoiled");
    expect(applicationHash(again.application)).toBe(hash);
    const block = again.journal.block(9n);
    if (block === undefined) throw new Error("block 9 is not kept");
    const application = { ...block.application, result: id("x") as `0x${string}` };
    again.journal.append(9n, { ...block, application });
    again.journal.close();
    expect(() => open("spoiled")).toThrow("another state");
  });

  test("joins by state sync only in the state that the application hash names", async () => {
    const source = begun(open("source"));
    for (let tag = 1; tag <= 8; tag++) decide(source, [add(tag)]);
    const hash = Buffer.from(applicationHash(source.application).slice(2), "hex");
    const offers = new StateSync(source, undefined, chainId);
    const [offered] = offers.list();
    expect(offered.height).toBe(8n);
    const chunks = Array.from({ length: offered.chunks }, (_, i) => offers.chunk(8n, 1, i));

    const liar = memoryWorker();
    const doubted = new StateSync(liar, countersGenesis(), chainId);
    expect(doubted.offer({ ...offered, format: 2 }, hash)).toBe("reject-format");
    expect(doubted.offer({ ...offered, chunks: 2 ** 20 }, hash)).toBe("reject");
    expect(doubted.offer(offered, Buffer.from(id("other").slice(2), "hex"))).toBe("accept");
    expect(chunks.map((chunk, index) => doubted.apply(index, chunk)).at(-1)).toBe("reject");
    expect(liar.height).toBe(0n);
    doubted.offer(offered, hash);
    const flipped = chunks.map((chunk) => chunk.slice());
    flipped[0][200] ^= 1;
    expect(flipped.map((chunk, index) => doubted.apply(index, chunk)).at(-1)).toBe("reject");

    const joined = open("joined");
    const sync = new StateSync(joined, countersGenesis(), chainId);
    expect(sync.offer(offered, hash)).toBe("accept");
    expect(chunks.map((chunk, index) => sync.apply(index, chunk)).at(-1)).toBe("accept");
    expect(joined.height).toBe(8n);
    const next = source.propose(9n, [add(9)], room);
    expect(joined.finalize(9n, next)).toBe(source.finalize(9n, next));
    joined.commit();
    joined.journal.close();
    const again = open("joined");
    expect(again.height).toBe(9n);
    expect(await counterOf(again, 1)).toBe(2n);
    await expect(counterOf(again, 1, 7n)).rejects.toThrow("before the state sync");
  });
});
