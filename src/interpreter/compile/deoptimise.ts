/**
 * From what emitted code leaves to the machine state: spilled frames become slots and frames of the stack, the
 * results of a function that returned become its caller's operands (docs/machine.md §7 "call", "return").
 *
 * Invariant: spill records lie innermost frame first; every frame but the innermost waits behind a call.
 */

import { haltedPc } from "../program/program.ts";
import type { MachineState } from "../state/machineState.ts";
import { statusCodes } from "../state/machineState.ts";
import { type Cost, lightOverrun } from "./budget.ts";
import { functionCalled } from "./calledFunction.ts";
import type { Instance } from "./hostInstance.ts";
import { HostRefusal } from "./hostRefusal.ts";
import type { StoppedCall } from "./nestedCalls.ts";
import type { Safepoint } from "./safepoints.ts";
import { headerWords, writeFrame } from "./spilledFrames.ts";

/**
 * What is left of the budget after an entry. Throws HostRefusal if the records are not those of frames that all unwound
 * at once, or if more was executed than a check can let through: then nothing of the state must be changed.
 */
export function leftAfter(instance: Instance, records: readonly number[]): Cost {
  const { compiled, memory } = instance;
  const [innermost] = records;
  const safepoint = innermost === undefined ? undefined : compiled.safepoints[memory[innermost]];
  const left =
    safepoint === undefined ? instance.returnedBudget() : spilledLeft(instance, innermost);
  if (compiled.isPartial) return left;
  if (instance.hasUnwound !== records.length > 0)
    fail("a frame went on above one that had stopped");
  refuseUnlessWaiting(instance, records.slice(1));
  const { steps, fuel } = compiled.isLight ? lightOverrun : compiled.stretch;
  if (left.steps < -steps || left.fuel < -fuel) fail("a stretch is longer than any that was noted");
  return left;
}

/**
 * The same where a call beside emitted frames has stopped: all frames wait, and the lowest of the call's begins where they
 * end. Throws HostRefusal otherwise.
 */
export function refuseUnsoundStop(
  state: MachineState,
  instance: Instance,
  records: readonly number[],
  { fp, depth }: StoppedCall,
): void {
  if (!instance.hasUnwound) fail("a frame went on above a call that had stopped");
  refuseUnlessWaiting(instance, records);
  const { compiled, memory } = instance;
  let top = state.fp;
  for (const record of records) top += compiled.safepoints[memory[record]].callee?.base ?? 0;
  if (top !== fp || state.depth + records.length !== depth)
    fail("a call is not where its frame is");
}

function refuseUnlessWaiting({ compiled, memory }: Instance, records: readonly number[]): void {
  for (const record of records) {
    if (compiled.safepoints[memory[record]].kind !== "afterCall")
      fail("a frame below waits for no call");
  }
}

function fail(what: string): never {
  throw new HostRefusal("unsoundEmission", what);
}

function spilledLeft(instance: Instance, record: number): Cost {
  const { pending } = instance.compiled.safepoints[instance.memory[record]];
  const { steps, fuel } = instance.spilledBudget(record);
  return { steps: steps - pending.steps, fuel: fuel - pending.fuel };
}

/** Rebuilds all frames above the entered one. Where `areWaiting`, the innermost waits for a call as the others do. */
export function restoreFrames(
  state: MachineState,
  instance: Instance,
  records: readonly number[],
  areWaiting = false,
): void {
  const { safepoints } = instance.compiled;
  const { memory } = instance;
  for (let index = records.length - 1; index >= 0; index--) {
    const record = records[index];
    const found = safepoints[memory[record]];
    const isInnermost = index === 0 && !areWaiting;
    const safepoint =
      found.kind === "outside" ? calledOutside(state, memory, record, found) : found;
    const toCome = isInnermost ? 0 : (safepoint.callee?.results ?? 0);
    const values = record + headerWords;
    const { stack, fp, program } = state;
    const height = writeFrame(stack, fp * 2, program, memory, values, safepoint, toCome);
    if (isInnermost) {
      state.pc = safepoint.pc;
      state.sp = state.fp + height;
    } else {
      state.frames[state.depth * 2] = safepoint.pc;
      state.frames[state.depth * 2 + 1] = state.fp;
      state.depth++;
      state.fp += safepoint.callee?.base ?? 0;
    }
  }
}

/** The entry of the function that a stub stood for, which the last value of its record names (hostLayout.ts). */
function calledOutside(
  { program, tables }: MachineState,
  memory: Int32Array,
  record: number,
  safepoint: Safepoint,
): Safepoint {
  const at = record + headerWords + (safepoint.shape.values - 1) * 2;
  const index = functionCalled(tables, memory[at], memory[at + 1]);
  return { ...safepoint, function: index, pc: program.functions[index].entryPc };
}

/** The entered function has returned: what its `return` record does to the machine. */
export function finishReturn(state: MachineState, instance: Instance, results: number): void {
  state.stack.set(instance.slots(results), state.fp * 2);
  state.sp = state.fp + results;
  if (state.depth === 0) {
    state.status = statusCodes.returned;
    state.pc = haltedPc;
    state.fp = 0;
    return;
  }
  state.depth--;
  state.pc = state.frames[state.depth * 2];
  state.fp = state.frames[state.depth * 2 + 1];
}
