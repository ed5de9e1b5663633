/**
 * Rules of instructions that depend on the context but not on what kind of expression they stand in:
 * selects, references, tables, branch tables, and the indices that immediates name (spec §3.3.2 – §3.3.8).
 *
 * Invariant: a rule changes nothing but the stacks, and throws the first thing that is wrong.
 */
import type { FunctionType, TableType, ValueType } from "../binary/module.ts";
import { valueTypes } from "../binary/module.ts";
import { isReference, valueTypeName } from "../binary/valueType.ts";
import { InvalidError } from "../errors.ts";
import type { InstructionCursor } from "../isa/instructionCursor.ts";
import { isAtomic, laneCounts, naturalAlignments } from "./denseSignatures.ts";
import type { Context } from "./validationContext.ts";
import type { ValidationStacks } from "./validationStacks.ts";
import { bottom, mismatch } from "./validationStacks.ts";

const { i32, funcref } = valueTypes;

export function sameTypes(left: readonly ValueType[], right: readonly ValueType[]): boolean {
  return left.length === right.length && left.every((type, index) => type === right[index]);
}

export function select(stacks: ValidationStacks): void {
  stacks.pop(i32);
  const first = stacks.popAny();
  const second = stacks.popAny();
  if (isReference(first) || isReference(second)) {
    throw mismatch(stacks.offset, "a select of references must name their type");
  }
  if (first !== second && first !== bottom && second !== bottom) {
    const found = `${valueTypeName(second)} and ${valueTypeName(first)}`;
    throw mismatch(stacks.offset, `select of different types ${found}`);
  }
  stacks.push(first === bottom ? second : first);
}

export function typedSelect(stacks: ValidationStacks, cursor: InstructionCursor): void {
  if (cursor.second !== 1) {
    throw new InvalidError(
      "invalid-result-arity",
      cursor.offset,
      `invalid result arity: select gives one value, ${cursor.second} types are named`,
    );
  }
  stacks.pop(i32);
  stacks.pop(cursor.index);
  stacks.pop(cursor.index);
  stacks.push(cursor.index);
}

export function referenceIsNull(stacks: ValidationStacks): void {
  const type = stacks.popAny();
  if (type !== bottom && !isReference(type)) {
    throw mismatch(stacks.offset, `expected a reference, found ${valueTypeName(type)}`);
  }
  stacks.push(i32);
}

export function globalSet(stacks: ValidationStacks, context: Context, index: number): void {
  const global = context.global(index, stacks.offset);
  if (!global.mutable) {
    throw new InvalidError("immutable-global", stacks.offset, `global is immutable: ${index}`);
  }
  stacks.pop(global.type);
}

export function tableGet(stacks: ValidationStacks, { element, addressType }: TableType): void {
  stacks.pop(valueTypes[addressType]);
  stacks.push(element);
}

export function tableSet(stacks: ValidationStacks, { element, addressType }: TableType): void {
  stacks.pop(element);
  stacks.pop(valueTypes[addressType]);
}

export function tableGrow(stacks: ValidationStacks, { element, addressType }: TableType): void {
  stacks.pop(valueTypes[addressType]);
  stacks.pop(element);
  stacks.push(valueTypes[addressType]);
}

export function tableFill(stacks: ValidationStacks, { element, addressType }: TableType): void {
  stacks.pop(valueTypes[addressType]);
  stacks.pop(element);
  stacks.pop(valueTypes[addressType]);
}

export function branchTable(
  stacks: ValidationStacks,
  context: Context,
  cursor: InstructionCursor,
): void {
  const { labels, labelCount } = cursor;
  stacks.pop(i32);
  const fallback = stacks.labelTypes(labels[labelCount]);
  for (let entry = 0; entry < labelCount; entry++) {
    const types = stacks.labelTypes(labels[entry]);
    if (types === fallback) continue;
    if (types.length !== fallback.length) {
      throw mismatch(cursor.offset, "the labels of br_table carry different numbers of values");
    }
    // Before reference types the labels had to agree even where operands are unknown.
    if (!context.features.referenceTypes && !sameTypes(types, fallback)) {
      throw mismatch(cursor.offset, "the labels of br_table carry different types");
    }
    stacks.checkTop(types);
  }
  stacks.popAll(fallback);
  stacks.setUnreachable();
}

/** The type that an indirect call names, after a check of its table. */
export function indirectType(context: Context, cursor: InstructionCursor): FunctionType {
  const element = context.table(cursor.second, cursor.offset).element;
  if (element !== funcref) {
    throw mismatch(cursor.offset, `expected a table of funcref, found ${valueTypeName(element)}`);
  }
  return context.type(cursor.index, cursor.offset);
}

/** Type of the index of an indirect call. */
export function indexType(context: Context, cursor: InstructionCursor): ValueType {
  return valueTypes[context.table(cursor.second, cursor.offset).addressType];
}

/** Checks what the immediates of an ordinary instruction name: memories, tables, segments. */
export function checkImmediates(context: Context, cursor: InstructionCursor): void {
  const { index, second, offset } = cursor;
  switch (cursor.kind) {
    case "memarg":
      checkAccess(context, cursor);
      return;
    case "memory":
      context.memory(index, offset);
      return;
    case "memoryMemory":
      context.memory(index, offset);
      context.memory(second, offset);
      return;
    case "dataMemory":
      context.memory(second, offset);
      context.checkData(index, offset);
      return;
    case "data":
      context.checkData(index, offset);
      return;
    case "table":
      context.table(index, offset);
      return;
    case "tableTable": {
      const destination = context.table(index, offset).element;
      checkSameElements(destination, context.table(second, offset).element, offset);
      return;
    }
    case "elementTable": {
      const destination = context.table(second, offset).element;
      checkSameElements(destination, context.elementType(index, offset), offset);
      return;
    }
    case "element":
      context.elementType(index, offset);
      return;
    case "lane":
      checkLane(cursor.lane, laneCounts[cursor.dense], offset);
      return;
    case "memargLane":
      checkAccess(context, cursor);
      checkLane(cursor.lane, laneCounts[cursor.dense], offset);
      return;
    case "shuffle":
      for (const number of cursor.vector) checkLane(number, shuffledBytes, offset);
      return;
    default:
      throw new RangeError(`expected a kind that names something, got ${cursor.kind}`);
  }
}

function checkAccess(context: Context, cursor: InstructionCursor): void {
  const { offset } = cursor;
  const { addressType } = context.memory(cursor.index, offset);
  const natural = naturalAlignments[cursor.dense];
  if (isAtomic[cursor.dense] === 1 && cursor.second !== natural) {
    throw new InvalidError(
      "atomic-alignment",
      offset,
      `atomic alignment must be natural: 2**${natural}, got 2**${cursor.second}`,
    );
  }
  if (cursor.second > natural) {
    throw new InvalidError(
      "alignment-too-large",
      offset,
      `alignment must not be larger than natural: 2**${natural}, got 2**${cursor.second}`,
    );
  }
  if (addressType === "i32" && cursor.low > 0xffffffff) {
    throw new InvalidError(
      "offset-out-of-range",
      offset,
      "offset out of range: a 32-bit memory has offsets below 2**32",
    );
  }
}

/** Bytes of both operands of a shuffle. */
const shuffledBytes = 32;

function checkLane(lane: number, lanes: number, offset: number): void {
  if (lane < lanes) return;
  throw new InvalidError(
    "invalid-lane-index",
    offset,
    `invalid lane index ${lane}: there are ${lanes} lanes`,
  );
}

function checkSameElements(destination: ValueType, source: ValueType, offset: number): void {
  if (destination === source) return;
  const names = `${valueTypeName(source)} into a table of ${valueTypeName(destination)}`;
  throw mismatch(offset, `cannot copy ${names}`);
}
