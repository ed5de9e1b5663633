/**
 * Safepoints: the places at which emitted code can stop or be stopped, and what a spilled frame's values mean there.
 *
 * Invariant: a safepoint describes the machine before the instruction at `pc`; spilled values are the function's kept
 * locals in order, then the operand locals in the order in which the emitter made them. Safepoints and loops share what they say of
 * operands and blocks, so all of a function's together take no more memory than its code.
 */
import type { Cost } from "./budget.ts";
import type { FloatType, HostType } from "./hostTypes.ts";
import type { SlotRun } from "./keptLocals.ts";
import type { LazyLocals } from "./lazyLocals.ts";

/** Parts of the instrumentation that a measurement can leave out; the states that result are wrong. */
export type Feature = "barriers" | "nans" | "checks" | "counters";

/** What kind of code is emitted. */
export interface Emission {
  /** Notes the budget at every check in the machine memory. */
  readonly isTraced: boolean;
  /** Cannot stop: an entry returns or is taken back (lightChecks.ts). */
  readonly isLight: boolean;
  /** For measurements only. */
  readonly omitted: readonly Feature[];
  /** Functions that the reference keeps beside those that pass a bound; for tests. */
  readonly kept: ReadonlySet<number>;
}

export const plainEmission: Emission = {
  isTraced: false,
  isLight: false,
  omitted: [],
  kept: new Set(),
};
export const tracedEmission: Emission = { ...plainEmission, isTraced: true };
export const lightEmission: Emission = { ...plainEmission, isLight: true };

export type SafepointKind =
  | "entry"
  | "loop"
  | "leftToReference"
  | "afterCall"
  /** The entry of a function that no module holds: which one, the last value of the instruction says. */
  | "outside";

/** The topmost operand at a place, and what lies under it. */
export interface StackMap {
  readonly below: StackMap | undefined;
  readonly type: HostType;
  /** Type of the floats, itself or its lanes, whose NaNs have to be made canonical. */
  readonly lazy: FloatType | undefined;
  /** First slot in the function's spill records; −1 at a loop that only a stopped frame reaches. */
  readonly position: number;
  /** Slots of the operands up to here, and the largest position of one of them. */
  readonly height: number;
  readonly largest: number;
}

/** Slots of a spill record that hold locals. */
export function recordedLocals({ runs }: FrameShape): number {
  return runs.reduce((sum, { slots }) => sum + slots, 0);
}

export function heightOf(image: StackMap | undefined): number {
  return image?.height ?? 0;
}

/** The operands of an image, from the bottom. */
export function operandsOf(image: StackMap | undefined): StackMap[] {
  const operands: StackMap[] = [];
  for (let at = image; at !== undefined; at = at.below) operands.push(at);
  return operands.reverse();
}

/** What all safepoints of a function have in common. */
export interface FrameShape {
  /** Slots in a spill record; set when the function is finished. */
  values: number;
  /** Where those of locals, which come first, go in the frame; others that the function declares are zero. */
  readonly runs: readonly SlotRun[];
  /** Locals that count as canonical while they hold any NaN, from place to place. */
  readonly lazyLocals: LazyLocals;
}

export interface Safepoint {
  readonly kind: SafepointKind;
  /** Program-wide function index; −1 of kind `outside`. */
  readonly function: number;
  /** −1 of kind `outside`. */
  readonly pc: number;
  /** Executed since the budget was last brought up to date. */
  readonly pending: Cost;
  readonly operands: StackMap | undefined;
  readonly shape: FrameShape;
  /** Changes of lazy locals up to here. */
  readonly lazyChanges: number;
  /** For a frame that waits for its callee: slots between its frame pointer and the callee's, results to come. */
  readonly callee: { readonly base: number; readonly results: number } | undefined;
}

/** A block around a loop, and the blocks around it; `inElse` for an `if` whose else branch holds the loop. */
export interface LoopPath {
  readonly around: LoopPath | undefined;
  readonly ordinal: number;
  readonly inElse: boolean;
}

/** A loop that can be entered at its header from a spilled frame. */
export interface LoopEntry {
  readonly function: number;
  readonly pc: number;
  /** Number of the block among the reachable blocks of its body. */
  readonly ordinal: number;
  /** The innermost block around it. */
  readonly path: LoopPath | undefined;
  /** Operands at the header. */
  readonly operands: StackMap | undefined;
}
