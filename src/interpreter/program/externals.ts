/**
 * What imports are resolved to, and whether it fits (spec 2.0 §3.4.10 "Import matching", §4.5.4).
 *
 * Invariant: matching is of declared types and current sizes, before anything of the importing module exists.
 */
import type {
  FunctionType,
  GlobalType,
  Import,
  Limits,
  MemoryType,
  Module,
  TableType,
} from "../binary/module.ts";
import { valueTypeName } from "../binary/valueType.ts";
import { LinkError } from "../errors.ts";
import { typeText } from "../inspect/disassemble.ts";
import type { Mnemonic } from "../isa/table.ts";
import { hostFunctions, hostModule } from "./hostList.ts";
import type { ImportPolicy } from "./linkOptions.ts";
import { missingImport, unknownImports } from "./missingImports.ts";

/** Instruction that stands for a call of an imported host function. */
export type HostMnemonic = Extract<Mnemonic, `host.${string}`>;

/** A definition with its program-wide index and what import matching looks at. */
export type External =
  | { readonly kind: "function"; readonly index: number; readonly type: FunctionType }
  | { readonly kind: "host"; readonly mnemonic: HostMnemonic; readonly type: FunctionType }
  | { readonly kind: "table"; readonly index: number; readonly type: TableType }
  | { readonly kind: "memory"; readonly index: number; readonly type: MemoryType }
  | { readonly kind: "global"; readonly index: number; readonly type: GlobalType };

/** Looks an import up; undefined if nothing has that name. */
export type Lookup = (module: string, name: string) => External | undefined;

/**
 * Resolves all imports of a module, in order. Throws LinkError for all that are missing at once, or at the first that does
 * not fit.
 */
export function resolveImports(module: Module, lookup: Lookup, policy: ImportPolicy): External[] {
  const found = module.imports.map((wanted) =>
    wanted.module === hostModule
      ? hostFunctions.get(wanted.name)
      : lookup(wanted.module, wanted.name),
  );
  const missing = module.imports.flatMap((wanted, index) =>
    found[index] === undefined ? [missingImport(module, "", wanted)] : [],
  );
  const error = unknownImports(missing, policy);
  if (error !== undefined) throw error;
  return module.imports.map((wanted, index) => {
    const external = found[index];
    if (external === undefined) return trappingImport(module, wanted);
    if (matches(module, wanted, external)) return external;
    const name = `${wanted.module}.${wanted.name}`;
    throw new LinkError(
      "incompatible-import",
      wanted.offset,
      `incompatible import type: ${name} is ${described(external)}, the module expects ${described(wanted, module)}`,
    );
  });
}

function trappingImport(module: Module, wanted: Import): External {
  if (wanted.kind !== "function") throw new RangeError(`expected a function, got ${wanted.kind}`);
  return { kind: "host", mnemonic: "host.unknown", type: module.types[wanted.typeIndex] };
}

/** What an import wants, or what is there, in words. */
function described(item: External | Import, module?: Module): string {
  switch (item.kind) {
    case "host":
      return `a function ${signature(item.type)}`;
    case "function":
      return `a function ${signature("type" in item ? item.type : (module as Module).types[item.typeIndex])}`;
    case "global": {
      const { type, mutable } = item.type;
      return `a${mutable ? " mutable" : "n immutable"} global ${valueTypeName(type)}`;
    }
    case "memory": {
      const { addressType, isShared } = item.type;
      const kind = `${isShared ? "shared " : ""}${addressType === "i64" ? "64-bit " : ""}memory`;
      return `a ${kind} of ${limitsText(item.type)} pages`;
    }
    case "table": {
      const { addressType, limits, element } = item.type;
      const kind = addressType === "i64" ? "64-bit table" : "table";
      return `a ${kind} of ${limitsText(limits)} ${valueTypeName(element)}`;
    }
  }
}

const signature = (type: FunctionType) => typeText(type) || "without parameters and results";
const limitsText = ({ min, max }: Limits) => `${min} to ${max ?? "any number of"}`;

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
        found.type.element === wanted.type.element &&
        found.type.addressType === wanted.type.addressType &&
        limitsMatch(found.type.limits, wanted.type.limits)
      );
    case "memory":
      return (
        found.kind === "memory" &&
        found.type.addressType === wanted.type.addressType &&
        found.type.isShared === wanted.type.isShared &&
        limitsMatch(found.type, wanted.type)
      );
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
