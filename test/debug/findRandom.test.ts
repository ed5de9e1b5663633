/**
 * find held against single steps on random programs of one or two modules (test/differential/generator.ts): questions about entries,
 * globals and locals, which probes answer, from random steps on and with random ends.
 */
import { describe, expect, test } from "vitest";
import { probePlan } from "../../src/debug/find/probePlan.ts";
import { type FindQuery, find, Predicate, programScope } from "../../src/debug/index.ts";
import { decodeModule } from "../../src/interpreter/binary/decode.ts";
import { Machine, type Program } from "../../src/interpreter/index.ts";
import { link } from "../../src/interpreter/program/link.ts";
import { generateImporter, generateModule } from "../differential/generator.ts";
import { parts } from "../differential/parts.ts";
import { Random } from "../differential/random.ts";

const seeds = process.env.DEEP === "true" ? 600 : 25;
const questionsOfProgram = 12;
/** Runs longer than this are cut. */
const mostSteps = 1500;

/** A program whose machine stands at the beginning of an invocation, and a way to make that machine again. */
function programOf(seed: number) {
  const module = seed % 2 === 0 ? generateModule(seed) : generateImporter(seed);
  const modules = parts(module).map(([name, { bytes }]) => ({ name, module: decodeModule(bytes) }));
  const program = link(modules);
  const last = program.modules[program.modules.length - 1];
  const { export: name, args } = module.invocations[seed % module.invocations.length];
  const index = last.module.exports.find((item) => item.name === name)?.index ?? -1;
  const begun = () => {
    const machine = new Machine(program);
    if (machine.isRunning) machine.run();
    if (machine.state.trap !== 0) return undefined;
    machine.invoke(last.functions[index], args);
    return machine;
  };
  return { program, begun };
}

/** How each type is read: as an integer, whose value in a state is a number that a question can name. */
const readings: Readonly<Record<string, readonly string[]>> = {
  i32: ["i32", "u32"],
  i64: ["i64", "u64"],
  f32: ["i32", "u32", "f32"],
  f64: ["i64", "u64", "f64"],
};

/** A comparison of a variable that is there in a state, mostly with its value there. */
function comparison(random: Random, machine: Machine): string {
  const { state, program } = machine;
  const scope = programScope(program);
  const owner = program.locate(state.pc).function;
  const locals = program.functions[owner]?.locals ?? 0;
  const isGlobal = locals === 0 || (program.globals > 0 && random.oneIn(2));
  const index = random.below(isGlobal ? Math.max(1, program.globals) : locals);
  const declared = isGlobal ? scope.globalType(index) : scope.localType(owner, index);
  const types = readings[declared ?? ""];
  if (types === undefined) return "memory[0].u8 == 1";
  const type = random.pick(types);
  const words = isGlobal ? state.globals : state.stack;
  const at = 2 * (isGlobal ? index : state.fp + index);
  const bits = BigInt.asUintN(64, (BigInt(words[at + 1]) << 32n) | BigInt(words[at] >>> 0));
  const size = type.endsWith("32") ? 32 : 64;
  const value = type.startsWith("i") ? BigInt.asIntN(size, bits) : BigInt.asUintN(size, bits);
  const right = type.startsWith("f")
    ? random.pick(["0.0", "-1.5", "inf", "nan"])
    : random.pick([String(value), String(value), "0", "-5", "0x8000000000000000"]);
  const operator = random.pick(["==", "==", "==", "!=", "<", "<=", ">", ">="]);
  const left = isGlobal ? `global[${index}].${type}` : `local[${owner}, ${index}].${type}`;
  return `${left} ${operator} ${right}`;
}

/** A question that may have its answer in a state some way into the run. */
function question(random: Random, machine: Machine): FindQuery | undefined {
  machine.run({ steps: random.below(300), executor: "step" });
  if (!machine.isRunning) return undefined;
  const { program, state } = machine;
  const owner = program.locate(state.pc).function;
  if (random.oneIn(4)) return { kind: "entry", function: owner, nth: 1 + random.below(4) };
  const first = comparison(random, machine);
  const text = random.oneIn(2)
    ? first
    : `${random.oneIn(3) ? "!" : ""}(${first} ${random.pick(["&&", "||"])} ${comparison(random, machine)})`;
  if (text.includes("memory") && program.memories.length === 0) return undefined;
  return { kind: "predicate", predicate: Predicate.parse(text, programScope(program)) };
}

/** The answer by single steps, from a machine that stands at the beginning of a call. */
function slowly(machine: Machine, query: FindQuery, end: number): number | undefined {
  const { state } = machine;
  const holds = () => query.kind === "predicate" && query.predicate.holds(state);
  let entries = 0;
  const enters = () =>
    query.kind === "entry" &&
    state.pc === machine.program.functions[query.function].entryPc &&
    ++entries === query.nth;
  if (holds() || (state.stepCounter < end && enters())) return state.stepCounter;
  while (machine.isRunning && state.stepCounter < end) {
    const { depth, pc } = state;
    machine.step();
    if (holds()) return state.stepCounter;
    const isTail = machine.isRunning && isTailCall(machine.program, pc);
    if ((state.depth > depth || isTail) && state.stepCounter < end && enters())
      return state.stepCounter;
  }
  return undefined;
}

const tailCalls = [0x010a, 0x010b];
const isTailCall = ({ code }: Program, pc: number) =>
  tailCalls.includes((code[pc * 16] << 8) | code[pc * 16 + 1]);

function textOf(query: FindQuery): string {
  if (query.kind === "predicate") return query.predicate.text;
  return query.kind === "entry" ? `entry ${query.nth} of ${query.function}` : query.kind;
}

describe("find on random programs", () => {
  let [probed, answered] = [0, 0];

  test.each(Array.from({ length: seeds }, (_, seed) => seed))("seed %i", (seed) => {
    const random = new Random(seed);
    const { program, begun } = programOf(seed);
    for (let each = 0; each < questionsOfProgram; each++) {
      const [ahead, machine] = [begun(), begun()];
      if (ahead === undefined || machine === undefined) continue;
      const query = question(random, ahead);
      if (query === undefined) continue;
      const from = machine.state.stepCounter;
      const end = from + (random.oneIn(3) ? random.below(200) : mostSteps);
      const expected = slowly(machine, query, end);
      const plan = probePlan(program, query);
      if (plan !== undefined) probed++;
      if (expected !== undefined && expected > from) answered++;
      for (const stepsBeforeProbing of [0, 1 + random.below(100)]) {
        const again = begun() as Machine;
        const found = find(again, query, { end, stepsBeforeProbing });
        expect(found?.step, `${textOf(query)} to ${end}, probed after ${stepsBeforeProbing}`).toBe(
          expected,
        );
      }
    }
  });

  test("many of the questions were asked by probes, and many had an answer later than at once", () => {
    expect(probed).toBeGreaterThan(seeds * 2);
    expect(answered).toBeGreaterThan(seeds);
  });
});
