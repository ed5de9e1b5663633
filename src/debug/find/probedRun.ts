/**
 * A probed program's way to the answer, to the end of the call, or to a step of the original (probedProgram.ts).
 *
 * Invariant: the original passes no answer before the step that is given back.
 */
import { runWith } from "../../interpreter/chooseExecutor.ts";
import { type MachineState, statusCodes } from "../../interpreter/state/machineState.ts";
import type { ProbedProgram } from "./probedProgram.ts";

export interface ProbedRunOptions {
  /** Step of the original at which the question ends. */
  readonly end: number;
  /** Whether a probe before the next instruction is still to be passed. */
  readonly isBefore: boolean;
  /** Probes that were passed before. */
  readonly passed: number;
  readonly onProgress: ((step: number) => void) | undefined;
}

/** How far it got. */
export interface ProbedStretch {
  /** Step of the original. */
  readonly step: number;
  /** Probes that were passed, those before included. */
  readonly passed: number;
  /** Whether the original stands in the answer there. */
  readonly isAnswer: boolean;
}

/** Steps between two looks at the way. */
const stepsBetweenLooks = 2 ** 28;

export function runProbed(
  probed: ProbedProgram,
  from: MachineState,
  { end, isBefore, passed, onProgress }: ProbedRunOptions,
): ProbedStretch {
  const state = probed.from(from, isBefore, passed);
  for (;;) {
    const left = end - probed.stepOf(state);
    if (state.status !== statusCodes.running || left <= 0) break;
    runWith(state, "auto", Math.min(left, stepsBetweenLooks));
    while (state.status === statusCodes.running && probed.isWithin(state))
      runWith(state, "step", 1);
    onProgress?.(probed.stepOf(state));
  }
  return { step: probed.stepOf(state), ...probed.count(state) };
}
