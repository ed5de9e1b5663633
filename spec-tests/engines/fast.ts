/**
 * The fast path as a script engine. Everything that can run on the host does: no entry is too short for it, no
 * loop too young, so that the scripts' small functions do not all go to the block executor.
 *
 * Invariant: a program that the host refuses is an error here, not a silent run of the block executor.
 */
import { FastExecutor } from "../../src/interpreter/compile/fastExecutor.ts";
import type { MachineState } from "../../src/interpreter/state/machineState.ts";
import type { Executor } from "../agreement.ts";
import { storeEngine } from "./step.ts";

const eager = { loopPatience: 0, worthwhileSteps: 1 };
const executors = new WeakMap<MachineState, FastExecutor>();

export const runEagerly: Executor = (state) => {
  let executor = executors.get(state);
  if (executor === undefined) {
    executor = new FastExecutor(state, eager);
    executors.set(state, executor);
  }
  if (executor.refusal !== undefined) throw new Error(`the host refuses: ${executor.refusal}`);
  executor.run();
};

export const fast = storeEngine("fast", { execute: runEagerly });
