/**
 * Merkle arrays: incremental roots, truncated views and multiproofs against the reference and against each other.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ByteReader } from "../../../src/merkle/tree/byteReader.ts";
import {
  arrayOfBytes,
  copyFrom,
  MerkleArray,
  rootOfBytes,
} from "../../../src/merkle/tree/merkleArray.ts";
import { Multiproof, siblingPositions } from "../../../src/merkle/tree/multiproof.ts";
import { ShadowedArray } from "../../../src/merkle/tree/shadowedArray.ts";
import { WitnessError } from "../../../src/merkle/witnessError.ts";
import { hex, referenceRoot } from "../reference.ts";

const reference = (depth: number, bytes: Uint8Array) =>
  hex(referenceRoot(depth, { start: 0, bytes }));
const pattern = (length: number, seed = 1) =>
  Uint8Array.from({ length }, (_, i) => (Math.imul(i + seed, 2654435761) >>> 21) & 0xff);

describe("root", () => {
  test.each([0, 1, 127, 128, 129, 2048, 4095, 4096, 4097, 20_000])("%i bytes", (length) => {
    for (const depth of [9, 16, 33]) {
      expect(hex(rootOfBytes(depth, pattern(length)))).toBe(reference(depth, pattern(length)));
    }
  });

  test("an array smaller than a chunk", () => {
    expect(hex(rootOfBytes(4, pattern(2048)))).toBe(reference(4, pattern(2048)));
  });

  test("content far out in the array", () => {
    const bytes = pattern(300);
    const start = 255 * 2 ** 32 + 2 ** 32 - 4096;
    const array = new MerkleArray(33, (offset, target) => {
      target.fill(0);
      if (offset >= start)
        target.set(bytes.subarray(offset - start, offset - start + target.length));
    });
    array.invalidateRange(start, start + bytes.length);
    expect(hex(array.root())).toBe(hex(referenceRoot(33, { start, bytes })));
  });

  test("incremental updates give the root from scratch", () => {
    const write = fc.record({
      at: fc.nat(99_999),
      bytes: fc.uint8Array({ minLength: 1, maxLength: 300 }),
      zero: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(fc.array(write, { maxLength: 6 }), { maxLength: 6 }), (rounds) => {
        const bytes = new Uint8Array(100_300);
        const array = arrayOfBytes(18, bytes);
        for (const round of rounds) {
          for (const { at, bytes: content, zero } of round) {
            bytes.set(zero ? content.fill(0) : content, at);
            array.invalidateRange(at, at + content.length);
          }
          expect(hex(array.root())).toBe(hex(rootOfBytes(18, bytes)));
        }
        expect(hex(array.root())).toBe(reference(18, bytes));
      }),
      { seed: 32, numRuns: 12 },
    );
  });
});

describe("active chunks", () => {
  const edit = fc.record({
    at: fc.nat(59_999),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 500 }),
    inBulk: fc.boolean(),
    zero: fc.boolean(),
  });
  const opened = fc.uniqueArray(fc.nat(511), { maxLength: 4 });
  const round = fc.record({ edits: fc.array(edit, { maxLength: 8 }), opened });

  test.each([0, 1, 3, 100])(
    "%i remembered chunks give the roots and multiproofs from scratch",
    (room) => {
      fc.assert(
        fc.property(fc.array(round, { maxLength: 6 }), (rounds) => {
          const bytes = new Uint8Array(2 ** 16);
          const array = new MerkleArray(9, copyFrom(bytes), room);
          for (const { edits, opened } of rounds) {
            for (const { at, bytes: content, inBulk, zero } of edits) {
              bytes.set(zero ? content.fill(0) : content, at);
              const end = at + content.length;
              if (inBulk) array.invalidateRange(at, end);
              else for (let chunk = at >> 12; chunk << 12 < end; chunk++) array.invalidate(chunk);
            }
            const fresh = arrayOfBytes(9, bytes);
            const leaves = [...opened].sort((a, b) => a - b);
            expect(hex(array.open(leaves).encode())).toBe(hex(fresh.open(leaves).encode()));
            expect(hex(array.root())).toBe(hex(fresh.root()));
          }
          expect(hex(array.root())).toBe(reference(9, bytes));
        }),
        { seed: 36, numRuns: 40 },
      );
    },
  );

  test("a write that changes nothing leaves the root", () => {
    const bytes = pattern(4096 * 3);
    const array = new MerkleArray(9, copyFrom(bytes));
    for (let again = 0; again < 3; again++) {
      for (let chunk = 0; chunk < 3; chunk++) array.invalidate(chunk);
      expect(hex(array.root())).toBe(reference(9, bytes));
    }
  });

  test("every leaf of a chunk, one after the other, and all at once", () => {
    const bytes = new Uint8Array(8192);
    const array = new MerkleArray(9, copyFrom(bytes));
    for (let leaf = 0; leaf < 64; leaf++) {
      bytes[leaf * 128 + leaf] = leaf + 1;
      array.invalidate(leaf >> 5);
      expect(hex(array.root()), `leaf ${leaf}`).toBe(reference(9, bytes));
    }
    bytes.fill(0);
    array.invalidate(0);
    array.invalidate(1);
    expect(hex(array.root())).toBe("00".repeat(32));
  });
});

describe("shadowed array", () => {
  test("growing, shrinking and rewriting content gives the reference's root", () => {
    const change = fc.record({ length: fc.nat(20_000), at: fc.nat(20_000), value: fc.nat(255) });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 12 }), (changes) => {
        const content = pattern(20_000);
        const shadowed = new ShadowedArray(16, 2 ** 23);
        for (const { length, at, value } of changes) {
          if (at < content.length) content[at] = value;
          shadowed.sync(content.subarray(0, length));
          expect(hex(shadowed.array.root())).toBe(
            hex(rootOfBytes(16, content.subarray(0, length))),
          );
        }
      }),
      { seed: 33, numRuns: 60 },
    );
  });

  test("extents lie a stride apart", () => {
    const shadowed = new ShadowedArray(16, 2 ** 20);
    shadowed.sync(pattern(5000, 1), 0);
    shadowed.sync(pattern(700, 2), 3);
    const parts = [
      { start: 0, bytes: pattern(5000, 1) },
      { start: 3 * 2 ** 20, bytes: pattern(700, 2) },
    ];
    expect(hex(shadowed.array.root())).toBe(hex(referenceRoot(16, ...parts)));
  });

  test("content at an odd place in its buffer", () => {
    const shadowed = new ShadowedArray(13, 2 ** 20);
    const content = pattern(5001).subarray(1);
    shadowed.sync(content);
    content[4999] ^= 1;
    shadowed.sync(content);
    expect(hex(shadowed.array.root())).toBe(reference(13, content));
  });
});

/** Sets of leaves of an array of depth 10. */
const leafSets = fc
  .uniqueArray(fc.nat(1023), { minLength: 1, maxLength: 12 })
  .map((leaves) => leaves.sort((a, b) => a - b));
const sparse = (() => {
  const bytes = pattern(2 ** 17);
  bytes.fill(0, 3000, 40_000);
  bytes.fill(0, 70_000, 70_500);
  bytes.fill(0, 100_000);
  return bytes;
})();

describe("multiproof", () => {
  test("survives its bytes and leads to the root", () => {
    const array = arrayOfBytes(10, sparse);
    fc.assert(
      fc.property(leafSets, (leaves) => {
        const bytes = array.open(leaves).encode();
        const reader = new ByteReader(bytes);
        const multiproof = Multiproof.read(reader, 10, leaves);
        reader.end();
        expect(hex(multiproof.root())).toBe(hex(array.root()));
        expect(hex(multiproof.encode())).toBe(hex(bytes));
      }),
      { seed: 34, numRuns: 100 },
    );
  });

  test("commits to new contents of its leaves", () => {
    const array = arrayOfBytes(10, sparse);
    fc.assert(
      fc.property(leafSets, fc.nat(255), (leaves, value) => {
        const multiproof = array.open(leaves);
        const changed = sparse.slice();
        for (const leaf of leaves) {
          multiproof.setByte(leaf * 128 + (value % 128), value);
          changed[leaf * 128 + (value % 128)] = value;
        }
        expect(hex(multiproof.root())).toBe(hex(rootOfBytes(10, changed)));
      }),
      { seed: 35, numRuns: 60 },
    );
  });

  test("truncates where the last leaf kept is open", () => {
    const array = arrayOfBytes(10, sparse);
    fc.assert(
      fc.property(leafSets, fc.integer({ min: 1, max: 128 }), fc.nat(11), (leaves, into, which) => {
        const keep = leaves[which % leaves.length] * 128 + into;
        const multiproof = array.open(leaves);
        multiproof.truncate(keep);
        expect(hex(multiproof.root())).toBe(hex(rootOfBytes(10, sparse.slice(0, keep))));
      }),
      { seed: 36, numRuns: 100 },
    );
  });

  test("truncated to nothing is zero, with or without leaves", () => {
    const array = arrayOfBytes(10, sparse);
    for (const leaves of [[], [0], [5, 900]]) {
      const multiproof = array.open(leaves);
      multiproof.truncate(0);
      expect(hex(multiproof.root())).toBe("00".repeat(32));
    }
  });

  test("of no leaf has no bytes", () => {
    expect(arrayOfBytes(10, sparse).open([]).encode()).toHaveLength(0);
  });

  test("one leaf of a full array of depth d has 128 + 8 + 32 d bytes", () => {
    expect(
      arrayOfBytes(10, pattern(2 ** 17))
        .open([77])
        .encode(),
    ).toHaveLength(128 + 8 + 320);
  });

  test("every path without a fork has its bits", () => {
    const leaves = Array.from({ length: 40 }, (_, i) => i * 25);
    const siblings = siblingPositions(10, leaves).length;
    expect(siblings).toBeGreaterThan(128);
    const array = arrayOfBytes(10, pattern(2 ** 17));
    const bytes = array.open(leaves).encode();
    // 40 paths below forks, one each; the 39 forks are the root and nodes whose parents are forks, but for 13 of them.
    const segments = (bytes.length - 40 * 128 - siblings * 32) / 8;
    expect(segments).toBeGreaterThanOrEqual(40);
    expect(segments).toBeLessThanOrEqual(79);
    const multiproof = Multiproof.read(new ByteReader(bytes), 10, leaves);
    expect(hex(multiproof.root())).toBe(hex(array.root()));
  });
});

describe("malformed multiproofs", () => {
  const read = (bytes: Uint8Array, leaves = [3]) => {
    const reader = new ByteReader(bytes);
    const multiproof = Multiproof.read(reader, 10, leaves);
    reader.end();
    return multiproof;
  };
  const codeOf = (work: () => unknown) => {
    try {
      work();
    } catch (error) {
      return error instanceof WitnessError ? error.code : String(error);
    }
    return "accepted";
  };
  const good = arrayOfBytes(10, sparse).open([3]).encode();

  test("cut anywhere › witness-truncated", () => {
    for (let length = 0; length < good.length; length++) {
      expect(codeOf(() => read(good.slice(0, length)))).toBe("witness-truncated");
    }
  });

  test("a byte more › witness-trailing", () => {
    expect(codeOf(() => read(Uint8Array.from([...good, 0])))).toBe("witness-trailing");
  });

  test("a bit beyond the last sibling › sibling-bits", () => {
    const bytes = good.slice();
    bytes[128 + 6] |= 0x04;
    expect(codeOf(() => read(bytes))).toBe("sibling-bits");
  });

  test("a sibling sent that is zero › zero-sibling", () => {
    const bytes = good.slice();
    bytes.fill(0, 136, 168);
    expect(codeOf(() => read(bytes))).toBe("zero-sibling");
  });

  test("a leaf that the array does not have › leaf-out-of-range", () => {
    expect(codeOf(() => read(good, [1024]))).toBe("leaf-out-of-range");
  });
});
