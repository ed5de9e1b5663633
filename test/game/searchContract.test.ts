import { type Contract, hexlify, keccak256, toBeHex } from "ethers";
import fc from "fast-check";
import hre from "hardhat";
import { beforeAll, describe, expect, it } from "vitest";
import { commitment, divergence, parts, point } from "../../src/game/search.ts";

/** Search.sol against its twin in TypeScript. */
let harness: Contract;
beforeAll(async () => {
  const { ethers } = await hre.network.create();
  harness = (await ethers.deployContract("SearchHarness")) as unknown as Contract;
});

const hash = (n: number) => keccak256(toBeHex(n, 32));
const vectors = fc.integer({ min: 1, max: 255 }).chain((length) =>
  fc.record({
    own: fc.constant(Array.from({ length }, (_, i) => hash(i))),
    /** From here on the other's vector is another one. */
    from: fc.integer({ min: 0, max: length - 1 }),
    noise: fc.integer({ min: 1000, max: 2 ** 30 }),
  }),
);

describe("Search.sol", () => {
  it("cuts where search.ts cuts", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.bigInt(1n, 2n ** 64n - 1n),
        fc.integer({ min: 2, max: 256 }),
        async (n, k) => {
          const m = parts(n, k);
          for (const j of [0, 1, m >> 1, m - 1, m]) {
            expect(await harness.point(n, m, j)).toBe(point(n, m, j));
          }
        },
      ),
      { seed: 1, numRuns: 40 },
    );
  });

  it("commits as search.ts commits, and proves where two vectors part", async () => {
    await fc.assert(
      fc.asyncProperty(vectors, async ({ own, from, noise }) => {
        const other = own.map((entry, i) => (i < from ? entry : hash(noise + i)));
        const root = commitment(other);
        expect(await harness.commitment(other)).toBe(root);
        const { index, path } = divergence(own, other);
        expect(index).toBe(from);
        expect(await harness.commitmentAt(own, index, path)).toBe(root);
      }),
      { seed: 2, numRuns: 60 },
    );
  });

  it("is not fooled by another index, hash, sibling or length of the path", async () => {
    const answer = async (own: string[], index: number, path: string[]) =>
      harness.commitmentAt(own, index, path).catch(() => "refused");
    await fc.assert(
      fc.asyncProperty(vectors, fc.nat(), async ({ own, from, noise }, where) => {
        const other = own.map((entry, i) => (i < from ? entry : hash(noise + i)));
        const root = commitment(other);
        const { index, path } = divergence(own, other);
        const bent = [...path];
        const place = where % path.length;
        bent[place] = hexlify(
          Uint8Array.from(Buffer.from(path[place].slice(2), "hex"), (b, i) =>
            i === where % 32 ? b ^ 1 : b,
          ),
        );
        expect(await answer(own, index, bent)).not.toBe(root);
        expect(await answer(own, index, [...path, hash(1)])).toBe("refused");
        expect(await answer(own, index, path.slice(0, -1))).not.toBe(root);
        if (index > 0) expect(await answer(own, index - 1, path)).not.toBe(root);
      }),
      { seed: 3, numRuns: 60 },
    );
  });
});
