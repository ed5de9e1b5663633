/**
 * The access of runtime calls: the reference's handlers (reference/instructions/) over the live state while emitted code
 * runs, on operands that emitted code hands over. A long instruction is done whole, as if its pieces were one.
 *
 * Invariant: what is overwritten is in the undo log before; cost and clean chunks are taken from the budget at hand. An
 * instruction that is not done has changed nothing.
 */
import { operandCount } from "../isa/operandCount.ts";
import { trapCodes } from "../isa/trapCodes.ts";
import { FlatAccess } from "../reference/flatAccess.ts";
import { stepsOf } from "../reference/pieces.ts";
import { execute } from "../reference/step.ts";
import type { MachineState, TableState } from "../state/machineState.ts";
import { noteRefusedGrow } from "../state/trapRecord.ts";
import type { RuntimeBudget } from "./runtimeBudget.ts";
import type { UndoLog } from "./undoLog.ts";

/** Most entries of a host table: an implementation limit of the engines. */
const hostTableEntries = 10_000_000;

/** Thrown through a handler that has changed nothing yet: the reference has to do the instruction, step by step. */
class LeftToReference extends Error {}

/** What a runtime call came to: done, left to the reference, or not sure to be able to pay for a chunk. */
export type Outcome = "done" | "left" | "doubtful";

interface WrittenEntries {
  readonly table: number;
  readonly first: number;
  readonly count: number;
}

const nothing: WrittenEntries = { table: 0, first: 0, count: 0 };
/** No trap has this code. */
const leftToReference = -1;

export class RuntimeAccess extends FlatAccess {
  private readonly undo: UndoLog;
  private readonly budget: RuntimeBudget;
  /** Operands by the instruction's number. */
  private readonly counts: number[] = [];
  /** Steps that the instruction at hand is paid for. */
  private paid = 0;
  /** Entries of a table that the instruction at hand has written. */
  private written: WrittenEntries = nothing;

  constructor(state: MachineState, undo: UndoLog, budget: RuntimeBudget) {
    super();
    this.undo = undo;
    this.budget = budget;
    this.attach(state);
    this.stack = new Int32Array(8);
  }

  /** Does the instruction at `pc` on its operands, the deepest first; a result goes to the machine memory. */
  perform(pc: number, first: number, second: number, third: number): Outcome {
    const { budget } = this;
    this.fetch(pc);
    this.sp = this.counts[this.op] ??= operandCount(this.program, pc);
    this.setSlot(0, first, 0);
    this.setSlot(1, second, 0);
    this.setSlot(2, third, 0);
    this.inputLength = this.state.input.length;
    this.paid = 0;
    const { charged } = budget;
    if (!this.pay(1)) return "left";
    const trap = this.attempt();
    if (trap === trapCodes.outOfFuel) return "doubtful";
    if (trap !== trapCodes.none) {
      budget.giveBack(this.paid, this.paid * this.cost);
      budget.charged = charged;
      return "left";
    }
    if (this.sp === 1) budget.instance.setResult(this.low(0));
    if (this.written !== nothing) this.mirror(this.written);
    return "done";
  }

  private pay(steps: number): boolean {
    if (!this.budget.spend(steps, steps * this.cost)) return false;
    this.paid += steps;
    return true;
  }

  /** Tells the host's table what the state's has become. */
  private mirror({ table, first, count }: WrittenEntries): void {
    this.budget.instance.tables.write(table, this.state.tables[table], first, count);
    this.written = nothing;
  }

  private attempt(): number {
    try {
      return execute(this);
    } catch (error) {
      if (error instanceof LeftToReference) return leftToReference;
      throw error;
    }
  }

  /** All that there is, if the steps of its pieces can be paid for; the first of them is. */
  override piece(first: number, count: number, unit: number): number {
    const more = stepsOf(first, count, unit) - 1;
    if (more > 0 && !this.pay(more)) throw new LeftToReference();
    return count;
  }

  // Fuel; the instruction's own is spent already

  override affords(chunks: number): boolean {
    return chunks === 0 || this.budget.affords(chunks * this.state.program.config.chunkFuel);
  }

  override charge(chunks: number): void {
    if (chunks > 0) this.budget.charge(chunks * this.state.program.config.chunkFuel);
  }

  override fuelIn(unit: number): number {
    return Math.floor(this.budget.fuelCounter / unit);
  }

  // Memories

  override setMemoryPages(memory: number, pages: number): void {
    if (pages === this.memoryPages(memory)) return;
    if (!this.undo.grow(memory, pages)) throw new LeftToReference();
  }

  override noteRefusedGrowth(memory: number, requested: number): void {
    noteRefusedGrow(this.state, this.budget.stepCounter - 1, this.pc, memory, requested);
  }

  override copyInto(
    to: number,
    target: number,
    from: "data" | "input",
    source: number,
    length: number,
  ): void {
    super.copyInto(to, target, from, source, length);
    if (from === "input") this.budget.instance.bringInput(length);
  }

  override setDirty(memory: number, chunk: number): void {
    this.undo.save(memory, chunk);
    super.setDirty(memory, chunk);
  }

  // Tables

  override setTableSize(table: number, size: number): void {
    if (size > hostTableEntries) throw new LeftToReference();
    const before = this.tableSize(table);
    if (size === before) return;
    this.undo.tables.saveSize(table);
    super.setTableSize(table, size);
    this.written = { table, first: before, count: size - before };
  }

  protected override touched(table: number, index: number, length: number): TableState {
    this.undo.tables.save(table, index, length);
    this.written = { table, first: index, count: length };
    return super.touched(table, index, length);
  }

  override setDropped(segment: number): void {
    this.undo.tables.drop(segment);
  }
}
