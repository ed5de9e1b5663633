/**
 * Types of slots against runs: what one instruction is said to leave is what the next is said to take, and bits fit
 * their types.
 */
import { describe, expect, test } from "vitest";
import { exampleNamed, inputOf, wasmOf } from "../../../examples/manifest.ts";
import { decodeModule, link, Machine, type Program } from "../../../src/interpreter/index.ts";
import {
  localTypes,
  type SlotType,
  slotTypes,
} from "../../../src/interpreter/inspect/slotTypes.ts";
import { operandCount } from "../../../src/interpreter/isa/operandCount.ts";
import { slotAt } from "../../../src/interpreter/state/invocation.ts";
import { statusCodes } from "../../../src/interpreter/state/machineState.ts";
import { generateModule } from "../../differential/generator.ts";
import { programOf } from "../../merkle/program.ts";

const { i32, f32, i64, f64, funcref } = {
  i32: 0x7f,
  i64: 0x7e,
  f32: 0x7d,
  f64: 0x7c,
  funcref: 0x70,
};

/** Steps a machine and keeps the type that each slot was given last. */
function follow(machine: Machine, steps: number, seen: Set<string>): number {
  const { state } = machine;
  const { program } = state;
  let types: SlotType[] = [];
  const enter = () => {
    const entry = program.functions[program.locate(state.pc).function];
    types.length = state.fp;
    types.push(...localTypes(program, entry));
  };
  enter();
  let checked = 0;
  for (let i = 0; i < steps && machine.isRunning; i++) {
    const { pc, sp, fp, depth } = state;
    const { operands, results, atFrame } = slotTypes(program, pc);
    if (operands.length !== operandCount(program, pc)) expect.fail(`pc ${pc}: number of operands`);
    const base = sp - operands.length;
    for (const [at, type] of operands.entries()) {
      const known = types[base + at];
      if (type === undefined || known === undefined) continue;
      if (type !== known) expect.fail(`pc ${pc}, operand ${at}: ${type}, was given as ${known}`);
      seen.add(String(type));
      checked++;
      const isNarrow = type === i32 || type === f32;
      if (isNarrow && slotAt(state.stack, base + at) >> 32n !== 0n) expect.fail(`pc ${pc}: bits`);
    }
    machine.step();
    if (state.status !== statusCodes.running) break;
    const isEntry = state.depth > depth || (state.depth === depth && state.fp !== fp);
    if (isEntry || (state.depth === depth && state.sp === fp && operands.length > 0)) {
      enter();
      continue;
    }
    const place = atFrame ? fp : base;
    types = types.slice(0, Math.min(place, state.sp));
    if (state.sp === place + results.length) types.push(...results);
    // A branch moves what it carries; of that nothing is told.
    const isBranch = state.depth === depth && state.pc !== pc + 1;
    if (isBranch)
      types = types.slice(0, fp + program.functions[program.locate(pc).function].locals);
    while (types.length < state.sp) types.push(undefined);
  }
  return checked;
}

function machineOf(name: string): Machine {
  const example = exampleNamed(name);
  const program = link([{ name, module: decodeModule(wasmOf(example)) }], {
    gateway: example.gateway,
  });
  const machine = new Machine(program);
  machine.begin(inputOf(example.runs.small));
  return machine;
}

describe("slotTypes", () => {
  test("examples › operands have the types that results before them had", () => {
    const seen = new Set<string>();
    for (const name of ["ledger", "nbody", "mandelbrot", "calls", "mixed", "forth", "matrix"]) {
      expect(follow(machineOf(name), 20_000, seen), name).toBeGreaterThan(1000);
    }
    expect([...seen].sort()).toEqual([i32, i64, f64].map(String).sort());
  });

  test("random modules › likewise, with all types", () => {
    const seen = new Set<string>();
    let checked = 0;
    for (let seed = 1; seed <= 40; seed++) {
      const { bytes, invocations } = generateModule(seed);
      const program = link([{ name: "m", module: decodeModule(bytes) }], {});
      for (const { export: name, args } of invocations) {
        const machine = new Machine(program);
        if (machine.isRunning) machine.run();
        const last = program.modules[0];
        const item = last.module.exports.find((each) => each.name === name);
        if (item === undefined) continue;
        machine.invoke(last.functions[item.index], args);
        checked += follow(machine, 400, seen);
      }
    }
    expect(checked).toBeGreaterThan(5000);
    for (const type of [i32, i64, f32, f64]) expect(seen.has(String(type)), `${type}`).toBe(true);
  });

  test("globals, callees and references › are told by their declarations", () => {
    const program: Program = programOf(
      `(module (global f64 (f64.const 1)) (table 1 funcref) (type $t (func (param f32 i64)))
        (func $f (param f32 i64)) (elem (i32.const 0) $f)
        (func (export "gateway") (result f64)
          (drop (ref.is_null (ref.func $f)))
          (call $f (f32.const 1) (i64.const 2))
          (call_indirect (type $t) (f32.const 1) (i64.const 2) (i32.const 0))
          (global.get 0)))`,
      { gateway: "gateway" },
    );
    const told = Array.from({ length: program.code.length / 16 }, (_, pc) =>
      slotTypes(program, pc),
    );
    const shapes = told.map(({ operands, results }) => [operands, results]);
    expect(shapes).toContainEqual([[], [funcref]]);
    expect(shapes).toContainEqual([[undefined], [i32]]);
    expect(shapes).toContainEqual([[f32, i64], []]);
    expect(shapes).toContainEqual([[f32, i64, i32], []]);
    expect(shapes).toContainEqual([[], [f64]]);
    expect(shapes.at(-1)).toEqual([[f64], [f64]]);
  });
});
