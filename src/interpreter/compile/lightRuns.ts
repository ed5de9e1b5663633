/**
 * What an executor has of light code: whether a run may be of it, what an entry may use, and what happens where one is lost.
 *
 * Invariant: an entry that used more than the run may use is lost, so no limit is passed; a loss leaves the state as it was.
 */
import type { MachineState } from "../state/machineState.ts";
import { type RefusedGrow, refusedGrow, takeBackRefusedGrow } from "../state/trapRecord.ts";
import { type Cost, lightPortion } from "./budget.ts";
import { worthwhileSteps } from "./caution.ts";
import type { CompiledProgram } from "./compiledProgram.ts";
import type { FastOptions } from "./fastOptions.ts";
import { type LightEntry, LightLoss, type LightPolicy } from "./lightEntry.ts";
import { type LightProgram, lightProgramOf } from "./lightPrograms.ts";
import type { Refills } from "./runtimeBudget.ts";
import { StoreDoubt } from "./runtimeCalls.ts";
import type { Tiers } from "./tiering.ts";

/**
 * Steps of emitted code that moving a byte into another memory takes at most: a step may take as little as a tenth of a
 * nanosecond.
 */
const stepsOfMovedByte = 8;

/** What is owed for an entry that was taken back, as long as it is not known how far it came. */
interface OpenLoss {
  readonly from: number;
  readonly most: number;
  readonly moved: number;
  readonly owed: number;
}

/** Of measurements that leave something out, and of functions that the reference keeps, there is no light code. */
function policyIn({ light, omitted = [], kept }: FastOptions): LightPolicy | undefined {
  return omitted.length === 0 && (kept?.size ?? 0) === 0 ? light : undefined;
}

export class LightRuns {
  /** Undefined if nothing is ever light. */
  readonly policy: LightPolicy | undefined;
  private readonly state: MachineState;
  private readonly program: LightProgram;
  private readonly entry: LightEntry;
  private open: OpenLoss | undefined;
  /** The last growth that was refused before the entry at hand. */
  private refused: RefusedGrow | undefined;

  constructor(state: MachineState, options: FastOptions, entry: LightEntry) {
    this.state = state;
    this.policy = policyIn(options);
    this.program = lightProgramOf(state.program);
    this.entry = entry;
  }

  /**
   * Whether a run up to step `end` may be of light code. It may not where there is too little fuel for that: a stretch of light code
   * is longer than one of code that can stop.
   */
  wants(end: number): boolean {
    const { policy, program, state } = this;
    if (policy === undefined || !program.isTrusted) return false;
    if (!policy.allows(end - state.stepCounter)) return false;
    const needed = (program.compiled?.stretch.fuel ?? 0) + worthwhileSteps;
    return state.fuelLimit - state.fuelCounter >= needed;
  }

  /** The code of such a run; undefined if there is none. Of a larger program the tiers say when it is worth compiling. */
  codeFor(end: number, tiers: Tiers | undefined): CompiledProgram | undefined {
    if (!this.wants(end)) return undefined;
    return tiers === undefined ? this.program.compile() : this.program.compiled;
  }

  /** What an entry may use in all that ends before step `bound`; undefined of code that can stop. */
  mostOf({ isLight }: CompiledProgram, bound: number): Cost | undefined {
    if (!isLight) return undefined;
    const { stepCounter, fuelCounter, fuelLimit } = this.state;
    return { steps: bound - stepCounter, fuel: fuelLimit - fuelCounter };
  }

  /** The first portion of an entry that may use so much; undefined if there are not so many steps before a limit. */
  firstPortion({ stretch }: CompiledProgram, most: Cost, leastSteps: number): Cost | undefined {
    const portion = Math.min(lightPortion, this.policy?.fuelOfRefill() ?? 0);
    const fuel = Math.min(portion, most.fuel - stretch.fuel);
    if (Math.min(most.steps - stretch.steps, fuel) < leastSteps) return undefined;
    return { steps: lightPortion, fuel };
  }

  /** An entry begins that may use so much. */
  begin(most: Cost): Refills {
    this.refused = refusedGrow(this.state);
    return this.entry.begin(most, this.policy as LightPolicy);
  }

  /** An entry has come to its end. Throws LightLoss if it has used more than it may: behind its last check it may have. */
  end(used: Cost, most: Cost): void {
    if (used.steps > most.steps || used.fuel > most.fuel) throw new LightLoss("a limit");
    this.entry.kept++;
  }

  /** Code that can stop has run so many steps. */
  earn(steps: number): void {
    this.program.earn(steps);
  }

  /**
   * An entry was taken back that had used so many steps at most, and after which so many bytes of memories have to move; throws what
   * tells of a fault, not of something it cannot do.
   */
  lose(
    error: unknown,
    used: { readonly known: number; readonly most: number },
    bytes: number,
  ): void {
    const isNoted = error instanceof LightLoss || error instanceof StoreDoubt;
    const isOfHost = error instanceof RangeError || error instanceof WebAssembly.RuntimeError;
    if (!isNoted && !isOfHost) throw error;
    this.entry.lost++;
    takeBackRefusedGrow(this.state, this.refused);
    const most = isNoted ? used.known : used.most;
    const moved = bytes * stepsOfMovedByte;
    const owed = this.debtOf(most + moved);
    this.open = isNoted ? undefined : { from: this.state.stepCounter, most, moved, owed };
    this.program.owe(owed);
  }

  private debtOf(lost: number): number {
    return (this.policy as LightPolicy).debtOf(lost);
  }

  /** A call has ended: an entry that was lost in it came no further. */
  settle(): void {
    const { open, state, program } = this;
    if (open === undefined) return;
    const ran = state.stepCounter - open.from;
    if (ran < open.most) program.earn(open.owed - this.debtOf(ran + open.moved));
    this.open = undefined;
  }
}
