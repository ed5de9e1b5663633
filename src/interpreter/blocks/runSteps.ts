/**
 * Runs a machine for a number of steps or until it halts.
 *
 * Invariant: `run(state, { steps: n })` leaves exactly the state that n calls of `step` would leave.
 */
import { checkOptionNames, optionNames } from "../optionNames.ts";
import { step } from "../reference/step.ts";
import type { MachineState } from "../state/machineState.ts";
import { statusCodes } from "../state/machineState.ts";
import { runBlockwise } from "./runBlockwise.ts";

/** Below this many steps translating blocks costs more than it saves. */
const blockwiseFrom = 256;

/** How far `run` goes. */
export interface RunLimits {
  /** Steps at most; without it the machine runs until it halts. */
  readonly steps?: number;
}

const runNames = optionNames<RunLimits>({ steps: true });

/** Runs until the machine halts, or for exactly `steps` steps if it does not halt before. */
export function run(state: MachineState, limits: RunLimits = {}): void {
  checkOptionNames("run", limits, runNames);
  const steps = limits.steps ?? Number.MAX_SAFE_INTEGER;
  if (steps >= blockwiseFrom) runBlockwise(state, steps);
  else runExactly(state, steps);
}

/** The same, one step after the other: the definition that `run` is held against. */
export function runExactly(state: MachineState, steps: number): void {
  for (let left = steps; left > 0 && state.status === statusCodes.running; left--) step(state);
}

export { step } from "../reference/step.ts";
