/**
 * Emits the stop before an instruction that emitted code does not execute: the reference does (docs/fast-path.md).
 *
 * Invariant: the machine state at the stop is the one before the instruction.
 */
import type { BodyEmitter } from "./bodyEmitter.ts";
import type { HostType } from "./hostTypes.ts";

/** Stops before an instruction, which the reference then executes. */
export function leaveToReference(
  emitter: BodyEmitter,
  operands: number,
  results: readonly HostType[],
): void {
  const { frame, scope } = emitter;
  scope.log.noteLeftToReference(emitter.pc);
  frame.flush();
  if (emitter.live) {
    emitter.note();
    emitter.writeExit(emitter.safepoint("leftToReference"));
  }
  emitter.die();
  emitter.advance();
  frame.pop(operands);
  for (const type of results) frame.push(type);
}
