/**
 * One entry into emitted code: the room and the budget that it is given, the state that it leaves behind, and what it tells those
 * who decide about the next.
 *
 * Invariant: behind `run` the registers, globals, stack and frames are those after as many steps as it says; where emitted code
 * throws, only memories, tables and what lies in the host have changed.
 */
import type { MachineState } from "../state/machineState.ts";
import { statusCodes } from "../state/machineState.ts";
import { enterTrap } from "../state/trapRecord.ts";
import type { Cost } from "./budget.ts";
import type { Caution } from "./caution.ts";
import { finishReturn, leftAfter, refuseUnsoundStop, restoreFrames } from "./deoptimise.ts";
import { type Economy, overheads } from "./economy.ts";
import type { EntryConditions } from "./entryConditions.ts";
import { places } from "./entryPlaces.ts";
import type { Instance } from "./hostInstance.ts";
import type { LightRuns } from "./lightRuns.ts";
import type { NestedCalls, StoppedCall } from "./nestedCalls.ts";
import type { ExecutorRuntime } from "./runtimeCalls.ts";
import type { Tiers } from "./tiering.ts";
import type { Unwinding } from "./unwinding.ts";

/** What an entry works with; `tiers` is undefined where the whole program is compiled at once. */
export interface EntryParts {
  readonly state: MachineState;
  readonly runtime: ExecutorRuntime;
  readonly lightRuns: LightRuns;
  readonly conditions: EntryConditions;
  readonly caution: Caution;
  readonly economy: Economy;
  readonly unwinding: Unwinding;
  readonly tiers: Tiers | undefined;
}

export class EmittedEntry {
  /** Entries so far. */
  count = 0;
  private readonly state: MachineState;
  private readonly runtime: ExecutorRuntime;
  private readonly lightRuns: LightRuns;
  private readonly conditions: EntryConditions;
  private readonly caution: Caution;
  private readonly economy: Economy;
  private readonly unwinding: Unwinding;
  private readonly tiers: Tiers | undefined;
  private readonly nested: NestedCalls;

  constructor(parts: EntryParts) {
    this.state = parts.state;
    this.runtime = parts.runtime;
    this.lightRuns = parts.lightRuns;
    this.conditions = parts.conditions;
    this.caution = parts.caution;
    this.economy = parts.economy;
    this.unwinding = parts.unwinding;
    this.tiers = parts.tiers;
    this.nested = parts.runtime.nested;
  }

  /** Enters at the state's pc. Throws what emitted code throws. */
  run(instance: Instance, place: number, budget: Cost, end: number): void {
    const { state } = this;
    const { stackSlots, frames } = state.program.config.limits;
    const { pc } = state;
    const { copied } = instance.globals;
    const bound = this.caution.boundOf(state.stepCounter, end) ?? state.stepCounter;
    const most = this.lightRuns.mostOf(instance.compiled, bound);
    const refills = most && this.lightRuns.begin(most);
    this.runtime.budget.begin(instance, budget, refills);
    this.count++;
    const { index, need } = this.conditions.planAt(pc);
    const room = {
      slots: Math.min(stackSlots - state.fp, Math.max(need, this.caution.nesting.slots)),
      frames: Math.min(
        frames - state.depth,
        this.caution.nesting.frames,
        instance.compiled.mostFrames,
      ),
    };
    this.nested.begin(room);
    instance.load(budget, room);
    if (place === places.functionEntry) instance.enterFunction(index);
    else instance.enterLoop(pc);
    const records = instance.spillRecords();
    this.economy.owe(instance.spilledValues * overheads.value);
    const { depth } = state;
    const { stopped } = this.nested;
    const used =
      stopped === undefined
        ? this.leave(instance, records, index, most)
        : this.leaveStopped(instance, records, stopped);
    this.economy.owe((instance.globals.copied - copied) * overheads.global);
    instance.compiled.lengthenEntries(used);
    this.unwinding.noteEntry(depth, records.length);
    this.noteEntry(instance, records, used.steps);
  }

  /** The state behind an entry that has returned or spilled its frames; what it has used. */
  private leave(
    instance: Instance,
    records: readonly number[],
    index: number,
    most: Cost | undefined,
  ): Cost {
    const { state } = this;
    const { budget } = this.runtime;
    const left = leftAfter(instance, records);
    const { steps, fuel } = budget.used(left);
    if (most === undefined) this.lightRuns.earn(steps);
    else this.lightRuns.end({ steps, fuel: fuel + budget.charged }, most);
    instance.globals.store();
    if (records.length > 0) restoreFrames(state, instance, records);
    else finishReturn(state, instance, state.program.functions[index].results);
    state.stepCounter += steps;
    state.fuelCounter += fuel + budget.charged;
    return { steps, fuel };
  }

  /** The state behind an entry whose frames wait for a call that has stopped in the block executor. */
  private leaveStopped(instance: Instance, records: readonly number[], stopped: StoppedCall): Cost {
    const { state } = this;
    refuseUnsoundStop(state, instance, records, stopped);
    restoreFrames(state, instance, records, true);
    const { registers, trap } = stopped;
    const steps = registers.stepCounter - state.stepCounter;
    const fuel = registers.fuelCounter - state.fuelCounter;
    Object.assign(state, registers);
    if (trap !== 0) enterTrap(state, trap);
    return { steps, fuel };
  }

  /** What an entry tells the tiers: its steps, and the function that it stopped for because it is not compiled. */
  private noteEntry(instance: Instance, records: readonly number[], steps: number): void {
    const { tiers, state } = this;
    if (tiers === undefined) return;
    tiers.observeEmitted(steps - this.nested.steps);
    if (state.status !== statusCodes.running || records.length === 0) return;
    const isOutside =
      this.nested.stopped !== undefined ||
      instance.compiled.safepoints[instance.memory[records[0]]].kind === "outside";
    if (isOutside) tiers.observe(state.pc, overheads.entry + records.length * 16);
  }
}
