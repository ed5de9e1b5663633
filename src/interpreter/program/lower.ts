/**
 * Lowers function bodies to flat instructions (docs/machine.md §2, §3): structure vanishes, branches carry
 * target, height and arity, calls carry entry, params, locals and frame.
 *
 * Invariant: the body is valid. Code that the validator knows to be unreachable gives no instruction; `height` is the
 * exact operand height, in slots relative to fp, before the instruction at hand.
 */
import type { FunctionBody, FunctionType, ValueType } from "../binary/module.ts";
import { shorthandType, typeSlots } from "../binary/valueType.ts";
import { InstructionCursor } from "../isa/instructionCursor.ts";
import type { InstructionRow, Mnemonic } from "../isa/table.ts";
import { codeOf } from "../isa/table.ts";
import type { BodyContext } from "./bodyContext.ts";
import { checkCarried, checkFrame } from "./codeBuffer.ts";
import type { HostMnemonic } from "./externals.ts";
import { FrameLayout } from "./frameLayout.ts";
import { callCost, globalSetCost } from "./fuelSchedule.ts";
import { hostFields } from "./hostList.ts";
import { accessFields, fieldsOf } from "./instructionFields.ts";
import type { BlockKind, Label } from "./loweringLabels.ts";
import {
  arityOf,
  closeLabel,
  newLabel,
  openLabel,
  targetEntry,
  targetInstruction,
} from "./loweringLabels.ts";
import {
  isGlobalSet,
  specials,
  straightRows,
  type WidthRule,
  widthRules,
} from "./loweringRules.ts";
import type { Plain } from "./plainRows.ts";
import { plainByDense, plainByName } from "./plainRows.ts";
import { StraightCode } from "./straightCode.ts";

const ELSE = codeOf("else");
const END = codeOf("end");
/** Codes above this open no block. */
const lastOpener = codeOf("if");
const opens: Readonly<Record<number, BlockKind>> = {
  [codeOf("block")]: "block",
  [codeOf("loop")]: "loop",
  [lastOpener]: "if",
};

/** Slots of a body's frame at most, and where its instructions begin. */
export interface LoweredBody {
  readonly entryPc: number;
  readonly frame: number;
}

/** Lowers one body after another of one module. */
export class BodyLowering {
  private readonly context: BodyContext;
  private readonly cursor: InstructionCursor;
  private readonly straight: StraightCode;
  private readonly layout = new FrameLayout();
  /** Labels of the blocks that are open, and behind them others to be used again. */
  private readonly labels: Label[] = [];
  private depth = 0;
  private height = 0;
  private frame = 0;
  private reachable = true;
  /** Blocks opened inside unreachable code. */
  private deadBlocks = 0;
  private results = 0;

  constructor(context: BodyContext) {
    this.context = context;
    this.cursor = new InstructionCursor(context.module.bytes, context.module.features);
    this.straight = new StraightCode(context, straightRows);
  }

  /** `locals` counts the slots of parameters and declared locals. */
  lower(type: FunctionType, body: FunctionBody, locals: number): LoweredBody {
    const { cursor } = this;
    const { results } = typeSlots(type);
    const entryPc = this.context.code.instructions;
    checkCarried(results);
    this.layout.begin(type, body);
    this.depth = 0;
    this.openLabel("function", locals, { params: [], results: type.results });
    this.height = locals;
    this.frame = locals;
    this.reachable = true;
    this.deadBlocks = 0;
    this.results = results;
    cursor.open(body.start, body.end);
    this.lowerStraight();
    while (cursor.next()) {
      this.instruction();
      if (this.reachable && cursor.depth > 0) this.lowerStraight();
    }
    this.reserve(this.frame);
    return { entryPc, frame: this.frame };
  }

  /** Lowers what comes next up to an instruction with rules of its own; any has some where there are vectors. */
  private lowerStraight(): void {
    if (this.layout.hasVectors) return;
    const { straight, cursor } = this;
    cursor.skipTo(straight.run(cursor.position, this.height));
    this.height = straight.height;
    if (straight.top > this.frame) this.reserve(straight.top);
  }

  private instruction(): void {
    const { code } = this.cursor;
    if (code === END) {
      if (this.deadBlocks > 0) this.deadBlocks--;
      else this.end();
    } else if (code === ELSE) {
      if (this.deadBlocks === 0) this.elseBranch();
    } else if (!this.reachable) {
      if (code <= lastOpener && opens[code] !== undefined) this.deadBlocks++;
    } else {
      const kind = code <= lastOpener ? opens[code] : undefined;
      if (kind !== undefined) this.open(kind);
      else this.plain(plainByDense[this.cursor.dense]);
    }
  }

  private open(kind: BlockKind): void {
    const { index } = this.cursor;
    const type = index >= 0 ? this.context.module.types[index] : shorthandType(index);
    const pendingIf = kind === "if" ? this.emit("if", 0, 0, 0, 1) : -1;
    this.openLabel(kind, this.height - typeSlots(type).params, type).pendingIf = pendingIf;
  }

  private openLabel(kind: BlockKind, height: number, type: FunctionType): Label {
    if (this.depth === this.labels.length) this.labels.push(newLabel());
    const label = this.labels[this.depth++];
    openLabel(label, kind, height, type, this.context.code.instructions);
    return label;
  }

  private elseBranch(): void {
    const { code } = this.context;
    const label = this.label(0);
    if (this.reachable) targetInstruction(code, label, this.emit("else"));
    code.setTarget(label.pendingIf, code.instructions);
    label.pendingIf = -1;
    label.kind = "else";
    this.height = label.height;
    this.pushValues(label.type.params, label.params);
    this.reachable = true;
  }

  private end(): void {
    const label = this.labels[--this.depth];
    closeLabel(this.context.code, label, this.context.code.instructions);
    this.reachable = true;
    this.height = label.height;
    this.pushValues(label.type.results, label.results);
    if (this.depth === 0) this.emit("return", this.results);
  }

  private plain(plain: Plain): void {
    const special = specials.get(plain.row);
    if (special !== undefined) {
      special(this);
      return;
    }
    const { row, pops, pushes } = this.layout.hasVectors ? this.ofWidth(plain) : plain;
    this.writeInstruction(row, pops);
    if (pushes > 0) this.push(pushes);
  }

  /** What `plain` is for the slots of its value: some instructions are another one for a vector. */
  private ofWidth(plain: Plain): Plain {
    const { layout, cursor, context, height } = this;
    const { mnemonic, ofVector } = plain.row;
    const widths: Readonly<Record<WidthRule, () => number>> = {
      operand: () => layout.widthBelow(height),
      underCondition: () => layout.widthBelow(height - 1),
      local: () => layout.widthOf(cursor.index),
      global: () => context.globalWidth(context.globals[cursor.index]),
    };
    const rule = widthRules[mnemonic];
    if (ofVector === undefined || rule === undefined || widths[rule]() === 1) return plain;
    return plainByName.get(ofVector) as Plain;
  }

  /** Emits an instruction of the body, its fields by its immediates. */
  private writeInstruction(row: InstructionRow, pops: number): void {
    const [a, b, c] = fieldsOf(row, this.cursor, this.context, this.layout);
    this.emitRow(row, a, b, c, pops);
  }

  /** Emits an instruction at the current height, then pops `pops` operands. */
  emit(mnemonic: Mnemonic, a = 0, b = 0, c = 0, pops = 0): number {
    return this.emitRow((plainByName.get(mnemonic) as Plain).row, a, b, c, pops);
  }

  private emitRow(row: InstructionRow, a: number, b: number, c: number, pops: number): number {
    const { schedule } = this.context;
    const ofClass = row.fuel === "none" ? 0 : schedule[row.fuel];
    const cost = isGlobalSet(row) ? globalSetCost(ofClass, a + pops - 1, schedule) : ofClass;
    const pc = this.context.code.emit(
      row.op as number,
      cost,
      this.height,
      this.cursor.offset,
      a,
      b,
      c,
    );
    this.height -= pops;
    return pc;
  }

  /** One value of that many slots. */
  push(width: number): void {
    this.raise(this.layout.pushValue(this.height, width));
  }

  private pushValues(types: readonly ValueType[], slots: number): void {
    this.layout.push(this.height, types);
    this.raise(this.height + slots);
  }

  private raise(height: number): void {
    this.height = height;
    if (height > this.frame) this.reserve(height);
  }

  private reserve(slots: number): void {
    checkFrame(slots);
    this.frame = slots;
  }

  /** What follows, up to the end of the block, is never reached. */
  leave(): void {
    this.reachable = false;
  }

  label(depth: number): Label {
    return this.labels[this.depth - 1 - depth];
  }

  branch(mnemonic: "br" | "br_if"): void {
    const label = this.label(this.cursor.index);
    const arity = arityOf(label);
    checkCarried(arity);
    const pc = this.emit(mnemonic, 0, label.height, arity, mnemonic === "br_if" ? 1 : 0);
    targetInstruction(this.context.code, label, pc);
    if (mnemonic === "br") this.leave();
  }

  branchTable(): void {
    const { code } = this.context;
    const { labels, labelCount } = this.cursor;
    this.emit("br_table", code.branchEntries, labelCount, 0, 1);
    for (let index = 0; index <= labelCount; index++) {
      const label = this.label(labels[index]);
      const arity = arityOf(label);
      checkCarried(arity);
      targetEntry(code, label, code.emitBranch(label.height, arity));
    }
    this.leave();
  }

  returnInstruction(): void {
    this.emit("return", this.results);
    this.leave();
  }

  call(mnemonic: "call" | "return_call"): void {
    const callee = this.context.callees[this.cursor.index];
    const { params } = typeSlots(callee.type);
    if (callee.host !== undefined) {
      this.hostInstruction(callee.host, params);
    } else {
      const pc = this.emit(mnemonic, callee.index, 0, 0, params);
      if (mnemonic === "call") this.chargeWaiting(pc);
      this.context.pendingCalls.push(pc);
    }
    this.finishCall(mnemonic === "return_call", params, callee.type);
    if (mnemonic === "call") return;
    if (callee.host === undefined) this.leave();
    else this.returnInstruction();
  }

  /** docs/machine.md §8 */
  private hostInstruction(mnemonic: HostMnemonic, params: number): void {
    const { memories, outputBytes } = this.context;
    const { a, b, c } = hostFields(mnemonic, memories[0], outputBytes);
    this.emit(mnemonic, a, b, c, params);
  }

  callIndirect(mnemonic: "call_indirect" | "return_call_indirect"): void {
    const { cursor, context } = this;
    const type = context.module.types[cursor.index];
    const { params } = typeSlots(type);
    const table = context.tables[cursor.second];
    const pc = this.emit(mnemonic, table, context.typeIds[cursor.index], params, params + 1);
    if (mnemonic === "call_indirect") this.chargeWaiting(pc);
    this.finishCall(mnemonic === "return_call_indirect", params, type);
    if (mnemonic === "return_call_indirect") this.leave();
  }

  /** Operands that wait under a call whose arguments have been popped. */
  private chargeWaiting(pc: number): void {
    const { code, schedule } = this.context;
    const waiting = this.height - this.labels[0].height;
    code.changeCost(pc, (cost) => callCost(cost, waiting, schedule));
  }

  private finishCall(isTail: boolean, params: number, type: FunctionType): void {
    if (isTail) checkCarried(params);
    this.pushValues(type.results, typeSlots(type).results);
  }

  functionReference(): void {
    this.emit("ref.func", this.context.callees[this.cursor.index].index + 1);
    this.push(1);
  }

  grow(mnemonic: "memory.grow" | "table.grow"): void {
    const { cursor, context } = this;
    if (mnemonic === "memory.grow") {
      const memory = context.memories[cursor.index];
      const isWide = context.memoryKind(memory).addressType === "i64";
      this.emit(mnemonic, memory, context.memoryMaximum(memory), isWide ? 1 : 0, 1);
    } else {
      const table = context.tables[cursor.index];
      const maximum = context.tableMaximum(table);
      if (context.tableAddresses(table) === "i32") {
        this.emit(mnemonic, table, maximum, 0, 2);
      } else {
        this.emit("table.grow.i64", table, maximum);
        this.emit("table.grow.rest", table, 0, 0, 2);
      }
    }
    this.push(1);
  }

  /** c = 1: the memory is not shared. */
  wait(mnemonic: "memory.atomic.wait32" | "memory.atomic.wait64"): void {
    const memory = this.context.memories[this.cursor.index];
    const { isShared } = this.context.memoryKind(memory);
    const [a, b, c] = accessFields(this.cursor, this.context, isShared ? 0 : 1);
    this.emit(mnemonic, a, b, c, 3);
    this.push(1);
  }
}
