/**
 * Which functions are compiled, and when: what the block executor was seen to spend in each function, and what it cost
 * that emitted code met functions that are not compiled, decide it.
 *
 * Invariant: a choice changes nothing but the time; whatever a policy answers, states are those of the reference.
 */
import type { BlockCode } from "../blocks/blockCode.ts";
import { blocksOf } from "../blocks/runBlockwise.ts";
import { lastAtMost } from "../program/lastAtMost.ts";
import type { Program } from "../program/program.ts";
import { CompiledProgram, planOf } from "./compiledProgram.ts";
import { referencesOf } from "./functionReferences.ts";
import { HostRefusal } from "./hostRefusal.ts";
import { lightProgramOf } from "./lightPrograms.ts";
import type { ProgramPlan } from "./programPlan.ts";
import type { Emission } from "./safepoints.ts";
import { plainEmission } from "./safepoints.ts";

/** What to compile next: functions beside those that are, or all of these together in place of them, or light code of all. */
export interface TieringStep {
  readonly kind: "batch" | "anew" | "light";
  /** Program-wide indices; all of them for a program that is compiled as a whole. */
  readonly functions: readonly number[];
}

export interface TieringPolicy {
  /** Steps that the block executor runs between two looks. */
  sliceSteps(): number;
  /** Turns that a stopped loop in a function of so many instructions makes beyond others before it is resumed. */
  turnsBeforeResuming(instructions: number): number;
  /** What to do now; undefined for nothing. */
  next(tiers: Tiers, wantsLight: boolean): TieringStep | undefined;
}

/** What is compiled of a program, and what is known of its functions; states that run the program share it. */
export class Tiers {
  readonly program: Program;
  readonly plan: ProgramPlan;
  readonly policy: TieringPolicy;
  readonly blocks: BlockCode;
  /** The functions that are compiled now; undefined before the first are. */
  compiled: CompiledProgram | undefined;
  /** Steps that were seen in each function, and what it cost that it was not compiled, in steps. */
  readonly weights: Float64Array;
  /** Functions whose weight has grown since a policy asked last. */
  readonly touched = new Set<number>();
  /** Steps put down since the policy looked last. */
  unlooked = 0;
  /** Steps that were seen since functions were compiled last, of the block executor with costs. */
  seen = 0;
  /** The same, of all time. */
  seenInAll = 0;
  /** Steps of emitted code of all time. */
  emittedInAll = 0;
  /** Steps of emitted code since all was compiled anew last. */
  emittedSteps = 0;
  /** Why the host did not take a batch; undefined if it took them all. */
  refusal: string | undefined;
  /** Whether the host did not take all that was to be compiled anew: then what is compiled stays. */
  refusesAnew = false;
  /** Functions that the host could not compile in a batch. */
  private readonly unfit = new Set<number>();
  /** Entry pcs of functions, ascending, and the functions. */
  private readonly starts: Int32Array;
  private readonly functionAtStart: Int32Array;

  private readonly emission: Emission;

  /**
   * Throws HostRefusal if the host cannot run the program at all.
   *
   * @param kept functions that the reference keeps although they are chosen
   */
  constructor(program: Program, policy: TieringPolicy, kept: ReadonlySet<number> = new Set()) {
    this.emission = { ...plainEmission, kept };
    this.program = program;
    this.policy = policy;
    this.plan = planOf(program);
    this.blocks = blocksOf(program);
    const { functions, boot } = program;
    const order = Array.from(functions.keys());
    order.sort((a, b) => functions[a].entryPc - functions[b].entryPc);
    const starts = order.map((index) => functions[index].entryPc);
    // The boot function is the last; it is never compiled.
    if (boot !== undefined) {
      order.push(-1);
      starts.push(boot.entryPc);
    }
    this.starts = Int32Array.from(starts);
    this.functionAtStart = Int32Array.from(order);
    this.weights = new Float64Array(functions.length);
  }

  /** Program-wide index of the function that holds `pc`; −1 for the boot function. */
  functionAt(pc: number): number {
    const { starts } = this;
    return this.functionAtStart[lastAtMost(starts.length, (index) => starts[index], pc)];
  }

  /** Steps of an entry into emitted code. */
  observeEmitted(steps: number): void {
    this.emittedSteps += steps;
    this.emittedInAll += steps;
  }

  /** Steps, or what they would have taken, that are put down to the function that holds `pc`. */
  observe(pc: number, steps: number): void {
    this.seen += steps;
    this.seenInAll += steps;
    this.unlooked += steps;
    const index = this.functionAt(pc);
    if (index < 0) return;
    this.weights[index] += steps;
    this.touched.add(index);
  }

  /** Instructions of the program. */
  get instructions(): number {
    return this.plan.program.heights.length;
  }

  /** Program-wide indices of all functions that can be compiled. */
  get all(): readonly number[] {
    return this.plan.plans.ofHost;
  }

  instructionsOf(index: number): number {
    return this.plan.plans.endOf(index) - this.program.functions[index].entryPc;
  }

  callsOf(index: number): number {
    return this.blocks.callsOf(this.program.functions[index].entryPc);
  }

  /** Functions that a function's instructions call. */
  calleesOf(index: number): ReadonlySet<number> {
    return referencesOf(this.plan.program, this.plan.plans.at(index)).functions;
  }

  /** Whether it could be compiled and is not. */
  isOpen(index: number): boolean {
    if (this.unfit.has(index) || this.compiled?.functions.has(index)) return false;
    return this.plan.plans.isOfHost(index);
  }

  /** Lets the policy look; returns whether something was compiled. */
  look(wantsLight = false): boolean {
    const step = this.policy.next(this, wantsLight);
    this.touched.clear();
    this.unlooked = 0;
    if (step === undefined) return false;
    const functions = [...new Set(step.functions)].sort((a, b) => a - b);
    try {
      return this.compile(step.kind, functions);
    } catch (error) {
      if (!(error instanceof HostRefusal) || error.code === "unsoundEmission") throw error;
      this.refusal = error.message;
      if (step.kind === "anew") this.refusesAnew = true;
      else for (const index of functions) if (this.isOpen(index)) this.unfit.add(index);
      return false;
    } finally {
      this.seen = 0;
      if (step.kind === "anew") this.emittedSteps = 0;
    }
  }

  private compile(kind: TieringStep["kind"], functions: readonly number[]): boolean {
    const { compiled } = this;
    if (kind === "light") return lightProgramOf(this.program).compile() !== undefined;
    if (kind === "batch" && compiled !== undefined) {
      const open = functions.filter((index) => this.isOpen(index));
      if (open.length > 0) compiled.add(open);
      return open.length > 0;
    }
    if (functions.length === 0) return false;
    const isDraft = kind === "batch";
    const next = new CompiledProgram(this.plan, this.emission, functions, compiled, isDraft);
    // What is hot would be left out for what never runs.
    if (next.isWhole && next.isCrowded) {
      this.refusesAnew = true;
      return false;
    }
    this.compiled = next;
    return true;
  }
}
