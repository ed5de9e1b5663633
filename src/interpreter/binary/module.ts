/**
 * The decoded module: a plain data structure, one field a section (spec §2.5, §5.5).
 *
 * Invariant: a `Module` returned by `decodeModule` is well-formed and valid; function bodies stay as byte
 * ranges of `bytes`, so a module costs memory in proportion to its binary and nothing else.
 */
import type { Features } from "../isa/features.ts";

/** Binary codes of value types (spec §5.3.1); a reference type is one value type more. */
export const valueTypes = {
  i32: 0x7f,
  i64: 0x7e,
  f32: 0x7d,
  f64: 0x7c,
  v128: 0x7b,
  funcref: 0x70,
  externref: 0x6f,
} as const;

/** Binary code of a value type. */
export type ValueType = (typeof valueTypes)[keyof typeof valueTypes];

/** Types of a function's parameters and results (spec §2.3.6). */
export interface FunctionType {
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
}

/** `max` is undefined where the binary gives none. */
export interface Limits {
  readonly min: number;
  readonly max: number | undefined;
}

/** Type of a memory's addresses, or of a table's indices (spec 3.0 §2.3.11). */
export type AddressType = "i32" | "i64";

/** Type of a memory: limits in pages of 64 KiB (spec §2.3.8), and whether other threads may see it (threads proposal). */
export interface MemoryType extends Limits {
  readonly addressType: AddressType;
  readonly isShared: boolean;
}

/** Type of a table: kind of reference and limits in entries (spec §2.3.9). */
export interface TableType {
  readonly element: ValueType;
  readonly addressType: AddressType;
  readonly limits: Limits;
}

/** Type of a global (spec §2.3.10). */
export interface GlobalType {
  readonly type: ValueType;
  readonly mutable: boolean;
}

/** Kinds of what modules import and export (spec §2.3.11). */
export type ExternalKind = "function" | "table" | "memory" | "global";

/**
 * An import (spec §2.5.11): the module and the name asked for, byte offset in the binary, kind and type.
 */
export type Import = { readonly module: string; readonly name: string; readonly offset: number } & (
  | { readonly kind: "function"; readonly typeIndex: number }
  | { readonly kind: "table"; readonly type: TableType }
  | { readonly kind: "memory"; readonly type: MemoryType }
  | { readonly kind: "global"; readonly type: GlobalType }
);

/** An export (spec §2.5.10). */
export interface Export {
  readonly name: string;
  readonly kind: ExternalKind;
  /** Index in the module's index space of that kind. */
  readonly index: number;
}

/** A constant expression as its byte range, `end` byte included: `bytes[start, end)` (spec §3.3.10). */
export interface ConstantExpression {
  readonly start: number;
  readonly end: number;
}

/** A global defined in the module, with its initial value (spec §2.5.6). */
export interface GlobalDefinition {
  readonly type: GlobalType;
  readonly init: ConstantExpression;
}

/** Element segment (spec §2.5.8); `inits` holds function indices where the binary gives a vector of them. */
export interface ElementSegment {
  readonly mode: "active" | "passive" | "declarative";
  readonly type: ValueType;
  readonly table: number;
  readonly offset: ConstantExpression | undefined;
  readonly functionIndices: readonly number[] | undefined;
  readonly expressions: readonly ConstantExpression[] | undefined;
}

/** Data segment (spec §2.5.9); its bytes are `bytes[start, end)`. */
export interface DataSegment {
  readonly mode: "active" | "passive";
  readonly memory: number;
  readonly offset: ConstantExpression | undefined;
  readonly start: number;
  readonly end: number;
}

/** A function body: run-length locals and the byte range of its instructions, final `end` included. */
export interface FunctionBody {
  readonly locals: readonly { readonly count: number; readonly type: ValueType }[];
  /** Declared locals in all, parameters not counted. */
  readonly localCount: number;
  /** Instructions that it is lowered to. */
  readonly lowered: number;
  /** Branch-table entries that it is lowered to. */
  readonly branchEntries: number;
  /** Most operands that code which can be reached ever holds; the results count where the end cannot be. */
  readonly operands: number;
  /** Whether these three are exact; if not, they are bounds: vectors, and what depends on how imports are resolved. */
  readonly isCounted: boolean;
  /** Whether a value in it may be a v128: a local, an operand, or what its type names. */
  readonly usesVectors: boolean;
  readonly start: number;
  readonly end: number;
}

/** Names of the custom `name` section (spec appendix §7.4.1); absent or broken names are no error. */
export interface ModuleNames {
  readonly module: string | undefined;
  readonly functions: ReadonlyMap<number, string>;
}

/** A custom section, uninterpreted; its content is `bytes[start, end)` (spec §5.5.3). */
export interface CustomSection {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/**
 * A decoded and validated module, one field a section (spec §2.5): what `decodeModule` returns and `link` takes.
 * Ranges are byte offsets in `bytes`.
 */
export interface Module {
  /** The whole binary; kept, not copied. */
  readonly bytes: Uint8Array;
  /** What it was decoded with. */
  readonly features: Features;
  readonly types: readonly FunctionType[];
  readonly imports: readonly Import[];
  /** Type index of each function defined (not imported) here; same length as `bodies`. */
  readonly functions: readonly number[];
  readonly tables: readonly (TableType & { readonly init?: ConstantExpression })[];
  readonly memories: readonly MemoryType[];
  readonly globals: readonly GlobalDefinition[];
  readonly exports: readonly Export[];
  /** Index of the start function, if there is one. */
  readonly start: number | undefined;
  readonly elements: readonly ElementSegment[];
  readonly data: readonly DataSegment[];
  readonly bodies: readonly FunctionBody[];
  readonly names: ModuleNames;
  readonly customSections: readonly CustomSection[];
}

/** Functions that a module imports; those that it defines follow them in its index space. */
export function importedFunctions(module: Module): number {
  return module.imports.filter((item) => item.kind === "function").length;
}
