/**
 * The sections that declare things: types, imports, functions, tables, memories, globals, exports, start
 * (spec §5.5.4 – §5.5.11), with their validation (§3.4).
 *
 * Invariant: each function reads exactly one section body; lists grow as entries are read, so a count that the
 * bytes do not bear out costs nothing.
 */
import { MalformedError } from "../errors.ts";
import type { Reader } from "./binaryReader.ts";
import type {
  AddressType,
  ExternalKind,
  GlobalType,
  Limits,
  MemoryType,
  TableType,
  ValueType,
} from "./module.ts";
import type { ModuleDraft } from "./moduleDraft.ts";
import { unsupported } from "./unsupported.ts";
import { referenceType, valueType } from "./valueType.ts";

/** First bytes of type definitions (spec §5.3.6, 3.0 §5.3.9). */
const functionForm = 0x60;
const continuationForm = 0x5d;
const foreignForms = [0x4e, 0x4f, 0x50, 0x5e, 0x5f, continuationForm];
/** First byte of a table definition with initial value (3.0 §5.5.7). */
const initializedTable = 0x40;

/** Most parameters, and most results, of a function type: the limits of the JavaScript embedding. */
export const maxArity = 1000;
/** Pages of a memory, entries of a table, at most. */
const mostPages: Readonly<Record<AddressType, number>> = { i32: 2 ** 16, i64: 2 ** 48 };
const mostEntries: Readonly<Record<AddressType, number>> = { i32: 2 ** 32 - 1, i64: 2 ** 64 };

const kinds: readonly ExternalKind[] = ["function", "table", "memory", "global"];
/** Kind byte of exception tags. */
const tagKind = 4;

export function typeSection(draft: ModuleDraft): void {
  const { reader, context } = draft;
  for (let left = reader.u32(); left > 0; left--) {
    const offset = reader.position;
    const form = reader.u8();
    if (foreignForms.includes(form)) {
      throw unsupported(
        form === continuationForm ? "stack-switching" : "gc",
        "type definition",
        offset,
      );
    }
    if (form !== functionForm) {
      throw new MalformedError(
        "malformed-function-type",
        offset,
        `malformed function type: got ${form}`,
      );
    }
    const params = types(draft, offset, "parameters");
    const results = types(draft, offset, "results");
    if (results.length > 1 && !draft.features.multiValue) {
      draft.reject("invalid-result-arity", offset, `invalid result arity: ${results.length}`);
    }
    context.types.push({ params, results });
  }
}

function types(draft: ModuleDraft, offset: number, what: string): ValueType[] {
  const list: ValueType[] = [];
  for (let left = draft.reader.u32(); left > 0; left--) {
    list.push(valueType(draft.reader, draft.features));
  }
  if (list.length > maxArity) {
    draft.reject(`limit-${what}`, offset, `too many ${what}: at most ${maxArity} are supported`);
  }
  return list;
}

export function importSection(draft: ModuleDraft): void {
  const { reader, context } = draft;
  for (let left = reader.u32(); left > 0; left--) {
    const offset = reader.position;
    const names = { module: reader.name(), name: reader.name(), offset };
    const kind = externalKind(draft, "import");
    const typeOffset = reader.position;
    switch (kind) {
      case "function": {
        const typeIndex = reader.u32();
        draft.validate(() => context.type(typeIndex, typeOffset));
        context.functions.push(typeIndex);
        draft.imports.push({ ...names, kind, typeIndex });
        break;
      }
      case "table": {
        const type = tableType(draft);
        addTable(draft, type, typeOffset);
        draft.imports.push({ ...names, kind, type });
        break;
      }
      case "memory": {
        const type = memoryType(draft);
        addMemory(draft, type, typeOffset);
        draft.imports.push({ ...names, kind, type });
        break;
      }
      case "global": {
        const type = globalType(draft);
        if (type.mutable && !draft.features.mutableGlobalImports) {
          draft.reject("mutable-global", typeOffset, "mutable globals cannot be imported");
        }
        context.globals.push(type);
        draft.imports.push({ ...names, kind, type });
        break;
      }
    }
  }
  context.importedFunctions = context.functions.length;
  context.importedGlobals = context.globals.length;
}

export function functionSection(draft: ModuleDraft): void {
  const { reader, context } = draft;
  for (let left = reader.u32(); left > 0; left--) {
    const offset = reader.position;
    const typeIndex = reader.u32();
    if (typeIndex >= context.types.length) {
      draft.reject("unknown-type", offset, `unknown type ${typeIndex}`);
    }
    draft.functions.push(typeIndex);
    context.functions.push(typeIndex);
  }
}

export function tableSection(draft: ModuleDraft): void {
  const { reader } = draft;
  for (let left = reader.u32(); left > 0; left--) {
    const offset = reader.position;
    const isInitialized =
      draft.features.tableInitializers && reader.bytes[offset] === initializedTable;
    if (isInitialized) {
      reader.u8();
      zeroByte(reader);
    }
    const type = tableType(draft);
    const init = isInitialized ? { init: draft.constantExpression(type.element) } : {};
    addTable(draft, type, offset);
    draft.tables.push({ ...type, ...init });
  }
}

export function memorySection(draft: ModuleDraft): void {
  const { reader } = draft;
  for (let left = reader.u32(); left > 0; left--) {
    const offset = reader.position;
    const type = memoryType(draft);
    addMemory(draft, type, offset);
    draft.memories.push(type);
  }
}

export function globalSection(draft: ModuleDraft): void {
  const { reader, context } = draft;
  for (let left = reader.u32(); left > 0; left--) {
    const type = globalType(draft);
    const init = draft.constantExpression(type.type);
    context.globals.push(type);
    draft.globals.push({ type, init });
  }
}

export function exportSection(draft: ModuleDraft): void {
  const { reader, context } = draft;
  const seen = new Set<string>();
  for (let left = reader.u32(); left > 0; left--) {
    const offset = reader.position;
    const name = reader.name();
    const kind = externalKind(draft, "export");
    const indexOffset = reader.position;
    const index = reader.u32();
    if (seen.has(name)) {
      draft.reject("duplicate-export", offset, `duplicate export name ${JSON.stringify(name)}`);
    }
    seen.add(name);
    draft.validate(() => {
      if (kind === "function") {
        context.functionType(index, indexOffset);
        context.declareFunction(index);
      } else context[kind](index, indexOffset);
    });
    draft.exports.push({ name, kind, index });
  }
}

export function startSection(draft: ModuleDraft): void {
  const offset = draft.reader.position;
  const index = draft.reader.u32();
  draft.validate(() => {
    const { params, results } = draft.context.functionType(index, offset);
    if (params.length === 0 && results.length === 0) return;
    draft.reject(
      "start-function",
      offset,
      "start function must have neither parameters nor results",
    );
  });
  draft.start = index;
}

function externalKind({ reader, features }: ModuleDraft, what: string): ExternalKind {
  const offset = reader.position;
  const byte = reader.u8();
  // Exceptions came with the release that brought tail calls; before it the byte is no kind at all.
  if (byte === tagKind && features.tailCalls) {
    throw unsupported("exceptions", `${what} of a tag`, offset);
  }
  const kind = kinds[byte];
  if (kind === undefined) {
    throw new MalformedError(
      `malformed-${what}-kind`,
      offset,
      `malformed ${what} kind: expected 0 to 3, got ${byte}`,
    );
  }
  return kind;
}

function globalType(draft: ModuleDraft): GlobalType {
  const { reader } = draft;
  const type = valueType(reader, draft.features);
  const offset = reader.position;
  const byte = reader.u8();
  if (byte > 1) {
    throw new MalformedError(
      "malformed-mutability",
      offset,
      `malformed mutability: expected 0 or 1, got ${byte}`,
    );
  }
  return { type, mutable: byte === 1 };
}

function tableType(draft: ModuleDraft): TableType {
  const element = referenceType(draft.reader, draft.features);
  const offset = draft.reader.position;
  const { limits, addressType } = limitsOf(draft, 0);
  if (exceeds(limits, mostEntries[addressType])) {
    draft.reject("table-size", offset, "table size must be at most 2**32 - 1 entries");
  }
  return { element, limits, addressType };
}

function memoryType(draft: ModuleDraft): MemoryType {
  const offset = draft.reader.position;
  const { limits, addressType, isShared } = limitsOf(draft, sharedFlag);
  if (exceeds(limits, mostPages[addressType])) {
    const text = addressType === "i32" ? "65536 pages (4GiB)" : "2**48 pages";
    draft.reject("memory-size", offset, `memory size must be at most ${text}`);
  }
  if (isShared && limits.max === undefined) {
    draft.reject("shared-memory-maximum", offset, "shared memory must have a maximum");
  }
  return { ...limits, addressType, isShared };
}

function exceeds({ min, max = 0 }: Limits, most: number): boolean {
  return min > most || max > most;
}

/** Bits of the flags of limits (spec 3.0 §5.3.7, threads proposal): what follows, or what is limited. */
const maximumFlag = 1;
const sharedFlag = 2;
const wideFlag = 4;

interface DecodedLimits {
  readonly limits: Limits;
  readonly addressType: AddressType;
  readonly isShared: boolean;
}

/** `own`: the flag that a memory may have and a table may not. */
function limitsOf(draft: ModuleDraft, own: number): DecodedLimits {
  const { reader, features } = draft;
  const offset = reader.position;
  const flags = reader.u8();
  const known = maximumFlag | (features.threads ? own : 0) | (features.memory64 ? wideFlag : 0);
  if ((flags & ~known) !== 0) {
    throw new MalformedError(
      "malformed-limits-flags",
      offset,
      `malformed limits flags: expected bits of ${known}, got ${flags}`,
    );
  }
  const addressType = (flags & wideFlag) === 0 ? "i32" : "i64";
  const isShared = (flags & sharedFlag) !== 0;
  const bound = () => (features.wideLimits ? reader.u64() : reader.u32());
  const min = bound();
  const max = (flags & maximumFlag) === 0 ? undefined : bound();
  if (max !== undefined && min > max) {
    draft.reject(
      "limits-order",
      offset,
      `size minimum must not be greater than maximum: ${min} > ${max}`,
    );
  }
  return { limits: { min, max }, addressType, isShared };
}

function addTable(draft: ModuleDraft, type: TableType, offset: number): void {
  draft.context.tables.push(type);
  if (type.addressType === "i64") draft.context.hasWideAddresses = true;
  if (draft.context.tables.length > 1 && !draft.features.referenceTypes) {
    draft.reject("multiple-tables", offset, "multiple tables");
  }
}

function addMemory(draft: ModuleDraft, type: MemoryType, offset: number): void {
  draft.context.memories.push(type);
  if (type.addressType === "i64") draft.context.hasWideAddresses = true;
  if (draft.context.memories.length > 1 && !draft.features.multiMemory) {
    draft.reject("multiple-memories", offset, "multiple memories");
  }
}

function zeroByte(reader: Reader): void {
  const offset = reader.position;
  if (reader.u8() !== 0) {
    throw new MalformedError("zero-byte-expected", offset, "zero byte expected");
  }
}
