/**
 * Chooses who runs a state: the block executor, the fast path, or, for `auto`, the block executor for as long as compiling would cost
 * more than it saves. Memories that a call which was taken back has left too long are moved for neither before it is earned.
 *
 * Invariant: the choice changes nothing but the time.
 */
import { run } from "./blocks/runSteps.ts";
import { isCompiled } from "./compile/compiledProgram.ts";
import { stepsBeforeCompiling, stepsBeforeMoving } from "./compile/economy.ts";
import { FastExecutor } from "./compile/fastExecutor.ts";
import { usualLight } from "./compile/lightEntry.ts";
import { hasLightCode } from "./compile/lightPrograms.ts";
import { isCompiledWhole } from "./compile/tiersOfProgram.ts";
import type { Program } from "./program/program.ts";
import type { MachineState } from "./state/machineState.ts";
import { statusCodes } from "./state/machineState.ts";

/** `fast` and `auto` fall back to the block executor for a program that the host cannot run; see `fastPathRefusal`. */
export type ExecutorKind = "step" | "fast" | "auto";

/** Steps that `auto` leaves to the block executor before a state's memories are moved into host memories for the first time. */
const fewSteps = 200_000;
/** Runs of fewer steps are done sooner than emitted code is entered and left. */
const shortRun = 500;

const executors = new WeakMap<MachineState, FastExecutor>();

/** Steps that the block executor still has to run, over all runs, before a program is compiled and memories are moved. */
const compilingOwed = new WeakMap<Program, number>();
const movesOwed = new WeakMap<MachineState, number>();

/** States whose last run was short: the next one may be so too, and begins on the block executor. */
const shortOfLate = new WeakSet<MachineState>();

function executorOf(state: MachineState): FastExecutor {
  let executor = executors.get(state);
  if (executor === undefined || isDetached(executor)) {
    // In small programs light code gains in calls what it loses in short loops (docs/fast-path.md §10).
    const light = isCompiledWhole(state.program) ? undefined : usualLight;
    executor = new FastExecutor(state, { light });
    executors.set(state, executor);
  }
  return executor;
}

/** A call that was taken back may have left memories in buffers that are too long for them (state/callJournal.ts). */
function isDetached({ refusal, isAttached }: FastExecutor): boolean {
  return refusal === undefined && !isAttached;
}

const owedForCompiling = (program: Program): number =>
  isCompiled(program) || hasLightCode(program)
    ? 0
    : (compilingOwed.get(program) ?? stepsBeforeCompiling(program));

function owedForMove(state: MachineState): number {
  return movesOwed.get(state) ?? (executors.has(state) ? stepsBeforeMoving(state) : fewSteps);
}

/** Steps that are left to the block executor: by `auto` while there is no emitted code for the state, and while its memories are elsewhere. */
function stepsOwed(state: MachineState): number {
  if (executors.has(state)) return owedForMove(state);
  // Where functions are compiled one by one, the executor itself decides.
  if (!isCompiledWhole(state.program)) return 0;
  return Math.max(owedForMove(state), owedForCompiling(state.program));
}

/** Runs what is left to the block executor. */
function runPatiently(state: MachineState, steps: number): void {
  const { program, stepCounter } = state;
  const executor = executors.get(state);
  if (executor !== undefined && !isDetached(executor)) {
    if (isCompiledWhole(program) && shortOfLate.has(state)) {
      run(state, { steps: Math.min(steps, shortRun) });
    }
    return;
  }
  const owed = stepsOwed(state);
  if (owed === 0) return;
  run(state, { steps: Math.min(steps, owed) });
  const ran = state.stepCounter - stepCounter;
  movesOwed.set(state, Math.max(0, owedForMove(state) - ran));
  compilingOwed.set(program, Math.max(0, owedForCompiling(program) - ran));
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
  const { stepCounter } = state;
  const executor = executors.get(state);
  if (kind === "auto" || (executor !== undefined && isDetached(executor))) {
    runPatiently(state, steps);
  }
  const left = steps - (state.stepCounter - stepCounter);
  if (left > 0 && state.status === statusCodes.running) {
    movesOwed.delete(state);
    executorOf(state).run(left);
  }
  if (state.stepCounter - stepCounter < shortRun) shortOfLate.add(state);
  else shortOfLate.delete(state);
}

/** Why the host cannot run the state's program; undefined if it can. Compiles it if that has not been done. */
export function fastPathRefusal(state: MachineState): string | undefined {
  const executor = executorOf(state);
  executor.prepare();
  return executor.refusal;
}
