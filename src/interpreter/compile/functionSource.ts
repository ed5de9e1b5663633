/**
 * What the emitter reads of a function's module: its locals, which of them may hold uncanonical NaNs, and the types of
 * the functions that it calls.
 *
 * Invariant: a function of the module alone. Types of locals are laid out while a function is emitted and not kept, so
 * declared locals of a function cost memory only then.
 */
import type { FunctionBody, FunctionType, Module } from "../binary/module.ts";
import { InstructionCursor } from "../isa/instructionCursor.ts";
import { codeOf, instructionOf } from "../isa/table.ts";
import type { HostType } from "./hostTypes.ts";
import { hostType, isFloat } from "./hostTypes.ts";

/** Where a function is defined. */
export interface FunctionDefinition {
  readonly moduleIndex: number;
  readonly module: Module;
  readonly body: FunctionBody;
  readonly type: FunctionType;
}

/** A definition with what its emission needs. */
export interface FunctionSource extends FunctionDefinition {
  /** Parameters and declared locals. */
  readonly locals: readonly HostType[];
  /** Locals that only ever hold zeros, constants and arithmetic results: their NaNs count as canonical. */
  readonly lazyLocals: readonly boolean[];
  /** Those of them that are set at all, with their types. */
  readonly lazySet: readonly (readonly [local: number, type: HostType])[];
}

const typesOfModules = new WeakMap<Module, readonly FunctionType[]>();

/** Types of a module's functions by index, imported ones first. */
export function functionTypes(module: Module): readonly FunctionType[] {
  let types = typesOfModules.get(module);
  if (types === undefined) {
    const indices: number[] = [];
    for (const item of module.imports) if (item.kind === "function") indices.push(item.typeIndex);
    types = [...indices, ...module.functions].map((index) => module.types[index]);
    typesOfModules.set(module, types);
  }
  return types;
}

/** The definition of the function with that index in the module, an imported one excepted. */
export function definitionOf(
  moduleIndex: number,
  module: Module,
  index: number,
): FunctionDefinition {
  const types = functionTypes(module);
  const body = module.bodies[index - (types.length - module.functions.length)];
  return { moduleIndex, module, body, type: types[index] };
}

export function readSource(definition: FunctionDefinition): FunctionSource {
  const { type, body } = definition;
  const locals = type.params.map(hostType);
  for (const run of body.locals) {
    for (let left = run.count; left > 0; left--) locals.push(hostType(run.type));
  }
  return { ...definition, locals, ...findLazyLocals(definition, locals) };
}

const LOCAL_GET = codeOf("local.get");
const LOCAL_SET = codeOf("local.set");
const LOCAL_TEE = codeOf("local.tee");
const F32_CONST = codeOf("f32.const");
const F64_CONST = codeOf("f64.const");

/** Where the value that a `local.set` stores comes from: the instruction right before it. */
type Origin = "arithmetic" | "constant" | "exact" | number;

function originOf(cursor: InstructionCursor): Origin {
  const { code, low, high } = cursor;
  if (code === LOCAL_GET || code === LOCAL_TEE) return cursor.index;
  if (code === F32_CONST) return (low & 0x7fffffff) > 0x7f800000 ? "exact" : "constant";
  if (code === F64_CONST) {
    const exponent = high & 0x7fffffff;
    const isNan = exponent > 0x7ff00000 || (exponent === 0x7ff00000 && low !== 0);
    return isNan ? "exact" : "constant";
  }
  return instructionOf(code)?.mayMakeNan ? "arithmetic" : "exact";
}

/** Greatest set of declared float locals that are never given a value with bits of its own. */
function findLazyLocals(
  { module, body, type }: FunctionDefinition,
  locals: readonly HostType[],
): Pick<FunctionSource, "lazyLocals" | "lazySet"> {
  const lazy = locals.map((local, index) => index >= type.params.length && isFloat(local));
  if (!lazy.includes(true)) return { lazyLocals: lazy, lazySet: [] };
  const set = new Set<number>();
  /** Local → locals that it is copied to. */
  const copies = new Map<number, number[]>();
  /** Locals that may hold bits of their own, whose copies are still to be looked at. */
  const exact: number[] = [];
  const cursor = new InstructionCursor(module.bytes, module.features);
  cursor.open(body.start, body.end);
  let origin: Origin = "exact";
  while (cursor.next()) {
    const { code, index } = cursor;
    if ((code === LOCAL_SET || code === LOCAL_TEE) && isFloat(locals[index])) {
      set.add(index);
      if (typeof origin === "number") noteCopy(copies, origin, index);
      else if (origin === "exact") exact.push(index);
    }
    origin = originOf(cursor);
  }
  for (const from of copies.keys()) if (!lazy[from]) exact.push(from);
  while (exact.length > 0) {
    const local = exact.pop() as number;
    lazy[local] = false;
    for (const to of copies.get(local) ?? []) if (lazy[to]) exact.push(to);
    copies.delete(local);
  }
  const lazySet = [...set].filter((index) => lazy[index]);
  return { lazyLocals: lazy, lazySet: lazySet.map((index) => [index, locals[index]] as const) };
}

function noteCopy(copies: Map<number, number[]>, from: number, to: number): void {
  const known = copies.get(from);
  if (known === undefined) copies.set(from, [to]);
  else known.push(to);
}
