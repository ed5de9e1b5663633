import { concat, keccak256, toBeHex } from "ethers";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  commitment,
  firstDenied,
  parts,
  point,
  points,
  showPart,
} from "../../src/game/search/search.ts";

const hash = (n: number) => keccak256(toBeHex(n, 32));

describe("search", () => {
  it("cuts a segment at ⌈j·n/k⌉ and always shortens it", () => {
    expect(points(100n, 110n, 4)).toEqual([103n, 105n, 108n]);
    fc.assert(
      fc.property(fc.bigInt(2n, 2n ** 63n), fc.integer({ min: 2, max: 256 }), (n, k) => {
        const m = parts(n, k);
        let last = 0n;
        for (let j = 1; j <= m; j++) {
          const next = point(n, m, j);
          expect(next).toBeGreaterThan(last);
          expect(next - last).toBeLessThanOrEqual((n + BigInt(m) - 1n) / BigInt(m));
          last = next;
        }
        expect(last).toBe(n);
      }),
      { seed: 5, numRuns: 200 },
    );
  });

  it("asks for every step of a segment shorter than k", () => {
    expect(points(7n, 10n, 16)).toEqual([8n, 9n]);
  });

  it("finds the first part whose end is denied, the last one if only the ends differ", () => {
    const own = [1, 2, 3, 4, 5].map(hash);
    const other = [...own];
    other[4] = hash(10);
    expect(firstDenied(own, other)).toBe(3);
    other[2] = hash(9);
    expect(firstDenied(own, other)).toBe(1);
    const { part, path } = showPart(other, 1);
    expect(part).toEqual([other[1], other[2]]);
    const pair = (one: string, two: string) => keccak256(concat([one, two]));
    const leaf = (i: number) => pair(other[i], other[i + 1]);
    expect(path).toEqual([leaf(0), pair(leaf(2), leaf(3))]);
    expect(commitment(other)).toBe(pair(pair(path[0], leaf(1)), path[1]));
  });

  it("refuses lists of different lengths, and equal ones", () => {
    expect(() => firstDenied([hash(1)], [])).toThrow(RangeError);
    expect(() => firstDenied([hash(1), hash(2)], [hash(1), hash(2)])).toThrow(RangeError);
  });
});
