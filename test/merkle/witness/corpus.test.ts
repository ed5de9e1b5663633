/**
 * Replay over a part of the common corpus and a sample of the official suite: every instruction, every trap. The whole
 * corpus is replayed, and judged, by spec-tests/lockstep/lockstep.deep.test.ts.
 */
import { describe, expect, test } from "vitest";
import { corpusCases, fewerCases, stateOf } from "../../../spec-tests/corpus/index.ts";
import { sampleSuite } from "../../../spec-tests/sample.ts";
import { requireSuite } from "../../../spec-tests/suite.ts";
import { type InstructionRow, instructions } from "../../../src/interpreter/isa/table.ts";
import { reservedTraps, type TrapName, trapCodes } from "../../../src/interpreter/isa/trapCodes.ts";
import { witnessOverview } from "../../../src/merkle/index.ts";
import { lockstep, nextMnemonic, ReplayVisitor } from "./lockstep.ts";

const columns = new Map(
  (instructions as readonly InstructionRow[])
    .filter(({ op }) => op !== undefined)
    .map(({ mnemonic, opens }) => [mnemonic, [...opens].sort()]),
);

/** Which arrays the steps of each instruction open: by its first 100 witnesses, and others while some array is missing. */
class SeenInstructions {
  readonly opened = new Map<string, Set<string>>();
  readonly #witnesses = new Map<string, number>();

  readonly see = (mnemonic: string, witness: Uint8Array): void => {
    const count = (this.#witnesses.get(mnemonic) ?? 0) + 1;
    const opened = this.opened.get(mnemonic) ?? new Set<string>();
    this.#witnesses.set(mnemonic, count);
    this.opened.set(mnemonic, opened);
    if (count > 100 && opened.size === columns.get(mnemonic)?.length) return;
    for (const array of witnessOverview(witness).instruction?.opened ?? []) opened.add(array);
  };
}

describe("corpus", () => {
  test("replay gives the reference's next hash for every step, every instruction, every trap", () => {
    const seen = new SeenInstructions();
    const traps = new Set<number>();
    let steps = 0;
    for (const item of fewerCases(corpusCases({ perRow: 5 }), 3)) {
      const state = stateOf(item);
      let mnemonic = nextMnemonic(state);
      const see = (witness: Uint8Array) => {
        seen.see(mnemonic, witness);
        if (state.status === 0) mnemonic = nextMnemonic(state);
      };
      steps += lockstep(state, 2000, see).steps;
      traps.add(state.trap);
    }
    const names = (Object.keys(trapCodes) as TrapName[]).filter((name) => !reservedTraps.has(name));
    expect([...traps].sort((a, b) => a - b)).toEqual(names.map((name) => trapCodes[name]));
    expect(steps).toBeGreaterThan(5000);
    // The table's column `opens` is what the steps of an instruction open, all of them together.
    const opened = [...seen.opened].map(([name, arrays]) => [name, [...arrays].sort()]);
    expect(Object.fromEntries(opened)).toEqual(Object.fromEntries(columns));
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
      first: 16,
    });
    expect(visits).toBeGreaterThan(2000);
    expect(visitor.mnemonics.size).toBeGreaterThan(120);
  });
});
