/**
 * Chooses who runs a state: the block executor, the fast path, or, for `auto`, the block executor for as long as compiling would cost
 * more than it saves.
 *
 * Invariant: the choice changes nothing but the time.
 */
import { run } from "../machine/run.ts";
import type { MachineState } from "../machine/state.ts";
import { statusCodes } from "../machine/state.ts";
import { stepsBeforeCompiling } from "./economy.ts";
import { FastExecutor } from "./executor.ts";
import { isCompiled } from "./program.ts";

/** `fast` and `auto` fall back to the block executor for a program that the host cannot run; see `fastPathRefusal`. */
export type ExecutorKind = "step" | "fast" | "auto";

/** Steps that `auto` leaves to the block executor at least. */
const fewSteps = 200_000;

const executors = new WeakMap<MachineState, FastExecutor>();

function executorOf(state: MachineState): FastExecutor {
  let executor = executors.get(state);
  // A call that was taken back may have moved the memories to other buffers (machine/callJournal.ts).
  if (executor === undefined || (executor.refusal === undefined && !executor.isAttached)) {
    executor = new FastExecutor(state);
    executors.set(state, executor);
  }
  return executor;
}

/** Runs at most `steps` steps, or until the machine halts. */
export function runWith(
  state: MachineState,
  kind: ExecutorKind,
  steps = Number.MAX_SAFE_INTEGER,
): void {
  if (kind === "step") {
    run(state, { steps });
    return;
  }
  let left = steps;
  if (kind === "auto" && !executors.has(state)) {
    const before = state.eic;
    const { program } = state;
    const patience = isCompiled(program) ? 0 : stepsBeforeCompiling(program);
    run(state, { steps: Math.min(left, Math.max(fewSteps, patience)) });
    left -= state.eic - before;
  }
  if (left > 0 && state.status === statusCodes.running) executorOf(state).run(left);
}

/** Why the host cannot run the state's program; undefined if it can. Compiles it if that has not been done. */
export function fastPathRefusal(state: MachineState): string | undefined {
  return executorOf(state).refusal;
}
