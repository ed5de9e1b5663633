/**
 * Runs a state on the host's engine: emitted code from function entries and loop headers on, the reference wherever
 * that cannot go: near a limit, at instructions that are not emitted, at traps, in frames between two such places.
 *
 * Invariant: whenever `run` returns, the state is the one that as many steps of the reference would leave.
 */

import { runOneBlock, runToGate } from "../blocks/runBlockwise.ts";
import { run } from "../blocks/runSteps.ts";
import { type MachineState, statusCodes } from "../state/machineState.ts";
import { allocatorOf, setAllocator } from "../state/memories.ts";
import type { Cost } from "./budget.ts";
import { Caution } from "./caution.ts";
import { bytesOf, Economy, overheads } from "./economy.ts";
import { EmittedEntry } from "./emittedEntry.ts";
import { EntryConditions } from "./entryConditions.ts";
import { type EntryPlaces, places } from "./entryPlaces.ts";
import { ExecutorInstances } from "./executorInstances.ts";
import { type ChosenOptions, chosenOptions, type FastOptions } from "./fastOptions.ts";
import type { Instance } from "./hostInstance.ts";
import { HostMemories } from "./hostMemories.ts";
import { HostRefusal, refusing } from "./hostRefusal.ts";
import type { LightEntry } from "./lightEntry.ts";
import { LightRuns } from "./lightRuns.ts";
import type { NestedCalls } from "./nestedCalls.ts";
import { ExecutorRuntime, StoreDoubt } from "./runtimeCalls.ts";
import type { Tiers } from "./tiering.ts";
import { tiersFor } from "./tiersOfProgram.ts";
import { UndoLog } from "./undoLog.ts";
import { Unwinding } from "./unwinding.ts";

export type { FastOptions } from "./fastOptions.ts";

/** Steps of the block executor in a function that is not compiled, where no policy looks at it. */
const sliceSteps = 4096;

export class FastExecutor {
  readonly state: MachineState;
  /** Why the host cannot run the program; undefined if it can. */
  refusal: string | undefined;
  private readonly host: HostMemories;
  private readonly undo: UndoLog;
  private readonly options: ChosenOptions;
  /** Undefined where the whole program is compiled at once. */
  private readonly tiers: Tiers | undefined;
  private readonly instances: ExecutorInstances;
  private readonly economy: Economy;
  /** Steps that the reference has to run before an entry is paid for. */
  private delay = 0;
  private readonly caution = new Caution();
  private readonly runtime: ExecutorRuntime;
  private readonly nested: NestedCalls;
  private readonly unwinding = new Unwinding();
  private readonly lightRuns: LightRuns;
  private readonly conditions: EntryConditions;
  private readonly entry: EmittedEntry;

  constructor(state: MachineState, options: FastOptions = {}) {
    this.state = state;
    const allocator = allocatorOf(state);
    this.host = allocator instanceof HostMemories ? allocator : new HostMemories();
    this.undo = new UndoLog(state, this.host);
    this.economy = new Economy(state.stepCounter, options.givenSteps);
    this.options = chosenOptions(options);
    this.runtime = new ExecutorRuntime(state, this.undo, this.economy, this.options.nestedSteps);
    this.nested = this.runtime.nested;
    this.instances = new ExecutorInstances(state, this.host, this.runtime, this.options);
    this.lightRuns = new LightRuns(state, options, this.runtime.light);
    let tiers: Tiers | undefined;
    this.attempt(() => {
      tiers = tiersFor(state.program, options);
    });
    this.tiers = tiers;
    this.nested.tiers = tiers;
    const { instances, lightRuns, economy, caution } = this;
    this.conditions = new EntryConditions(
      { state, instances, lightRuns, economy, caution, policy: tiers?.policy },
      this.options,
    );
    const { runtime, conditions, unwinding } = this;
    this.entry = new EmittedEntry({
      ...{ state, runtime, lightRuns, conditions, caution, economy, unwinding, tiers },
    });
    // What a run wants of light code its first one tells.
    if (this.lightRuns.policy === undefined) this.prepare();
  }

  /** Compiles a program that is compiled at once, unless that has been done. */
  prepare(): void {
    if (this.tiers !== undefined || this.refusal !== undefined || this.current !== undefined)
      return;
    this.attempt(() => this.follow(Number.MAX_SAFE_INTEGER));
  }

  /** Entries into emitted code so far. */
  get entries(): number {
    return this.entry.count;
  }

  /** Calls that were run beside emitted frames so far. */
  get nestedCalls(): number {
    return this.nested.calls;
  }

  /** What light code has come to so far. */
  get light(): LightEntry {
    return this.runtime.light;
  }

  /** What runs; undefined while nothing is compiled. */
  private get current(): Instance | undefined {
    return this.instances.current;
  }

  /** Where it can be entered. */
  private get places(): EntryPlaces {
    return this.instances.places;
  }

  private get isLight(): boolean {
    return this.instances.current?.compiled.isLight ?? false;
  }

  /** Takes over what is compiled by now of what a run up to `end` wants. Throws HostRefusal. */
  private follow(end: number): void {
    const { tiers, instances } = this;
    const light = this.lightRuns.codeFor(end, tiers);
    if (light !== undefined) instances.follow(light);
    else if (tiers === undefined) instances.compileWhole();
    else instances.follow(tiers.compiled);
  }

  /** Does something that the host may refuse. */
  private attempt(action: () => void): void {
    try {
      action();
    } catch (error) {
      if (error instanceof HostRefusal || error instanceof WebAssembly.LinkError) {
        this.refusal = error.message;
      } else {
        throw error;
      }
    }
  }

  /** Why the host did not take what was chosen last of those that it did not; undefined if it took all. */
  get batchRefusal(): string | undefined {
    return this.tiers?.refusal;
  }

  /** Whether the state's memories are where emitted code expects them, if there is any. */
  get isAttached(): boolean {
    return this.current === undefined || this.host.hold(this.state);
  }

  /** Bytes of the module that the host compiles; 0 if it refuses. */
  get codeBytes(): number {
    return this.current?.compiled.mainBytes ?? 0;
  }

  /** Entries of host tables that were compared with the state's so far. */
  get comparedEntries(): number {
    return this.instances.comparedEntries;
  }

  /** Globals that were copied between the state and host globals so far. */
  get copiedGlobals(): number {
    return this.instances.copiedGlobals;
  }

  /** Runs at most `steps` steps, or until the machine halts. */
  run(steps = Number.MAX_SAFE_INTEGER): void {
    const { state } = this;
    const end = Math.min(state.stepCounter + steps, Number.MAX_SAFE_INTEGER);
    if (this.refusal === undefined && this.isAttached) this.attempt(() => this.follow(end));
    while (state.status === statusCodes.running && state.stepCounter < end) {
      if (
        this.lightRuns.wants(end) !== this.isLight &&
        this.refusal === undefined &&
        this.isAttached
      ) {
        this.attempt(() => this.follow(end));
      }
      const isLeft = this.refusal !== undefined || !this.isAttached;
      if (isLeft) run(state, { steps: end - state.stepCounter });
      else if (!this.enter(end)) this.stepOn(end);
    }
    if (state.status !== statusCodes.running) this.lightRuns.settle();
  }

  /** Steps at least once, up to the next place where emitted code can go on, or where there is something to decide. */
  private stepOn(end: number): void {
    const { state } = this;
    if (this.places.at(state.pc) === places.none) {
      this.runSlice(end);
      return;
    }
    if (this.conditions.budget(end) === undefined) {
      const until = this.caution.endOf(state.stepCounter, end);
      run(state, { steps: until - state.stepCounter });
      return;
    }
    if (this.delay > 0) {
      run(state, { steps: Math.min(this.delay, end - state.stepCounter) });
      this.delay = 0;
      return;
    }
    let until = end;
    if (this.places.at(state.pc) === places.inside && this.unwinding.isUnder(state.depth)) {
      until = this.unwinding.goOn(state, end, this.places);
      if (!this.isInside(until)) return;
    }
    do {
      runOneBlock(state, until - state.stepCounter);
    } while (this.isInside(until));
  }

  /** Whether there is a step to be done before `end`, and emitted code cannot go on here. */
  private isInside(end: number): boolean {
    const { state, places: at } = this;
    if (state.status !== statusCodes.running || state.stepCounter >= end) return false;
    return at.at(state.pc) === places.inside;
  }

  /** Runs code that is not compiled, up to code that is or to the next look at what should be. */
  private runSlice(end: number): void {
    const { state, tiers } = this;
    const steps = tiers?.policy.sliceSteps() ?? sliceSteps;
    const before = state.stepCounter;
    runToGate(state, Math.min(steps, end - before), this.places.bytes);
    if (tiers === undefined) return;
    const { pc, status, depth, frames } = state;
    if (status === statusCodes.running) {
      const isCall = this.places.at(pc) === places.functionEntry && depth > 0;
      tiers.observe(isCall ? frames[(depth - 1) * 2] - 1 : pc, state.stepCounter - before);
    }
    if (tiers.unlooked < steps) return;
    this.attempt(() => {
      if (tiers.look(this.lightRuns.wants(end))) this.follow(end);
    });
  }

  /** Runs emitted code from the state's pc on; false if the reference has to make a step first. */
  private enter(end: number): boolean {
    const { state, current } = this;
    const place = this.places.at(state.pc);
    if (place === places.none || place === places.inside) return false;
    if (current === undefined || !this.host.hold(state)) return false;
    // A memory whose growth was taken back, and that has grown again since, fits once more: growth is the host's again.
    if (allocatorOf(state) !== this.host) setAllocator(state, this.host);
    if (place === places.loopHeader && !this.conditions.hasRoom()) return false;
    if (this.conditions.budget(end) === undefined || !this.conditions.isHot(place, current))
      return false;
    this.delay = this.conditions.entryDelay(place, current);
    if (this.delay > 0) return false;
    if (place === places.loopHeader && !this.conditions.canResume(current)) return false;
    const budget = this.conditions.budget(end);
    if (budget === undefined) return false;
    const before = state.stepCounter;
    const caller = state.depth > 0 ? state.frames[(state.depth - 1) * 2] - 1 : -1;
    if (!current.tables.isInSync(state)) {
      this.attempt(() => refusing(() => current.tables.sync(state)));
    }
    if (this.refusal !== undefined) return false;
    this.undo.checkpoint();
    try {
      this.entry.run(current, place, budget, end);
      const saving = this.undo.savedChunks * overheads.chunk;
      this.economy.owe(saving);
      // A function that is not compiled and calls one that is pays for the entry.
      const isCharged = place === places.functionEntry && caller >= 0;
      if (isCharged && this.places.at(caller) === places.none) {
        this.tiers?.observe(caller, overheads.entry + saving);
      }
    } catch (error) {
      this.recover(error, place, budget, end);
      return true;
    }
    return state.stepCounter > before;
  }

  private rollBack(): void {
    this.undo.rollBack();
    this.nested.rollBack();
  }

  /** Back to the checkpoint; finds out how far emitted code can go, and lets the reference do what comes then. */
  private recover(error: unknown, place: number, budget: Cost, end: number): void {
    const { usedSteps, mostUsedSteps } = this.runtime.budget;
    this.rollBack();
    if (error instanceof HostRefusal) {
      this.refusal = error.message;
    } else if (this.isLight) {
      const bytes = this.isAttached ? 0 : bytesOf(this.state);
      this.lightRuns.lose(error, { known: usedSteps, most: mostUsedSteps }, bytes);
      if (error instanceof RangeError) this.caution.shrinkNesting(this.state.stepCounter);
      if (bytes > 0) this.attempt(() => this.instances.renew());
    } else if (error instanceof StoreDoubt) {
      this.beCautious(budget.steps - this.runtime.budget.instance.budgetAtHand().steps);
    } else if (error instanceof RangeError) {
      this.caution.shrinkNesting(this.state.stepCounter);
    } else if (error instanceof WebAssembly.RuntimeError) {
      // Frames that no longer found room for their records are no trap of the program.
      if (this.runtime.budget.instance.isSpillFull())
        this.caution.shrinkNesting(this.state.stepCounter);
      // Where a memory had grown the block executor goes on.
      else if (this.isAttached) this.attempt(() => this.trace(place, budget, end));
    } else {
      throw error;
    }
  }

  /** The trap, or what else it is, comes within a stretch behind so many steps. */
  private beCautious(steps: number): void {
    const { stretch } = this.runtime.budget.instance.compiled;
    this.caution.expect(this.state.stepCounter + steps, stretch.steps);
  }

  /** Runs again with code that notes the budget at every check, to know the last one before the trap. */
  private trace(place: number, budget: Cost, end: number): void {
    const traced = this.instances.tracedInstance();
    refusing(() => {
      traced.tables.sync(this.state);
      if (place === places.loopHeader) traced.prepareLoop(this.state.pc);
    });
    this.undo.checkpoint();
    const before = this.state.stepCounter;
    try {
      this.entry.run(traced, place, budget, end);
      // Traced code is longer, so a function may be left to the reference in it alone.
      if (this.state.stepCounter === before) this.beCautious(0);
    } catch (error) {
      this.rollBack();
      if (error instanceof HostRefusal) {
        this.refusal = error.message;
      } else if (error instanceof RangeError) {
        this.caution.shrinkNesting(this.state.stepCounter);
      } else if (error instanceof WebAssembly.RuntimeError || error instanceof StoreDoubt) {
        this.beCautious(budget.steps - traced.tracedBudget().steps);
      } else {
        throw error;
      }
    }
  }
}
