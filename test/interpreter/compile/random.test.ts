import { expect, it } from "vitest";
import {
  reservedTraps,
  type TrapName,
  trapCodes,
  trapName,
} from "../../../src/interpreter/isa/trapCodes.ts";
import { compareRandomRun, newTally } from "./randomRun.ts";

const modules = 40;
const withVectors = 15;
/** Of host instructions, which generated modules do not import, and of atomic ones, which those with vectors have. */
const notThere = new Set<TrapName>([
  ...(["outOfBoundsInput", "unknownHostFunction", "outOfBoundsOutput"] as const),
  ...(["unaligned", "deadlock", "notShared"] as const),
]);

it(`fast path › ${modules} random modules in random pieces leave the reference's states`, () => {
  const tally = newTally();
  for (let seed = 1; seed <= modules; seed++) compareRandomRun(seed, tally);
  expect(tally.found).toEqual([]);
  expect(tally.pieces).toBeGreaterThan(modules * 5);
  expect(tally.entries).toBeGreaterThan(modules * 10);
  const wanted = (Object.keys(trapCodes) as TrapName[]).filter(
    (trap) => !reservedTraps.has(trap) && !notThere.has(trap),
  );
  expect([...tally.traps].map(trapName).sort()).toEqual(wanted.sort());
});

it(`fast path › ${withVectors} random modules with vectors do`, () => {
  const tally = newTally();
  for (let seed = 1; seed <= withVectors; seed++) compareRandomRun(seed, tally, true);
  expect(tally.found).toEqual([]);
  expect(tally.entries).toBeGreaterThan(withVectors * 10);
});
