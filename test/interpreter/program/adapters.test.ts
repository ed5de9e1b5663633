/** Import adapters: functions for a module before them, that module's memory for them, and what is refused. */
import { describe, expect, it } from "vitest";
import { assemble, type Code, type ModuleText, op } from "../../../spec-tests/corpus/assembler.ts";
import { decodeModule } from "../../../src/interpreter/binary/decode.ts";
import { LinkError } from "../../../src/interpreter/errors.ts";
import { link, missingImports, type NamedModule } from "../../../src/interpreter/index.ts";
import { Machine } from "../../../src/interpreter/machine.ts";
import { call, instantiate, load, prove, stateHash, verify } from "../../../src/verbs.ts";

const i32 = (value: number): Code => op("i32.const", value);
const named = (name: string, text: ModuleText, adapter = false): NamedModule => ({
  name,
  module: decodeModule(assemble(text)),
  adapter,
});

/** Asks for the sum of two words of its memory; keeps a reference to the imported function too. */
const program: ModuleText = {
  imports: [
    { module: "system", name: "sum", func: "ii:i" },
    { module: "system", name: "twice", func: "i:i" },
  ],
  memories: [[1, 1]],
  tables: [{ type: "r", limits: [2, 2] }],
  types: ["i:i"],
  elements: [{ at: { offset: i32(0) }, functions: [1] }],
  data: [{ at: { offset: i32(8) }, bytes: [40, 0, 0, 0, 2, 0, 0, 0] }],
  functions: [
    {
      signature: ":i",
      body: [i32(8), i32(12), op("call", 0), i32(0), op("call_indirect", 0, 0)],
      export: "gateway",
    },
    { signature: "i:i", body: [op("local.get", 0), op("call", 1)], export: "again" },
  ],
  exports: [{ name: "memory", kind: "memory", index: 0 }],
};

/** Reads its arguments from the program's memory, and calls back into the program. */
const system: ModuleText = {
  imports: [{ module: "program", name: "memory", memory: [1] }],
  functions: [
    {
      signature: "ii:i",
      body: [
        op("local.get", 0),
        op("i32.load", 0),
        op("local.get", 1),
        op("i32.load", 0),
        op("i32.add"),
      ],
      export: "sum",
    },
    { signature: "i:i", body: [op("local.get", 0), i32(1), op("i32.shl")], export: "twice" },
  ],
};

/** A gateway of its own, after both. */
const entry: ModuleText = {
  imports: [{ module: "app", name: "gateway", func: ":i" }],
  functions: [{ signature: ":i", body: [op("call", 0)], export: "gateway" }],
};

const list = [named("app", program), named("system", system, true), named("entry", entry)];

function refusal(modules: readonly NamedModule[]): LinkError {
  try {
    link(modules);
  } catch (error) {
    if (error instanceof LinkError) return error;
    throw error;
  }
  throw new Error("expected a LinkError");
}

describe("import adapters", () => {
  it("give functions to a module before them, directly and by reference, on its memory", () => {
    for (const executor of ["step", "auto", "fast"] as const) {
      const machine = new Machine(link(list, { gateway: "gateway" }));
      machine.begin(new Uint8Array(0));
      machine.run({ executor });
      expect(machine.results(), executor).toEqual([84n]);
    }
  });

  it("are proven step by step as any other module", () => {
    const machine = instantiate(link(list, { gateway: "gateway" }));
    machine.begin(new Uint8Array(0));
    let steps = 0;
    while (machine.isRunning) {
      const witness = prove(machine);
      const before = stateHash(machine);
      machine.run({ steps: 1 });
      expect(verify(before, witness)).toEqual(stateHash(machine));
      steps++;
    }
    expect(steps).toBeGreaterThan(12);
  });

  it("load › takes the flag beside name and bytes", () => {
    const binaries = list.map(({ name, module, adapter = false }) => ({
      name,
      adapter,
      bytes: module.bytes,
    }));
    expect(call(instantiate(load(binaries))).results).toEqual([84n]);
    const undeclared = binaries.map(({ name, bytes }) => ({ name, bytes }));
    expect(() => load(undeclared)).toThrow(/unknown import: nothing gives system: sum, twice/);
  });

  it("nothing is missing, and what the adapter does not define itself is", () => {
    expect(missingImports(list)).toEqual([]);
    const passedOn: ModuleText = {
      imports: [
        { module: "program", name: "memory", memory: [1] },
        { module: "arbiter", name: "input_size", func: ":i" },
      ],
      functions: [{ signature: "ii:i", body: [i32(0)], export: "sum" }],
      exports: [{ name: "twice", kind: "func", index: 0 }],
    };
    const modules = [named("app", program), named("system", passedOn, true)];
    const { code, missing } = refusal(modules);
    expect([code, missing.map(({ name }) => name)]).toEqual(["unknown-import", ["twice"]]);
    expect(missingImports(modules).map(({ name }) => name)).toEqual(["twice"]);
  });

  it("an adapter without a program, or of another type, or of two programs, is refused", () => {
    expect(refusal([named("system", system, true)]).code).toBe("unknown-import");
    const other: ModuleText = {
      ...system,
      functions: [
        { signature: "i:i", body: [i32(1)], export: "sum" },
        { signature: "i:i", body: [i32(1)], export: "twice" },
      ],
    };
    const mismatch = refusal([named("app", program), named("system", other, true)]);
    expect(mismatch.code).toBe("incompatible-import");
    const two = [named("app", program), named("app2", program), named("system", system, true)];
    expect(refusal(two).code).toBe("adapter-shared");
  });

  it("programs without adapters are linked as before: order of the list alone decides", () => {
    const plain = [
      named("system", { functions: [{ signature: "i:i", body: [i32(1)], export: "twice" }] }),
      named("m", entry),
    ];
    expect(refusal(plain).missing.map(({ module }) => module)).toEqual(["app"]);
  });
});
