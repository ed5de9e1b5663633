import { describe, expect, it } from "vitest";
import { decodeModule } from "../../../src/interpreter/binary/decode.ts";
import type { Limits, Module } from "../../../src/interpreter/binary/module.ts";
import { valueTypeName } from "../../../src/interpreter/binary/valueType.ts";
import { rowOfDense } from "../../../src/interpreter/isa/denseRows.ts";
import { InstructionCursor } from "../../../src/interpreter/isa/instructionCursor.ts";
import { realModules } from "./realModules.ts";
import type { Field, PlainInstruction } from "./wasmParser.ts";
import { instructionsOf, oldName, parse } from "./wasmParser.ts";

/** The parser takes seconds for a megabyte. */
const mostBytes = 500_000;

const indexKinds = ["local", "global", "label", "function"];

/** Our reading of a body in the parser's form; undefined if it has instructions later than 1.0. */
function ourInstructions(module: Module, body: Module["bodies"][number]) {
  const cursor = new InstructionCursor(module.bytes, module.features);
  const list: PlainInstruction[] = [];
  cursor.open(body.start, body.end);
  while (cursor.next()) {
    const row = rowOfDense(cursor.dense);
    if (row?.feature !== "mvp") return undefined;
    if (row.mnemonic === "end" || row.mnemonic === "else") continue;
    list.push({ name: oldName(row.mnemonic), numbers: ourNumbers(cursor) });
  }
  return list;
}

function ourNumbers(cursor: InstructionCursor): number[] {
  if (indexKinds.includes(cursor.kind)) return [cursor.index];
  if (cursor.kind === "i32" || cursor.kind === "memarg") return [cursor.low];
  if (cursor.kind === "labels") return [...cursor.labels.slice(0, cursor.labelCount + 1)];
  return [];
}

const limitsOf = ({ min, max }: Limits) => (max === undefined ? { min } : { min, max });
const plainLimits = ({ limits: { min, max } }: Field) =>
  max === undefined ? { min } : { min, max };
const kindNames = { function: "Func", table: "Table", memory: "Memory", global: "Global" } as const;

/** What a module declares, in one shape for both decoders. */
function ourDeclarations(module: Module) {
  const content = (start: number, end: number) => [...module.bytes.subarray(start, end)];
  return {
    types: module.types.map(({ params, results }) => ({
      params: params.map(valueTypeName),
      results: results.map(valueTypeName),
    })),
    imports: module.imports.map(({ module: from, name }) => ({ from, name })),
    tables: module.tables.map(({ limits }) => limitsOf(limits)),
    memories: module.memories.map(limitsOf),
    globals: module.globals.map(({ type }) => ({
      type: valueTypeName(type.type),
      mutability: type.mutable ? "var" : "const",
    })),
    exports: module.exports.map(({ name, kind, index }) => ({
      name,
      kind: kindNames[kind],
      index,
    })),
    elements: module.elements.map(({ functionIndices }) => functionIndices),
    data: module.data.map(({ start, end }) => content(start, end)),
  };
}

function theirDeclarations(fields: readonly Field[]) {
  const of = (type: string): Field[] => fields.filter((field) => field.type === type);
  return {
    types: of("TypeInstruction").map(({ functype }) => ({
      params: functype.params.map(({ valtype }: Field) => valtype),
      results: functype.results,
    })),
    imports: of("ModuleImport").map((field) => ({ from: field.module, name: field.name })),
    tables: of("Table").map(plainLimits),
    memories: of("Memory").map(plainLimits),
    globals: of("Global").map(({ globalType }) => ({
      type: globalType.valtype,
      mutability: globalType.mutability,
    })),
    exports: of("ModuleExport").map(({ name, descr }) => ({
      name,
      kind: descr.exportType,
      index: descr.id.value,
    })),
    elements: of("Elem").map(({ funcs }) => funcs.map(({ value }: Field) => value)),
    data: of("Data").map(({ init }) => [...init.values]),
  };
}

const readable = realModules()
  .filter(({ bytes }) => bytes.length < mostBytes)
  .flatMap(({ path, bytes }) => {
    const fields = parse(bytes);
    return fields === undefined ? [] : [{ path, module: decodeModule(bytes), fields }];
  });

describe("decodeModule › against @webassemblyjs/wasm-parser", () => {
  it("there are modules that the parser can read", () => {
    expect(readable.length).toBeGreaterThan(5);
  });

  for (const { path, module, fields } of readable) {
    it(`${path} › same declarations`, () => {
      expect(ourDeclarations(module)).toEqual(theirDeclarations(fields));
    });

    it(`${path} › same instructions`, () => {
      const functions = fields.filter(({ type }) => type === "Func");
      expect(functions.length).toBe(module.bodies.length);
      for (const [index, body] of module.bodies.entries()) {
        const ours = ourInstructions(module, body);
        if (ours === undefined) continue;
        expect(instructionsOf(functions[index].body)).toEqual(ours);
      }
    });
  }

  it("most functions have no instructions later than 1.0", () => {
    const bodies = readable.flatMap(({ module }) =>
      module.bodies.map((body) => ({ module, body })),
    );
    const compared = bodies.filter(({ module, body }) => ourInstructions(module, body));
    expect(compared.length).toBeGreaterThan(bodies.length / 2);
  });
});
