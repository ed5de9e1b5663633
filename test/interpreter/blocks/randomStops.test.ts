import { expect, it } from "vitest";
import { randomStops } from "./randomStops.ts";

it("random modules › stop and run out of fuel at the same step with the same state", () => {
  const covered = { count: 0 };
  const found = Array.from({ length: 24 }, (_, seed) => randomStops(seed, covered)).flat();
  expect(found).toEqual([]);
  expect(covered.count).toBeGreaterThan(200);
});
