/**
 * The host modules of a program: a main module with functions, all or some; later modules with more of them (batches)
 * and with functions that resume loops (resumeEmitter.ts), which share the main module's memories, tables and globals.
 * Calls of functions in other modules, or in none yet, go through the table of all functions (docs/fast-path.md §9).
 *
 * Invariant: what a module says of itself is held against the instructions before it is used (soundness.ts).
 */
import type { Program } from "../program/program.ts";
import { EmissionLog } from "./emissionLog.ts";
import { ProgramDemand } from "./engineBounds.ts";
import { ModuleBuilder } from "./moduleBuilder.ts";
import type { BuiltModule, ModuleContent } from "./moduleContent.ts";
import type { ProgramPlan } from "./programPlan.ts";
import type { Emission, LoopEntry, Safepoint } from "./safepoints.ts";
import { refuseUnsound, refuseUnsoundEntries } from "./soundness.ts";

export type { BuiltModule } from "./moduleContent.ts";

/** All functions of a program that the host can have. */
export function wholeProgram({ program, plans }: ProgramPlan): ModuleContent {
  return { functions: plans.ofHost, demand: demandOf(program) };
}

export function demandOf({ modules }: Program): ProgramDemand {
  return new ProgramDemand(modules.reduce((sum, { module }) => sum + module.bytes.length, 0));
}

/** The first module: globals, entrances, the table of all functions, and the functions that it is given. */
export function buildMainModule(
  plan: ProgramPlan,
  emission: Emission,
  content: ModuleContent = wholeProgram(plan),
  safepoints: Safepoint[] = [],
): BuiltModule {
  const hasStubs = content.functions.length < plan.plans.ofHost.length;
  const log = new EmissionLog(safepoints, new Map());
  const built = new ModuleBuilder(plan, emission, log, hasStubs, content).buildMain();
  refuseUnsound(plan, emission, log);
  refuseUnsoundEntries(plan, emission, log);
  return built;
}

/** More functions beside a main module that does not hold them; its safepoints are continued. */
export function buildBatchModule(
  plan: ProgramPlan,
  emission: Emission,
  safepoints: Safepoint[],
  content: ModuleContent,
): BuiltModule {
  const log = new EmissionLog(safepoints, new Map());
  const built = new ModuleBuilder(plan, emission, log, true, content).buildBatch();
  refuseUnsound(plan, emission, log);
  refuseUnsoundEntries(plan, emission, log);
  return built;
}

/**
 * A module with one function for each of the loops, in their order. It imports the functions that `emitted` has, and
 * their safepoints are continued.
 */
export function buildResumeModule(
  plan: ProgramPlan,
  emission: Emission,
  emitted: Pick<EmissionLog, "safepoints" | "functions">,
  loops: readonly LoopEntry[],
  hasStubs = false,
): BuiltModule {
  const log = new EmissionLog(emitted.safepoints, emitted.functions);
  const content = { functions: [], demand: demandOf(plan.program) };
  const built = new ModuleBuilder(plan, emission, log, hasStubs, content).buildResume(loops);
  refuseUnsound(plan, emission, log);
  return built;
}
