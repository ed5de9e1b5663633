/**
 * Chunks shared with a hasher that begins some of those it is asked for and gives hashes late and in any order: roots
 * and openings against those of fresh arrays.
 */
import { afterEach, expect, test } from "vitest";
import {
  type ChunkHasher,
  installChunkHasher,
  type ReadChunk,
  type TakeHash,
} from "../../../src/merkle/tree/chunkHasher.ts";
import { arrayOfBytes } from "../../../src/merkle/tree/merkleArray.ts";
import { Random } from "../../differential/random.ts";
import { hex, referenceRoot } from "../reference.ts";

class TardyHasher implements ChunkHasher {
  given = 0;
  readonly #random: Random;
  #waiting: (() => void)[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  hash(): boolean {
    return false;
  }

  begin(keys: readonly number[], read: ReadChunk, take: TakeHash): readonly number[] {
    this.#give(this.#random.below(this.#waiting.length + 1));
    const begun = [...keys.keys()].filter(() => this.#random.below(3) > 0);
    for (const index of begun) {
      const bytes = new Uint8Array(4096);
      read(index, bytes);
      const hash = referenceRoot(5, { start: 0, bytes });
      this.#waiting.push(() => take(index, hash));
    }
    return begun;
  }

  settle(): void {
    this.#give(this.#waiting.length);
  }

  #give(count: number): void {
    for (let left = count; left > 0; left--) {
      const [next] = this.#waiting.splice(this.#random.below(this.#waiting.length), 1);
      next?.();
      this.given++;
    }
  }
}

afterEach(() => installChunkHasher(undefined));

test.each([1, 2, 3])("roots and openings are those of the bytes (seed %i)", (seed) => {
  const random = new Random(seed);
  const bytes = new Uint8Array(200 * 4096);
  const array = arrayOfBytes(16, bytes);
  const hasher = new TardyHasher(random);
  installChunkHasher(hasher);
  for (let round = 0; round < 6; round++) {
    for (let edits = random.below(300); edits > 0; edits--) {
      const at = random.below(bytes.length);
      bytes[at] ^= random.below(256);
      if (random.below(8) > 0) array.invalidate(at >> 12);
      else array.invalidateRange(at, at + 1);
    }
    if (random.below(4) === 0) array.restore(arrayOfBytes(16, bytes).chunkHashes(200));
    const fresh = arrayOfBytes(16, bytes);
    const leaves = [random.below(3200), 3200 + random.below(3200)];
    expect(hex(array.root())).toBe(hex(fresh.root()));
    expect(hex(array.open(leaves).encode())).toBe(hex(fresh.open(leaves).encode()));
  }
  expect(hasher.given).toBeGreaterThan(0);
});
