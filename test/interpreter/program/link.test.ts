/** Linking: ceilings, several modules, imports, LinkErrors. */
import { describe, expect, it } from "vitest";
import { type Code, type ModuleText, op } from "../../../spec-tests/corpus/assembler.ts";
import { run } from "../../../src/interpreter/blocks/runSteps.ts";
import { link } from "../../../src/interpreter/program/link.ts";
import { programCeilings } from "../../../src/interpreter/program/linkOptions.ts";
import { genesis } from "../../../src/interpreter/state/genesis.ts";
import { begin, results } from "../../../src/interpreter/state/invocation.ts";
import { codeOfError, i32, linked, named } from "./linking.ts";

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
