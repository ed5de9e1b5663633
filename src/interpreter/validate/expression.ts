/**
 * Validates expressions instruction by instruction: function bodies and constant expressions
 * (spec §3.3, algorithm of appendix §7.3).
 *
 * Invariant: one call an instruction, in order of the bytes; an ordinary instruction is handled by its row of
 * the table in one branch, only what depends on the context has a case of its own.
 */
import type { FunctionType, ValueType } from "../binary/module.ts";
import { valueTypes } from "../binary/module.ts";
import { isReference, shorthandResult, valueTypeName } from "../binary/valueType.ts";
import { InvalidError } from "../errors.ts";
import type { InstructionCursor } from "../isa/immediates.ts";
import { codeOf } from "../isa/table.ts";
import type { Context } from "./context.ts";
import type { Locals } from "./locals.ts";
import {
  byRule,
  constantInstructions,
  hasIndices,
  naturalAlignments,
  operandCounts,
  operandTypes,
  resultTypes,
} from "./signatures.ts";
import type { FrameKind } from "./stacks.ts";
import { bottom, frameKinds, mismatch, ValidationStacks } from "./stacks.ts";

const { i32, funcref } = valueTypes;

const UNREACHABLE = codeOf("unreachable");
const BLOCK = codeOf("block");
const LOOP = codeOf("loop");
const IF = codeOf("if");
const ELSE = codeOf("else");
const END = codeOf("end");
const BR = codeOf("br");
const BR_IF = codeOf("br_if");
const BR_TABLE = codeOf("br_table");
const RETURN = codeOf("return");
const CALL = codeOf("call");
const CALL_INDIRECT = codeOf("call_indirect");
const RETURN_CALL = codeOf("return_call");
const RETURN_CALL_INDIRECT = codeOf("return_call_indirect");
const DROP = codeOf("drop");
const SELECT = codeOf("select");
const SELECT_T = codeOf("select_t");
const LOCAL_GET = codeOf("local.get");
const LOCAL_SET = codeOf("local.set");
const LOCAL_TEE = codeOf("local.tee");
const GLOBAL_GET = codeOf("global.get");
const GLOBAL_SET = codeOf("global.set");
const TABLE_GET = codeOf("table.get");
const TABLE_SET = codeOf("table.set");
const REF_NULL = codeOf("ref.null");
const REF_IS_NULL = codeOf("ref.is_null");
const REF_FUNC = codeOf("ref.func");
const TABLE_GROW = codeOf("table.grow");
const TABLE_FILL = codeOf("table.fill");

/** Function types of the shorthand block types, by (negative) block type. */
const shorthands = new Map<number, FunctionType>();

function shorthand(blockType: number): FunctionType {
  let type = shorthands.get(blockType);
  if (type === undefined) {
    const result = shorthandResult(blockType);
    type = { params: [], results: result === undefined ? [] : [result] };
    shorthands.set(blockType, type);
  }
  return type;
}

const noTypes: readonly ValueType[] = [];

export class ExpressionValidator {
  private readonly context: Context;
  private readonly stacks = new ValidationStacks();
  private readonly constantAllowed: Uint8Array;
  private readonly locals: Locals;
  private isConstant = false;
  private results: readonly ValueType[] = noTypes;

  /** Functions are validated with the locals that `locals` holds at the time. */
  constructor(context: Context, locals: Locals) {
    this.context = context;
    this.locals = locals;
    this.constantAllowed = constantInstructions(context.features);
  }

  /** Begins a body whose entry stands at `offset` in the code section. */
  beginFunction(type: FunctionType, offset: number): void {
    this.isConstant = false;
    this.stacks.offset = offset;
    this.results = type.results;
    this.stacks.reset({ params: noTypes, results: type.results }, this.locals.count);
  }

  beginConstant(type: ValueType): void {
    this.isConstant = true;
    this.stacks.reset({ params: noTypes, results: [type] }, 0);
  }

  /** Validates the instruction that the cursor stands on. */
  instruction(cursor: InstructionCursor): void {
    const dense = cursor.dense;
    const stacks = this.stacks;
    stacks.offset = cursor.offset;
    if (this.isConstant && this.constantAllowed[dense] === 0) failAtNonConstant(cursor.offset);
    const count = operandCounts[dense];
    if (count === byRule) {
      this.special(cursor);
      return;
    }
    if (hasIndices[dense] === 1) this.checkImmediates(cursor);
    const types = dense * 3;
    for (let index = 0; index < count; index++) stacks.pop(operandTypes[types + index]);
    if (resultTypes[dense] !== 0) stacks.push(resultTypes[dense]);
  }

  /** Control, variables and parametric instructions; the rarer families follow in `rare`. */
  private special(cursor: InstructionCursor): void {
    const stacks = this.stacks;
    switch (cursor.code) {
      case LOCAL_GET:
        stacks.push(this.localType(cursor.index));
        return;
      case LOCAL_SET:
        stacks.pop(this.localType(cursor.index));
        return;
      case LOCAL_TEE: {
        const type = this.localType(cursor.index);
        stacks.pop(type);
        stacks.push(type);
        return;
      }
      case END:
        this.end();
        return;
      case BR_IF: {
        stacks.pop(i32);
        const types = stacks.labelTypes(cursor.index);
        stacks.popAll(types);
        stacks.pushAll(types);
        return;
      }
      case BR:
        stacks.popAll(stacks.labelTypes(cursor.index));
        stacks.setUnreachable();
        return;
      case CALL: {
        const type = this.context.functionType(cursor.index, cursor.offset);
        stacks.popAll(type.params);
        stacks.pushAll(type.results);
        return;
      }
      case BLOCK:
        this.enter(frameKinds.block, cursor.index);
        return;
      case LOOP:
        this.enter(frameKinds.loop, cursor.index);
        return;
      case IF:
        stacks.pop(i32);
        this.enter(frameKinds.if, cursor.index);
        return;
      case ELSE:
        stacks.leave();
        stacks.enter(frameKinds.block, stacks.leftType);
        stacks.pushAll(stacks.leftType.params);
        return;
      case DROP:
        stacks.popAny();
        return;
      case SELECT:
        this.select();
        return;
      case GLOBAL_GET:
        this.globalGet(cursor.index, cursor.offset);
        return;
      case GLOBAL_SET:
        this.globalSet(cursor.index, cursor.offset);
        return;
      default:
        this.rare(cursor);
    }
  }

  private rare(cursor: InstructionCursor): void {
    const stacks = this.stacks;
    const { index, offset } = cursor;
    switch (cursor.code) {
      case UNREACHABLE:
        stacks.setUnreachable();
        return;
      case BR_TABLE:
        this.branchTable(cursor);
        return;
      case RETURN:
        stacks.popAll(this.results);
        stacks.setUnreachable();
        return;
      case CALL_INDIRECT: {
        const type = this.indirectType(cursor);
        stacks.pop(i32);
        stacks.popAll(type.params);
        stacks.pushAll(type.results);
        return;
      }
      case RETURN_CALL:
        this.tailCall(this.context.functionType(index, offset));
        return;
      case RETURN_CALL_INDIRECT: {
        const type = this.indirectType(cursor);
        stacks.pop(i32);
        this.tailCall(type);
        return;
      }
      case SELECT_T:
        this.typedSelect(cursor);
        return;
      case REF_NULL:
        stacks.push(cursor.index);
        return;
      case REF_IS_NULL:
        this.referenceIsNull();
        return;
      case REF_FUNC:
        this.functionReference(index, offset);
        return;
      case TABLE_GET: {
        const type = this.context.table(index, offset).element;
        stacks.pop(i32);
        stacks.push(type);
        return;
      }
      case TABLE_SET:
        stacks.pop(this.context.table(index, offset).element);
        stacks.pop(i32);
        return;
      case TABLE_GROW:
        stacks.pop(i32);
        stacks.pop(this.context.table(index, offset).element);
        stacks.push(i32);
        return;
      case TABLE_FILL:
        stacks.pop(i32);
        stacks.pop(this.context.table(index, offset).element);
        stacks.pop(i32);
        return;
      default:
        throw new RangeError(`no rule for the instruction with code ${cursor.code}`);
    }
  }

  private enter(kind: FrameKind, blockType: number): void {
    const type =
      blockType < 0 ? shorthand(blockType) : this.context.type(blockType, this.stacks.offset);
    this.stacks.popAll(type.params);
    this.stacks.enter(kind, type);
    this.stacks.pushAll(type.params);
  }

  private end(): void {
    const stacks = this.stacks;
    const kind = stacks.leave();
    const { params, results } = stacks.leftType;
    if (kind === frameKinds.if && !sameTypes(params, results)) {
      throw mismatch(stacks.offset, "an if without else must give its parameters as its results");
    }
    if (stacks.frames > 0) stacks.pushAll(results);
  }

  private branchTable(cursor: InstructionCursor): void {
    const stacks = this.stacks;
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
      if (!this.context.features.referenceTypes && !sameTypes(types, fallback)) {
        throw mismatch(cursor.offset, "the labels of br_table carry different types");
      }
      stacks.checkTop(types);
    }
    stacks.popAll(fallback);
    stacks.setUnreachable();
  }

  private indirectType(cursor: InstructionCursor): FunctionType {
    const element = this.context.table(cursor.second, cursor.offset).element;
    if (element !== funcref) {
      throw mismatch(cursor.offset, `expected a table of funcref, found ${valueTypeName(element)}`);
    }
    return this.context.type(cursor.index, cursor.offset);
  }

  private tailCall(type: FunctionType): void {
    if (!sameTypes(type.results, this.results)) {
      throw mismatch(this.stacks.offset, "a tail call must give the results of its caller");
    }
    this.stacks.popAll(type.params);
    this.stacks.setUnreachable();
  }

  private select(): void {
    const stacks = this.stacks;
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

  private typedSelect(cursor: InstructionCursor): void {
    const { stacks } = this;
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

  private referenceIsNull(): void {
    const stacks = this.stacks;
    const type = stacks.popAny();
    if (type !== bottom && !isReference(type)) {
      throw mismatch(stacks.offset, `expected a reference, found ${valueTypeName(type)}`);
    }
    stacks.push(i32);
  }

  private functionReference(index: number, offset: number): void {
    this.context.functionType(index, offset);
    if (this.isConstant) this.context.declareFunction(index);
    else if (!this.context.isDeclared(index)) {
      throw new InvalidError(
        "undeclared-function-reference",
        offset,
        `undeclared function reference ${index}: ref.func may name functions met outside of bodies`,
      );
    }
    this.stacks.push(funcref);
  }

  private globalGet(index: number, offset: number): void {
    const { context } = this;
    if (this.isConstant) {
      // Until 3.0 a constant expression sees the imported globals only.
      const isVisible = context.features.extendedConstants || index < context.importedGlobals;
      if (isVisible && context.global(index, offset).mutable) failAtNonConstant(offset);
      if (!isVisible) throw new InvalidError("unknown-global", offset, `unknown global ${index}`);
    }
    this.stacks.push(context.global(index, offset).type);
  }

  private globalSet(index: number, offset: number): void {
    const global = this.context.global(index, offset);
    if (!global.mutable) {
      throw new InvalidError("immutable-global", offset, `global is immutable: ${index}`);
    }
    this.stacks.pop(global.type);
  }

  private localType(index: number): number {
    if (index < this.locals.count) return this.locals.typeOf(index);
    throw new InvalidError("unknown-local", this.stacks.offset, `unknown local ${index}`);
  }

  /** Ordinary instructions whose immediates name memories, tables or segments. */
  private checkImmediates(cursor: InstructionCursor): void {
    const { context } = this;
    const { index, second, offset } = cursor;
    switch (cursor.kind) {
      case "memarg":
        this.checkAccess(cursor);
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
      case "tableTable":
        this.checkSameElements(
          context.table(index, offset).element,
          context.table(second, offset).element,
        );
        return;
      case "elementTable":
        this.checkSameElements(
          context.table(second, offset).element,
          context.elementType(index, offset),
        );
        return;
      case "element":
        context.elementType(index, offset);
        return;
      default:
        throw new RangeError(`expected a kind that names something, got ${cursor.kind}`);
    }
  }

  private checkAccess(cursor: InstructionCursor): void {
    const { offset } = cursor;
    this.context.memory(cursor.index, offset);
    const natural = naturalAlignments[cursor.dense];
    if (cursor.second > natural) {
      throw new InvalidError(
        "alignment-too-large",
        offset,
        `alignment must not be larger than natural: 2**${natural}, got 2**${cursor.second}`,
      );
    }
    if (cursor.low > 0xffffffff) {
      throw new InvalidError(
        "offset-out-of-range",
        offset,
        "offset out of range: a 32-bit memory has offsets below 2**32",
      );
    }
  }

  private checkSameElements(destination: ValueType, source: ValueType): void {
    if (destination === source) return;
    const names = `${valueTypeName(source)} into a table of ${valueTypeName(destination)}`;
    throw mismatch(this.stacks.offset, `cannot copy ${names}`);
  }
}

function sameTypes(left: readonly ValueType[], right: readonly ValueType[]): boolean {
  return left.length === right.length && left.every((type, index) => type === right[index]);
}

function failAtNonConstant(offset: number): never {
  throw new InvalidError("constant-expression-required", offset, "constant expression required");
}
