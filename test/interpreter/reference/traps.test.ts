/** Every trap code, by both executors: the state that a trap leaves, its step and its fuel. */
import { describe, expect, it } from "vitest";
import { type Code, type ModuleText, op } from "../../../spec-tests/corpus/assembler.ts";
import { reservedTraps, type TrapName, trapCodes } from "../../../src/interpreter/isa/trapCodes.ts";
import { defaultFuelSchedule as prices } from "../../../src/interpreter/program/fuelSchedule.ts";
import type { LinkOptions } from "../../../src/interpreter/program/linkOptions.ts";
import { haltedPc } from "../../../src/interpreter/program/program.ts";
import { genesis } from "../../../src/interpreter/state/genesis.ts";
import { beginInvocation } from "../../../src/interpreter/state/invocation.ts";
import { executors, outcome, programOf, unlimited } from "../machines.ts";

const i32 = (value: number): Code => op("i32.const", value);

interface TrapCase {
  readonly trap: TrapName;
  readonly what: string;
  readonly body: readonly Code[];
  /** Steps, the trapping one included. */
  readonly steps: number;
  readonly options?: Partial<LinkOptions>;
  /** Fuel of the trapping instruction, where it is not charged. */
  readonly uncharged?: boolean;
}

const around = (body: readonly Code[]): ModuleText => ({
  types: [":", "i:"],
  imports: [
    { module: "arbiter", name: "input_read", func: "iii:" },
    { module: "env", name: "log", func: "i:I" },
    { module: "arbiter", name: "output_write", func: "ii:" },
  ],
  functions: [
    { signature: ":", body },
    { signature: ":", body: [op("call", 4)] },
    { signature: ":", body: [op("return_call", 6)] },
    { signature: ":", locals: "I".repeat(100), body: [] },
  ],
  tables: [{ type: "r", limits: [3, 3] }],
  memories: [
    [1, 1],
    [1, 1, "shared"],
  ],
  elements: [{ at: { offset: i32(0) }, functions: [4] }, { functions: [4] }],
  data: [{ bytes: [1, 2, 3] }],
});

const cases: readonly TrapCase[] = [
  { trap: "unreachable", what: "unreachable", body: [op("unreachable")], steps: 1 },
  {
    trap: "integerDivideByZero",
    what: "i32.div_u",
    body: [i32(1), i32(0), op("i32.div_u"), op("drop")],
    steps: 3,
  },
  {
    trap: "integerOverflow",
    what: "i32.div_s",
    body: [i32(-(2 ** 31)), i32(-1), op("i32.div_s"), op("drop")],
    steps: 3,
  },
  {
    trap: "integerOverflow",
    what: "i32.trunc_f64_s",
    body: [op("f64.const", 0x41e0000000000000n), op("i32.trunc_f64_s"), op("drop")],
    steps: 2,
  },
  {
    trap: "invalidConversion",
    what: "i64.trunc_f32_u",
    body: [op("f32.const", 0x7fc00000), op("i64.trunc_f32_u"), op("drop")],
    steps: 2,
  },
  {
    trap: "outOfBoundsMemory",
    what: "i32.load",
    body: [i32(65_533), op("i32.load", 0), op("drop")],
    steps: 2,
  },
  {
    trap: "outOfBoundsMemory",
    what: "i64.store",
    body: [i32(0), op("i64.const", 0), op("i64.store", 65_529)],
    steps: 3,
  },
  {
    trap: "outOfBoundsMemory",
    what: "memory.init of a dropped segment",
    body: [op("data.drop", 0), i32(0), i32(0), i32(1), op("memory.init", 0)],
    steps: 5,
  },
  {
    trap: "outOfBoundsMemory",
    what: "memory.init beyond the segment",
    body: [i32(0), i32(2), i32(2), op("memory.init", 0)],
    steps: 4,
  },
  {
    trap: "undefinedElement",
    what: "call_indirect",
    body: [i32(3), op("call_indirect", 0, 0)],
    steps: 2,
  },
  {
    trap: "uninitializedElement",
    what: "call_indirect",
    body: [i32(1), op("call_indirect", 0, 0)],
    steps: 2,
  },
  {
    trap: "indirectCallTypeMismatch",
    what: "call_indirect",
    body: [i32(7), i32(0), op("call_indirect", 1, 0)],
    steps: 3,
  },
  {
    trap: "undefinedElement",
    what: "return_call_indirect",
    body: [i32(-1), op("return_call_indirect", 0, 0)],
    steps: 2,
  },
  {
    trap: "outOfBoundsTable",
    what: "table.get",
    body: [i32(3), op("table.get", 0), op("drop")],
    steps: 2,
  },
  {
    trap: "outOfBoundsTable",
    what: "table.set",
    body: [i32(-1), op("ref.null", "r"), op("table.set", 0)],
    steps: 3,
  },
  {
    trap: "outOfBoundsTable",
    what: "table.fill",
    body: [i32(2), op("ref.null", "r"), i32(2), op("table.fill", 0)],
    steps: 4,
  },
  {
    trap: "outOfBoundsTable",
    what: "table.copy",
    body: [i32(0), i32(1), i32(3), op("table.copy", 0, 0)],
    steps: 4,
  },
  {
    trap: "outOfBoundsTable",
    what: "table.init",
    body: [i32(0), i32(0), i32(2), op("table.init", 1, 0)],
    steps: 4,
  },
  {
    trap: "callStackExhausted",
    what: "frames",
    body: [op("call", 4)],
    steps: 101,
    options: { limits: { frames: 100 } },
  },
  {
    trap: "callStackExhausted",
    what: "slots",
    body: [op("call", 6)],
    steps: 1,
    options: { limits: { stackSlots: 99 } },
  },
  {
    trap: "callStackExhausted",
    what: "slots of a tail call",
    body: [op("call", 5)],
    steps: 2,
    options: { limits: { stackSlots: 99 } },
  },
  {
    trap: "outOfFuel",
    what: "own cost",
    body: [op("nop"), op("nop"), op("nop")],
    steps: 3,
    options: { limits: { callFuel: 3 * prices.simple - 1 } },
    uncharged: true,
  },
  {
    trap: "outOfFuel",
    what: "dirty chunk",
    body: [i32(0), i32(0), op("i32.store")],
    steps: 3,
    options: { limits: { callFuel: 1000 }, chunkFuel: 1000 },
    uncharged: true,
  },
  {
    trap: "outOfFuel",
    what: "piece of a long instruction",
    body: [i32(4000), i32(0), i32(200), op("memory.fill", 0)],
    steps: 5,
    options: { limits: { callFuel: 1000 + 2 * prices.bulk }, chunkFuel: 1000 },
    uncharged: true,
  },
  {
    trap: "outOfBoundsInput",
    what: "input_read",
    body: [i32(0), i32(0), i32(1), op("call", 0)],
    steps: 4,
  },
  {
    trap: "outOfBoundsOutput",
    what: "output_write",
    body: [i32(0), i32(3), op("call", 2), i32(0), i32(1), op("call", 2)],
    steps: 6,
    options: { limits: { outputBytes: 3 } },
  },
  {
    trap: "unknownHostFunction",
    what: "an import that nothing gives",
    body: [i32(1), op("call", 1), op("drop")],
    steps: 2,
  },
  {
    trap: "unaligned",
    what: "i32.atomic.load",
    body: [i32(65_530), op("i32.atomic.load", 0), op("drop")],
    steps: 2,
  },
  {
    trap: "unaligned",
    what: "i64.atomic.store",
    body: [i32(4), op("i64.const", 0), op("i64.atomic.store", 0)],
    steps: 3,
  },
  {
    trap: "outOfBoundsMemory",
    what: "i64.atomic.rmw.add",
    body: [i32(65_532), op("i64.const", 0), op("i64.atomic.rmw.add", 0), op("drop")],
    steps: 3,
  },
  {
    trap: "notShared",
    what: "memory.atomic.wait32",
    body: [i32(0), i32(1), op("i64.const", 0), op("memory.atomic.wait32", 0), op("drop")],
    steps: 4,
  },
  {
    trap: "deadlock",
    what: "memory.atomic.wait64",
    body: [
      ...[i32(8), op("i64.const", 0), op("i64.const", -1)],
      ...[op("memory.atomic.wait64", 0, 1), op("drop")],
    ],
    steps: 4,
  },
];

it("every trap code has a case", () => {
  const covered = new Set(cases.map(({ trap }) => trap));
  const names = Object.keys(trapCodes) as TrapName[];
  const all = names.filter((name) => name !== "none" && !reservedTraps.has(name));
  expect(all.filter((name) => !covered.has(name))).toEqual([]);
});

describe.each(executors)("by the executor %s", (_name, run) => {
  it.each(cases)("$trap by $what", ({ trap, body, steps, options = {}, uncharged = false }) => {
    const program = programOf(around(body), { unknownImports: "trap", ...options });
    const { trap: got, after } = outcome(run, program);
    const { pc, sp, fp, depth, stepCounter } = after;
    expect(got).toBe(trap);
    expect({ pc, sp, fp, depth, stepCounter }).toEqual({
      pc: haltedPc,
      sp: 0,
      fp: 0,
      depth: 0,
      stepCounter: steps,
    });
    const before = genesis(program);
    beginInvocation(before, 0, []);
    run(before, steps - 1);
    expect(before.trap).toBe(0);
    const difference = after.fuelCounter - before.fuelCounter;
    if (uncharged) expect(difference).toBe(0);
    else expect(difference).toBeGreaterThan(0);
    expect(after.globals).toEqual(before.globals);
    expect(after.memories[0].bytes).toEqual(before.memories[0].bytes);
  });

  it("a trapped machine begins the next call afresh", () => {
    const program = programOf(around([op("unreachable")]), { unknownImports: "trap" });
    const state = genesis(program);
    beginInvocation(state, 0, []);
    run(state, unlimited);
    const { stepCounter, fuelCounter } = state;
    beginInvocation(state, 3, []);
    run(state, unlimited);
    expect([state.trap, state.status, state.stepCounter]).toEqual([0, 1, stepCounter + 1]);
    expect(state.fuelCounter).toBeGreaterThan(fuelCounter);
  });
});
