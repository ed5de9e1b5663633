/**
 * Validates expressions instruction by instruction: function bodies and constant expressions
 * (spec §3.3, algorithm of appendix §7.3).
 *
 * Invariant: one call an instruction, in order of the bytes; an ordinary instruction is handled by its row of
 * the table in one branch, only what depends on the context has a case of its own.
 */
import type { FunctionType, ValueType } from "../binary/module.ts";
import { valueTypes } from "../binary/module.ts";
import { shorthandType, typeSlots } from "../binary/valueType.ts";
import { InvalidError } from "../errors.ts";
import type { InstructionCursor } from "../isa/instructionCursor.ts";
import { codeOf } from "../isa/table.ts";
import { addressed } from "./addressedSignatures.ts";
import { BodyCounts } from "./bodyCounts.ts";
import * as rules from "./contextRules.ts";
import {
  byRule,
  constantInstructions,
  hasIndices,
  operandCounts,
  operandTypes,
  resultTypes,
} from "./denseSignatures.ts";
import type { Locals } from "./localTypes.ts";
import { PlainRuns } from "./plainRuns.ts";
import type { Context } from "./validationContext.ts";
import type { FrameKind } from "./validationStacks.ts";
import { frameKinds, mismatch, ValidationStacks } from "./validationStacks.ts";

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

const noTypes: readonly ValueType[] = [];

export class ExpressionValidator {
  private readonly context: Context;
  private readonly stacks = new ValidationStacks();
  readonly counts = new BodyCounts(this.stacks);
  private readonly constantAllowed: Uint8Array;
  private readonly locals: Locals;
  private readonly plainRuns: PlainRuns;
  private isConstant = false;
  private results: readonly ValueType[] = noTypes;

  /** Functions are validated with the locals that `locals` holds at the time. */
  constructor(context: Context, locals: Locals) {
    this.context = context;
    this.locals = locals;
    this.constantAllowed = constantInstructions(context.features);
    this.plainRuns = new PlainRuns(context, this.stacks, locals);
  }

  /** Begins a body whose entry stands at `offset` in the code section. */
  beginFunction(type: FunctionType, offset: number): void {
    this.isConstant = false;
    this.stacks.offset = offset;
    this.results = type.results;
    this.counts.reset();
    this.stacks.metVector = typeSlots(type).hasVectors || this.locals.hasVectors;
    this.stacks.reset({ params: noTypes, results: type.results }, this.locals.count);
  }

  beginConstant(type: ValueType): void {
    this.isConstant = true;
    this.stacks.reset({ params: noTypes, results: [type] }, 0);
  }

  /** Whether control can reach the instruction that comes next. */
  get isReachable(): boolean {
    return this.stacks.isReachable;
  }

  /** What the function that was validated is lowered to, beside its instructions (`FunctionBody`). */
  found(): ReturnType<BodyCounts["found"]> {
    return this.counts.found(this.results);
  }

  /** Validates what comes next as far as it is plain code; returns how many instructions it is lowered to. */
  plain(cursor: InstructionCursor): number {
    if (this.isConstant || !this.stacks.isReachable) return 0;
    return this.plainRuns.run(cursor);
  }

  /** Validates the instruction that the cursor stands on. */
  instruction(cursor: InstructionCursor): void {
    const dense = cursor.dense;
    const stacks = this.stacks;
    stacks.offset = cursor.offset;
    if (this.isConstant && this.constantAllowed[dense] === 0) failAtNonConstant(cursor.offset);
    const count = operandCounts[dense];
    if (count === byRule) {
      this.frequent(cursor);
      return;
    }
    if (hasIndices[dense] === 1) {
      rules.checkImmediates(this.context, cursor);
      if (this.context.hasWideAddresses && addressed(stacks, this.context, cursor)) return;
    }
    const types = dense * 3;
    for (let index = 0; index < count; index++) stacks.pop(operandTypes[types + index]);
    if (resultTypes[dense] !== 0) stacks.push(resultTypes[dense]);
  }

  /** Variables, and the control instructions that compilers write most. */
  private frequent(cursor: InstructionCursor): void {
    const { stacks } = this;
    const { index } = cursor;
    switch (cursor.code) {
      case LOCAL_GET:
        stacks.push(this.localType(index));
        return;
      case LOCAL_SET:
        stacks.pop(this.localType(index));
        return;
      case LOCAL_TEE: {
        const type = this.localType(index);
        stacks.pop(type);
        stacks.push(type);
        return;
      }
      case END:
        this.end();
        return;
      case BR_IF: {
        stacks.pop(i32);
        const types = stacks.labelTypes(index);
        stacks.popAll(types);
        stacks.pushAll(types);
        return;
      }
      case CALL:
        this.call(this.context.functionType(index, cursor.offset));
        return;
      case BLOCK:
        this.enter(frameKinds.block, index);
        return;
      case GLOBAL_GET:
        this.globalGet(index, cursor.offset);
        return;
      default:
        this.control(cursor);
    }
  }

  private control(cursor: InstructionCursor): void {
    const { stacks, context } = this;
    const { index, offset } = cursor;
    switch (cursor.code) {
      case UNREACHABLE:
        stacks.setUnreachable();
        return;
      case LOOP:
        this.enter(frameKinds.loop, index);
        return;
      case IF:
        stacks.pop(i32);
        this.enter(frameKinds.if, index);
        return;
      case ELSE:
        stacks.leave();
        stacks.enter(frameKinds.block, stacks.leftType);
        stacks.pushAll(stacks.leftType.params);
        return;
      case BR:
        stacks.popAll(stacks.labelTypes(index));
        stacks.setUnreachable();
        return;
      case BR_TABLE:
        this.counts.branchTable(cursor.labelCount);
        rules.branchTable(stacks, context, cursor);
        return;
      case RETURN:
        stacks.popAll(this.results);
        stacks.setUnreachable();
        return;
      case CALL_INDIRECT: {
        const type = rules.indirectType(context, cursor);
        stacks.pop(rules.indexType(context, cursor));
        this.call(type);
        return;
      }
      case RETURN_CALL:
        if (index < context.importedFunctions) this.counts.becomesTwo();
        this.tailCall(context.functionType(index, offset));
        return;
      case RETURN_CALL_INDIRECT: {
        const type = rules.indirectType(context, cursor);
        stacks.pop(rules.indexType(context, cursor));
        this.tailCall(type);
        return;
      }
      default:
        this.operandRules(cursor);
    }
  }

  /** Parametric, reference and table instructions, and `global.set`. */
  private operandRules(cursor: InstructionCursor): void {
    const { stacks, context } = this;
    const { index, offset } = cursor;
    switch (cursor.code) {
      case DROP:
        stacks.popAny();
        return;
      case SELECT:
        rules.select(stacks);
        return;
      case SELECT_T:
        rules.typedSelect(stacks, cursor);
        return;
      case GLOBAL_SET:
        rules.globalSet(stacks, context, index);
        return;
      case REF_NULL:
        stacks.push(index);
        return;
      case REF_IS_NULL:
        rules.referenceIsNull(stacks);
        return;
      case REF_FUNC:
        this.functionReference(index, offset);
        return;
      case TABLE_GET:
        rules.tableGet(stacks, context.table(index, offset));
        return;
      case TABLE_SET:
        rules.tableSet(stacks, context.table(index, offset));
        return;
      case TABLE_GROW:
        this.counts.becomesTwo();
        rules.tableGrow(stacks, context.table(index, offset));
        return;
      case TABLE_FILL:
        rules.tableFill(stacks, context.table(index, offset));
        return;
      default:
        throw new RangeError(`no rule for the instruction with code ${cursor.code}`);
    }
  }

  private enter(kind: FrameKind, blockType: number): void {
    const { stacks } = this;
    const type =
      blockType < 0 ? shorthandType(blockType) : this.context.type(blockType, stacks.offset);
    stacks.popAll(type.params);
    stacks.enter(kind, type);
    stacks.pushAll(type.params);
  }

  private end(): void {
    const { stacks } = this;
    const kind = stacks.leave();
    const { params, results } = stacks.leftType;
    if (kind === frameKinds.if && !rules.sameTypes(params, results)) {
      throw mismatch(stacks.offset, "an if without else must give its parameters as its results");
    }
    if (stacks.frames > 0) stacks.pushAll(results);
  }

  private call(type: FunctionType): void {
    this.stacks.popAll(type.params);
    this.stacks.pushAll(type.results);
  }

  private tailCall(type: FunctionType): void {
    if (!rules.sameTypes(type.results, this.results)) {
      throw mismatch(this.stacks.offset, "a tail call must give the results of its caller");
    }
    this.stacks.popAll(type.params);
    this.counts.tailCall(type.results);
    this.stacks.setUnreachable();
  }

  private functionReference(index: number, offset: number): void {
    this.context.functionType(index, offset);
    if (this.isConstant) {
      this.context.declareFunction(index);
    } else if (!this.context.isDeclared(index)) {
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
      if (!context.features.extendedConstants && index >= context.importedGlobals) {
        throw new InvalidError("unknown-global", offset, `unknown global ${index}`);
      }
      if (context.global(index, offset).mutable) failAtNonConstant(offset);
    }
    this.stacks.push(context.global(index, offset).type);
  }

  private localType(index: number): number {
    if (index < this.locals.count) return this.locals.typeOf(index);
    throw new InvalidError("unknown-local", this.stacks.offset, `unknown local ${index}`);
  }
}

function failAtNonConstant(offset: number): never {
  throw new InvalidError("constant-expression-required", offset, "constant expression required");
}
