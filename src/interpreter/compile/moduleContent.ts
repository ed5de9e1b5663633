/**
 * What goes into a host module, and what comes of it.
 *
 * Invariant: a module's log speaks of that module alone, but for the numbers of safepoints.
 */
import type { EmissionLog } from "./emissionLog.ts";
import type { ProgramDemand } from "./engineBounds.ts";

export interface BuiltModule {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly log: EmissionLog;
}

/** The functions of a module, and what it may count on. */
export interface ModuleContent {
  /** Program-wide indices, ascending. */
  readonly functions: readonly number[];
  /** What the functions of all modules together may ask for. */
  readonly demand: ProgramDemand;
}
