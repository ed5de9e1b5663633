/**
 * Whether emitted code may be entered where a state is, and with what budget: room, limits ahead, the host's consent, and that the
 * entry is paid for.
 *
 * Invariant: nothing of the state changes here; what is refused costs time only, since the block executor goes on.
 */
import type { MachineState } from "../state/machineState.ts";
import { type Cost, fuelOfEntry, quantum } from "./budget.ts";
import type { Caution } from "./caution.ts";
import { type Economy, overheads } from "./economy.ts";
import { places } from "./entryPlaces.ts";
import type { ExecutorInstances } from "./executorInstances.ts";
import type { ChosenOptions } from "./fastOptions.ts";
import type { FunctionPlan } from "./functionPlan.ts";
import type { Instance } from "./hostInstance.ts";
import { HostRefusal, refusing } from "./hostRefusal.ts";
import type { LightRuns } from "./lightRuns.ts";
import type { TieringPolicy } from "./tiering.ts";

/** What the conditions are read off; `policy` is undefined where the whole program is compiled at once. */
export interface EntryContext {
  readonly state: MachineState;
  readonly instances: ExecutorInstances;
  readonly lightRuns: LightRuns;
  readonly economy: Economy;
  readonly caution: Caution;
  readonly policy: TieringPolicy | undefined;
}

export class EntryConditions {
  private readonly state: MachineState;
  private readonly instances: ExecutorInstances;
  private readonly lightRuns: LightRuns;
  private readonly economy: Economy;
  private readonly caution: Caution;
  private readonly policy: TieringPolicy | undefined;
  private readonly options: ChosenOptions;

  constructor(context: EntryContext, options: ChosenOptions) {
    this.state = context.state;
    this.instances = context.instances;
    this.lightRuns = context.lightRuns;
    this.economy = context.economy;
    this.caution = context.caution;
    this.policy = context.policy;
    this.options = options;
  }

  /** Steps until the next entry is paid for; 0 if it is, or if it was not asked. */
  entryDelay(place: number, { compiled }: Instance): number {
    const { program, stepCounter, pc } = this.state;
    const isNew = place === places.loopHeader && !compiled.isResumable(pc);
    const records = isNew ? this.planAt(pc).total.steps + program.functions.length / 8 : 0;
    const price = overheads.entry + records * overheads.instruction;
    return this.economy.pay(price, stepCounter);
  }

  /** Steps and fuel for an entry; undefined if it would not get far or must not be. */
  budget(end: number): Cost | undefined {
    const { state } = this;
    const bound = this.caution.boundOf(state.stepCounter, end);
    if (bound === undefined) return undefined;
    const { compiled } = this.instances.current as Instance;
    const ofLight = this.lightRuns.mostOf(compiled, bound);
    if (ofLight !== undefined) {
      return this.lightRuns.firstPortion(compiled, ofLight, this.options.worthwhileSteps);
    }
    const { stretch, entrySteps } = compiled;
    const { quantum: ceiling, firstSteps } = this.options;
    const most = Math.min(ceiling, quantum, Math.max(entrySteps, firstSteps));
    const steps = Math.min(bound - state.stepCounter - stretch.steps, most);
    const left = state.fuelLimit - state.fuelCounter - stretch.fuel;
    const fuel = Math.min(left, fuelOfEntry(most));
    return Math.min(steps, fuel) < this.options.worthwhileSteps ? undefined : { steps, fuel };
  }

  /** What a function checks at its entry, for one that goes on behind it. */
  hasRoom(): boolean {
    const { state } = this;
    const { stackSlots, frames } = state.program.config.limits;
    const { need, pushesFrames } = this.planAt(state.pc);
    return state.fp + need <= stackSlots && state.depth + (pushesFrames ? 1 : 0) <= frames;
  }

  /** The function that is entered at `pc`. */
  planAt(pc: number): FunctionPlan {
    const { plan, entries } = (this.instances.current as Instance).compiled;
    const entry = entries.get(pc);
    if (entry === undefined) throw new RangeError(`expected an entry at pc ${pc}`);
    return plan.plans.at(entry.function);
  }

  /** The host may refuse a resuming module: then the reference runs the loop. */
  canResume(instance: Instance): boolean {
    const { pc } = this.state;
    try {
      refusing(() => instance.prepareLoop(pc));
      return true;
    } catch (error) {
      if (!(error instanceof HostRefusal)) throw error;
      this.instances.places.closeLoop(pc);
      return false;
    }
  }

  /** A loop that nothing has resumed yet has to show that it goes on for long enough to be worth that. */
  isHot(place: number, { compiled }: Instance): boolean {
    if (place !== places.loopHeader) return true;
    const { policy } = this;
    const { pc } = this.state;
    const isNew = policy !== undefined && !compiled.wasResumed(pc);
    const turns = isNew ? policy.turnsBeforeResuming(this.planAt(pc).total.steps) : 0;
    return this.instances.places.isMet(pc, this.options.loopPatience + turns);
  }
}
