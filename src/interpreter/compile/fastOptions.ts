/**
 * What may be chosen of a fast executor: for tests, which want its rarest ways often, and for measurements.
 *
 * Invariant: no option changes a state, but for `omitted`.
 */
import { quantum } from "./budget.ts";
import { worthwhileSteps } from "./caution.ts";
import type { LightPolicy } from "./lightEntry.ts";
import { nestedSteps } from "./nestedCalls.ts";
import type { Feature } from "./safepoints.ts";
import type { TieringPolicy } from "./tiering.ts";

export interface FastOptions {
  /** Times that the reference passes a loop's header before the loop is resumed on the host. */
  readonly loopPatience?: number;
  /** Most steps of one entry into emitted code. */
  readonly quantum?: number;
  /** Steps of the first entries at least: they are short otherwise, so that code which is compiled anew meanwhile is soon entered. */
  readonly firstSteps?: number;
  /** Entries with fewer steps before them are left to the reference. */
  readonly worthwhileSteps?: number;
  /** Most steps of a call that the block executor runs beside emitted frames; 0 for no such calls (nestedCalls.ts). */
  readonly nestedSteps?: number;
  /** Overheads that nothing has to earn (economy.ts). */
  readonly givenSteps?: number;
  /** For measurements of what each part costs; the states that result are wrong. */
  readonly omitted?: readonly Feature[];
  /** Functions by program-wide index that the reference keeps, as if they passed a bound (engineBounds.ts). */
  readonly kept?: ReadonlySet<number>;
  /** How light code runs (lightEntry.ts); without it none does. */
  readonly light?: LightPolicy | undefined;
  /** Chooses what is compiled; without it small programs are compiled as a whole, others by `ObservedSteps`. */
  readonly tiering?: TieringPolicy;
}

/** Options of an executor, with what was not chosen as it usually is. */
export type ChosenOptions = Required<Omit<FastOptions, "givenSteps" | "tiering" | "light">>;

/** A loop in a stopped frame is resumed once the reference has met its header so many times. */
const loopPatience = 8;

/** The options with what was not chosen. */
export function chosenOptions(options: FastOptions): ChosenOptions {
  return {
    loopPatience,
    quantum,
    firstSteps: 0,
    worthwhileSteps,
    nestedSteps,
    omitted: [],
    kept: new Set(),
    ...options,
  };
}
