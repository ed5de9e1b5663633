/** The incremental store: numbers stay, effects persist or do not by the rules of the module's level. */
import { describe, expect, it } from "vitest";
import { assemble, type Code, type ModuleText, op } from "../../spec-tests/corpus/assembler.ts";
import { decodeModule } from "../../src/interpreter/binary/decode.ts";
import { LinkError } from "../../src/interpreter/errors.ts";
import { type FeatureLevel, featureLevels } from "../../src/interpreter/isa/features.ts";
import { trapCodes } from "../../src/interpreter/isa/trapCodes.ts";
import { Store } from "../../src/interpreter/store.ts";

const i32 = (value: number): Code => op("i32.const", value);
const decoded = (text: ModuleText, level: FeatureLevel = "3.0") =>
  decodeModule(assemble(text), featureLevels[level]);

const base: ModuleText = {
  functions: [
    { signature: "i:i", body: [op("local.get", 0), op("i32.load8_u")], export: "peek" },
    { signature: "i:i", body: [op("local.get", 0), op("call_indirect", 2, 0)], export: "through" },
    {
      signature: ":i",
      body: [op("global.get", 0), i32(1), op("i32.add"), op("global.set", 0), op("global.get", 0)],
      export: "count",
    },
    { signature: "i:i", body: [op("local.get", 0), op("memory.grow", 0)], export: "grow" },
  ],
  types: ["i:i", ":", ":i"],
  tables: [{ type: "r", limits: [4, 8] }],
  memories: [[1, 3]],
  globals: [{ type: "i", mutable: true, init: i32(5) }],
  exports: [
    { name: "memory", kind: "memory", index: 0 },
    { name: "table", kind: "table", index: 0 },
    { name: "counter", kind: "global", index: 0 },
  ],
};

function baseStore() {
  const store = new Store();
  const { instance } = store.instantiate(decoded(base));
  store.register("base", instance);
  return { store, instance };
}

/** Puts a function into the table, then a byte into memory out of bounds. */
const failing: ModuleText = {
  imports: [
    { module: "base", name: "memory", memory: [1] },
    { module: "base", name: "table", table: [1], type: "r" },
  ],
  functions: [{ signature: ":i", body: [i32(77)] }],
  elements: [{ at: { offset: i32(1) }, functions: [0] }],
  data: [
    { at: { offset: i32(0) }, bytes: [42] },
    { at: { offset: i32(65_536) }, bytes: [1] },
  ],
};

describe("Store", () => {
  it("keeps what instances have done when others are appended", () => {
    const { store, instance } = baseStore();
    expect(store.invoke(instance, "count", [])).toEqual({ trap: 0, results: [6n] });
    const other = store.instantiate(decoded(base)).instance;
    expect(store.get(other, "counter")).toBe(5n);
    expect(store.get(instance, "counter")).toBe(6n);
    expect(store.invoke(instance, "count", []).results).toEqual([7n]);
    expect(store.invoke(other, "count", []).results).toEqual([6n]);
  });

  it("2.0 › a segment out of bounds traps after the earlier ones, whose effects persist", () => {
    const { store, instance } = baseStore();
    expect(store.instantiate(decoded(failing)).trap).toBe(trapCodes.outOfBoundsMemory);
    expect(store.invoke(instance, "peek", [0n]).results).toEqual([42n]);
    expect(store.invoke(instance, "through", [1n]).results).toEqual([77n]);
  });

  it("1.0 › a segment out of bounds is a LinkError and nothing is written", () => {
    const { store, instance } = baseStore();
    expect(() => store.instantiate(decoded(failing, "1.0"))).toThrow(LinkError);
    expect(store.invoke(instance, "peek", [0n]).results).toEqual([0n]);
    expect(store.invoke(instance, "through", [1n]).trap).toBe(trapCodes.uninitializedElement);
  });

  it("reports the trap of a start function", () => {
    const { store } = baseStore();
    const start: ModuleText = {
      functions: [{ signature: ":", body: [op("unreachable")] }],
      start: 0,
    };
    expect(store.instantiate(decoded(start)).trap).toBe(trapCodes.unreachable);
  });

  it("matches imports against the size that a memory has now", () => {
    const { store, instance } = baseStore();
    const wanting: ModuleText = { imports: [{ module: "base", name: "memory", memory: [2] }] };
    expect(() => store.instantiate(decoded(wanting))).toThrow(LinkError);
    store.invoke(instance, "grow", [1n]);
    expect(store.instantiate(decoded(wanting)).trap).toBe(0);
  });

  it("a refused module changes nothing", () => {
    const { store } = baseStore();
    const before = store.program;
    const refused: ModuleText = { imports: [{ module: "base", name: "nothing", func: ":" }] };
    expect(() => store.instantiate(decoded(refused))).toThrow(LinkError);
    expect(store.program).toBe(before);
  });

  it("runs on the executor that it is given", () => {
    let calls = 0;
    const store = new Store({
      execute: (state) => {
        calls++;
        state.status = 1;
        state.sp = 0;
      },
    });
    const { instance } = store.instantiate(decoded(base));
    expect(store.invoke(instance, "count", []).results).toEqual([]);
    expect(calls).toBe(1);
    expect(() => store.invoke(instance, "nothing", [])).toThrow(RangeError);
  });
});
