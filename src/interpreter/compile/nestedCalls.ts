/**
 * Calls of functions that are not compiled, run by the block executor while the frames that call them stay on the host's
 * stack: most of them are short, and unwinding, rebuilding and entering again costs as much as thousands of steps.
 *
 * Invariant: a call lies at its true place in stack and frames, with the true counters; so wherever it stops, its callers
 * unwind, their frames are rebuilt below it, and the state is the reference's. What it writes can be taken back with the entry.
 */
import { type CallEnd, CallRunner } from "../blocks/runCall.ts";
import { touchGlobal } from "../state/globals.ts";
import { type MachineState, registersIn, type StateRegisters } from "../state/machineState.ts";
import type { Cost } from "./budget.ts";
import { type Economy, overheads } from "./economy.ts";
import type { RuntimeBudget } from "./runtimeBudget.ts";
import type { Tiers } from "./tiering.ts";
import type { UndoLog } from "./undoLog.ts";

/** Most steps of a call; a longer one goes on without the frames below. */
export const nestedSteps = 4096;

/** Frames and slots that are left to a call. */
export interface Room {
  readonly slots: number;
  readonly frames: number;
}

/** A call that did not return: where it is, and the place of its first frame. */
export interface StoppedCall {
  readonly registers: StateRegisters;
  /** A trap's code that the state has still to enter; 0 if none. */
  readonly trap: number;
  readonly fp: number;
  readonly depth: number;
}

export class NestedCalls {
  /** Calls that were run so far. */
  calls = 0;
  /** Steps of the calls of the entry at hand. */
  steps = 0;
  /** The call that the entry at hand has stopped in. */
  stopped: StoppedCall | undefined;
  /** Says what is compiled, if that is decided while it runs. */
  tiers: Tiers | undefined;
  private readonly state: MachineState;
  private readonly budget: RuntimeBudget;
  private readonly economy: Economy;
  private readonly mostSteps: number;
  private readonly runner: CallRunner;
  private room: Room = { slots: 0, frames: 0 };
  /** At the entry at hand, once it has made a call. */
  private registers: StateRegisters | undefined;
  private readonly globals: Int32Array;

  constructor(
    state: MachineState,
    undo: UndoLog,
    budget: RuntimeBudget,
    economy: Economy,
    mostSteps: number,
  ) {
    this.state = state;
    this.budget = budget;
    this.economy = economy;
    this.mostSteps = mostSteps;
    this.runner = new CallRunner(state, undo);
    this.globals = new Int32Array(state.globals.length);
  }

  /** An entry begins with this room. */
  begin(room: Room): void {
    this.room = room;
    this.registers = undefined;
    this.stopped = undefined;
    this.steps = 0;
  }

  /** Takes back what calls of the entry have changed but for memories. */
  rollBack(): void {
    const { state, registers } = this;
    if (registers === undefined) return;
    Object.assign(state, registers);
    if (state.globals.length > 0) touchGlobal(state.globalChanges, 0);
    state.globals.set(this.globals);
    this.stopped = undefined;
  }

  /**
   * The call that the machine memory names, with its arguments there; false, and nothing done, if it should stop at its entry.
   * Behind it the machine memory holds results and budget, or the budget of frames that have to unwind.
   */
  call(room: Room): boolean {
    const { state, budget } = this;
    const { instance } = budget;
    const index = instance.calledFunction(state.tables);
    const fp = state.fp + this.room.slots - room.slots;
    const depth = state.depth + this.room.frames - room.frames;
    if (depth <= state.depth || !this.isWorthwhile()) return false;
    if (this.registers === undefined) {
      this.registers = registersIn(state);
      this.globals.set(state.globals);
    }
    const entered = this.registers;
    instance.globals.store();
    const { entryPc } = this.place(index, fp, depth);
    const given = instance.budgetAtHand();
    const steps = Math.min(this.mostSteps, given.steps);
    const before = { steps: state.stepCounter, fuel: state.fuelCounter };
    state.fuelLimit = state.fuelCounter + given.fuel;
    const end = this.runner.run(before.steps + steps);
    const used = this.used(before);
    this.steps += used.steps;
    this.tiers?.observe(entryPc, used.steps + overheads.nested);
    if (end !== "returned") {
      state.fuelLimit = entered.fuelLimit;
      this.stop(end, fp, depth);
      Object.assign(state, entered);
      return true;
    }
    instance.setSlots(state.stack, fp, state.program.functions[index].results);
    instance.lowerAtHand(used.steps, used.fuel);
    Object.assign(state, entered);
    instance.globals.load();
    return true;
  }

  private isWorthwhile(): boolean {
    const { state, budget, tiers, economy } = this;
    const { steps, fuel } = budget.instance.budgetAtHand();
    if (this.mostSteps === 0 || Math.min(steps, fuel) <= 0) return false;
    // What is marked is copied as a whole.
    if (state.globalChanges.chunkVersions.length > 1) return false;
    if (tiers !== undefined && tiers.unlooked >= tiers.policy.sliceSteps()) return false;
    return economy.pay(overheads.nested, budget.stepCounter) === 0;
  }

  /** Makes the function's frame, with the arguments from the machine memory, the running one. */
  private place(index: number, fp: number, depth: number): { entryPc: number } {
    const { state, budget, runner } = this;
    const { entryPc, params, locals } = state.program.functions[index];
    const { stepCounter, fuelCounter } = budget;
    state.stack.set(budget.instance.slots(params), fp * 2);
    state.stack.fill(0, (fp + params) * 2, (fp + locals) * 2);
    state.pc = entryPc;
    state.fp = fp;
    state.sp = fp + locals;
    state.depth = depth;
    state.stepCounter = stepCounter;
    state.fuelCounter = fuelCounter;
    runner.returnToGate();
    runner.context.blocks.countCall(entryPc);
    this.calls++;
    return { entryPc };
  }

  private used({ steps, fuel }: Cost): Cost {
    const { stepCounter, fuelCounter } = this.state;
    return { steps: stepCounter - steps, fuel: fuelCounter - fuel };
  }

  private stop(end: CallEnd, fp: number, depth: number): void {
    const trap = end === "trapped" ? this.runner.context.trap : 0;
    this.stopped = { registers: registersIn(this.state), trap, fp, depth };
    this.budget.instance.unwindAtHand();
  }
}
