/**
 * State of the emission of one function: budget, pending cost, labels, safepoints, checks.
 * The budget lives in a host local; straight-line cost is only added up here (`pending`) and written at back-edges,
 * calls and returns; a label takes the pending cost of the first edge that reaches it, later edges write the difference.
 *
 * Invariant: budget − pending is what is really left; `stretch` is the most that can have been executed since a check
 * last found the budget not exhausted, pending cost at that check included (costMeter.ts).
 */

import { codeOf } from "../isa/table.ts";
import type { Program } from "../program/program.ts";
import { AddressTracker } from "./addressTracker.ts";
import { Writer } from "./binaryWriter.ts";
import type { Cost } from "./budget.ts";
import { exhaustedHalves, isSame, largest, noCost, spent } from "./budget.ts";
import { CostMeter } from "./costMeter.ts";
import type { EmissionLog, EmittedFunction } from "./emissionLog.ts";
import { FunctionDemand } from "./engineBounds.ts";
import type { FunctionPlan, FunctionPlans } from "./functionPlan.ts";
import type { FunctionSource } from "./functionSource.ts";
import { Frame } from "./hostFrame.ts";
import { machineLayout } from "./hostLayout.ts";
import type { HostSignature, HostType } from "./hostTypes.ts";
import { hostSignature, i32, i64 } from "./hostTypes.ts";
import { LazyCursor } from "./lazyLocals.ts";
import type {
  Emission,
  Feature,
  FrameShape,
  LoopPath,
  Safepoint,
  SafepointKind,
} from "./safepoints.ts";
import { writeSpillRecord } from "./spillRecord.ts";
import { writeGuards } from "./writeBarriers.ts";

/** What the module under construction offers to the functions in it. */
export interface ModuleScope {
  readonly program: Program;
  readonly plans: FunctionPlans;
  /** Of the program's types, by program-wide id. */
  readonly signatures: ReadonlyMap<number, HostSignature>;
  readonly frames: ReadonlyMap<number, number>;
  readonly emission: Emission;
  /** Index of the machine memory. */
  readonly machineMemory: number;
  /** Bytes of the hidden pages of each memory of the program. */
  readonly hiddenBytes: readonly number[];
  /** The host memory of the input (hostInput.ts). */
  readonly inputMemory: number;
  readonly slotsAddress: number;
  /** Where writes of globals are marked, by chunks; undefined if they are not. */
  readonly globalMarks: number | undefined;
  /** Host types of the program's globals. */
  readonly globalTypes: readonly HostType[];
  readonly log: EmissionLog;
  typeIndex(signature: HostSignature): number;
  /** Whether the module holds or imports the function, so that `functionIndex` knows it. */
  isHere(programFunction: number): boolean;
  functionIndex(programFunction: number): number;
  /** Index of the host table of all functions, by program-wide index. */
  readonly functionTable: number;
  /** Whether entries of program tables may lead to functions that no module holds. */
  readonly hasStubs: boolean;
  globalIndex(programGlobal: number): number;
  /** Index of the function that writes a spill record with values of these types. */
  spillIndex(types: readonly HostType[]): number;
  /** Index of the function that lets a store into a chunk begin. */
  barrierIndex(memory: number): number;
  /** Index of the function behind the runtime call at a pc (emitRuntimeCalls.ts). */
  runtimeStubIndex(pc: number): number;
  /** Indices of the executor's functions for long instructions and for the time. */
  readonly runtimeCallIndex: number;
  readonly timeIndex: number;
  /** Index of the executor's function for calls of functions that are not compiled. */
  readonly nestedCallIndex: number;
}

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
}

const END = codeOf("end");
const ADD = codeOf("i64.add");
const BR = codeOf("br");

/** Code that tells whether a budget is exhausted, which lies on the host's stack. */
const isExhausted = (() => {
  const { low, high } = exhaustedHalves;
  return new Writer().i64Halves(low, high).op("i64.and").i64Halves(0, 0).op("i64.ne").bytes;
})();

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

  /** Leaves the function for good at a safepoint. */
  writeExit(safepoint: number): void {
    this.hasExit = true;
    this.canExit = true;
    this.scope.log.noteExit(safepoint);
    this.out
      .i32(safepoint)
      .localSet(this.stoppedAt)
      .u8(BR)
      .unsigned(this.hostDepth - 1);
  }

  /** Stops at a safepoint if the budget is exhausted, or `room` given, if that is; says whether that was written. */
  check(kind: SafepointKind, room?: bigint, callee?: Safepoint["callee"]): boolean {
    const isWritten = this.live && !this.omits("checks");
    if (this.live) this.canExit = true;
    if (isWritten) {
      this.note();
      const { out } = this;
      const safepoint = this.safepoint(kind, callee);
      if (this.scope.emission.isTraced) this.writeTrace();
      out.at("local.get", this.budget);
      if (room !== undefined) {
        out.at("local.get", this.room).i64(-room).op("i64.add").op("i64.or");
      }
      out.range(isExhausted, 0, isExhausted.length);
      this.openUnlikely();
      this.writeExit(safepoint);
      this.closeHost();
    }
    this.stretch = this.pending;
    return isWritten;
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

  /** Behind the function's code: spills what every safepoint needs and returns an exhausted budget. */
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
    const { results } = this.signature;
    for (const type of results.slice(0, -1)) frame.writeZero(type);
    out.i64(unwinding);
  }
}
