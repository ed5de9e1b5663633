/**
 * Time on a machine that others use as well. Short runs are timed by the wall clock and the least of many counts: what
 * another process takes falls into others of them. Processor time, which comes in grains of some milliseconds, bounds
 * long runs, which are always interrupted.
 *
 * Invariant: what is returned is never below the processor time that the work took by more than a grain.
 */
import { milliseconds } from "../fast/timing.ts";

const grainMilliseconds = 4;

/** Milliseconds that the work takes. */
export function clocked(work: () => void): number {
  const processor = milliseconds();
  const from = performance.now();
  work();
  const wall = performance.now() - from;
  return Math.min(wall, milliseconds() - processor + grainMilliseconds);
}
