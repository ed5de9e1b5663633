/**
 * Chooses who runs a state: the block executor, the fast path, or, for `auto`, the block executor for as long as compiling would cost
 * more than it saves.
 *
 * Invariant: the choice changes nothing but the time.
 */
import { run } from "./blocks/runSteps.ts";
import { isCompiled } from "./compile/compiledProgram.ts";
import { stepsBeforeCompiling, stepsBeforeMoving } from "./compile/economy.ts";
import { FastExecutor } from "./compile/fastExecutor.ts";
import { isCompiledWhole } from "./compile/tiersOfProgram.ts";
import type { MachineState } from "./state/machineState.ts";
import { statusCodes } from "./state/machineState.ts";

/** `fast` and `auto` fall back to the block executor for a program that the host cannot run; see `fastPathRefusal`. */
export type ExecutorKind = "step" | "fast" | "auto";

/** Steps that `auto` leaves to the block executor at least. */
const fewSteps = 200_000;

const executors = new WeakMap<MachineState, FastExecutor>();

/** Steps that the block executor still has to run on states whose memories have left their host memories. */
const movesOwed = new WeakMap<MachineState, number>();

function executorOf(state: MachineState): FastExecutor {
  let executor = executors.get(state);
  if (executor === undefined || isDetached(executor)) {
    executor = new FastExecutor(state);
    executors.set(state, executor);
  }
  return executor;
}

/** A call that was taken back may have left memories in buffers that are too long for them (state/callJournal.ts). */
function isDetached({ refusal, isAttached }: FastExecutor): boolean {
  return refusal === undefined && !isAttached;
}

/** Steps that `auto` leaves to the block executor before emitted code, where the whole program is compiled at once. */
function patienceWith(state: MachineState): number {
  const executor = executors.get(state);
  if (executor === undefined) {
    const { program } = state;
    if (!isCompiledWhole(program)) return 0;
    return Math.max(fewSteps, isCompiled(program) ? 0 : stepsBeforeCompiling(program));
  }
  if (!isDetached(executor)) return 0;
  return movesOwed.get(state) ?? stepsBeforeMoving(state);
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
  const patience = kind === "auto" ? patienceWith(state) : 0;
  if (patience > 0) {
    const before = state.stepCounter;
    run(state, { steps: Math.min(left, patience) });
    left -= state.stepCounter - before;
    if (executors.has(state)) movesOwed.set(state, patience - (state.stepCounter - before));
  }
  if (left === 0 || state.status !== statusCodes.running) return;
  movesOwed.delete(state);
  executorOf(state).run(left);
}

/** Why the host cannot run the state's program; undefined if it can. Compiles it if that has not been done. */
export function fastPathRefusal(state: MachineState): string | undefined {
  return executorOf(state).refusal;
}
