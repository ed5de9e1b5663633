/**
 * Random valid modules, each with wrappers that make its functions and globals comparable across engines: a
 * wrapper takes and gives integers only, so no host touches the bits of a float.
 *
 * Invariant: a module is a function of its seed; the two variants differ only in the code that makes NaNs canonical.
 */
import { assemble, type Code, op } from "../../spec-tests/corpus/assembler.ts";
import type { CodeOptions } from "./expressions.ts";
import { ProbeGenerator } from "./probe.ts";
import { Random } from "./random.ts";
import { extendedShape, probeSignature, randomShape, type Shape } from "./shape.ts";
import { CodeGenerator } from "./statements.ts";
import { constant, randomBits } from "./values.ts";

/** Calls and loop rounds that one invocation may spend. */
const budget = 300;

export interface Invocation {
  readonly export: string;
  /** Arguments as bits; letters `i` and `I` in the wrapper's signature. */
  readonly args: readonly bigint[];
  readonly params: string;
  readonly results: string;
}

export interface GeneratedModule {
  readonly seed: number;
  /** The module that this one imports everything from, under the name `base`. */
  readonly base?: GeneratedModule;
  /** For the machine, which makes NaNs canonical by itself. */
  readonly bytes: Uint8Array;
  /** For an engine with NaNs of its own. */
  readonly denannedBytes: Uint8Array;
  readonly shape: Shape;
  readonly invocations: readonly Invocation[];
}

/** Names of the exports besides the wrappers. */
export const exportNames = {
  memory: (index: number) => `memory${index}`,
  table: (index: number) => `table${index}`,
  function: (index: number) => `f${index}`,
  global: (index: number) => `global${index}`,
  /** The global itself; `global` names the function that reads it. */
  sharedGlobal: (index: number) => `g${index}`,
} as const;

export const baseName = "base";

const integerOf: Readonly<Record<string, string>> = { i: "i", I: "I", f: "i", F: "I", v: "II" };
const isReference = (type: string): boolean => type === "r" || type === "x";
const integers = (types: string): string =>
  [...types].map((type) => integerOf[type] ?? "i").join("");
const numericOnly = (types: string): string => [...types].filter((t) => !isReference(t)).join("");

/** Takes a value from integers, the locals from `at` on; a vector from its halves. */
function fromIntegers(type: string, at: number): Code {
  const first = op("local.get", at);
  if (type === "v") {
    const high = op("local.get", at + 1);
    return [...first, ...op("i64x2.splat"), ...high, ...op("i64x2.replace_lane", 1)];
  }
  return [...first, ...fromInteger(type)];
}

/** Gives the value that `get` leaves as integers. */
function toIntegers(type: string, get: Code): Code {
  if (type !== "v") return [...get, ...toInteger(type)];
  return [0, 1].flatMap((half) => [...get, ...op("i64x2.extract_lane", half)]);
}

function fromInteger(type: string): Code {
  if (type === "f") return op("f32.reinterpret_i32");
  return type === "F" ? op("f64.reinterpret_i64") : [];
}

function toInteger(type: string): Code {
  if (isReference(type)) return op("ref.is_null");
  if (type === "f") return op("i32.reinterpret_f32");
  return type === "F" ? op("i64.reinterpret_f64") : [];
}

/** Sets the budget, calls the function with integers made floats, gives its results as integers. */
function wrapper(index: number, signature: string) {
  const [params = "", results = ""] = signature.split(":");
  const taken = integers(numericOnly(params));
  let next = 0;
  const args = [...params].flatMap((type) => {
    if (isReference(type)) return op("ref.null", type);
    const at = next;
    next += integers(type).length;
    return fromIntegers(type, at);
  });
  const first = taken.length;
  const keep = [...results].map((_, at) => op("local.set", first + results.length - 1 - at));
  const give = [...results].map((type, at) => toIntegers(type, op("local.get", first + at)));
  return {
    signature: `${taken}:${integers(results)}`,
    locals: results,
    body: [op("i32.const", budget), op("global.set", 0), args, op("call", index), ...keep, ...give],
    export: `run${index}`,
  };
}

function globalReader(index: number, type: string) {
  return {
    signature: `:${integers(type)}`,
    body: [toIntegers(type, op("global.get", index))],
    export: exportNames.global(index),
  };
}

interface Built {
  readonly bytes: Uint8Array;
  readonly shape: Shape;
}

/** Imports of the first entries of each index space. */
function importsOf(shape: Shape) {
  const { functions, globals, memories, tables, imported } = shape;
  const from = (name: string) => ({ module: baseName, name });
  return [
    ...functions
      .slice(0, imported.functions)
      .map((func, index) => ({ ...from(exportNames.function(index)), func })),
    ...tables.slice(0, imported.tables).map(({ type, limits }, index) => ({
      ...from(exportNames.table(index)),
      table: limits,
      type,
    })),
    ...memories
      .slice(0, imported.memories)
      .map((memory, index) => ({ ...from(exportNames.memory(index)), memory })),
    ...globals.slice(0, imported.globals).map((global, index) => ({
      ...from(exportNames.sharedGlobal(index)),
      global,
      mutable: true,
    })),
  ];
}

function exportsOf({ functions, globals, memories, tables, imported }: Shape) {
  const list = <Kind extends string>(
    kind: Kind,
    items: readonly unknown[],
    name: (index: number) => string,
  ) => items.map((_, index) => ({ name: name(index), kind, index }));
  return [
    ...list("memory", memories, exportNames.memory),
    ...list("table", tables, exportNames.table),
    ...list("global", globals, exportNames.sharedGlobal),
    // Functions with a body of their own are exported where they are defined.
    ...list("func", functions.slice(0, imported.functions), exportNames.function),
  ];
}

function build(random: Random, shape: Shape, options: CodeOptions, start?: number): Uint8Array {
  const { imported } = shape;
  const own = shape.functions.slice(imported.functions).map((signature, at) => {
    const Generator = signature === probeSignature(shape.vectors) ? ProbeGenerator : CodeGenerator;
    const code = new Generator(random, shape, signature, options);
    const params = signature.indexOf(":");
    return {
      signature,
      locals: code.locals.slice(params),
      body: code.body(),
      export: exportNames.function(imported.functions + at),
    };
  });
  return assemble({
    types: [...new Set(shape.functions)],
    imports: importsOf(shape),
    functions: [
      ...own,
      ...shape.functions.map((signature, index) => wrapper(index, signature)),
      ...shape.globals.map((type, index) => globalReader(index, type)),
    ],
    tables: shape.tables.slice(imported.tables),
    memories: shape.memories.slice(imported.memories),
    globals: shape.globals.slice(imported.globals).map((type, index) => ({
      type,
      mutable: true,
      init: imported.globals + index === 0 ? op("i32.const", budget) : constant(random, type),
    })),
    exports: exportsOf(shape),
    ...(start === undefined ? {} : { start }),
    elements: shape.elements.map(({ active, functions }) => ({
      functions,
      ...(active ? { at: { offset: addressOf(shape.tables[0].limits, 0) } } : {}),
    })),
    data: shape.data.map(({ active, bytes }) => ({
      bytes,
      ...(active ? { at: { offset: addressOf(shape.memories[0], random.below(4000)) } } : {}),
    })),
  });
}

/** A constant of the address type of a memory or a table. */
function addressOf([, , kind]: Shape["memories"][number], offset: number): Code {
  return op(kind === "i64" ? "i64.const" : "i32.const", offset);
}

function buildModule(seed: number, vectors: boolean, options: CodeOptions): Built {
  const random = new Random(seed);
  const shape = randomShape(random, vectors);
  return { shape, bytes: build(random, shape, options) };
}

function buildImporter(seed: number, base: Shape, options: CodeOptions): Built {
  const random = new Random(seed ^ 0x2545f491);
  const shape = extendedShape(random, base);
  const starters = shape.functions.flatMap((signature, index) =>
    signature === ":" ? [index] : [],
  );
  const bytes = build(random, shape, options, starters[0]);
  return { shape, bytes };
}

/** A well-formed module with a mistake here and there: most often invalid, for reasons deep in its code. */
export function generateFlawedModule(seed: number, vectors = false): Uint8Array {
  return buildModule(seed, vectors, { canonicalNans: false, mistakes: 600 }).bytes;
}

const plain: CodeOptions = { canonicalNans: false, mistakes: 0 };
const denanned: CodeOptions = { canonicalNans: true, mistakes: 0 };

/** Two calls of each function, then a look at each global. */
function invocationsOf(shape: Shape, seed: number): Invocation[] {
  const random = new Random(seed ^ 0x5bd1e995);
  const calls = shape.functions.flatMap((signature, index) => {
    const [params = "", results = ""] = signature.split(":");
    const types = numericOnly(params);
    return [0, 1].map(() => ({
      export: `run${index}`,
      args: [...types].flatMap((type) => integerArguments(type, randomBits(random, type))),
      params: integers(types),
      results: integers(results),
    }));
  });
  const readers = shape.globals.map((type, index) => ({
    export: exportNames.global(index),
    args: [],
    params: "",
    results: integers(type),
  }));
  return [...calls, ...readers];
}

function integerArguments(type: string, bits: bigint): bigint[] {
  return type === "v" ? [0n, 64n].map((shift) => BigInt.asUintN(64, bits >> shift)) : [bits];
}

/** `vectors`: v128 is among its types, and its instructions among its code. */
export function generateModule(seed: number, vectors = false): GeneratedModule {
  const { bytes, shape } = buildModule(seed, vectors, plain);
  const denannedBytes = buildModule(seed, vectors, denanned).bytes;
  return { seed, bytes, denannedBytes, shape, invocations: invocationsOf(shape, seed) };
}

/** A module that imports functions, globals, memories and tables from another, and may have a start function. */
export function generateImporter(seed: number, vectors = false): GeneratedModule {
  const base = generateModule(seed, vectors);
  const { bytes, shape } = buildImporter(seed, base.shape, plain);
  const denannedBytes = buildImporter(seed, base.shape, denanned).bytes;
  return { seed, base, bytes, denannedBytes, shape, invocations: invocationsOf(shape, seed) };
}
