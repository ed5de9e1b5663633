/**
 * Emits what leaves the straight way of a function: branches to labels, tables of them, returns.
 *
 * Invariant: a branch carries its values in the operand locals of the label's height, and reaches the label with the
 * budget that the label's first edge came with (emitter.ts); code behind an unconditional one is not reachable.
 */
import { InstructionCursor } from "../isa/instructionCursor.ts";
import type { Label } from "./emitter.ts";
import { Emitter } from "./emitter.ts";
import { i32 } from "./hostTypes.ts";

export class BranchEmitter extends Emitter {
  readonly cursor = new InstructionCursor(this.source.module.bytes, this.source.module.features);

  /** Parameters of a block, made exact, and everything under them, in their locals. */
  protected settleParams(count: number): void {
    const { frame } = this;
    if (frame.isAnyLazy(count)) frame.useExact(count);
    frame.flush();
  }

  /** The condition on the host's stack, alone; it is no operand any more. */
  protected takeCondition(params: number): void {
    this.addresses.cut();
    const { frame, out } = this;
    const below = frame.operands[frame.height - 2];
    frame.use(1);
    frame.pop(1);
    if (below?.isOnStack !== true && !frame.isAnyLazy(params)) return;
    const condition = frame.scratch("condition", i32);
    if (this.live) out.at("local.set", condition);
    this.settleParams(params);
    if (this.live) out.at("local.get", condition);
  }

  /** Operands that a branch to the label carries. */
  private arity(label: Label): number {
    return label.kind === "loop" ? label.params.length : label.results.length;
  }

  private target(depth: number): Label {
    return this.labels[this.labels.length - 1 - depth];
  }

  /** Goes to a label with the values on top of the stack. */
  private writeBranch(label: Label): void {
    this.frame.moveTo(label.height, this.arity(label));
    if (!this.live) return;
    this.demand.controls++;
    if (this.reach(label)) this.adjustTo(label.pending ?? this.pending);
    if (label.kind === "loop") this.note();
    this.out.at("br", this.relative(label));
  }

  protected branch(): void {
    this.advance();
    this.writeBranch(this.target(this.cursor.index));
    this.die();
    this.reachable = false;
  }

  protected branchIf(): void {
    this.advance();
    const { frame, out } = this;
    const label = this.target(this.cursor.index);
    if (this.arity(label) > 0) {
      this.takeCondition(0);
      this.conditionally(label);
      return;
    }
    frame.use(1);
    frame.pop(1);
    this.addresses.cut();
    if (!this.live) return;
    if (this.reach(label)) {
      this.openHost("if");
      this.writeBranch(label);
      this.closeHost();
    } else {
      if (label.kind === "loop") this.note();
      this.demand.controls++;
      out.at("br_if", this.relative(label));
    }
  }

  /** Writes a branch that may not be taken; the operands are as before afterwards, those under its values untouched. */
  private conditionally(label: Label): void {
    if (!this.live) return;
    const { frame } = this;
    const carried = frame.copyTop(this.arity(label));
    this.openHost("if");
    this.writeBranch(label);
    this.closeHost();
    frame.restore(carried);
  }

  protected branchTable(): void {
    this.advance();
    const { frame, out, cursor } = this;
    const depths = Array.from(cursor.labels.subarray(0, cursor.labelCount + 1));
    this.takeCondition(0);
    if (this.live) {
      const distinct = [...new Set(depths)];
      const index = frame.scratch("condition", i32);
      out.at("local.set", index);
      const detours = distinct.filter((depth) => {
        const label = this.target(depth);
        return this.reach(label) || this.arity(label) > 0;
      });
      const places = new Map(detours.map((depth, place) => [depth, place]));
      this.demand.controls += depths.length;
      for (const _ of detours) this.openHost("block");
      out
        .at("local.get", index)
        .op("br_table")
        .unsigned(depths.length - 1);
      for (const depth of depths) {
        const label = this.target(depth);
        if (label.kind === "loop") this.note();
        out.unsigned(places.get(depth) ?? this.relative(label));
      }
      for (const depth of detours) {
        const label = this.target(depth);
        this.closeHost();
        const carried = frame.copyTop(this.arity(label));
        this.writeBranch(label);
        frame.restore(carried);
      }
    }
    this.die();
    this.reachable = false;
  }

  writeReturn(): void {
    const results = this.source.type.results.length;
    this.advance();
    this.frame.useExact(results);
    if (this.live) {
      this.writeSettled();
      this.out.op("return");
      this.note();
    }
    this.die();
    this.reachable = false;
  }
}
