/**
 * Random valid modules, each with wrappers that make its functions and globals comparable across engines: a
 * wrapper takes and gives integers only, so no host touches the bits of a float.
 *
 * Invariant: a module is a function of its seed; the two variants differ only in the code that makes NaNs canonical.
 */
import { assemble, type Code, op } from "../../spec-tests/corpus/assembler.ts";
import type { CodeOptions } from "./expressions.ts";
import { Random } from "./random.ts";
import { randomShape, type Shape } from "./shape.ts";
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
} as const;

const integerOf: Readonly<Record<string, string>> = { i: "i", I: "I", f: "i", F: "I" };
const isReference = (type: string): boolean => type === "r" || type === "x";
const integers = (types: string): string =>
  [...types].map((type) => integerOf[type] ?? "i").join("");
const numericOnly = (types: string): string => [...types].filter((t) => !isReference(t)).join("");

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
  const args = [...params].flatMap((type) =>
    isReference(type) ? op("ref.null", type) : [...op("local.get", next++), ...fromInteger(type)],
  );
  const first = taken.length;
  const keep = [...results].map((_, at) => op("local.set", first + results.length - 1 - at));
  const give = [...results].map((type, at) => [...op("local.get", first + at), ...toInteger(type)]);
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
    body: [op("global.get", index), toInteger(type)],
    export: exportNames.global(index),
  };
}

function build(seed: number, options: CodeOptions): { bytes: Uint8Array; shape: Shape } {
  const random = new Random(seed);
  const shape = randomShape(random);
  const functions = shape.functions.map((signature, index) => {
    const code = new CodeGenerator(random, shape, signature, options);
    const params = signature.indexOf(":");
    return {
      signature,
      locals: code.locals.slice(params),
      body: code.body(),
      export: exportNames.function(index),
    };
  });
  const bytes = assemble({
    types: [...new Set(shape.functions)],
    functions: [
      ...functions,
      ...shape.functions.map((signature, index) => wrapper(index, signature)),
      ...shape.globals.map((type, index) => globalReader(index, type)),
    ],
    tables: shape.tables,
    memories: shape.memories,
    globals: shape.globals.map((type) => ({ type, mutable: true, init: constant(random, type) })),
    exports: [
      ...shape.memories.map((_, index) => ({
        name: exportNames.memory(index),
        kind: "memory" as const,
        index,
      })),
      ...shape.tables.map((_, index) => ({
        name: exportNames.table(index),
        kind: "table" as const,
        index,
      })),
    ],
    elements: shape.elements.map(({ active, functions }) => ({
      functions,
      ...(active ? { at: { offset: op("i32.const", 0) } } : {}),
    })),
    data: shape.data.map(({ active, bytes }) => ({
      bytes,
      ...(active ? { at: { offset: op("i32.const", random.below(4000)) } } : {}),
    })),
  });
  return { bytes, shape };
}

/** A well-formed module with a mistake here and there: most often invalid, for reasons deep in its code. */
export function generateFlawedModule(seed: number): Uint8Array {
  return build(seed, { canonicalNans: false, mistakes: 600 }).bytes;
}

export function generateModule(seed: number): GeneratedModule {
  const { bytes, shape } = build(seed, { canonicalNans: false, mistakes: 0 });
  const random = new Random(seed ^ 0x5bd1e995);
  const invocations = shape.functions.flatMap((signature, index) => {
    const [params = "", results = ""] = signature.split(":");
    const types = numericOnly(params);
    return [0, 1].map(() => ({
      export: `run${index}`,
      args: [...types].map((type) => randomBits(random, type)),
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
  return {
    seed,
    bytes,
    denannedBytes: build(seed, { canonicalNans: true, mistakes: 0 }).bytes,
    shape,
    invocations: [...invocations, ...readers],
  };
}
