/**
 * Calls beside emitted frames: that states are the reference's wherever such a call returns, stops or traps, and that all of that
 * happens.
 */
import { expect, test } from "vitest";
import { compareNested } from "./nestedRun.ts";
import { newTally } from "./stops.ts";

const deep = process.env.DEEP === "true";

test("calls of functions that are not compiled › leave the reference's states", {
  timeout: 600_000,
}, () => {
  const tally = newTally();
  const programs = deep ? 1500 : 50;
  let nested = 0;
  for (let seed = 1; seed <= programs; seed++) nested += compareNested(seed, tally);
  expect(tally.found).toEqual([]);
  expect(nested).toBeGreaterThan(programs * 5);
  expect(tally.traps.size).toBeGreaterThan(3);
});
