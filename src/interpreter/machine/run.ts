/**
 * Runs a machine for a number of steps or until it halts.
 *
 * Invariant: `run(state, { steps: n })` leaves exactly the state that n calls of `step` would leave.
 */
import type { MachineState } from "./state.ts";
import { statusCodes } from "./state.ts";
import { step } from "./step.ts";

export interface RunLimits {
  /** Steps at most; without it the machine runs until it halts. */
  readonly steps?: number;
}

export function run(state: MachineState, limits: RunLimits = {}): void {
  let left = limits.steps ?? Number.POSITIVE_INFINITY;
  while (left > 0 && state.status === statusCodes.running) {
    step(state);
    left--;
  }
}

export { step } from "./step.ts";
