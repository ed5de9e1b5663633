/**
 * The output of a call (docs/machine.md §8): what `output_write` appends, and the code of `exit`.
 *
 * Invariant: bytes of an output never change while its call goes on, and a new call has a buffer of its own; so a view
 * of a prefix stays what it was.
 */
import type { MachineState } from "./machineState.ts";
import { statusCodes } from "./machineState.ts";

const firstCapacity = 1024;

/** Appends bytes, which are copied. */
export function appendOutput(state: MachineState, bytes: Uint8Array): void {
  const length = state.outputLength + bytes.length;
  if (length > state.output.length) {
    const larger = new Uint8Array(Math.max(firstCapacity, 2 * state.output.length, length));
    larger.set(state.output.subarray(0, state.outputLength));
    state.output = larger;
  }
  state.output.set(bytes, state.outputLength);
  state.outputLength = length;
}

/** What the last call has put out so far; a view that no later step changes. */
export function outputOf(state: MachineState): Uint8Array {
  return state.output.subarray(0, state.outputLength);
}

/** The code (u32) of a call that ended in `exit`; undefined for any other state. */
export function exitCode(state: MachineState): number | undefined {
  return state.status === statusCodes.exited ? state.stack[0] >>> 0 : undefined;
}
