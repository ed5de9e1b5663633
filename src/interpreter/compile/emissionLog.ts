/**
 * What the emission of one host module says of itself: its safepoints and exits, its calls, its loops, the instructions that
 * it leaves to the reference, its longest stretches without a check. Executor, deoptimiser and resuming modules read
 * these facts and derive none of them again; soundness.ts holds them against the program's instructions.
 *
 * Invariant: a fact is noted by the code that writes what it speaks of, and by nothing else.
 */

import type { Cost } from "./budget.ts";
import { largest, noCost } from "./budget.ts";
import type { FunctionRefusal } from "./engineBounds.ts";
import type { FunctionPlan, FunctionPlans } from "./functionPlan.ts";
import type { LoopEntry, Safepoint } from "./safepoints.ts";

/** What callers have to know of an emitted function. */
export interface EmittedFunction {
  /** Whether it can hand back an exhausted budget: it has an exit, or calls what may have one. */
  readonly canExit: boolean;
  /** Whether it lets the program see the fuel, so that its caller's pending cost must be settled. */
  readonly readsFuel: boolean;
}

/** A call as it stands in the code. */
export interface EmittedCall {
  readonly caller: number;
  /** Program-wide function index; undefined for an indirect call. */
  readonly callee: number | undefined;
  /** `light`: in light code, where a callee cannot stop. */
  readonly kind: "checked" | "unchecked" | "light" | "tail";
  /** Slots above the caller's frame pointer that the callee's frame may reach. */
  readonly slots: number;
}

/** Where the executor may enter emitted code, and how. */
export type Entry =
  | { readonly kind: "function"; readonly function: number; readonly pc: number }
  | {
      readonly kind: "loop";
      readonly function: number;
      readonly pc: number;
      readonly loop: LoopEntry;
    };

/** Longest stretches without a check: of functions that check at their entry, and of functions that do not. */
export interface Stretches {
  readonly checked: Cost;
  readonly unchecked: Cost;
}

/** Lengths of a log's lists at some time, and its stretches. */
export interface LogMark {
  readonly safepoints: number;
  readonly exits: number;
  readonly calls: number;
  readonly loops: number;
  readonly stretches: Stretches;
}

export class EmissionLog {
  readonly safepoints: Safepoint[];
  /** Numbers of the safepoints that code stops at. */
  readonly exits: number[] = [];
  readonly calls: EmittedCall[] = [];
  /** Loops in the order of their headers, outer ones first. */
  readonly loops: LoopEntry[] = [];
  /** By program-wide index, those that have been emitted: few of a large program's. */
  readonly functions: Map<number, EmittedFunction>;
  stretches: Stretches = { checked: noCost, unchecked: noCost };
  /** Functions that this module holds, by program-wide index. */
  readonly emitted: number[] = [];
  /** Functions that it calls and does not hold. */
  readonly outside = new Set<number>();
  /** Functions that stay on the reference, and why. */
  readonly refused = new Map<number, FunctionRefusal>();
  private readonly leftToReference = new Set<number>();

  /** `safepoints` is continued; `functions` are those of other modules, for a module that imports them. */
  constructor(safepoints: Safepoint[], functions: Map<number, EmittedFunction>) {
    this.safepoints = safepoints;
    this.functions = functions;
  }

  /** How far the log has come, for `refuse`. */
  mark(): LogMark {
    const { safepoints, exits, calls, loops, stretches } = this;
    return {
      safepoints: safepoints.length,
      exits: exits.length,
      calls: calls.length,
      loops: loops.length,
      stretches,
    };
  }

  /** Takes back what the emission of a function has noted since `before`; the function is left to the reference. */
  refuse(index: number, reason: FunctionRefusal, before: LogMark): void {
    this.safepoints.length = before.safepoints;
    this.exits.length = before.exits;
    this.calls.length = before.calls;
    this.loops.length = before.loops;
    this.stretches = before.stretches;
    this.refused.set(index, reason);
  }

  addSafepoint(safepoint: Safepoint): number {
    return this.safepoints.push(safepoint) - 1;
  }

  noteExit(safepoint: number): void {
    this.exits.push(safepoint);
  }

  noteCall(call: EmittedCall): void {
    this.calls.push(call);
  }

  noteLoop(loop: LoopEntry): void {
    this.loops.push(loop);
  }

  /** The instruction at `pc` is left to the reference, which may be in the middle of it. */
  noteLeftToReference(pc: number): void {
    this.leftToReference.add(pc);
  }

  noteFunction(index: number, emitted: EmittedFunction): void {
    this.functions.set(index, emitted);
    this.emitted.push(index);
  }

  /** The code calls a function that stands in another module, or nowhere yet. */
  noteOutside(index: number): void {
    this.outside.add(index);
  }

  noteStretch({ checksEntry }: FunctionPlan, stretch: Cost): void {
    const { checked, unchecked } = this.stretches;
    const known = checksEntry ? checked : unchecked;
    if (largest(known, stretch) === known) return;
    this.stretches = checksEntry
      ? { checked: largest(checked, stretch), unchecked }
      : { checked, unchecked: largest(unchecked, stretch) };
  }

  /** Whether a call of it needs neither a settled budget nor a check behind it. */
  isSafepointFree(index: number): boolean {
    const emitted = this.functions.get(index);
    return emitted !== undefined && !emitted.canExit && !emitted.readsFuel;
  }

  /**
   * Entries by pc: of the functions that it holds and of loops, without those that would stop at once, where the reference may be
   * half way through an instruction. A loop that begins a function is entered as a loop, since a frame that is there
   * may have come by a back-edge.
   */
  entries(plans: FunctionPlans): ReadonlyMap<number, Entry> {
    const entries = new Map<number, Entry>();
    for (const index of this.emitted) {
      if (this.refused.has(index)) continue;
      const { entryPc } = plans.at(index).entry;
      entries.set(entryPc, { kind: "function", function: index, pc: entryPc });
    }
    for (const loop of this.loops) {
      if (entries.get(loop.pc)?.kind === "loop") continue;
      entries.set(loop.pc, { kind: "loop", function: loop.function, pc: loop.pc, loop });
    }
    for (const pc of this.leftToReference) entries.delete(pc);
    return entries;
  }
}
