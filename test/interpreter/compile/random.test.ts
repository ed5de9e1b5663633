import { expect, it } from "vitest";
import { reservedTraps, trapCodes } from "../../../src/interpreter/isa/trapCodes.ts";
import { compareRandomRun, newTally } from "./randomRun.ts";

const modules = 40;
const withVectors = 15;

it(`fast path › ${modules} random modules in random pieces leave the reference's states`, () => {
  const tally = newTally();
  for (let seed = 1; seed <= modules; seed++) compareRandomRun(seed, tally);
  expect(tally.found).toEqual([]);
  expect(tally.pieces).toBeGreaterThan(modules * 5);
  expect(tally.entries).toBeGreaterThan(modules * 10);
  // All but those of the host instructions, which generated modules do not import, and of no instruction yet.
  expect(tally.traps.size).toBe(Object.keys(trapCodes).length - 3 - reservedTraps.size);
});

it(`fast path › ${withVectors} random modules with vectors do`, () => {
  const tally = newTally();
  for (let seed = 1; seed <= withVectors; seed++) compareRandomRun(seed, tally, true);
  expect(tally.found).toEqual([]);
  expect(tally.entries).toBeGreaterThan(withVectors * 10);
});
