/**
 * Types of a function's locals, parameters first, for validation.
 *
 * Invariant: time and memory are proportional to the function's bytes, not to the number of locals it
 * declares: only as many are laid out flat as the function has bytes, the rest are searched by run.
 */
import { type ValueType, valueTypes } from "../binary/module.ts";

export interface LocalRun {
  readonly count: number;
  readonly type: ValueType;
}

export class Locals {
  count = 0;
  hasVectors = false;
  private flat = new Uint8Array(256);
  private flatCount = 0;
  private runs: readonly LocalRun[] = [];
  /** Index of the first local after each run. */
  private readonly ends: number[] = [];

  /** Takes the locals of a function whose body is so many bytes long. */
  reset(params: readonly ValueType[], runs: readonly LocalRun[], bodyBytes: number): void {
    this.runs = runs;
    this.ends.length = 0;
    this.count = params.length;
    this.hasVectors = runs.some(({ type }) => type === valueTypes.v128);
    for (const run of runs) {
      this.count += run.count;
      this.ends.push(this.count);
    }
    // Every parameter is flat, so that runs alone are searched.
    this.flatCount = Math.max(params.length, Math.min(this.count, bodyBytes));
    if (this.flatCount > this.flat.length) this.flat = new Uint8Array(this.flatCount * 2);
    for (let index = 0; index < params.length; index++) this.flat[index] = params[index];
    let index = params.length;
    for (let run = 0; index < this.flatCount; run++) {
      const end = Math.min(this.ends[run], this.flatCount);
      this.flat.fill(runs[run].type, index, end);
      index = end;
    }
  }

  /** Type of a local that exists. */
  typeOf(index: number): number {
    if (index < this.flatCount) return this.flat[index];
    let low = 0;
    let high = this.ends.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (index < this.ends[middle]) high = middle;
      else low = middle + 1;
    }
    return this.runs[low].type;
  }
}
