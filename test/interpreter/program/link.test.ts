/** Linking: several modules, imports, LinkErrors, policies, stubs, boot, the instructions that lowering writes. */
import { describe, expect, it } from "vitest";
import { assemble, type Code, type ModuleText, op } from "../../../spec-tests/corpus/assembler.ts";
import { decodeModule } from "../../../src/interpreter/binary/decode.ts";
import { run } from "../../../src/interpreter/blocks/runSteps.ts";
import { LinkError } from "../../../src/interpreter/errors.ts";
import { executedRow } from "../../../src/interpreter/isa/table.ts";
import { defaultFuelSchedule } from "../../../src/interpreter/program/fuelSchedule.ts";
import { link, type NamedModule } from "../../../src/interpreter/program/link.ts";
import { type LinkOptions, programCeilings } from "../../../src/interpreter/program/linkOptions.ts";
import type { Program } from "../../../src/interpreter/program/program.ts";
import { haltedPc } from "../../../src/interpreter/program/program.ts";
import { genesis } from "../../../src/interpreter/state/genesis.ts";
import { begin, beginInvocation, results } from "../../../src/interpreter/state/invocation.ts";

const i32 = (value: number): Code => op("i32.const", value);
const named = (name: string, text: ModuleText): NamedModule => ({
  name,
  module: decodeModule(assemble(text)),
});
const linked = (text: ModuleText, options: Partial<LinkOptions> = {}): Program =>
  link([named("m", text)], options);

function codeOfError(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof LinkError) return error.code;
    throw error;
  }
  return "none";
}

/** Instructions of a program as text: mnemonic and fields. */
function listing(program: Program): string[] {
  const view = new DataView(program.code.buffer, program.code.byteOffset, program.code.length);
  return Array.from({ length: program.code.length / 16 }, (_, pc) => {
    const row = executedRow(view.getUint16(pc * 16));
    const fields = [4, 8, 12].map((at) => view.getUint32(pc * 16 + at));
    return `${row?.mnemonic} ${fields.join(" ")} @${program.heights[pc]}`;
  });
}

const library: ModuleText = {
  functions: [
    {
      signature: "ii:i",
      body: [op("local.get", 0), op("local.get", 1), op("i32.sub")],
      export: "sub",
    },
  ],
  memories: [[1, 2]],
  tables: [{ type: "r", limits: [4, 8] }],
  globals: [
    { type: "i", init: i32(40) },
    { type: "I", mutable: true, init: op("i64.const", 7n) },
  ],
  exports: [
    { name: "memory", kind: "memory", index: 0 },
    { name: "table", kind: "table", index: 0 },
    { name: "forty", kind: "global", index: 0 },
    { name: "counter", kind: "global", index: 1 },
  ],
};

describe("ceilings", () => {
  it("passive data › more than 2^32 bytes would share offsets", () => {
    const { module } = named("m", { memories: [[1, 1]] });
    const half = { mode: "passive", memory: 0, offset: undefined, start: 0, end: 2 ** 31 } as const;
    const large = { ...module, data: [half, half, half] };
    expect(codeOfError(() => link([{ name: "m", module: large }]))).toBe("limit-exceeded");
  });
});

describe("imports between modules", () => {
  const user: ModuleText = {
    imports: [
      { module: "library", name: "sub", func: "ii:i" },
      { module: "library", name: "memory", memory: [1, 3] },
      { module: "library", name: "table", table: [3], type: "r" },
      { module: "library", name: "forty", global: "i" },
    ],
    functions: [
      {
        signature: ":i",
        body: [op("global.get", 0), i32(8), op("i32.load8_u"), op("call", 0)],
        export: "gateway",
      },
    ],
    elements: [{ at: { offset: i32(3) }, functions: [0] }],
    data: [{ at: { offset: i32(8) }, bytes: [2] }],
  };

  it("share functions, memories, tables and globals", () => {
    const program = link([named("library", library), named("user", user)], { gateway: "gateway" });
    expect(program.memories).toEqual([{ pages: 1, maxPages: 2, addressType: "i32" }]);
    const state = genesis(program);
    expect([...state.tables[0].entries]).toEqual([0, 0, 0, 1]);
    begin(state, new Uint8Array());
    run(state);
    expect(results(state)).toEqual([38n]);
  });

  it("give the same program twice, byte for byte", () => {
    const once = link([named("library", library), named("user", user)], { gateway: "gateway" });
    const twice = link([named("library", library), named("user", user)], { gateway: "gateway" });
    expect(JSON.stringify([...once.code, ...once.functionEntries])).toBe(
      JSON.stringify([...twice.code, ...twice.functionEntries]),
    );
  });

  type Item = NonNullable<ModuleText["imports"]>[number];
  const misfits: readonly (readonly [string, Item, string])[] = [
    ["an unknown name", { module: "library", name: "nothing", func: ":" }, "unknown-import"],
    ["an unknown module", { module: "nobody", name: "sub", func: "ii:i" }, "unknown-import"],
    [
      "another function type",
      { module: "library", name: "sub", func: "ii:I" },
      "incompatible-import",
    ],
    ["another kind", { module: "library", name: "sub", memory: [1] }, "incompatible-import"],
    [
      "a memory that is too small",
      { module: "library", name: "memory", memory: [2] },
      "incompatible-import",
    ],
    [
      "a memory that may grow too far",
      { module: "library", name: "memory", memory: [1, 1] },
      "incompatible-import",
    ],
    [
      "a table of other references",
      { module: "library", name: "table", table: [1], type: "x" },
      "incompatible-import",
    ],
    [
      "a global of another type",
      { module: "library", name: "forty", global: "I" },
      "incompatible-import",
    ],
    [
      "a mutable global",
      { module: "library", name: "forty", global: "i", mutable: true },
      "incompatible-import",
    ],
    [
      "an immutable global",
      { module: "library", name: "counter", global: "I" },
      "incompatible-import",
    ],
    [
      "another type of a host function",
      { module: "arbiter", name: "time_ms", func: ":i" },
      "incompatible-import",
    ],
    ["no host function", { module: "arbiter", name: "sleep", func: ":" }, "unknown-import"],
  ];

  it.each(misfits)("refuse %s", (_what, item, code) => {
    const modules = [named("library", library), named("user", { imports: [item] })];
    expect(codeOfError(() => link(modules))).toBe(code);
  });

  it("are resolved among earlier modules only, under names of their own", () => {
    expect(codeOfError(() => link([named("user", user), named("library", library)]))).toBe(
      "unknown-import",
    );
    expect(codeOfError(() => link([named("a", {}), named("a", {})]))).toBe("duplicate-module");
    expect(codeOfError(() => link([named("arbiter", {})]))).toBe("duplicate-module");
  });

  it("by the policy trap become an instruction that traps, functions only", () => {
    const text: ModuleText = { imports: [{ module: "env", name: "log", func: "i:" }] };
    expect(codeOfError(() => linked(text, { unknownImports: "trap" }))).toBe("none");
    const memory: ModuleText = { imports: [{ module: "env", name: "memory", memory: [1] }] };
    expect(codeOfError(() => linked(memory, { unknownImports: "trap" }))).toBe("unknown-import");
  });
});

describe("LinkErrors of one module", () => {
  const gateway = (signature: string, body: Code[] = [], locals = ""): ModuleText => ({
    functions: [{ signature, body, locals, export: "gateway" }],
  });

  it("a gateway must be an exported function without parameters whose frame fits", () => {
    expect(codeOfError(() => linked({}, { gateway: "gateway" }))).toBe("unknown-gateway");
    expect(codeOfError(() => linked(gateway("i:"), { gateway: "gateway" }))).toBe("gateway-type");
    const wide = gateway(":", [], "I".repeat(65));
    const limits = { stackSlots: 64 };
    expect(codeOfError(() => linked(wide, { gateway: "gateway", limits }))).toBe("limit-exceeded");
    expect(codeOfError(() => linked(gateway(":"), { gateway: "gateway" }))).toBe("none");
  });

  it("active segments must fit", () => {
    const at = (offset: number) => ({ offset: i32(offset) });
    const data = (offset: number): ModuleText => ({
      memories: [[1]],
      data: [{ at: at(offset), bytes: [1, 2] }],
    });
    expect(codeOfError(() => linked(data(65_534)))).toBe("none");
    expect(codeOfError(() => linked(data(65_535)))).toBe("data-out-of-bounds");
    expect(codeOfError(() => linked(data(-1)))).toBe("data-out-of-bounds");
    const elements: ModuleText = {
      functions: [{ signature: ":", body: [] }],
      tables: [{ type: "r", limits: [1] }],
      elements: [{ at: at(1), functions: [0] }],
    };
    expect(codeOfError(() => linked(elements))).toBe("elements-out-of-bounds");
  });

  it("ceilings hold", () => {
    const results = "i".repeat(programCeilings.carriedSlots + 1);
    const many = gateway(
      `:${results}`,
      [...results].map(() => i32(0)),
    );
    expect(codeOfError(() => linked(many))).toBe("limit-exceeded");
    const memories: ModuleText = { memories: Array.from({ length: 257 }, () => [0] as const) };
    expect(codeOfError(() => linked(memories))).toBe("limit-exceeded");
    const table: ModuleText = { tables: [{ type: "r", limits: [11] }] };
    expect(codeOfError(() => linked(table, { limits: { tableEntries: 10 } }))).toBe(
      "limit-exceeded",
    );
  });

  it("options out of range are RangeErrors", () => {
    expect(() => linked({}, { chunkFuel: -1 })).toThrow(RangeError);
    expect(() => linked({}, { limits: { stackSlots: 2 ** 20 + 1 } })).toThrow(RangeError);
    expect(() => linked({}, { limits: { callFuel: 2 ** 53 } })).toThrow(RangeError);
  });
});

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
