/**
 * Emits the stop before an instruction that emitted code does not execute: the reference does (docs/fast-path.md).
 *
 * Invariant: the machine state at the stop is the one before the instruction.
 */
import type { BodyEmitter } from "./bodyEmitter.ts";
import type { HostType } from "./hostTypes.ts";

/** Stops before an instruction, which the reference then executes. */
export function stepped(
  emitter: BodyEmitter,
  operands: number,
  results: readonly HostType[],
): void {
  const { frame, scope } = emitter;
  scope.log.noteStepped(emitter.pc);
  frame.flush();
  if (emitter.live) {
    emitter.note();
    emitter.writeExit(emitter.point("stepped"));
  }
  emitter.die();
  emitter.record();
  frame.pop(operands);
  for (const type of results) frame.push(type);
}
