/**
 * Points: the places at which emitted code can stop or be stopped, and what a spilled frame's values mean there.
 *
 * Invariant: a point describes the machine before the record at `pc`; spilled values are the function's locals in
 * order, then the operand locals in the order in which the emitter made them.
 */
import type { Cost } from "./cost.ts";
import type { HostType } from "./types.ts";

/** Parts of the instrumentation that a measurement can leave out; the states that result are wrong. */
export type Feature = "guards" | "nans" | "checks" | "counters";

/** What kind of code is emitted. */
export interface Emission {
  /** Notes the budget at every check in the machine memory. */
  readonly isTraced: boolean;
  /** For measurements only. */
  readonly omitted: readonly Feature[];
}

export const plainEmission: Emission = { isTraced: false, omitted: [] };
export const tracedEmission: Emission = { isTraced: true, omitted: [] };

export type PointKind = "entry" | "loop" | "stepped" | "afterCall";

export interface Point {
  readonly kind: PointKind;
  /** Program-wide function index. */
  readonly function: number;
  readonly pc: number;
  /** Executed since the budget was last brought up to date. */
  readonly pending: Cost;
  /** Spilled position of each operand, from the bottom. */
  readonly operands: readonly number[];
  /** Positions whose NaNs have to be made canonical, with their types. */
  readonly lazy: readonly (readonly [position: number, type: HostType])[];
  /** Values in a spill record of this point's function; set when the function is finished. */
  readonly shape: { values: number };
  /** For a frame that waits for its callee: slots between its frame pointer and the callee's, results to come. */
  readonly callee: { readonly base: number; readonly results: number } | undefined;
}

/** A loop that can be entered at its header from a spilled frame. */
export interface LoopEntry {
  readonly function: number;
  readonly pc: number;
  /** Number of the block among the reachable blocks of its body. */
  readonly ordinal: number;
  /** Blocks around it, outermost first; `inElse` for an `if` whose else branch holds it. */
  readonly path: readonly { readonly ordinal: number; readonly inElse: boolean }[];
  /** Types of the operands at the header, from the bottom. */
  readonly operands: readonly HostType[];
}
