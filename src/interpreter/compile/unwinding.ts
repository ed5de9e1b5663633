/**
 * How many frames that emitted code has left go on: by the block executor, as long as they return, since most of them have
 * little to do; and by single steps, so that a loop in one of them is found and resumed.
 *
 * Invariant: single steps are a fifth of all, and become as many in a row as the longest loop needs to be found.
 */
import { runToGate } from "../blocks/runBlockwise.ts";
import { type MachineState, statusCodes } from "../state/machineState.ts";
import { type EntryPlaces, places } from "./entryPlaces.ts";

/** Frames that are many. */
const manyFrames = 64;
/** Single steps in a row, at first. */
const fewSteps = 256;
const blocksAStep = 4;

export class Unwinding {
  /** Frames below the first one that was left. */
  private depth = Number.POSITIVE_INFINITY;
  private steps = fewSteps;

  /** An entry at a depth has left so many frames. */
  noteEntry(depth: number, frames: number): void {
    this.steps = fewSteps;
    if (frames >= manyFrames) this.depth = Math.min(this.depth, depth);
  }

  /** Whether the frame at a depth is one of those that were left. */
  isUnder(depth: number): boolean {
    if (depth > this.depth) return true;
    this.depth = Number.POSITIVE_INFINITY;
    return false;
  }

  /** Runs on while frames return; returns up to which step single steps should follow. */
  goOn(state: MachineState, end: number, { bytes, functionEntries }: EntryPlaces): number {
    let depth: number;
    do {
      depth = state.depth;
      const steps = Math.min(this.steps * blocksAStep, end - state.stepCounter);
      runToGate(state, steps, functionEntries);
    } while (
      state.status === statusCodes.running &&
      state.stepCounter < end &&
      state.depth < depth &&
      bytes[state.pc] === places.inside
    );
    const until = Math.min(end, state.stepCounter + this.steps);
    this.steps *= 2;
    return until;
  }
}
