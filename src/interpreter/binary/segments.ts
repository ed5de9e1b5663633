/**
 * The sections with content: element segments, data count, code, data segments (spec §5.5.12 – §5.5.16).
 *
 * Invariant: bodies and bytes are not copied; a segment or body is its range in the binary.
 */
import { MalformedError } from "../errors.ts";
import { bodyOf } from "./bodyFacts.ts";
import type {
  AddressType,
  ConstantExpression,
  ElementSegment,
  FunctionBody,
  ValueType,
} from "./module.ts";
import { valueTypes } from "./module.ts";
import type { ModuleDraft } from "./moduleDraft.ts";
import { referenceType, valueType } from "./valueType.ts";

const { funcref } = valueTypes;

/** Bits of a segment's flags (spec §5.5.12, §5.5.14); those of data segments mean the same. */
const notActive = 1;
/** With `notActive` clear: a table index follows. With it set: declarative instead of passive. */
const explicitOrDeclarative = 2;
const withExpressions = 4;

export function elementSection(draft: ModuleDraft): void {
  for (let left = draft.reader.u32(); left > 0; left--) {
    const segment = elementSegment(draft);
    draft.context.elementTypes.push(segment.type);
    draft.elements.push(segment);
  }
}

function elementSegment(draft: ModuleDraft): ElementSegment {
  const { reader } = draft;
  const at = reader.position;
  const flags = segmentFlags(draft, "elements", 7);
  const hasExpressions = (flags & withExpressions) !== 0;
  const isExplicit = (flags & explicitOrDeclarative) !== 0;
  const isActive = (flags & notActive) === 0;
  const tableAt = isActive && isExplicit ? reader.position : at;
  const table = isActive && isExplicit ? reader.u32() : 0;
  const offset = isActive
    ? activeOffset(draft, () => draft.context.table(table, tableAt))
    : undefined;
  const type = elementType(draft, flags);
  if (isActive) draft.validate(() => checkElements(draft, table, type, at));
  return {
    mode: isActive ? "active" : isExplicit ? "declarative" : "passive",
    type,
    table,
    offset,
    functionIndices: hasExpressions ? undefined : functionVector(draft),
    expressions: hasExpressions ? expressionVector(draft, type) : undefined,
  };
}

/**
 * The number that a segment begins with: its form. In 1.0 it is the index of a table or memory, of which there
 * is at most one, number 0. Encoders of today write form 2 (an explicit index) where a text of 1.0 names that
 * index; no valid binary of 1.0 begins a segment with 2, so that form is read at every level.
 */
function segmentFlags(draft: ModuleDraft, what: "elements" | "data", last: number): number {
  const at = draft.reader.position;
  const flags = draft.reader.u32();
  if (!draft.features.bulkMemory) {
    if (flags === 0 || flags === explicitOrDeclarative) return flags;
    const space = what === "data" ? "memory" : "table";
    draft.reject(`unknown-${space}`, at, `unknown ${space} ${flags}`);
    return 0;
  }
  if (flags <= last) return flags;
  throw new MalformedError(
    "malformed-segment-kind",
    at,
    `malformed ${what} segment kind: expected 0 to ${last}, got ${flags}`,
  );
}

function elementType(draft: ModuleDraft, flags: number): ValueType {
  if ((flags & (notActive | explicitOrDeclarative)) === 0) return funcref;
  if ((flags & withExpressions) === 0) return elementKind(draft);
  return referenceType(draft.reader, draft.features);
}

/** Finds what the segment goes to, then reads where in it. */
function activeOffset(
  draft: ModuleDraft,
  target: () => { readonly addressType: AddressType },
): ConstantExpression {
  let addressType: AddressType = "i32";
  draft.validate(() => {
    addressType = target().addressType;
  });
  return draft.constantExpression(valueTypes[addressType]);
}

function checkElements(draft: ModuleDraft, table: number, type: ValueType, at: number): void {
  if (draft.context.table(table, at).element !== type) {
    draft.reject("type-mismatch", at, "type mismatch: segment and table hold different references");
  }
}

function elementKind(draft: ModuleDraft): ValueType {
  const at = draft.reader.position;
  const kind = draft.reader.u8();
  if (kind === 0) return funcref;
  throw new MalformedError(
    "malformed-element-kind",
    at,
    `malformed element kind: expected 0, got ${kind}`,
  );
}

function functionVector(draft: ModuleDraft): number[] {
  const { reader, context } = draft;
  const functions = context.functions.length;
  const indices: number[] = [];
  for (let left = reader.u32(); left > 0; left--) {
    const at = reader.position;
    const index = reader.u32();
    if (index < functions) context.declareFunction(index);
    else draft.reject("unknown-function", at, `unknown function ${index}`);
    indices.push(index);
  }
  return indices;
}

function expressionVector(draft: ModuleDraft, type: ValueType): ConstantExpression[] {
  const expressions: ConstantExpression[] = [];
  for (let left = draft.reader.u32(); left > 0; left--) {
    expressions.push(draft.constantExpression(type));
  }
  return expressions;
}

export function dataCountSection(draft: ModuleDraft): void {
  draft.context.dataCount = draft.reader.u32();
}

export function dataSection(draft: ModuleDraft): void {
  for (let left = draft.reader.u32(); left > 0; left--) dataSegment(draft);
}

function dataSegment(draft: ModuleDraft): void {
  const { reader, context } = draft;
  const at = reader.position;
  const flags = segmentFlags(draft, "data", 2);
  const isExplicit = (flags & explicitOrDeclarative) !== 0;
  const isPassive = (flags & notActive) !== 0;
  const memoryAt = isExplicit ? reader.position : at;
  const memory = isExplicit ? reader.u32() : 0;
  const offset = isPassive
    ? undefined
    : activeOffset(draft, () => context.memory(memory, memoryAt));
  const lengthAt = reader.position;
  const length = reader.u32();
  const start = reader.position;
  reader.skip(length, lengthAt);
  const mode = isPassive ? "passive" : "active";
  draft.data.push({ mode, memory, offset, start, end: reader.position });
}

export function codeSection(draft: ModuleDraft): void {
  const { reader } = draft;
  const at = reader.position;
  const count = reader.u32();
  if (count !== draft.functions.length) failAtBodyCount(at, draft.functions.length, count);
  const sectionEnd = reader.limit;
  draft.code = { start: at, end: sectionEnd };
  for (let index = 0; index < count; index++) {
    const lengthAt = reader.position;
    const length = reader.u32();
    const start = reader.position;
    reader.skip(length, lengthAt);
    reader.position = start;
    reader.limit = start + length;
    draft.bodies.push(body(draft, index, lengthAt));
    reader.limit = sectionEnd;
  }
}

function body(draft: ModuleDraft, index: number, at: number): FunctionBody {
  const { reader, context, cursor } = draft;
  const runs: { count: number; type: ValueType }[] = [];
  let localCount = 0;
  for (let left = reader.u32(); left > 0; left--) {
    const runAt = reader.position;
    const count = reader.u32();
    localCount += count;
    if (localCount > 0xffffffff) {
      throw new MalformedError("too-many-locals", runAt, "too many locals: more than 2**32 - 1");
    }
    runs.push({ count, type: valueType(reader, draft.features) });
  }
  const start = reader.position;
  if (draft.known !== undefined) {
    reader.position = reader.limit;
    return { locals: runs, localCount, ...bodyOf(draft.known, index), start, end: reader.limit };
  }
  cursor.open(start, reader.limit);
  draft.validate(() => {
    const type = context.functionType(context.importedFunctions + index, at);
    draft.locals.reset(type.params, runs, reader.limit - start);
    draft.validator.beginFunction(type, at);
  });
  const lowered = draft.walk();
  if (cursor.position !== reader.limit) {
    throw new MalformedError(
      "section-size-mismatch",
      cursor.position,
      `section size mismatch: the body has ${reader.limit - cursor.position} bytes after its end`,
    );
  }
  if (cursor.firstDataUse >= 0 && context.dataCount === undefined) {
    throw new MalformedError(
      "data-count-required",
      cursor.firstDataUse,
      "data count section required",
    );
  }
  reader.position = cursor.position;
  // One by one: a module may have a hundred thousand bodies.
  const { branchEntries, operands, usesVectors, isCounted } = draft.validator.found();
  return {
    locals: runs,
    localCount,
    lowered,
    branchEntries,
    operands,
    isCounted,
    usesVectors,
    start,
    end: cursor.position,
  };
}

export function failAtBodyCount(at: number, functions: number, bodies: number): never {
  throw new MalformedError(
    "inconsistent-lengths",
    at,
    `function and code section have inconsistent lengths: ${functions} functions, ${bodies} bodies`,
  );
}
