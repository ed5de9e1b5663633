/**
 * State of the emission of one function: budget, pending cost, labels, safepoints, checks.
 * The budget lives in a host local; straight-line cost is only added up here (`pending`) and written at back-edges,
 * calls and returns; a label takes the pending cost of the first edge that reaches it, later edges write the difference.
 *
 * Invariant: budget − pending is what is really left; `stretch` is the most that can have been executed since a check
 * last found the budget not exhausted, pending cost at that check included (costMeter.ts).
 */

import { codeOf } from "../isa/table.ts";
import { AddressTracker } from "./addressTracker.ts";
import { Writer } from "./binaryWriter.ts";
import type { Cost } from "./budget.ts";
import { exhaustedHalves, isSame, largest, noCost, spent } from "./budget.ts";
import { CostMeter } from "./costMeter.ts";
import type { EmittedFunction } from "./emissionLog.ts";
import { FunctionDemand } from "./engineBounds.ts";
import type { FunctionPlan } from "./functionPlan.ts";
import type { FunctionSource } from "./functionSource.ts";
import { Frame } from "./hostFrame.ts";
import { machineLayout } from "./hostLayout.ts";
import type { HostSignature, HostType } from "./hostTypes.ts";
import { hostSignature, i32, i64 } from "./hostTypes.ts";
import { LazyCursor } from "./lazyLocals.ts";
import { type LoopRefill, noSafepoint, writeMove, writeRefill } from "./lightChecks.ts";
import { lightRoomOf } from "./lightRoom.ts";
import type { ModuleScope } from "./moduleScope.ts";
import type { Room } from "./nestedCalls.ts";
import type { Feature, FrameShape, LoopPath, Safepoint, SafepointKind } from "./safepoints.ts";
import { writeSpillRecord } from "./spillRecord.ts";
import { writeGuards } from "./writeBarriers.ts";

export type LabelKind = "function" | "block" | "loop" | "if" | "else";

export interface Label {
  kind: LabelKind;
  /** Whether a host block stands for it, and which. */
  readonly isEmitted: boolean;
  /** An `if` that stands as a plain block: only one of its branches can run (resumeEmitter.ts). */
  isPlain: boolean;
  readonly hostDepth: number;
  readonly ordinal: number;
  /** Operands under its parameters. */
  readonly height: number;
  readonly params: readonly HostType[];
  readonly results: readonly HostType[];
  /** Pending cost with which its target is reached; undefined until an edge gets there. */
  pending: Cost | undefined;
  stretch: Cost;
  /** The way from an `if` to its else branch or end, while there is one. */
  skip: { readonly pending: Cost; readonly stretch: Cost } | undefined;
  /** What loops inside say of it; undefined until one is met. */
  path: LoopPath | undefined;
  /** Of a loop in light code. */
  readonly refill: LoopRefill | undefined;
}

const END = codeOf("end");
const ADD = codeOf("i64.add");
const BR = codeOf("br");

/** Code that tells whether a budget is exhausted, which lies on the host's stack. */
const isExhausted = (() => {
  const { low, high } = exhaustedHalves;
  return new Writer().i64Halves(low, high).op("i64.and").i64Halves(0, 0).op("i64.ne").bytes;
})();

/** Halves of a small number. */
const halves = (value: number) => ({ low: value | 0, high: value < 0 ? -1 : 0 });

/** Most values of a spill record that a function can take as parameters. */
const spilledArguments = 900;

export class Emitter extends CostMeter {
  readonly scope: ModuleScope;
  readonly plan: FunctionPlan;
  readonly source: FunctionSource;
  readonly frame: Frame;
  readonly signature: HostSignature;
  readonly budget: number;
  readonly room: number;
  readonly labels: Label[] = [];
  readonly addresses: AddressTracker;
  readonly demand: FunctionDemand;
  /** Host locals by the places of the program's. */
  readonly locals: number[] = [];
  /** Which locals are lazy at the instruction at hand. */
  readonly lazy: LazyCursor;
  private readonly stoppedAt: number;
  private readonly shape: FrameShape;
  /** Of the loop whose header is at hand, in light code. */
  protected loopRefill: LoopRefill | undefined;
  /** Whether code was written that stops here. */
  hasExit = false;
  /** Whether a caller may find an exhausted budget: exits, checks (measured or left out), calls. */
  canExit = false;
  readsFuel = false;
  hostDepth = 0;
  /** Whether the program can reach the code at hand, as lowering sees it. */
  reachable = true;

  constructor(scope: ModuleScope, plan: FunctionPlan, source: FunctionSource, isResumed: boolean) {
    super(scope.program, plan.entry.entryPc);
    this.scope = scope;
    this.plan = plan;
    this.source = source;
    this.shape = { values: 0, runs: source.runs, lazyLocals: source.lazyLocals };
    this.addresses = new AddressTracker(
      scope.program.memories.length,
      source.locals.length,
      (groups) => {
        writeGuards(this, groups);
      },
    );
    this.demand = new FunctionDemand(source);
    this.lazy = new LazyCursor(source.lazyLocals);
    const { params, results } = hostSignature(source.type);
    this.signature = isResumed ? { params: [i64, i64], results } : { params, results };
    this.frame = new Frame(this.signature.params.length, !this.omits("nans"));
    this.budget = this.signature.params.length - 2;
    this.room = this.budget + 1;
    const given = isResumed ? 0 : source.type.params.length;
    source.locals.forEach((type, place) => {
      const local = place < given ? place : this.frame.newLocal(type);
      this.locals.push(local);
      this.frame.spill(local, type);
    });
    this.stoppedAt = this.frame.newLocal(i32);
  }

  omits(feature: Feature): boolean {
    const { omitted } = this.scope.emission;
    return omitted.length > 0 && omitted.includes(feature);
  }

  get out(): Writer {
    return this.frame.out;
  }

  openHost(mnemonic: "block" | "loop" | "if"): void {
    this.out.open(mnemonic);
    this.hostDepth++;
    this.demand.controls++;
  }

  /** An `if` that is seldom taken. */
  openUnlikely(): void {
    this.frame.code.markUnlikely();
    this.openHost("if");
  }

  closeHost(): void {
    this.out.u8(END);
    this.hostDepth--;
  }

  /** Host label of a program label. */
  relative(label: Label): number {
    return this.hostDepth - label.hostDepth;
  }

  private writeSpend(cost: Cost): void {
    const { low, high } = spent(cost);
    this.out.localGet(this.budget).i64Halves(low, high).u8(ADD);
  }

  /** The budget brought up to date, on the host's stack. */
  writeSettled(): void {
    const { pending } = this;
    if (isSame(pending, noCost)) this.out.localGet(this.budget);
    else this.writeSpend(pending);
  }

  /** Brings the budget up to date. */
  settle(): void {
    this.adjustTo(noCost);
    this.pending = noCost;
  }

  /** Makes the budget that of code that goes on with `pending`. */
  adjustTo(pending: Cost): void {
    if (!this.live || isSame(this.pending, pending) || this.omits("counters")) return;
    const { steps, fuel } = pending;
    this.writeSpend({ steps: this.pending.steps - steps, fuel: this.pending.fuel - fuel });
    this.out.at("local.set", this.budget);
  }

  get live(): boolean {
    return this.frame.live;
  }

  set live(live: boolean) {
    this.frame.live = live;
  }

  /** Registers the edge from here to a label; returns whether the budget must be adjusted on it. */
  reach(label: Label): boolean {
    if (!this.live) return false;
    const { pending } = this;
    label.stretch = largest(label.stretch, this.stretch);
    label.pending ??= pending;
    return !isSame(label.pending, pending);
  }

  /** A safepoint at the instruction at hand; the operands lie in their locals. */
  safepoint(kind: SafepointKind, callee?: Safepoint["callee"]): number {
    this.addresses.cut();
    const { frame } = this;
    const safepoint: Safepoint = {
      kind,
      function: this.plan.index,
      pc: this.pc,
      pending: this.pending,
      operands: frame.image(),
      shape: this.shape,
      lazyChanges: this.lazy.passed,
      callee,
    };
    return this.scope.log.addSafepoint(safepoint);
  }

  /** Stops at a safepoint. Light code cannot: it traps, and the entry is taken back. */
  writeExit(safepoint: number): void {
    if (this.isLight) this.out.op("unreachable");
    else this.leave(safepoint);
  }

  get isLight(): boolean {
    return this.scope.emission.isLight;
  }

  /** Leaves the function for good at a safepoint. */
  leave(safepoint: number): void {
    this.hasExit = true;
    this.canExit = true;
    this.scope.log.noteExit(safepoint);
    this.out
      .i32(safepoint)
      .localSet(this.stoppedAt)
      .u8(BR)
      .unsigned(this.hostDepth - 1);
  }

  /** Stops at a safepoint if the budget is exhausted, or there is no such room as is given; says whether that was written. */
  check(kind: SafepointKind, need?: Room, callee?: Safepoint["callee"]): boolean {
    const isWritten = this.live && !this.omits("checks");
    if (this.live) this.canExit = true;
    if (isWritten) {
      this.note();
      const { out } = this;
      const { isLight } = this;
      const safepoint = isLight && kind !== "loop" ? noSafepoint : this.safepoint(kind, callee);
      if (this.scope.emission.isTraced) this.writeTrace();
      out.at("local.get", this.budget);
      if (need !== undefined) {
        this.writeRoomBut(need);
        out.op("i64.or");
      }
      if (isLight) out.i64(0n).op("i64.lt_s");
      else out.range(isExhausted, 0, isExhausted.length);
      this.writeFailure(safepoint, need);
    }
    this.stretch = this.pending;
    return isWritten;
  }

  /** What happens where a check has failed: code that can stop exits, a loop of light code leaves for more. */
  private writeFailure(safepoint: number, need: Room | undefined): void {
    const { loopRefill } = this;
    if (this.isLight && safepoint !== noSafepoint && loopRefill !== undefined) {
      loopRefill.safepoint = safepoint;
      this.frame.code.markUnlikely();
      this.out.at("br_if", this.hostDepth - loopRefill.hostDepth);
      return;
    }
    this.openUnlikely();
    if (this.isLight) writeRefill(this, safepoint, need);
    else this.writeExit(safepoint);
    this.closeHost();
  }

  /** The room, less so much, on the host's stack. */
  writeRoomBut({ slots, frames }: Room): void {
    const { low, high } = this.isLight
      ? halves(-lightRoomOf({ slots, frames }))
      : spent({ steps: slots, fuel: frames });
    this.out.at("local.get", this.room).i64Halves(low, high).u8(ADD);
  }

  private writeTrace(): void {
    const { out, scope } = this;
    out.i32(0).at("local.get", this.budget);
    out.store("i64.store", scope.machineMemory, machineLayout.trace);
  }

  /** The stretch without a check that ends here takes part in the module's bound. */
  note(): void {
    this.scope.log.noteStretch(this.plan, this.stretch);
  }

  /** What callers have to know of the function, once it is written. */
  get emitted(): EmittedFunction {
    return { canExit: this.canExit, readsFuel: this.readsFuel };
  }

  /** What follows cannot be reached by the host. */
  die(): void {
    this.live = false;
    this.frame.abandon();
  }

  /** Behind the function's code: spills what every safepoint needs and returns an exhausted budget, or moves. */
  writeExitBlock(unwinding: bigint): void {
    this.shape.values = this.frame.spilledSlots;
    if (!this.hasExit) {
      this.out.op("unreachable");
      return;
    }
    const { out, scope, frame } = this;
    const types = frame.spilled.map(({ type }) => type);
    if (types.length <= spilledArguments) {
      out.at("local.get", this.stoppedAt).at("local.get", this.budget);
      for (const { local } of frame.spilled) out.at("local.get", local);
      out.at("call", scope.spillIndex(types));
    } else {
      writeSpillRecord(frame, scope.machineMemory, this.stoppedAt, this.budget);
    }
    if (this.isLight) {
      writeMove(this);
      return;
    }
    const { results } = this.signature;
    for (const type of results.slice(0, -1)) frame.writeZero(type);
    out.i64(unwinding);
  }
}
