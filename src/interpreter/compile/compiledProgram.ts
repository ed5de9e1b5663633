/**
 * Functions of a program compiled for the host, all or some: the main module, batches of more functions, and one module
 * for each loop that was ever resumed. It belongs to the program, not to a state: states that run it make instances of
 * their own.
 *
 * Invariant: a function is compiled once; `safepoints` only grows, and a safepoint's number means the same in all modules.
 */
import type { Program } from "../program/program.ts";
import type { Cost } from "./budget.ts";
import {
  fuelOfEntry,
  largest,
  lightOverrun,
  noCost,
  plus,
  quantum,
  stretchCeiling,
} from "./budget.ts";
import type { EmittedFunction, Entry, Stretches } from "./emissionLog.ts";
import type { ProgramDemand } from "./engineBounds.ts";
import { programBounds } from "./engineBounds.ts";
import { referencesOf } from "./functionReferences.ts";
import { hiddenPages, hostPages } from "./hostLayout.ts";
import type { BuiltModule } from "./hostModule.ts";
import {
  buildBatchModule,
  buildMainModule,
  buildResumeModule,
  demandOf,
  wholeProgram,
} from "./hostModule.ts";
import { HostRefusal } from "./hostRefusal.ts";
import type { ProgramPlan } from "./programPlan.ts";
import { planProgram } from "./programPlan.ts";
import type { Emission, Safepoint } from "./safepoints.ts";

const firstEntrySteps = 2 ** 24;

/** A module with more functions, and what its code calls that stands in no module of before. */
export interface Batch {
  readonly module: WebAssembly.Module;
  readonly functions: readonly number[];
  /** Where its code can be entered, by pc. */
  readonly entries: ReadonlyMap<number, Entry>;
  readonly outside: readonly number[];
}

/** A module that resumes a loop, with the functions that it imports, by program-wide index. */
export interface ResumingModule {
  readonly module: WebAssembly.Module;
  readonly functions: readonly number[];
}

export class CompiledProgram {
  readonly plan: ProgramPlan;
  /** The modules with functions, the main module first. */
  readonly batches: Batch[] = [];
  mainBytes = 0;
  /** Where emitted code can be entered, by pc. */
  readonly entries = new Map<number, Entry>();
  /** Functions that stay on the reference, and why (engineBounds.ts). */
  readonly refused = new Map<number, HostRefusal>();
  /** Functions that a module holds. */
  readonly functions = new Set<number>();
  readonly safepoints: Safepoint[] = [];
  /** Steps and fuel that can pass between two checks at most. */
  stretch: Cost = noCost;
  private stretches: Stretches = { checked: noCost, unchecked: noCost };
  /**
   * Most steps, and most fuel, of the next entry. The host does not replace code that is running by better code, so the first entries
   * are short: what was compiled meanwhile runs from the next one on.
   */
  entrySteps = firstEntrySteps;
  /** Whether it has all functions of the program that the host can have. */
  readonly isWhole: boolean;
  /** Whether its main module is a first batch, which is soon compiled anew with what it calls. */
  readonly isDraft: boolean;
  private readonly emission: Emission;
  private readonly demand: ProgramDemand;
  private readonly emitted = new Map<number, EmittedFunction>();
  private readonly stubbed = new Set<number>();
  private resumedBytes = 0;
  private readonly resuming = new Map<number, ResumingModule>();
  /** Headers of loops that were resumed in what this stands for. */
  private readonly resumedBefore: ReadonlySet<number>;

  /**
   * @param functions program-wide indices, ascending; all of them unless given
   * @param before what it stands for from now on
   * @param isDraft whether these functions are a first batch
   */
  constructor(
    plan: ProgramPlan,
    emission: Emission,
    functions?: readonly number[],
    before?: CompiledProgram,
    isDraft = false,
  ) {
    this.plan = plan;
    this.isDraft = isDraft;
    this.resumedBefore = new Set([
      ...(before?.resumedBefore ?? []),
      ...(before?.resuming.keys() ?? []),
    ]);
    this.emission = emission;
    const content = functions === undefined ? wholeProgram(plan) : undefined;
    this.demand = content?.demand ?? demandOf(plan.program);
    const chosen = content?.functions ?? (functions as readonly number[]);
    this.isWhole = chosen.length === plan.plans.ofHost.length;
    this.add(chosen);
  }

  /** Compiles functions that it does not have; throws HostRefusal, and stays as it is, if the host cannot. */
  add(functions: readonly number[]): void {
    const { plan, emission, safepoints, demand } = this;
    const pointsBefore = safepoints.length;
    try {
      const content = { functions, demand };
      const built =
        this.batches.length === 0
          ? buildMainModule(plan, emission, content, safepoints)
          : buildBatchModule(plan, emission, safepoints, content);
      this.take(functions, built);
    } catch (error) {
      safepoints.length = pointsBefore;
      throw error;
    }
  }

  private take(functions: readonly number[], { bytes, log }: BuiltModule): void {
    const module = compile(bytes);
    this.addStretches(log.stretches);
    this.mainBytes += bytes.length;
    for (const [index, emitted] of log.functions) this.emitted.set(index, emitted);
    for (const index of functions) this.functions.add(index);
    const entries = log.entries(this.plan.plans);
    for (const [pc, entry] of entries) this.entries.set(pc, entry);
    for (const [index, refusal] of log.refused) this.refused.set(index, refusal);
    const outside = [...log.outside].filter((index) => {
      return !this.functions.has(index) && !this.stubbed.has(index);
    });
    for (const index of outside) this.stubbed.add(index);
    this.batches.push({ module, functions, entries, outside });
  }

  /** Whether functions were refused because the others leave them no room. */
  get isCrowded(): boolean {
    return this.demand.isExhausted;
  }

  /** Whether its code cannot stop (lightChecks.ts). */
  get isLight(): boolean {
    return this.emission.isLight;
  }

  /**
   * Frames that an entry may have on the host's stack. Those of light code execute up to a stretch each while they return, without a check
   * between them; all of them together must not leave the budget's range.
   */
  get mostFrames(): number {
    if (!this.isLight) return Number.POSITIVE_INFINITY;
    const { steps, fuel } = this.stretch;
    return Math.floor(Math.min(lightOverrun.steps / steps, lightOverrun.fuel / fuel));
  }

  /** Whether parts of the instrumentation were left out, for a measurement. */
  get isPartial(): boolean {
    return this.emission.omitted.length > 0;
  }

  /** Whether the loop with that header was compiled to be resumed, for whichever state. */
  isResumable(pc: number): boolean {
    return this.resuming.has(pc);
  }

  /** Whether the loop with that header was resumed, here or in what this stands for. */
  wasResumed(pc: number): boolean {
    return this.resuming.has(pc) || this.resumedBefore.has(pc);
  }

  /** The module that resumes the loop with that header. */
  resumingModule(pc: number): ResumingModule {
    let resuming = this.resuming.get(pc);
    if (resuming === undefined) {
      const entry = this.entries.get(pc);
      if (entry?.kind !== "loop") throw new RangeError(`expected a loop's header at pc ${pc}`);
      if (this.resuming.size >= programBounds.resumed) fail("modules that resume loops");
      const { safepoints, emitted, plan, emission } = this;
      const known = { safepoints, functions: emitted };
      const built = buildResumeModule(plan, emission, known, [entry.loop], !this.isWhole);
      this.resumedBytes += built.bytes.length;
      const { resumedExpansion, resumedSpareBytes } = programBounds;
      if (this.resumedBytes > resumedSpareBytes + resumedExpansion * this.mainBytes) {
        fail("bytes of modules that resume loops");
      }
      this.addStretches(built.log.stretches);
      const functions = [...referencesOf(plan.program, plan.plans.at(entry.function)).functions];
      resuming = {
        module: compile(built.bytes),
        functions: functions.filter((index) => emitted.has(index)),
      };
      this.resuming.set(pc, resuming);
    }
    return resuming;
  }

  /** After an entry that used so much: the next may be longer if this one was about as long as it might be. */
  lengthenEntries({ steps, fuel }: Cost): void {
    const part = Math.max(steps / this.entrySteps, fuel / fuelOfEntry(this.entrySteps));
    if (part > 0.5) this.entrySteps = Math.min(quantum, this.entrySteps * 2);
  }

  /** A function of one module may call an unchecked one of another: each part has its own maximum over all modules. */
  private addStretches({ checked, unchecked }: Stretches): void {
    const stretches = {
      checked: largest(this.stretches.checked, checked),
      unchecked: largest(this.stretches.unchecked, unchecked),
    };
    const stretch = plus(stretches.checked, stretches.unchecked);
    const { steps, fuel } = stretch;
    if (steps > stretchCeiling.steps || fuel > stretchCeiling.fuel) {
      throw new HostRefusal("longStretch", `a stretch of ${steps} steps cannot be interrupted`);
    }
    this.stretches = stretches;
    this.stretch = stretch;
  }
}

function fail(what: string): never {
  throw new HostRefusal("hostLimit", `too many ${what}`);
}

function compile(bytes: Uint8Array<ArrayBuffer>): WebAssembly.Module {
  try {
    return new WebAssembly.Module(bytes);
  } catch (error) {
    if (!(error instanceof WebAssembly.CompileError || error instanceof RangeError)) throw error;
    throw new HostRefusal("hostCode", error.message);
  }
}

interface Compilations {
  readonly plan: ProgramPlan;
  plain?: CompiledProgram;
}

const compilations = new WeakMap<Program, Compilations | HostRefusal>();

/** Whether the host has compiled the program already. */
export function isCompiled(program: Program): boolean {
  const known = compilations.get(program);
  return known !== undefined && !(known instanceof HostRefusal) && known.plain !== undefined;
}

/** The plan of a program, one for all who compile of it; throws HostRefusal if the host cannot run it at all. */
export function planOf(program: Program): ProgramPlan {
  return compilationsOf(program).plan;
}

function compilationsOf(program: Program): Compilations {
  let known = compilations.get(program);
  if (known === undefined) {
    refuseMemories(program);
    known = { plan: planProgram(program) };
    compilations.set(program, known);
  }
  if (known instanceof HostRefusal) throw known;
  return known;
}

/** The whole program, compiled without traces; throws HostRefusal if the host cannot run it. */
export function compiledProgram(program: Program, emission: Emission): CompiledProgram {
  try {
    const compilation = compilationsOf(program);
    const isSpecial = emission.omitted.length > 0 || emission.kept.size > 0;
    if (isSpecial) return new CompiledProgram(compilation.plan, emission);
    compilation.plain ??= new CompiledProgram(compilation.plan, emission);
    return compilation.plain;
  } catch (error) {
    if (error instanceof HostRefusal) compilations.set(program, error);
    throw error;
  }
}

/** Throws HostRefusal for memories that the host cannot hold, before anything is allocated for them. */
export function refuseMemories(program: Program): void {
  const sum = program.memories.reduce((before, { pages }) => before + pages, 0);
  if (sum > programBounds.pages) {
    throw new HostRefusal("memorySize", `more than ${programBounds.pages} pages in all memories`);
  }
  for (const { pages, maxPages } of program.memories) {
    if (pages + hiddenPages(maxPages) > hostPages) {
      throw new HostRefusal(
        "memorySize",
        `a memory of ${pages} pages leaves no room for the hidden pages`,
      );
    }
  }
}
