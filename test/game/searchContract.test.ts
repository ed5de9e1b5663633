import { type Contract, concat, getBytes, hexlify, keccak256, toBeHex } from "ethers";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { commitment, parts, point, showPart } from "../../src/game/search/search.ts";
import { freshChain } from "../freshChain.ts";

/** Search.sol against its twin in TypeScript. */
let harness: Contract;
beforeAll(async () => {
  const { ethers } = await freshChain();
  harness = (await ethers.deployContract("SearchHarness")) as unknown as Contract;
});

const hash = (n: number) => keccak256(toBeHex(n, 32));
const rounds = fc.integer({ min: 2, max: 256 }).chain((m) =>
  fc.record({
    /** The states between m parts. */
    states: fc.constant(Array.from({ length: m + 1 }, (_, i) => hash(i))),
    index: fc.integer({ min: 0, max: m - 1 }),
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

  it("commits as search.ts commits, and takes a part as it shows it", async () => {
    await fc.assert(
      fc.asyncProperty(rounds, async ({ states, index }) => {
        const root = commitment(states);
        const [start, end] = [states[0], states[states.length - 1]];
        expect(await harness.commitment(start, states.slice(1, -1), end)).toBe(root);
        const { part, path } = showPart(states, index);
        expect(await harness.commitmentAt(states.length - 1, index, part, path)).toBe(root);
      }),
      { seed: 2, numRuns: 60 },
    );
  });

  it("is not fooled by another index, state, sibling, length of the path, or an inner node", async () => {
    await fc.assert(
      fc.asyncProperty(rounds, fc.nat(), async ({ states, index }, where) => {
        const m = states.length - 1;
        const answer = async (at: number, part: readonly string[], path: readonly string[]) =>
          harness.commitmentAt(m, at, part, path).catch(() => "refused");
        const root = commitment(states);
        const { part, path } = showPart(states, index);
        const bent = (hashes: readonly string[]) =>
          hashes.map((entry, i) => (i === where % hashes.length ? flipped(entry, where) : entry));
        expect(await answer(index, bent(part), path)).not.toBe(root);
        expect(await answer(index, part, bent(path))).not.toBe(root);
        expect(await answer(index, [part[1], part[0]], path)).not.toBe(root);
        const other = where % m;
        if (other !== index) expect(await answer(other, part, path)).not.toBe(root);
        expect(await answer(index, part, [...path, hash(1)])).toBe("refused");
        expect(await answer(index, part, path.slice(0, -1))).toBe("refused");
        // A node over two parts, given as a part.
        const leaf = keccak256(concat(part));
        const pair = index % 2 === 0 ? [leaf, path[0]] : [path[0], leaf];
        expect(await answer(index >> 1, pair, path.slice(1))).toBe("refused");
      }),
      { seed: 3, numRuns: 60 },
    );
  });
});

function flipped(entry: string, where: number): string {
  const bytes = getBytes(entry);
  bytes[where % 32] ^= 1;
  return hexlify(bytes);
}
