import { keccak256, toBeHex } from "ethers";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { commitment, divergence, parts, point, points } from "../../src/game/search.ts";

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

  it("finds the first difference and gives no path for equal vectors", () => {
    const own = [1, 2, 3, 4, 5].map(hash);
    expect(divergence(own, own)).toEqual({ index: 5, path: [] });
    const other = [...own];
    other[2] = hash(9);
    other[4] = hash(10);
    const { index, path } = divergence(own, other);
    expect(index).toBe(2);
    expect(path[0]).toBe(other[2]);
    expect(path[1]).toBe(other[3]);
    expect(commitment(own)).not.toBe(commitment(other));
  });

  it("refuses a vector of another length", () => {
    expect(() => divergence([hash(1)], [])).toThrow(RangeError);
  });
});
