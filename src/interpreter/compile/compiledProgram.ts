/**
 * A program compiled for the host: the main module, and one module for each loop that was ever resumed.
 * It belongs to the program, not to a state: states that run it make instances of their own.
 *
 * Invariant: `safepoints` only grows; a safepoint's number means the same in all modules.
 */
import type { Program } from "../program/program.ts";
import type { Cost } from "./budget.ts";
import { largest, noCost, plus, quantum, stretchCeiling } from "./budget.ts";
import type { EmissionLog, Entry, Stretches } from "./emissionLog.ts";
import { programBounds } from "./engineBounds.ts";
import { hiddenPages, hostPages } from "./hostLayout.ts";
import { buildMainModule, buildResumeModule } from "./hostModule.ts";
import { HostRefusal } from "./hostRefusal.ts";
import type { ProgramPlan } from "./programPlan.ts";
import { planProgram } from "./programPlan.ts";
import type { Emission, Safepoint } from "./safepoints.ts";

const firstEntrySteps = 2 ** 24;

export class CompiledProgram {
  readonly plan: ProgramPlan;
  readonly main: WebAssembly.Module;
  readonly mainBytes: number;
  /** Where emitted code can be entered, by pc. */
  readonly entries: ReadonlyMap<number, Entry>;
  /** Steps and fuel that can pass between two checks at most. */
  stretch: Cost = noCost;
  private stretches: Stretches = { checked: noCost, unchecked: noCost };
  /**
   * Most steps of the next entry. The host does not replace code that is running by better code, so the first entries
   * are short: what was compiled meanwhile runs from the next one on.
   */
  entrySteps = firstEntrySteps;
  private readonly emission: Emission;
  private readonly log: EmissionLog;
  private resumedBytes = 0;
  private readonly resuming = new Map<number, WebAssembly.Module>();

  constructor(plan: ProgramPlan, emission: Emission) {
    this.plan = plan;
    this.emission = emission;
    const built = buildMainModule(plan, emission);
    this.log = built.log;
    this.addStretches(built.log.stretches);
    this.entries = built.log.entries(plan.plans);
    this.mainBytes = built.bytes.length;
    this.main = compile(built.bytes);
  }

  /** Functions that stay on the reference, and why (engineBounds.ts). */
  get refused(): ReadonlyMap<number, HostRefusal> {
    return this.log.refused;
  }

  /** Whether parts of the instrumentation were left out, for a measurement. */
  get isPartial(): boolean {
    return this.emission.omitted.length > 0;
  }

  get safepoints(): readonly Safepoint[] {
    return this.log.safepoints;
  }

  /** The module that resumes the loop with that header. */
  resumingModule(pc: number): WebAssembly.Module {
    let module = this.resuming.get(pc);
    if (module === undefined) {
      const entry = this.entries.get(pc);
      if (entry?.kind !== "loop") throw new RangeError(`expected a loop's header at pc ${pc}`);
      if (this.resuming.size >= programBounds.resumed) fail("modules that resume loops");
      const built = buildResumeModule(this.plan, this.emission, this.log, [entry.loop]);
      this.resumedBytes += built.bytes.length;
      const { resumedExpansion, resumedSpareBytes } = programBounds;
      if (this.resumedBytes > resumedSpareBytes + resumedExpansion * this.mainBytes) {
        fail("bytes of modules that resume loops");
      }
      this.addStretches(built.log.stretches);
      module = compile(built.bytes);
      this.resuming.set(pc, module);
    }
    return module;
  }

  /** After an entry of that many steps. */
  grow(steps: number): void {
    if (steps * 2 > this.entrySteps) this.entrySteps = Math.min(quantum, this.entrySteps * 2);
  }

  /** A function of one module may call an unchecked one of another: each part has its own maximum over all modules. */
  private addStretches({ checked, unchecked }: Stretches): void {
    this.stretches = {
      checked: largest(this.stretches.checked, checked),
      unchecked: largest(this.stretches.unchecked, unchecked),
    };
    this.stretch = plus(this.stretches.checked, this.stretches.unchecked);
    const { steps, fuel } = this.stretch;
    if (steps > stretchCeiling || fuel > stretchCeiling) {
      throw new HostRefusal("longStretch", `a stretch of ${steps} steps cannot be interrupted`);
    }
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
  plan: ProgramPlan;
  plain?: CompiledProgram;
  traced?: CompiledProgram;
}

const compilations = new WeakMap<Program, Compilations | HostRefusal>();

/** Whether the host has compiled the program already. */
export function isCompiled(program: Program): boolean {
  const known = compilations.get(program);
  return known !== undefined && !(known instanceof HostRefusal) && known.plain !== undefined;
}

/** The compiled program; throws HostRefusal if the host cannot run it. */
export function compiledProgram(program: Program, emission: Emission): CompiledProgram {
  const known = compilations.get(program);
  if (known instanceof HostRefusal) throw known;
  try {
    const compilation = known ?? { plan: planProgram(program) };
    if (known === undefined) {
      refuseMemories(program);
      compilations.set(program, compilation);
    }
    const isSpecial = emission.omitted.length > 0 || emission.kept.size > 0;
    if (isSpecial) return new CompiledProgram(compilation.plan, emission);
    const kind = emission.isTraced ? "traced" : "plain";
    compilation[kind] ??= new CompiledProgram(compilation.plan, emission);
    return compilation[kind];
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
