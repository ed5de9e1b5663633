/**
 * Emits a function that goes on from a loop's header with a spilled frame. What lies before the loop is left out
 * where it can never run again; where an outer loop comes back to it, it stands behind a flag that is 1 on the way in.
 *
 * Invariant: from the loop's header on, the code is that of the function itself.
 */

import { slotsOf } from "../binary/valueType.ts";
import { BodyEmitter } from "./bodyEmitter.ts";
import type { Cost } from "./budget.ts";
import { noCost } from "./budget.ts";
import type { Label, LabelKind } from "./emitter.ts";
import type { FunctionPlan } from "./functionPlan.ts";
import type { FunctionSource } from "./functionSource.ts";
import { HostRefusal } from "./hostRefusal.ts";
import type { HostType } from "./hostTypes.ts";
import { i32 } from "./hostTypes.ts";
import type { ModuleScope } from "./moduleScope.ts";
import type { LoopEntry } from "./safepoints.ts";
import { operandsOf } from "./safepoints.ts";

export class ResumeEmitter extends BodyEmitter {
  private readonly loop: LoopEntry;
  /** Ordinals of the blocks around the loop → whether the loop is in the else branch. */
  private readonly path: ReadonlyMap<number, boolean>;
  /** Host local: 1 until the loop is reached. */
  private readonly resuming: number;
  private readonly condition: number;
  /** An outer loop has been opened, so code runs before the loop is reached. */
  private hasStarted = false;
  private hasArrived = false;
  private isGuarded = false;

  constructor(scope: ModuleScope, plan: FunctionPlan, source: FunctionSource, loop: LoopEntry) {
    super(scope, plan, source, true);
    this.loop = loop;
    const path = new Map<number, boolean>();
    for (let at = loop.path; at !== undefined; at = at.around) path.set(at.ordinal, at.inElse);
    this.path = path;
    this.resuming = this.frame.newLocal(i32);
    this.condition = this.frame.newLocal(i32);
  }

  protected override enter(): void {
    const { frame, source, loop } = this;
    let place = 0;
    for (const { slot: first, slots } of source.runs) {
      for (let slot = first; slot < first + slots; place++) {
        slot = this.loadSlots(slot, source.locals[place], this.locals[place]);
      }
    }
    let slot = source.localSlots;
    operandsOf(loop.operands).forEach(({ type }, height) => {
      slot = this.loadSlots(slot, type, frame.operandLocal(height, type).local);
    });
    this.out.i32(1).at("local.set", this.resuming);
    this.live = false;
  }

  /** Brings a value of the entered frame into its local; returns the slot behind it. */
  private loadSlots(slot: number, type: HostType, local: number): number {
    const { scope, out, frame } = this;
    out.i32(0);
    frame.readSlots(type, scope.machineMemory, scope.slotsAddress + slot * 8);
    out.at("local.set", local);
    return slot + slotsOf(type);
  }

  protected override pushLabel(
    kind: LabelKind,
    params: readonly HostType[],
    results: readonly HostType[],
    isEmitted: boolean,
    ordinal = -1,
  ): Label {
    if (this.hasArrived) return super.pushLabel(kind, params, results, isEmitted, ordinal);
    if (ordinal === this.loop.ordinal) {
      this.arrive();
      return super.pushLabel(kind, params, results, true, ordinal);
    }
    const inElse = this.path.get(ordinal);
    if (inElse === undefined) return super.pushLabel(kind, params, results, isEmitted, ordinal);
    if (kind === "if") this.leaveGuardWithCondition(inElse);
    else this.leaveGuard();
    if (kind === "loop") this.start();
    const isPlain = kind === "if" && !this.hasStarted;
    const label = super.pushLabel(isPlain ? "block" : kind, params, results, true, ordinal);
    if (isPlain) {
      label.kind = "if";
      label.isPlain = true;
    }
    if (this.hasStarted && kind !== "loop" && !inElse) this.enterGuard();
    return label;
  }

  private start(): void {
    if (!this.hasStarted) this.revive();
    this.hasStarted = true;
  }

  private arrive(): void {
    if (this.pc !== this.loop.pc) {
      throw new HostRefusal("unsoundEmission", `loop ${this.loop.pc} resumed at ${this.pc}`);
    }
    this.leaveGuard();
    if (this.hasStarted) {
      this.note();
      this.out.i32(0).at("local.set", this.resuming);
    }
    this.revive();
    this.hasArrived = true;
  }

  private revive(cost: Cost = noCost): void {
    this.live = true;
    this.pending = cost;
    this.stretch = cost;
  }

  /** On the way in, outer loops check nothing. */
  protected override checkLoop(ordinal: number): void {
    if (!this.hasArrived && this.path.has(ordinal)) this.enterGuard();
    super.checkLoop(ordinal);
  }

  private enterGuard(): void {
    this.out.at("local.get", this.resuming).op("i32.eqz");
    this.openHost("if");
    this.isGuarded = true;
  }

  private leaveGuard(): void {
    if (!this.isGuarded) return;
    this.settle();
    this.addresses.forget();
    this.closeHost();
    this.isGuarded = false;
    this.live = true;
  }

  /** The way in takes the branch that holds the loop. */
  private leaveGuardWithCondition(inElse: boolean): void {
    if (!this.isGuarded) return;
    const { out, condition, resuming } = this;
    if (this.live) out.at("local.set", condition);
    this.leaveGuard();
    out
      .i32(inElse ? 0 : 1)
      .at("local.get", condition)
      .at("local.get", resuming)
      .op("select");
  }

  protected override writeElse(label: Label): void {
    if (!label.isPlain) super.writeElse(label);
  }

  protected override enterElse(label: Label): void {
    super.enterElse(label);
    if (this.hasStarted && !this.hasArrived && this.path.get(label.ordinal) === true) {
      this.enterGuard();
    }
  }
}
