/**
 * Hashing on threads: that the root is that of one thread, whatever the number of chunks, of threads and of those that are
 * done in time.
 */
import { setTimeout } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { chunkBytes } from "../../src/interpreter/program/program.ts";
import { installChunkHasher } from "../../src/merkle/tree/chunkHasher.ts";
import { arrayOfBytes, copyFrom, MerkleArray } from "../../src/merkle/tree/merkleArray.ts";
import { ThreadedHasher, type ThreadOptions } from "../../src/node/hashing/threadedHasher.ts";
import { Random } from "../differential/random.ts";

const depth = 20;

afterEach(() => installChunkHasher(undefined));

/** Random bytes, every third chunk zero. */
function memory(chunks: number, random: Random): Uint8Array {
  const words = new Uint32Array((chunks * chunkBytes) / 4);
  for (let chunk = 0; chunk < chunks; chunk++) {
    if (chunk % 3 === 2) continue;
    for (let word = 0; word < 1024; word += 1 + random.below(40)) {
      words[chunk * 1024 + word] = random.next();
    }
  }
  return new Uint8Array(words.buffer);
}

const root = (bytes: Uint8Array) => Buffer.from(arrayOfBytes(depth, bytes).root()).toString("hex");

/** A hasher of which a thread is up, and how many chunks it was asked for. */
async function startedHasher(options: ThreadOptions): Promise<ThreadedHasher> {
  const hasher = new ThreadedHasher({
    chunksWorthStarting: 1,
    leastChunks: 1,
    chunksBegunWorthStarting: 1,
    ...options,
  });
  installChunkHasher(hasher);
  hasher.begin(
    [0],
    () => {},
    () => {},
  );
  while (hasher.ready < (options.threads ?? 1)) await setTimeout(5);
  return hasher;
}

test("the root is that of one thread", { timeout: 60_000 }, async () => {
  const random = new Random(1);
  const memories = [1, 7, 32, 33, 700, 1024, 2600].map((chunks) => memory(chunks, random));
  const alone = memories.map(root);
  await startedHasher({ threads: 2 });
  expect(memories.map(root)).toEqual(alone);
  expect(memories.map(root)).toEqual(alone);
});

test("threads take part", { timeout: 60_000 }, async () => {
  const hasher = await startedHasher({ threads: 1 });
  const asked: number[] = [];
  const isHashed = hasher.hash(
    2000,
    (index, target) => {
      // A thread's share is read into memory that it shares.
      if (target.buffer instanceof SharedArrayBuffer) asked.push(index);
      target.fill(index);
    },
    () => {},
  );
  expect(isHashed).toBe(true);
  expect(asked.length).toBeGreaterThan(0);
});

test("what threads do not finish in time is hashed without them", { timeout: 60_000 }, async () => {
  const bytes = memory(1500, new Random(2));
  const alone = root(bytes);
  const hasher = await startedHasher({ threads: 2, patienceMs: 0 });
  expect(root(bytes)).toBe(alone);
  expect(root(bytes)).toBe(alone);
  expect(hasher.ready).toBeLessThanOrEqual(2);
});

test("without cores to spare, or for little, nothing changes", () => {
  const bytes = memory(40, new Random(3));
  const alone = root(bytes);
  for (const options of [{ threads: 0, chunksWorthStarting: 1, leastChunks: 1 }, {}]) {
    const hasher = new ThreadedHasher(options);
    expect(
      hasher.hash(
        40,
        () => {},
        () => {},
      ),
    ).toBe(false);
    installChunkHasher(hasher);
    expect(root(bytes)).toBe(alone);
  }
});

test("chunks that change again and again, hashed by whoever remembers them", {
  timeout: 60_000,
}, async () => {
  const random = new Random(4);
  for (const options of [{ threads: 2 }, { threads: 1 }, { threads: 2, patienceMs: 0 }]) {
    await startedHasher({ ...options, leastChunks: 1e6 });
    const bytes = memory(1200, random);
    const array = new MerkleArray(depth, copyFrom(bytes), 2048);
    array.invalidateRange(0, bytes.length);
    for (let round = 0; round < 6; round++) {
      for (let edits = random.below(4000); edits > 0; edits--) {
        const at = random.below(bytes.length);
        bytes[at] ^= 1 + random.below(255);
        array.invalidate(at >> 12);
      }
      expect(Buffer.from(array.root()).toString("hex")).toBe(root(bytes));
      const leaves = [random.below(32 * 1200)];
      const opened = arrayOfBytes(depth, bytes).open(leaves).encode();
      expect(array.open(leaves).encode()).toEqual(opened);
    }
  }
});

test("a thread hashes its part of what is begun, by its key", {
  timeout: 60_000,
}, async () => {
  const hasher = await startedHasher({ threads: 1 });
  const keys = Array.from({ length: 700 }, (_, i) => 3 * i);
  const chunk = (index: number, version: number) =>
    new Uint8Array(chunkBytes).fill(1 + (index % 200), 0, 100 + version);
  for (let version = 0; version < 3; version++) {
    const hashes = new Map<number, string>();
    const begun = hasher.begin(
      keys,
      (index, target) => target.set(chunk(index, version)),
      (index, hash) => hashes.set(index, Buffer.from(hash).toString("hex")),
    );
    expect(begun.length).toBeGreaterThan(300);
    expect(begun.length).toBeLessThanOrEqual(512);
    expect(hashes.size).toBe(0);
    hasher.settle();
    expect([...hashes.keys()].sort((a, b) => a - b)).toEqual([...begun]);
    for (const [index, hash] of hashes) {
      expect(hash).toBe(Buffer.from(arrayOfBytes(5, chunk(index, version)).root()).toString("hex"));
    }
  }
});
