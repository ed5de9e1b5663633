import { expect, it } from "vitest";
import { randomStops } from "./randomStops.ts";

it("2,000 random modules › stop and run out of fuel at the same step with the same state", () => {
  const covered = { count: 0 };
  const found = Array.from({ length: 2000 }, (_, seed) => randomStops(1000 + seed, covered)).flat();
  expect(found).toEqual([]);
  expect(covered.count).toBeGreaterThan(20_000);
}, 3_600_000);
