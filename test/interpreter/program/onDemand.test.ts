/** Bodies that are lowered when they are asked for: what comes of them, and who asks for which. */
import { describe, expect, it } from "vitest";
import { type Code, op } from "../../../spec-tests/corpus/assembler.ts";
import { sampleModules } from "../../../spec-tests/smith/modules.ts";
import { decodeModule } from "../../../src/interpreter/binary/decode.ts";
import type { Module } from "../../../src/interpreter/binary/module.ts";
import { runBlockwise } from "../../../src/interpreter/blocks/runBlockwise.ts";
import { runExactly } from "../../../src/interpreter/blocks/runSteps.ts";
import { runWith } from "../../../src/interpreter/chooseExecutor.ts";
import { FastExecutor } from "../../../src/interpreter/compile/fastExecutor.ts";
import { link } from "../../../src/interpreter/program/link.ts";
import type { Program } from "../../../src/interpreter/program/program.ts";
import { onDemand } from "../../../src/interpreter/program/programOnDemand.ts";
import { generateModule } from "../../differential/generator.ts";
import { Random } from "../../differential/random.ts";
import { realModules } from "../binary/realModules.ts";
import { eager, partings } from "../compile/stops.ts";
import { type Executor, invoked, programOf, unlimited } from "../machines.ts";
import { codeOfError, i32 } from "./linking.ts";

const linkedAlone = (module: Module): Program =>
  link([{ name: "m", module }], { unknownImports: "trap" });

/** A module whose bodies nobody has counted: all of them are lowered while it is linked. */
const uncounted = (module: Module): Module => ({
  ...module,
  bodies: module.bodies.map((body) => ({ ...body, isCounted: false })),
});

const parts = ({ code, branches, heights, functionEntries, constants }: Program) =>
  [code, branches, heights, functionEntries, constants].map((part) => Buffer.from(part.slice()));

/** Whether functions in any order become what they become one after another, each for itself too. */
function isSameInAnyOrder(module: Module, random: Random): boolean {
  const expected = linkedAlone(uncounted(module));
  const program = linkedAlone(module);
  const asked = onDemand(program);
  for (let left = asked.functions.length; left > 0; left--) {
    const { entryPc } = random.pick(asked.functions);
    asked.lowerAt(entryPc);
    const [from, to] = [entryPc * 16, entryPc * 16 + 16];
    if (asked.code.subarray(from, to).join() !== expected.code.subarray(from, to).join())
      return false;
  }
  const found = parts(program);
  return parts(expected).every((part, index) => part.equals(found[index]));
}

const kinds: readonly (readonly [string, () => readonly Uint8Array[], counted: number])[] = [
  ["of wasm-smith", () => sampleModules().map(({ bytes }) => bytes), 0.3],
  [
    "that are generated",
    () => Array.from({ length: 60 }, (_, seed) => generateModule(seed).bytes),
    0.5,
  ],
  [
    "of packages",
    () => realModules().flatMap(({ bytes }) => (bytes.length < 500_000 ? [bytes] : [])),
    0.9,
  ],
];

describe("bodies on demand", () => {
  for (const [name, modules, counted] of kinds) {
    it(`are what they would be, in any order, in modules ${name}`, () => {
      const random = new Random(7);
      const decoded = modules()
        .map((bytes) => decodeModule(bytes))
        .filter((module) => codeOfError(() => linkedAlone(uncounted(module))) === "none");
      expect(decoded.length).toBeGreaterThan(20);
      for (const module of decoded) expect(isSameInAnyOrder(module, random)).toBe(true);
      const bodies = decoded.flatMap((module) => module.bodies);
      const exact = bodies.filter(({ isCounted }) => isCounted);
      expect(exact.length).toBeGreaterThan(bodies.length * counted);
    });
  }
});

const dead = op("unreachable");
const end = op("end");
const bodies: readonly (readonly [name: string, signature: string, body: Code[]])[] = [
  ["dead blocks in dead code", ":i", [dead, op("block"), i32(0), op("if"), op("else"), end, end]],
  ["a tail call that gives more than it takes", ":iii", [op("return_call", 0)]],
  ["a tail call in dead code", ":iii", [i32(0), dead, op("return_call", 0)]],
  ["results at a dead end", ":iii", [dead]],
  ["a branch table in dead code", ":", [op("return"), i32(0), op("br_table", [0], 0)]],
  [
    "an else behind a dead branch",
    "i:i",
    [op("local.get", 0), op("if", "i"), dead, op("else"), i32(1), end],
  ],
  ["a dead else in dead code", ":i", [dead, op("if", "i"), i32(1), op("else"), dead, end]],
  [
    "operands of dead code",
    ":",
    [dead, i32(1), i32(2), i32(3), op("drop"), op("drop"), op("drop")],
  ],
];

describe("what is counted of", () => {
  for (const [name, signature, body] of bodies) {
    it(`${name} is exact`, () => {
      const { modules } = programOf({ functions: [{ signature, body }] });
      expect(modules[0].module.bodies[0].isCounted).toBe(true);
      expect(isSameInAnyOrder(modules[0].module, new Random(1))).toBe(true);
    });
  }
});

/** The function that is called, one that it calls, and one that nobody calls and that makes the program too long to be compiled as a whole. */
const partly = (): Program => {
  const long = Array.from({ length: 2 ** 20 }, () => op("nop"));
  const turns = [op("local.get", 0), i32(1), op("i32.sub"), op("local.tee", 0), op("br_if", 0)];
  const called = [op("loop"), ...turns, end];
  const calls = [i32(5_000), op("call", 1), op("loop"), i32(90), op("call", 1), ...turns, end];
  return programOf({
    functions: [
      { signature: "i:", body: calls },
      { signature: "i:", body: called },
      { signature: ":", body: long },
    ],
  });
};

const executors: readonly (readonly [string, Executor])[] = [
  ["the reference", runExactly],
  ["the block executor", runBlockwise],
  ["the fast path", (state, steps) => runWith(state, "fast", steps)],
  ["the fast path at once", (state, steps) => void new FastExecutor(state, eager).run(steps)],
];

describe("asks for the functions that it runs, and no other", () => {
  for (const [name, run] of executors) {
    it(name, () => {
      const program = partly();
      const state = invoked(program, 0, [2_000n]);
      run(state, unlimited);
      expect(state.status).not.toBe(0);
      const { code } = onDemand(program);
      const isThere = program.functions.map(({ entryPc }) => code[entryPc * 16] !== 0);
      expect(isThere).toEqual([true, true, false]);
      expect(program.code[program.functions[2].entryPc * 16]).not.toBe(0);
    });
  }
});

/** Calls in every way functions that nobody has called, with declared locals that their first instructions read. */
function calling(): Program {
  const reads = [op("local.get", 3), op("local.get", 2), op("drop"), op("drop")];
  const callee = { signature: "i:i", locals: "iIi", body: [op("local.get", 0), ...reads] };
  const calls = [i32(7), op("call", 1), i32(1), op("call_indirect", 0, 0), op("call", 4)];
  return programOf({
    types: ["i:i"],
    tables: [{ type: "r", limits: [2, 2] }],
    elements: [{ at: { offset: i32(0) }, functions: [3, 2] }],
    functions: [
      { signature: ":i", body: calls },
      callee,
      { ...callee, body: [i32(0), op("memory.grow"), op("drop"), ...callee.body] },
      callee,
      {
        signature: "i:i",
        locals: "iI",
        body: [op("local.get", 0), i32(0), op("return_call_indirect", 0, 0)],
      },
    ],
    memories: [[1, 2]],
  });
}

describe("a stop at the first instruction of a function that nobody has asked for", () => {
  for (const [name, run] of executors) {
    it(`leaves the reference's state: ${name}`, () => {
      const [exact, whole] = [invoked(calling(), 0, []), invoked(calling(), 0, [])];
      runExactly(whole, unlimited);
      for (let stop = 1; stop <= whole.stepCounter; stop++) {
        runExactly(exact, 1);
        // A program of its own: whoever has run another state of it has had its functions lowered.
        const state = invoked(calling(), 0, []);
        run(state, stop);
        expect(partings(state, exact), `stop ${stop}`).toEqual([]);
        runExactly(state, unlimited);
        expect(partings(state, whole), `stop ${stop}, and on by the reference`).toEqual([]);
      }
      expect(whole.stepCounter).toBeGreaterThan(25);
    });
  }
});
