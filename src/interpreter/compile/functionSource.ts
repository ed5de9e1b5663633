/**
 * What the emitter reads of a function's module: its locals, where they may hold uncanonical NaNs, and the types of the
 * functions that it calls.
 *
 * Invariant: a function of the module alone. Types of locals are laid out while a function is emitted and not kept; of
 * many declared locals only those that the body names (keptLocals.ts).
 */
import type { FunctionBody, FunctionType, Module } from "../binary/module.ts";
import { type KeptLocals, keepLocals } from "./keptLocals.ts";
import type { LazyLocals } from "./lazyLocals.ts";
import { lazyLocalsOf } from "./lazyLocals.ts";

/** Where a function is defined. */
export interface FunctionDefinition {
  readonly moduleIndex: number;
  readonly module: Module;
  readonly body: FunctionBody;
  readonly type: FunctionType;
}

/** A definition with what its emission needs. */
export interface FunctionSource extends FunctionDefinition, KeptLocals {
  /** Where locals count as canonical while they hold any NaN. */
  readonly lazyLocals: LazyLocals;
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
  const { moduleIndex, module, body, type } = definition;
  const kept = keepLocals(definition);
  const { locals, places, runs, localSlots } = kept;
  const lazyLocals = lazyLocalsOf(definition, kept);
  // Written out: what the emitter reads again and again is of one shape to the host.
  return { moduleIndex, module, body, type, locals, places, runs, localSlots, lazyLocals };
}
