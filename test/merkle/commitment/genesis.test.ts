/**
 * The genesis state that a program root commits to (docs/proof-format.md §5, §6): computed from the program alone, it
 * is the state that the machine begins in, and what differs in it makes another program.
 */
import { describe, expect, test } from "vitest";
import { corpusCases, programOf as corpusProgram } from "../../../spec-tests/corpus/index.ts";
import type { Program } from "../../../src/interpreter/program/program.ts";
import { genesis } from "../../../src/interpreter/state/genesis.ts";
import { genesisCold } from "../../../src/merkle/commitment/genesisCommitment.ts";
import {
  genesisWitness,
  programRoot,
  replayGenesis,
  StateTree,
} from "../../../src/merkle/index.ts";
import { programOf } from "../program.ts";
import { hex, referenceProgramRoot } from "../reference.ts";

const module = (data: string, global = 7, element = "$f", start = "") =>
  programOf(
    `(module (memory 2 9) (memory 1) (table 40 funcref) (table 3 externref)
      (global (mut i64) (i64.const ${global})) (global i32 (i32.const 1))
      (func $f) (func $g (export "main")) ${start}
      (elem (i32.const 33) func ${element}) (elem declare func $g)
      (data (i32.const 4090) "${data}") (data "passive"))`,
    { gateway: "main" },
  );

/** The program's genesis as its root tells it, against a machine's own. */
function check(program: Program): void {
  const tree = new StateTree(genesis(program));
  tree.sync();
  expect(hex(genesisCold(program))).toBe(hex(tree.cold()));
  const shown = replayGenesis(genesisWitness(program));
  expect(hex(shown.state)).toBe(hex(tree.stateHash()));
  expect(hex(shown.programRoot)).toBe(hex(programRoot(program)));
}

describe("genesis", () => {
  test("is what the machine begins in, halted or running", () => {
    check(module("across a chunk"));
    check(module("", 0));
    check(module("x", 7, "$f", "(start $g)"));
    check(programOf("(module)"));
  });

  test("is what every program of the corpus begins in", () => {
    const programs = corpusCases({ perRow: 1 }).map(corpusProgram);
    expect(programs.length).toBeGreaterThan(10);
    for (const program of new Set(programs)) check(program);
  });

  test("programs that differ only in what it puts into arrays have other roots", () => {
    const programs = [
      module("a"),
      module("b"),
      module("a", 8),
      module("a", 7, "$g"),
      module("a", 7, "$f", "(start $f)"),
    ];
    const roots = programs.map((program) => hex(programRoot(program)));
    expect(new Set(roots).size).toBe(programs.length);
    expect(roots).toEqual(programs.map((program) => hex(referenceProgramRoot(program))));
    expect(hex(programRoot(module("a")))).toBe(roots[0]);
  });

  test("a witness of another length is refused", () => {
    const witness = genesisWitness(module("a"));
    expect(() => replayGenesis(witness.subarray(1))).toThrow("the bytes end too early");
    expect(() => replayGenesis(Uint8Array.of(...witness, 0))).toThrow("bytes are left over");
  });
});
