/**
 * Holds an executor against the reference, one instruction after the other: both run the same call from the
 * same state, and the states that they leave are compared whole.
 *
 * Invariant: the state that the caller goes on with is the candidate's; a difference is recorded once, with the place
 * where the call began, and does not stop the run.
 */
import { runExactly } from "../src/interpreter/blocks/runSteps.ts";
import { type MachineState, registerNames } from "../src/interpreter/state/machineState.ts";
import { restore, type Snapshot, snapshot } from "../src/interpreter/state/snapshot.ts";

/** Runs a state until it halts. */
export type Executor = (state: MachineState) => void;

function sameBytes(a: ArrayBufferView, b: ArrayBufferView): boolean {
  const bytes = (view: ArrayBufferView) =>
    Buffer.from(view.buffer, view.byteOffset, view.byteLength);
  return Buffer.compare(bytes(a), bytes(b)) === 0;
}

const arrays = ["stack", "frames", "globals", "dropped", "input", "output"] as const;

/** Names the parts in which two states differ. */
export function differences(a: Snapshot, b: Snapshot): string[] {
  const found: string[] = registerNames
    .filter((name) => a[name] !== b[name])
    .map((name) => `${name}: ${a[name]}, not ${b[name]}`);
  found.push(...arrays.filter((name) => !sameBytes(a[name], b[name])));
  b.memories.forEach((memory, index) => {
    const { pages, bytes, dirtyChunks } = a.memories[index];
    if (pages !== memory.pages)
      found.push(`pages of memory ${index}: ${pages}, not ${memory.pages}`);
    else if (!sameBytes(bytes, memory.bytes)) found.push(`memory ${index}`);
    if (String(dirtyChunks) !== String(memory.dirtyChunks)) {
      found.push(`dirty chunks of memory ${index}: ${dirtyChunks}, not ${memory.dirtyChunks}`);
    }
  });
  b.tables.forEach((entries, index) => {
    if (!sameBytes(a.tables[index], entries)) found.push(`table ${index}`);
  });
  return found;
}

export class Agreement {
  readonly #candidate: Executor;
  readonly differences: string[] = [];
  calls = 0;
  steps = 0;

  constructor(candidate: Executor) {
    this.#candidate = candidate;
  }

  /** Fits `StoreOptions.execute`. */
  readonly execute: Executor = (state) => {
    const { pc, stepCounter } = state;
    const twin = restore(state.program, snapshot(state));
    this.#candidate(state);
    runExactly(twin, Number.POSITIVE_INFINITY);
    this.calls += 1;
    this.steps += twin.stepCounter - stepCounter;
    const found = differences(snapshot(state), snapshot(twin));
    if (found.length === 0) return;
    const { functionName } = state.program.locate(pc);
    this.differences.push(
      `${functionName} at pc ${pc}, ${twin.stepCounter - stepCounter} steps: ${found.join("; ")}`,
    );
  };
}
