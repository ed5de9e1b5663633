/**
 * Snapshots that somebody else has written: whatever stands in them, who reads one gets the state that it says or
 * `state-corrupt`, by which it goes on to another one.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { hexlify } from "ethers";
import { describe, expect, test, vi } from "vitest";
import type { Hash } from "../../src/game/index.ts";
import { applicationHash, initialApplicationState } from "../../src/history/index.ts";
import { Machine } from "../../src/interpreter/index.ts";
import { StateTree, saveState } from "../../src/merkle/index.ts";
import {
  encodeSnapshot,
  mostSnapshotBytes,
  readSnapshot,
} from "../../src/node/worker/snapshots.ts";
import { StateSync } from "../../src/node/worker/stateSync.ts";
import { counters, countersGenesis } from "./counters.ts";
import { appState, chainId, memoryWorker } from "./network.ts";

const machine = new Machine(counters);
const tree = new StateTree(machine.state);
const application = initialApplicationState(hexlify(tree.stateHash()) as Hash);
const magic = "wasm-arbiter worker snapshot 1\n";

/** A snapshot with this in place of its head. */
function headed(head: unknown): Uint8Array {
  const text = Buffer.from(JSON.stringify(head));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(text.length);
  return new Uint8Array(Buffer.concat([Buffer.from(magic), length, text, saveState(tree)]));
}

const fields = { ...application, fuel: "0", steps: "0" };
const withFields = (changed: object) =>
  headed({ height: "3", application: JSON.stringify({ ...fields, ...changed }) });

test("a head that is the state's own is read", () => {
  expect(withFields({})).toEqual(encodeSnapshot(3n, application, tree));
  expect(readSnapshot(counters, withFields({})).height).toBe(3n);
});

const heads: Readonly<Record<string, Uint8Array>> = {
  "a base that is a number": withFields({ base: 5 }),
  "a base that is too short": withFields({ base: "0x12" }),
  "no base": withFields({ base: undefined }),
  "a list of receipts": withFields({ receiptsHash: [] }),
  "negative fuel": withFields({ fuel: "-1" }),
  "fuel of more than 64 bits": withFields({ fuel: (2n ** 64n).toString() }),
  "steps that are no number": withFields({ steps: "many" }),
  "no application": headed({ height: "3", application: "null" }),
  "a negative height": headed({ height: "-3", application: JSON.stringify(fields) }),
  "a height that is a list": headed({ height: [], application: JSON.stringify(fields) }),
};

describe("a peer that offers more than any state of the program takes", () => {
  const offer = { height: 3n, format: 1, chunks: 1, hash: new Uint8Array(32) };
  const appHash = new Uint8Array(32);
  const chunkBytes = 2 ** 20;
  const most = Math.ceil(mostSnapshotBytes(counters) / chunkBytes);

  test("is refused before any of it is kept", () => {
    const sync = new StateSync(memoryWorker(), countersGenesis(), chainId);
    expect(sync.offer({ ...offer, chunks: most }, appHash)).toBe("accept");
    expect(sync.offer({ ...offer, chunks: most + 1 }, appHash)).toBe("reject");
  });

  test.each([
    ["a longer chunk", 0, chunkBytes + 1],
    ["a chunk behind the last one", 2, 1],
  ])("%s › ends the offer", (_, index, length) => {
    const sync = new StateSync(memoryWorker(), countersGenesis(), chainId);
    sync.offer({ ...offer, chunks: 2 }, appHash);
    expect(sync.apply(index, new Uint8Array(length))).toBe("reject");
    expect(sync.apply(0, new Uint8Array(1))).toBe("reject");
  });

  test("a snapshot is never longer", () => {
    const { state } = new Machine(counters);
    for (const { bytes } of state.memories) bytes.fill(1);
    const bytes = encodeSnapshot(10n ** 18n, application, new StateTree(state));
    const [{ maxPages }] = counters.memories;
    expect(state.memories[0].pages).toBeGreaterThan(0);
    expect(bytes.length).toBeGreaterThan(state.memories[0].pages * 65_536);
    expect(bytes.length).toBeLessThan(mostSnapshotBytes(counters));
    expect(mostSnapshotBytes(counters)).toBeGreaterThan(maxPages * 65_536);
  });
});

test("one that the disk does not take leaves a worker where it was: the chain may begin there", () => {
  const worker = memoryWorker();
  const before = worker.machine.base();
  const { state } = new Machine(counters);
  for (const { bytes } of state.memories) bytes.fill(1);
  vi.spyOn(worker.journal, "keepFacts").mockImplementationOnce(() => {
    throw new Error("disk full");
  });
  const snapshot = { height: 3n, application, state };
  const adopt = () => worker.adoptSnapshot(snapshot, countersGenesis(), chainId, []);
  expect(adopt).toThrow("disk full");
  expect(worker.machine.base()).toBe(before);
  expect(worker.initChain(chainId, 1n, appState())).toBe(applicationHash(application));
});

for (const [name, bytes] of Object.entries(heads)) {
  test(`${name} › is corrupt, and a peer that offers it is refused`, () => {
    const corrupt = expect.objectContaining({ code: "state-corrupt" });
    expect(() => readSnapshot(counters, bytes)).toThrow(corrupt);
    const sync = new StateSync(memoryWorker(), countersGenesis(), chainId);
    const appHash = Buffer.from(applicationHash(application).slice(2), "hex");
    sync.offer({ height: 3n, format: 1, chunks: 1, hash: sha256(bytes) }, appHash);
    expect(sync.apply(0, bytes)).toBe("reject");
  });
}
