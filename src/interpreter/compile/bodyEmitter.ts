/**
 * Emits one function: walks its bytes in step with its instructions, as lowering did (program/lower.ts), and rewrites its
 * control structure without block types, since values cross labels in operand locals.
 *
 * Invariant: `pc` is that of the next instruction; code that lowering left out is skipped, code that only a stopped frame
 * can reach is walked but not written.
 */
import type { ValueType } from "../binary/module.ts";
import { shorthandResult } from "../binary/valueType.ts";
import { codeOf } from "../isa/table.ts";
import { BranchEmitter } from "./branchEmitter.ts";
import { unwindingBudget } from "./budget.ts";
import { emitInstruction } from "./emitInstructions.ts";
import type { Label, LabelKind } from "./emitter.ts";
import type { FunctionCode } from "./hostFrame.ts";
import type { HostType } from "./hostTypes.ts";
import { hostType } from "./hostTypes.ts";
import { entryOffset } from "./lazyLocals.ts";
import { closeRefill, openRefill } from "./lightChecks.ts";
import type { LoopPath } from "./safepoints.ts";
import { emitRun } from "./straightRuns.ts";

const BLOCK = codeOf("block");
const LOOP = codeOf("loop");
const IF = codeOf("if");
const ELSE = codeOf("else");
const END = codeOf("end");
const BR = codeOf("br");
const BR_IF = codeOf("br_if");
const BR_TABLE = codeOf("br_table");
const RETURN = codeOf("return");

const opens = new Map<number, "block" | "loop" | "if">([
  [BLOCK, "block"],
  [LOOP, "loop"],
  [IF, "if"],
]);

export class BodyEmitter extends BranchEmitter {
  /** Blocks opened in code that lowering left out. */
  private deadBlocks = 0;
  private ordinals = 0;

  emit(): FunctionCode {
    const { cursor, source } = this;
    this.openHost("block");
    this.lazy.passTo(entryOffset);
    this.enter();
    this.pushLabel("function", [], source.type.results.map(hostType), true);
    cursor.open(source.body.start, source.body.end);
    do {
      while (this.reachable && emitRun(this)) this.demand.look(this.frame);
      cursor.next();
      this.instruction();
    } while (cursor.depth > 0);
    this.closeHost();
    this.writeExitBlock(unwindingBudget);
    this.out.op("end");
    this.demand.refuse(this.frame);
    return this.frame.body();
  }

  /** What a function does before its first instruction. */
  protected enter(): void {
    const { checksEntry, need, pushesFrames } = this.plan;
    if (!checksEntry) return;
    this.check("entry", { slots: need, frames: pushesFrames ? 1 : 0 });
  }

  private instruction(): void {
    const { code, offset } = this.cursor;
    this.lazy.passTo(offset);
    this.demand.look(this.frame);
    if (code === END) {
      if (this.deadBlocks > 0) this.deadBlocks--;
      else this.end();
    } else if (code === ELSE) {
      if (this.deadBlocks === 0) this.elseBranch();
    } else if (!this.reachable) {
      if (opens.has(code)) this.deadBlocks++;
    } else {
      this.reached(code);
    }
  }

  private reached(code: number): void {
    const kind = code <= IF ? opens.get(code) : undefined;
    if (kind !== undefined) this.openBlock(kind, this.ordinals++);
    else if (code === BR) this.branch();
    else if (code === BR_IF) this.branchIf();
    else if (code === BR_TABLE) this.branchTable();
    else if (code === RETURN) this.writeReturn();
    else emitInstruction(this);
  }

  protected blockTypes(): { params: HostType[]; results: HostType[] } {
    const { index } = this.cursor;
    if (index >= 0) {
      const { params, results } = this.source.module.types[index];
      return { params: params.map(hostType), results: results.map(hostType) };
    }
    const result: ValueType | undefined = shorthandResult(index);
    return { params: [], results: result === undefined ? [] : [hostType(result)] };
  }

  protected openBlock(kind: "block" | "loop" | "if", ordinal: number): void {
    const { params, results } = this.blockTypes();
    if (kind === "if") {
      this.advance();
      this.takeCondition(params.length);
    } else {
      this.settleParams(params.length);
      if (kind === "loop") this.forgetOperands(params.length);
    }
    this.pushLabel(kind, params, results, this.live, ordinal);
  }

  /** Each turn of a loop gives its parameters other values than the first. */
  private forgetOperands(count: number): void {
    const { frame } = this;
    for (let height = frame.height - count; height < frame.height; height++) {
      const operand = frame.operands[height];
      operand.constant = undefined;
      operand.origin = undefined;
    }
  }

  /** Opens the label and its host block, and checks the budget at the header of a loop. */
  protected pushLabel(
    kind: LabelKind,
    params: readonly HostType[],
    results: readonly HostType[],
    isEmitted: boolean,
    ordinal = -1,
  ): Label {
    if (kind === "loop") {
      this.demand.nestedLoops++;
      this.noteLoop(ordinal);
      this.addresses.forget();
    }
    const refill = this.isLight && kind === "loop" && isEmitted ? openRefill(this) : undefined;
    if (isEmitted) this.openHost(kind === "loop" || kind === "if" ? kind : "block");
    this.demand.noteDepth(this.hostDepth);
    const label: Label = {
      kind,
      isEmitted,
      isPlain: false,
      hostDepth: this.hostDepth,
      ordinal,
      height: this.frame.height - params.length,
      params,
      results,
      pending: kind === "loop" && this.live ? this.pending : undefined,
      stretch: { steps: 0, fuel: 0 },
      skip:
        kind === "if" && this.live ? { pending: this.pending, stretch: this.stretch } : undefined,
      path: undefined,
      refill,
    };
    this.labels.push(label);
    this.loopRefill = refill;
    if (kind === "loop" && this.live) this.checkLoop(ordinal);
    return label;
  }

  protected checkLoop(_ordinal: number): void {
    this.check("loop");
  }

  private noteLoop(ordinal: number): void {
    this.scope.log.noteLoop({
      function: this.plan.index,
      pc: this.pc,
      ordinal,
      path: this.enclosing(),
      operands: this.frame.image(),
    });
  }

  /** The blocks around the code at hand; loops in one block share what they say of it. */
  private enclosing(): LoopPath | undefined {
    const { labels } = this;
    let known = labels.length;
    while (known > 1 && labels[known - 1].path === undefined) known--;
    let path = labels[known - 1].path;
    for (; known < labels.length; known++) {
      const label = labels[known];
      path = { around: path, ordinal: label.ordinal, inElse: label.kind === "else" };
      label.path = path;
    }
    return path;
  }

  protected elseBranch(): void {
    const label = this.labels[this.labels.length - 1];
    if (this.reachable) this.advance();
    this.fallThrough(label);
    if (label.isEmitted) this.writeElse(label);
    this.enterElse(label);
  }

  protected writeElse(_label: Label): void {
    this.out.op("else");
  }

  protected enterElse(label: Label): void {
    const { skip } = label;
    this.addresses.forget();
    label.kind = "else";
    label.path = undefined;
    this.live = skip !== undefined;
    this.pending = skip?.pending ?? this.pending;
    this.stretch = skip?.stretch ?? this.stretch;
    label.skip = undefined;
    this.reachable = true;
    this.resetOperands(label, label.params);
  }

  protected resetOperands(label: Label, types: readonly HostType[]): void {
    this.frame.pop(this.frame.height - label.height);
    this.frame.pushFlushed(types);
  }

  /** The edge from here to the end of the innermost block. */
  private fallThrough(label: Label): void {
    if (!this.live) return;
    this.frame.moveTo(label.height, label.results.length);
    if (label.kind === "loop") return;
    if (this.reach(label)) this.adjustTo(label.pending ?? this.pending);
  }

  private end(): void {
    const label = this.labels.pop() as Label;
    const { skip } = label;
    this.addresses.forget();
    if (skip !== undefined) label.pending ??= skip.pending;
    this.fallThrough(label);
    if (skip !== undefined) this.endSkip(label, skip);
    if (label.isEmitted) this.closeHost();
    if (label.refill !== undefined) closeRefill(this, label.refill);
    if (label.kind === "loop") {
      this.demand.nestedLoops--;
    } else {
      this.live = label.pending !== undefined;
      this.pending = label.pending ?? this.pending;
      this.stretch = label.stretch;
    }
    this.reachable = true;
    this.resetOperands(label, label.results);
    if (this.labels.length === 0) this.writeReturn();
  }

  /** The edge from an `if` without else to its end. */
  private endSkip(label: Label, skip: NonNullable<Label["skip"]>): void {
    this.live = true;
    this.pending = skip.pending;
    this.stretch = skip.stretch;
    if (!this.reach(label)) return;
    this.out.op("else");
    this.adjustTo(label.pending ?? this.pending);
  }
}
