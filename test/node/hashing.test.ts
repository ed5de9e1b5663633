/**
 * Hashing on threads: that the root is that of one thread, whatever the number of chunks, of threads and of those that are
 * done in time.
 */
import { setTimeout } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { chunkBytes } from "../../src/interpreter/program/program.ts";
import { installChunkHasher } from "../../src/merkle/tree/chunkHasher.ts";
import { arrayOfBytes } from "../../src/merkle/tree/merkleArray.ts";
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
  const hasher = new ThreadedHasher({ chunksWorthStarting: 1, leastChunks: 1, ...options });
  installChunkHasher(hasher);
  root(memory(2, new Random(0)));
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
