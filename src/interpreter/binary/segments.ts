/**
 * The sections with content: element segments, data count, code, data segments (spec §5.5.12 – §5.5.16).
 *
 * Invariant: bodies and bytes are not copied; a segment or body is its range in the binary.
 */
import { MalformedError } from "../errors.ts";
import type { ModuleDraft } from "./draft.ts";
import type { ConstantExpression, ElementSegment, FunctionBody, ValueType } from "./module.ts";
import { valueTypes } from "./module.ts";
import { referenceType, valueType } from "./valueType.ts";

const { i32, funcref } = valueTypes;

/** Bits of an element segment's flags (spec §5.5.12). */
const notActive = 1;
/** With `notActive` clear: a table index follows. With it set: declarative instead of passive. */
const explicitOrDeclarative = 2;
const withExpressions = 4;

export function elementSection(draft: ModuleDraft): void {
  for (let left = draft.reader.u32(); left > 0; left--) {
    const segment = draft.features.bulkMemory ? elementSegment(draft) : activeElements(draft);
    draft.context.elementTypes.push(segment.type);
    draft.elements.push(segment);
  }
}

/** The one form of 1.0: table index, offset, function indices. */
function activeElements(draft: ModuleDraft): ElementSegment {
  const at = draft.reader.position;
  const table = draft.reader.u32();
  const offset = activeOffset(draft, () => checkTable(draft, table, funcref, at));
  const functionIndices = functionVector(draft);
  const expressions = undefined;
  return { mode: "active", type: funcref, table, offset, functionIndices, expressions };
}

function elementSegment(draft: ModuleDraft): ElementSegment {
  const { reader } = draft;
  const at = reader.position;
  const flags = reader.u32();
  if (flags > 7) {
    throw new MalformedError(
      "malformed-element-kind",
      at,
      `malformed elements segment kind: expected 0 to 7, got ${flags}`,
    );
  }
  const isActive = (flags & notActive) === 0;
  const tableAt = reader.position;
  const table = isActive && (flags & explicitOrDeclarative) !== 0 ? reader.u32() : 0;
  let offset: ConstantExpression | undefined;
  if (isActive) {
    const indexAt = (flags & explicitOrDeclarative) !== 0 ? tableAt : at;
    offset = activeOffset(draft, () => draft.context.table(table, indexAt));
  }
  const hasExpressions = (flags & withExpressions) !== 0;
  const hasType = (flags & (notActive | explicitOrDeclarative)) !== 0;
  const type = hasType ? (hasExpressions ? referenceType(reader) : elementKind(draft)) : funcref;
  if (isActive) draft.validate(() => checkTable(draft, table, type, at));
  const mode = isActive
    ? "active"
    : (flags & explicitOrDeclarative) !== 0
      ? "declarative"
      : "passive";
  return {
    mode,
    type,
    table,
    offset,
    functionIndices: hasExpressions ? undefined : functionVector(draft),
    expressions: hasExpressions ? expressionVector(draft, type) : undefined,
  };
}

/** Checks what the segment goes to, then reads where in it. */
function activeOffset(draft: ModuleDraft, check: () => void): ConstantExpression {
  draft.validate(check);
  return draft.constantExpression(i32);
}

function checkTable(draft: ModuleDraft, table: number, type: ValueType, at: number): void {
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
  const flags = reader.u32();
  // In 1.0 this is the memory index itself.
  const isPassive = draft.features.bulkMemory && flags === 1;
  let memory = draft.features.bulkMemory ? 0 : flags;
  if (draft.features.bulkMemory && flags > 2) {
    throw new MalformedError(
      "malformed-data-kind",
      at,
      `malformed data segment kind: expected 0 to 2, got ${flags}`,
    );
  }
  const memoryAt = reader.position;
  const isExplicit = draft.features.bulkMemory && flags === 2;
  if (isExplicit) memory = reader.u32();
  const offset = isPassive
    ? undefined
    : activeOffset(draft, () => context.memory(memory, isExplicit ? memoryAt : at));
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
  cursor.open(start, reader.limit);
  draft.validate(() => {
    const type = context.functionType(context.importedFunctions + index, at);
    draft.locals.reset(type.params, runs, reader.limit - start);
    draft.validator.beginFunction(type, at);
  });
  draft.walk();
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
  return { locals: runs, localCount, start, end: cursor.position };
}

export function failAtBodyCount(at: number, functions: number, bodies: number): never {
  throw new MalformedError(
    "inconsistent-lengths",
    at,
    `function and code section have inconsistent lengths: ${functions} functions, ${bodies} bodies`,
  );
}
