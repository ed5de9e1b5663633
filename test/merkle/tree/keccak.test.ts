/**
 * The Keccak kernels against @noble/hashes: every implementation, every kind of preimage, and the zero rules.
 */
import { keccak_256 } from "@noble/hashes/sha3.js";
import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { javascriptKernel } from "../../../src/merkle/tree/keccak/javascriptKernel.ts";
import {
  batchLeaves,
  hashPair,
  type Kernel,
  kernel,
  wasmKernelOrUndefined,
} from "../../../src/merkle/tree/keccak/kernel.ts";
import { memoBytesOf } from "../../../src/merkle/tree/keccak/memos.ts";
import { rootOfBytes } from "../../../src/merkle/tree/merkleArray.ts";
import { hex } from "../reference.ts";

const required = (made: Kernel | undefined): Kernel => {
  if (made === undefined) throw new Error("expected this host to compile the kernel");
  return made;
};
const kernels = [
  required(wasmKernelOrUndefined(true)),
  required(wasmKernelOrUndefined(false)),
  javascriptKernel(),
];

const tagged = (bytes: Uint8Array, tag: number) =>
  hex(keccak_256(Uint8Array.from([...bytes, tag])));
const zero = "00".repeat(32);
const outputAt = ({ output }: Kernel, hash: number) =>
  hex(output.subarray(hash * 32, (hash + 1) * 32));

/** All hashes of a chunk from its own down to its leaves', level by level. */
function heapOf(content: Uint8Array): string {
  let level: string[] = [];
  for (let at = 0; at < content.length; at += 128) {
    const leaf = content.subarray(at, at + 128);
    level.push(leaf.some((byte) => byte !== 0) ? tagged(leaf, 0) : zero);
  }
  let heap = level.join("");
  while (level.length > 1) {
    const nodes: string[] = [];
    for (let i = 0; i < level.length; i += 2) {
      const pair = level[i] + level[i + 1];
      nodes.push(pair === zero + zero ? zero : tagged(Buffer.from(pair, "hex"), 1));
    }
    level = nodes;
    heap = level.join("") + heap;
  }
  return heap;
}

/** Leaves of which about a third are zero. */
const leaves = fc.array(
  fc.oneof(
    fc.uint8Array({ minLength: 128, maxLength: 128 }),
    fc.uint8Array({ minLength: 128, maxLength: 128 }),
    fc.constant(new Uint8Array(128)),
  ),
  { minLength: 1, maxLength: 9 },
);

test("the fastest kernel that runs here is the SIMD one", () => {
  expect(kernel.name).toBe("simd");
});

describe.each(kernels)("$name kernel", (made) => {
  test("leaves › hash as the reference does, zero leaves to zero", () => {
    fc.assert(
      fc.property(leaves, (items) => {
        made.input.fill(0xee);
        items.forEach((leaf, i) => {
          made.input.set(leaf, i * 128);
        });
        made.reduce(items.length, 0);
        items.forEach((leaf, i) => {
          expect(outputAt(made, i)).toBe(leaf.some((b) => b !== 0) ? tagged(leaf, 0) : zero);
        });
      }),
      { seed: 31, numRuns: 60 },
    );
  });

  test("nodes › hash as the reference does, zero pairs to zero", () => {
    const pairs = [1, 0, 2, 3, 0, 0, 4].map((seed) =>
      Uint8Array.from({ length: 64 }, (_, i) => (seed * (i + 3)) & 0xff),
    );
    for (let count = 1; count <= pairs.length; count++) {
      made.output.fill(0xee);
      pairs.forEach((pair, i) => {
        made.input.set(pair, i * 64);
      });
      made.nodes(count);
      pairs.slice(0, count).forEach((pair, i) => {
        expect(outputAt(made, i)).toBe(pair.some((b) => b !== 0) ? tagged(pair, 1) : zero);
      });
      expect(outputAt(made, count)).toBe("ee".repeat(32));
    }
  });

  test("reduce › a chunk of 4 KiB, level by level", () => {
    const chunk = Uint8Array.from({ length: 4096 }, (_, i) => (i % 500 < 300 ? 0 : i * 7) & 0xff);
    made.input.set(chunk);
    const place = made.reduce(32, 5);
    let level = Array.from({ length: 32 }, (_, i) => chunk.subarray(i * 128, (i + 1) * 128)).map(
      (leaf) => (leaf.some((b) => b !== 0) ? tagged(leaf, 0) : zero),
    );
    let hash = 0;
    for (;;) {
      for (const expected of level) expect(outputAt(made, hash++)).toBe(expected);
      if (level.length === 1) break;
      level = level.flatMap((left, i) => {
        if (i % 2 === 1) return [];
        const pair = Uint8Array.from(Buffer.from(left + level[i + 1], "hex"));
        return [pair.some((b) => b !== 0) ? tagged(pair, 1) : zero];
      });
    }
    expect(place).toBe((hash - 1) * 32);
  });

  test("reduce › a full batch", () => {
    for (let i = 0; i < made.input.length; i++) made.input[i] = (i * 2654435761) >>> 24;
    const last = made.input.slice(-128);
    made.reduce(batchLeaves, 0);
    expect(outputAt(made, batchLeaves - 1)).toBe(tagged(last, 0));
  });

  test("update › memos of chunks of every size, beside memos that do not change", () => {
    const chunk = fc.record({
      before: fc.nat(3),
      changes: fc.array(fc.nat(4095), { maxLength: 5 }),
    });
    const chunks = fc.array(chunk, { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(chunks, fc.constantFrom(1, 2, 16, 32), (all, leaves) => {
        const size = memoBytesOf(leaves);
        const contents = all.map(({ before }) =>
          Uint8Array.from({ length: leaves * 128 }, (_, i) => (before * ((i >> 6) + 1)) & 0xff),
        );
        made.memos.fill(0, 0, all.length * size);
        made.input.set(Buffer.concat(contents));
        made.update(all.length, leaves);
        all.forEach(({ changes }, i) => {
          for (const change of changes) contents[i][change % contents[i].length] ^= 0x55;
        });
        made.input.set(Buffer.concat(contents));
        const changed = made.update(all.length, leaves).slice(0, all.length);
        contents.forEach((content, i) => {
          const memo = made.memos.subarray(i * size, (i + 1) * size);
          expect(hex(memo.subarray(0, content.length))).toBe(hex(content));
          expect(hex(memo.subarray(content.length + 32))).toBe(heapOf(content));
          if (all[i].changes.length === 0) expect(changed[i]).toBe(0);
          else if (new Set(all[i].changes).size === 1) expect(changed[i]).not.toBe(0);
        });
      }),
      { seed: 37, numRuns: 40 },
    );
  });

  test("hash › every length up to two blocks", () => {
    for (let length = 0; length <= 272; length++) {
      const bytes = Uint8Array.from({ length }, (_, i) => (i * 11 + length) & 0xff);
      expect(hex(made.hash(bytes))).toBe(hex(keccak_256(bytes)));
    }
  });
});

test("hashPair › a node of the state tree has no zero rule", () => {
  const none = new Uint8Array(32);
  expect(hex(hashPair(none, none, 2))).toBe(tagged(new Uint8Array(64), 2));
});

describe("a host that forbids WebAssembly", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.resetModules();
  });

  test("falls back to the JavaScript kernel, with the same roots", async () => {
    const bytes = Uint8Array.from({ length: 9000 }, (_, i) => (i * 31) & 0xff);
    const expected = hex(rootOfBytes(18, bytes));
    vi.stubGlobal("WebAssembly", undefined);
    vi.resetModules();
    const array = await import("../../../src/merkle/tree/merkleArray.ts");
    const { kernel: fallback } = await import("../../../src/merkle/tree/keccak/kernel.ts");
    expect(fallback.name).toBe("javascript");
    expect(hex(array.rootOfBytes(18, bytes))).toBe(expected);
  });
});
