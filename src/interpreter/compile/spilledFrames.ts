/**
 * From a spill record to the slots of its frame: locals, operands, zeros for locals that no instruction names.
 *
 * Invariant: what results is the frame that the reference has at the safepoint; NaNs that the host has left as they came are
 * canonical in it.
 */
import { slotsOf } from "../binary/valueType.ts";
import { canonicalNan } from "../numeric/float.ts";
import type { Program } from "../program/program.ts";
import { type FloatType, f64 } from "./hostTypes.ts";
import type { Safepoint } from "./safepoints.ts";
import { heightOf } from "./safepoints.ts";

/** Words of a spill record before its values. */
export const headerWords = 4;

/**
 * Writes a frame's slots, from word `base` of `words` on, of the values from word `values` of `memory` on; returns its
 * height in slots.
 *
 * @param toCome slots of the results that it waits for
 */
export function writeFrame(
  words: Int32Array,
  base: number,
  program: Program,
  memory: Int32Array,
  values: number,
  safepoint: Safepoint,
  toCome = 0,
): number {
  for (const { slot, type, floats } of safepoint.shape.lazyLocals.after(safepoint.lazyChanges)) {
    makeCanonical(memory, values + slot * 2, slotsOf(type) * 2, floats);
  }
  const { locals } = program.functions[safepoint.function];
  let recorded = values;
  let end = base;
  for (const { slot, slots } of safepoint.shape.runs) {
    const start = base + slot * 2;
    words.fill(0, end, start);
    words.set(memory.subarray(recorded, recorded + slots * 2), start);
    recorded += slots * 2;
    end = start + slots * 2;
  }
  words.fill(0, end, base + locals * 2);
  let image = safepoint.operands;
  for (let left = toCome; left > 0 && image !== undefined; image = image.below) {
    left -= slotsOf(image.type);
  }
  const height = heightOf(image);
  let to = base + (locals + height) * 2;
  for (; image !== undefined; image = image.below) {
    const from = values + image.position * 2;
    const length = slotsOf(image.type) * 2;
    if (image.lazy !== undefined) makeCanonical(memory, from, length, image.lazy);
    to -= length;
    for (let word = 0; word < length; word++) words[to + word] = memory[from + word];
  }
  return locals + height;
}

/** A float or a vector of floats, in so many words; the upper word of a float of 32 bits is zero, which is no NaN. */
function makeCanonical(memory: Int32Array, first: number, words: number, type: FloatType): void {
  const width = type === f64 ? 2 : 1;
  for (let at = first; at < first + words; at += width) {
    if (type === f64) {
      const magnitude = memory[at + 1] & 0x7fffffff;
      if (magnitude < 0x7ff00000 || (magnitude === 0x7ff00000 && memory[at] === 0)) continue;
      memory[at] = 0;
      memory[at + 1] = canonicalNan.f64High;
    } else if ((memory[at] & 0x7fffffff) > 0x7f800000) {
      memory[at] = canonicalNan.f32;
    }
  }
}
