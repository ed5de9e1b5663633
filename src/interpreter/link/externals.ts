/**
 * What imports are resolved to, and whether it fits (spec 2.0 §3.4.10 "Import matching", §4.5.4).
 *
 * Invariant: matching is of declared types and current sizes, before anything of the importing module exists.
 */
import type { FunctionType, GlobalType, Import, Limits, Module } from "../binary/module.ts";
import { valueTypes } from "../binary/module.ts";
import { LinkError } from "../errors.ts";
import type { Mnemonic } from "../isa/table.ts";

/** Record that stands for a call of an imported host function. */
export type HostMnemonic = Extract<Mnemonic, `host.${string}`>;

/** A definition with its program-wide index and what import matching looks at. */
export type External =
  | { readonly kind: "function"; readonly index: number; readonly type: FunctionType }
  | { readonly kind: "host"; readonly mnemonic: HostMnemonic; readonly type: FunctionType }
  | {
      readonly kind: "table";
      readonly index: number;
      readonly element: number;
      readonly limits: Limits;
    }
  | { readonly kind: "memory"; readonly index: number; readonly limits: Limits }
  | { readonly kind: "global"; readonly index: number; readonly type: GlobalType };

/** The module name of the closed host list. */
export const hostModule = "arbiter";

const { i32, i64 } = valueTypes;
const hostFunctions: ReadonlyMap<string, External> = new Map([
  ["input_size", hostFunction("host.input_size", [], [i32])],
  ["input_read", hostFunction("host.input_read", [i32, i32, i32], [])],
  ["time_ms", hostFunction("host.time_ms", [], [i64])],
]);

function hostFunction(
  mnemonic: HostMnemonic,
  params: FunctionType["params"],
  results: FunctionType["results"],
): External {
  return { kind: "host", mnemonic, type: { params, results } };
}

/** Looks an import up; undefined if nothing has that name. */
export type Lookup = (module: string, name: string) => External | undefined;

/** Resolves all imports of a module, in order; throws LinkError at the first that is missing or does not fit. */
export function resolveImports(
  module: Module,
  lookup: Lookup,
  unknownImports: "error" | "trap",
): External[] {
  return module.imports.map((wanted) => {
    const found =
      wanted.module === hostModule
        ? hostFunctions.get(wanted.name)
        : lookup(wanted.module, wanted.name);
    if (found === undefined) return unknownImport(module, wanted, unknownImports);
    if (!matches(module, wanted, found)) {
      throw new LinkError(
        "incompatible-import",
        wanted.offset,
        `incompatible import type: ${wanted.module}.${wanted.name} is no ${wanted.kind} of the type that the module expects`,
      );
    }
    return found;
  });
}

function unknownImport(module: Module, wanted: Import, policy: "error" | "trap"): External {
  if (policy === "trap" && wanted.kind === "function") {
    return { kind: "host", mnemonic: "host.unknown", type: module.types[wanted.typeIndex] };
  }
  throw new LinkError(
    "unknown-import",
    wanted.offset,
    `unknown import: expected a linked module or the host list to give ${wanted.kind} ${wanted.module}.${wanted.name}`,
  );
}

function matches(module: Module, wanted: Import, found: External): boolean {
  switch (wanted.kind) {
    case "function":
      return (
        (found.kind === "function" || found.kind === "host") &&
        isSameType(found.type, module.types[wanted.typeIndex])
      );
    case "table":
      return (
        found.kind === "table" &&
        found.element === wanted.type.element &&
        limitsMatch(found.limits, wanted.type.limits)
      );
    case "memory":
      return found.kind === "memory" && limitsMatch(found.limits, wanted.type);
    case "global":
      return (
        found.kind === "global" &&
        found.type.type === wanted.type.type &&
        found.type.mutable === wanted.type.mutable
      );
  }
}

function limitsMatch(found: Limits, wanted: Limits): boolean {
  if (found.min < wanted.min) return false;
  if (wanted.max === undefined) return true;
  return found.max !== undefined && found.max <= wanted.max;
}

function isSameType(left: FunctionType, right: FunctionType): boolean {
  const same = (some: readonly number[], others: readonly number[]) =>
    some.length === others.length && some.every((type, index) => type === others[index]);
  return left === right || (same(left.params, right.params) && same(left.results, right.results));
}

/** Equal for equal function types and for no others. */
export function typeKey(type: FunctionType): string {
  return `${type.params.join()}:${type.results.join()}`;
}
