/**
 * Replay over the common corpus and a sample of the official suite: every instruction, every trap.
 */
import { describe, expect, test } from "vitest";
import { corpusCases, stateOf } from "../../../spec-tests/corpus/index.ts";
import { sampleSuite } from "../../../spec-tests/sample.ts";
import { requireSuite } from "../../../spec-tests/suite.ts";
import { reservedTraps, type TrapName, trapCodes } from "../../../src/interpreter/isa/trapCodes.ts";
import { executedMnemonics, lockstep, nextMnemonic, ReplayVisitor } from "./lockstep.ts";

describe("corpus", () => {
  test("replay gives the reference's next hash for every step, every instruction, every trap", () => {
    const seen = new Set<string>();
    const traps = new Set<number>();
    let steps = 0;
    for (const item of corpusCases({ perRow: 8 })) {
      const state = stateOf(item);
      seen.add(nextMnemonic(state));
      steps += lockstep(
        state,
        2000,
        () => state.status === 0 && seen.add(nextMnemonic(state)),
      ).steps;
      traps.add(state.trap);
    }
    expect(executedMnemonics.filter((mnemonic) => !seen.has(mnemonic))).toEqual([]);
    const names = (Object.keys(trapCodes) as TrapName[]).filter((name) => !reservedTraps.has(name));
    expect([...traps].sort((a, b) => a - b)).toEqual(names.map((name) => trapCodes[name]));
    expect(steps).toBeGreaterThan(5000);
  });
});

describe("official suite", () => {
  const suite = requireSuite();
  if (suite === undefined) {
    test("NOT RUN: the suite is missing, see `npm run spec:fetch`", () => {});
    return;
  }
  /** Scripts that execute much and take few steps. */
  const fewScripts = new Set([
    ...["br_table", "memory_init", "table_copy", "table_grow", "align", "unwind", "select", "bulk"],
    ...["conversions", "f32", "f64", "float_exprs", "i64", "left-to-right"],
  ]);
  test("replay gives the reference's next hash at sampled steps", async () => {
    const visitor = new ReplayVisitor();
    const { visits } = await sampleSuite(suite, visitor.visit, {
      scripts: (_, name) => fewScripts.has(name.replace(/\.wast$/, "")),
      first: 24,
    });
    expect(visits).toBeGreaterThan(2000);
    expect(visitor.mnemonics.size).toBeGreaterThan(120);
  });
});
