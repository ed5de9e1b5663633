/** What linking writes: the instructions of bodies, host functions, stubs, boot, start functions. */
import { describe, expect, it } from "vitest";
import { type Code, type ModuleText, op } from "../../../spec-tests/corpus/assembler.ts";
import { run } from "../../../src/interpreter/blocks/runSteps.ts";
import { defaultFuelSchedule } from "../../../src/interpreter/program/fuelSchedule.ts";
import { link } from "../../../src/interpreter/program/link.ts";
import { haltedPc } from "../../../src/interpreter/program/program.ts";
import { genesis } from "../../../src/interpreter/state/genesis.ts";
import { begin, beginInvocation } from "../../../src/interpreter/state/invocation.ts";
import { i32, linked, listing, named } from "./linking.ts";

describe("lowering", () => {
  const instructions = (body: Code[], signature = "i:i", locals = ""): string[] =>
    listing(linked({ functions: [{ signature, locals, body }] }));
  const branching = [op("local.get", 0), op("if", "i"), i32(1), op("else"), i32(2), op("end")];

  it("lets blocks vanish and gives if and else their targets", () => {
    expect(instructions(branching)).toEqual([
      "local.get 0 0 0 @1",
      "if 4 0 0 @2",
      "i32.const 0 0 1 @1",
      "else 5 0 0 @2",
      "i32.const 0 0 2 @1",
      "return 1 0 0 @2",
    ]);
  });

  it("gives branches target, height and arity, and does not lower what is unreachable", () => {
    const body = [
      op("block", "i"),
      i32(9),
      i32(5),
      op("br", 0),
      i32(6),
      op("block", ""),
      op("end"),
      op("drop"),
      op("end"),
    ];
    expect(instructions(body, ":i", "II")).toEqual([
      "i32.const 0 0 9 @2",
      "i32.const 0 0 5 @3",
      "br 3 2 1 @4",
      "return 1 0 0 @3",
    ]);
  });

  it("sends branches to the outermost label to the final return, loops back to their first instruction", () => {
    const body = [
      op("loop", ""),
      op("nop"),
      op("local.get", 0),
      op("br_if", 0),
      op("end"),
      i32(1),
      op("local.get", 0),
      op("br_if", 0),
    ];
    expect(instructions(body)).toEqual([
      "nop 0 0 0 @1",
      "local.get 0 0 0 @1",
      "br_if 0 1 0 @2",
      "i32.const 0 0 1 @1",
      "local.get 0 0 0 @2",
      "br_if 6 1 1 @3",
      "return 1 0 0 @2",
    ]);
  });

  it("always lowers a function's final return", () => {
    expect(instructions([op("unreachable")], ":")).toEqual([
      "unreachable 0 0 0 @0",
      "return 0 0 0 @0",
    ]);
  });

  it("writes branch tables with the default last", () => {
    const body = [
      op("block", ""),
      op("loop", ""),
      op("local.get", 0),
      op("br_table", [0, 1], 2),
      op("end"),
      op("end"),
    ];
    const program = linked({ functions: [{ signature: "i:", body }] });
    const view = new DataView(program.branches.buffer);
    expect([0, 1, 2].map((entry) => view.getUint32(entry * 8))).toEqual([0, 2, 2]);
    expect([0, 1, 2].map((entry) => view.getUint32(entry * 8 + 4))).toEqual([65536, 65536, 65536]);
    expect(listing(program)[1]).toBe("br_table 0 2 0 @2");
  });

  it("lets calls carry entry, params and locals, frame", () => {
    const program = linked({
      functions: [
        { signature: ":", body: [i32(1), i32(2), op("call", 1)] },
        { signature: "ii:", locals: "I", body: [i32(1), i32(2), op("drop"), op("drop")] },
      ],
    });
    expect(listing(program)[2]).toBe(`call 4 ${(2 << 16) | 3} 5 @2`);
    expect([...program.functionEntries.subarray(16, 32)]).toEqual([
      0, 0, 0, 1, 0, 0, 0, 4, 0, 2, 0, 3, 0, 0, 0, 5,
    ]);
  });

  it("numbers types by first appearance over all modules", () => {
    const one: ModuleText = { types: ["i:", ":"], functions: [{ signature: ":", body: [] }] };
    const two: ModuleText = { types: ["I:", "i:"], functions: [{ signature: "i:", body: [] }] };
    const { modules } = link([named("a", one), named("b", two)]);
    expect(modules.map(({ types }) => types)).toEqual([
      [0, 1],
      [2, 0],
    ]);
  });

  it("puts only passive segments into data and elements", () => {
    const program = linked({
      functions: [{ signature: ":", body: [i32(0), i32(0), i32(0), op("memory.init", 1, 0)] }],
      memories: [[1]],
      tables: [{ type: "r", limits: [1] }],
      elements: [{ functions: [0] }, { at: "declarative", functions: [0] }],
      data: [{ at: { offset: i32(0) }, bytes: [9] }, { bytes: [1, 2, 3] }],
    });
    expect([...program.data]).toEqual([1, 2, 3]);
    expect([...program.elements]).toEqual([1, 0, 0, 0, 0, 0, 0, 0]);
    expect([...program.genesis.dropped]).toEqual([1, 0, 0, 1]);
    expect(listing(program)[3]).toBe("memory.init 1 0 3 @3");
  });

  it("charges each instruction by its class", () => {
    const schedule = { ...defaultFuelSchedule, const: 17, compare: 23 };
    const program = linked(
      { functions: [{ signature: ":i", body: [i32(1), op("i32.eqz")] }] },
      { schedule },
    );
    const view = new DataView(program.code.buffer);
    expect([view.getUint16(2), view.getUint16(18)]).toEqual([17, 23]);
  });
});

describe("host functions", () => {
  const imports = [
    { module: "arbiter", name: "input_read", func: "iii:" },
    { module: "arbiter", name: "input_size", func: ":i" },
  ] as const;

  it("are instructions where they are called, stubs where something refers to them", () => {
    const program = linked({
      imports,
      functions: [{ signature: ":i", body: [op("call", 1)] }],
      memories: [[1]],
      exports: [{ name: "size", kind: "func", index: 1 }],
    });
    expect(listing(program)).toEqual([
      "host.input_size 0 0 0 @0",
      "return 1 0 0 @1",
      "host.input_size 0 0 0 @0",
      "return 1 0 0 @1",
    ]);
    expect(program.modules[0].functions).toEqual([-1, 0, 1]);
    expect(program.functions[0].module).toBe(-1);
    expect(program.locate(0)).toEqual({
      module: -1,
      function: 0,
      functionName: "host.input_size",
      offset: -1,
    });
    expect(program.locate(2).functionName).toBe("function[2]");
  });

  it("stubs give parameters and results by their slots, of a vector two", () => {
    const program = linked(
      {
        imports: [{ module: "env", name: "lanes", func: "iv:v" }],
        exports: [{ name: "lanes", kind: "func", index: 0 }],
      },
      { unknownImports: "trap" },
    );
    expect(listing(program)).toEqual([
      "local.get 0 0 0 @3",
      "local.get.v128 1 0 0 @4",
      "host.unknown 0 0 0 @6",
      "return 2 0 0 @5",
    ]);
    expect(program.functions[0]).toMatchObject({ params: 3, locals: 3, frame: 6, results: 2 });
  });

  it("input_read names memory 0 of its module, or says that there is none", () => {
    const body = [i32(0), i32(0), i32(0), op("call", 0)];
    const text: ModuleText = { imports: [imports[0]], functions: [{ signature: ":", body }] };
    expect(listing(linked(text))[3]).toBe("host.input_read 0 1 0 @3");
    const second = link([
      named("a", { memories: [[1]] }),
      named("b", { ...text, memories: [[1]] }),
    ]);
    expect(listing(second)[3]).toBe("host.input_read 1 0 0 @3");
  });

  it("reads nothing into a program without memory, and traps beyond that", () => {
    const body = [i32(0), i32(0), op("local.get", 0), op("call", 0)];
    const program = linked({ imports: [imports[0]], functions: [{ signature: "i:", body }] });
    const state = genesis(program);
    beginInvocation(state, 0, [0n]);
    run(state);
    expect(state.trap).toBe(0);
    beginInvocation(state, 0, [1n]);
    state.input = Uint8Array.of(1);
    run(state);
    expect(state.trap).toBe(5);
  });
});

describe("start functions", () => {
  const starting = (value: number, name?: string): ModuleText => ({
    functions: [
      {
        signature: ":",
        body: [op("global.get", 0), i32(value), op("i32.add"), op("global.set", 0)],
      },
    ],
    globals: [{ type: "i", mutable: true, init: i32(value) }],
    start: 0,
    ...(name === undefined ? {} : { exports: [{ name, kind: "global", index: 0 }] }),
  });

  it("run in link order as the first call, counted like any other", () => {
    const program = link([named("a", starting(1)), named("b", starting(10))]);
    const state = genesis(program);
    expect([state.status, state.stepCounter, state.fuelLimit]).toEqual([
      0,
      0,
      program.config.limits.callFuel,
    ]);
    begin(state, new Uint8Array());
    run(state);
    expect([state.status, state.pc, state.stepCounter]).toEqual([1, haltedPc, 13]);
    expect([...state.globals]).toEqual([2, 0, 20, 0]);
    expect(program.locate(program.boot?.entryPc ?? -1).functionName).toBe("boot");
  });

  it("a running genesis takes no input", () => {
    const state = genesis(link([named("a", starting(1))]));
    expect(() => begin(state, Uint8Array.of(1))).toThrow(RangeError);
  });
});
