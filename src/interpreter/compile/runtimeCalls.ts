/**
 * What emitted code calls while it runs: the first store to a chunk, long instructions and those of tables, the time,
 * functions that are not compiled.
 * What they do is what the reference's handlers say (runtimeAccess.ts).
 *
 * Invariant: an instruction is done whole and its cost spent, or it is refused and nothing has happened: then emitted code
 * stops before it and the reference executes it.
 */
import { markDirty, timeMs } from "../reference/instructions/handler.ts";
import type { MachineState } from "../state/machineState.ts";
import type { Economy } from "./economy.ts";
import type { RuntimeCalls } from "./hostInstance.ts";
import { LightEntry } from "./lightEntry.ts";
import { NestedCalls } from "./nestedCalls.ts";
import { RuntimeAccess } from "./runtimeAccess.ts";
import { RuntimeBudget } from "./runtimeBudget.ts";
import type { UndoLog } from "./undoLog.ts";

/**
 * Thrown through emitted code when a store might not be able to pay for its chunk, or when a store of a group lies out of
 * bounds: its neighbours in bounds come first, and what they overwrite would not have been saved.
 */
export class StoreDoubt extends Error {}

export class ExecutorRuntime implements RuntimeCalls {
  readonly budget: RuntimeBudget;
  readonly nested: NestedCalls;
  readonly light: LightEntry;
  private readonly state: MachineState;
  private readonly undo: UndoLog;
  private readonly access: RuntimeAccess;

  /** @param nestedSteps most steps of a call beside emitted frames */
  constructor(state: MachineState, undo: UndoLog, economy: Economy, nestedSteps: number) {
    this.state = state;
    this.undo = undo;
    this.budget = new RuntimeBudget(state);
    this.nested = new NestedCalls(state, undo, this.budget, economy, nestedSteps);
    this.light = new LightEntry(this.budget);
    this.access = new RuntimeAccess(state, undo, this.budget);
  }

  /**
   * A store into a chunk that it would be the first to write since the checkpoint, or a store that straddles.
   * Throws StoreDoubt where the reference has to tell what happens.
   */
  writeBarrier(memory: number, address: number, offset: number, width: number): void {
    const at = (address >>> 0) + (offset >>> 0);
    if (at + width > this.state.memories[memory].bytes.length) throw new StoreDoubt();
    if (this.undo.isReady(memory, at, width)) return;
    if (!markDirty(this.access, memory, at, width)) throw new StoreDoubt();
  }

  /** An instruction as a whole, operands from the deepest on; false, and nothing done, if the reference has to do it. */
  runtimeCall(pc: number, first: number, second: number, third: number): boolean {
    const outcome = this.access.perform(pc, first, second, third);
    if (outcome === "doubtful") throw new StoreDoubt();
    return outcome === "done";
  }

  /** A function that is not compiled; false if it stops at its entry (nestedCalls.ts). */
  nestedCall(slots: number, frames: number): boolean {
    return this.nested.call({ slots, frames });
  }

  refill(safepoint: number): void {
    this.light.refill(safepoint);
  }

  move(): void {
    this.budget.instance.move();
  }

  time(): void {
    this.budget.instance.setTime(timeMs(this.access));
  }
}
