/**
 * How far emitted code may go: the steps before a place that the reference has to see, and the depth that the host's stack has
 * room for, which is found out by overflowing it.
 *
 * Invariant: from `from` to `until`, in values of the step counter, nothing but the reference runs; before, emitted code may run
 * up to `from`.
 */
import { nestingAtFirst } from "./hostLayout.ts";

/** Entries that are not worth their while have less than so many steps before them. */
export const worthwhileSteps = 64;
/** Steps by the reference where the host's stack is too small for anything. */
const leftAtOverflow = 4096;
/** Frames with which nothing is gained any more. */
const fewFrames = 8;

export class Caution {
  /** Frames and slots that may lie on the host's stack at one time. */
  nesting: { frames: number; slots: number } = { ...nestingAtFirst };
  private from = 0;
  private until = 0;

  /** Up to which step emitted code may run from `step` on; undefined if not at all. */
  boundOf(step: number, end: number): number | undefined {
    if (step >= this.from && step < this.until) return undefined;
    return step < this.from ? Math.min(end, this.from) : end;
  }

  /** Up to which step the reference runs at least. */
  endOf(step: number, end: number): number {
    return step < this.until ? Math.min(end, this.until) : end;
  }

  /** A trap, or what else it is, comes within a stretch behind `from`. */
  expect(from: number, stretch: number): void {
    this.from = from;
    this.until = from + 2 * stretch + worthwhileSteps;
  }

  /** The host's stack has overflowed at a run from `step` on. */
  shrinkNesting(step: number): void {
    const { nesting } = this;
    if (nesting.frames <= fewFrames) {
      this.from = step;
      this.until = step + leftAtOverflow;
      this.nesting = { ...nestingAtFirst };
      return;
    }
    nesting.frames >>>= 1;
    nesting.slots >>>= 1;
  }
}
