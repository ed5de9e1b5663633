/**
 * Where the values of a frame lie in its slots (docs/machine.md §1): locals by prefix sums of their widths, and which
 * slots above them are upper halves of vectors.
 *
 * Invariant: for a function without vectors every value is one slot and nothing is laid out.
 */
import type { FunctionBody, FunctionType, ValueType } from "../binary/module.ts";
import { slotsOf } from "../binary/valueType.ts";

const lower = 0;
const upper = 1;

export class FrameLayout {
  /** Whether the function at hand has to do with vectors. */
  hasVectors = false;
  /** First slot of each local, and behind them the slot after the last. */
  private readonly firstSlots: number[] = [];
  /** Whether a slot is the upper half of a vector, by height; only what lies below the height at hand counts. */
  private uppers = new Uint8Array(256);

  /** Lays out a function's locals; their slots together are within the ceiling of a frame. */
  begin({ params }: FunctionType, body: FunctionBody): void {
    this.hasVectors = body.usesVectors;
    if (!this.hasVectors) return;
    this.firstSlots.length = 0;
    let slot = 0;
    const add = (type: ValueType) => {
      this.firstSlots.push(slot);
      slot += slotsOf(type);
    };
    for (const type of params) add(type);
    for (const { count, type } of body.locals) for (let left = count; left > 0; left--) add(type);
    this.firstSlots.push(slot);
  }

  /** First slot of a local, relative to fp. */
  slotOf(local: number): number {
    return this.hasVectors ? this.firstSlots[local] : local;
  }

  /** Slots of a local. */
  widthOf(local: number): number {
    return this.hasVectors ? this.firstSlots[local + 1] - this.firstSlots[local] : 1;
  }

  /** Notes that values of these types lie from a height on. */
  push(height: number, types: readonly ValueType[]): void {
    if (!this.hasVectors) return;
    let slot = height;
    for (const type of types) slot = this.pushValue(slot, slotsOf(type));
  }

  /** Notes one value of that many slots; returns the height above it. */
  pushValue(height: number, width: number): number {
    if (!this.hasVectors) return height + width;
    while (height + width > this.uppers.length) {
      const larger = new Uint8Array(this.uppers.length * 2);
      larger.set(this.uppers);
      this.uppers = larger;
    }
    this.uppers[height] = lower;
    if (width > 1) this.uppers[height + 1] = upper;
    return height + width;
  }

  /** Slots of the value that ends at a height. */
  widthBelow(height: number): number {
    return this.hasVectors && this.uppers[height - 1] === upper ? 2 : 1;
  }
}
