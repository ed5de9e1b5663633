/**
 * From a pc to where its instruction comes from (module, function, byte offset); never committed.
 * Byte offsets are found when they are asked for, by lowering the function once more.
 *
 * Invariant: `starts` ascends; the instruction at pc belongs to the last function that starts at or before pc.
 */
import { lastAtMost } from "./lastAtMost.ts";
import type { SourceLocation } from "./program.ts";

export interface FunctionStart {
  readonly entryPc: number;
  /** Index into the program's modules; −1 for synthesized code. */
  readonly module: number;
  /** Program-wide function index; −1 for the boot function. */
  readonly function: number;
  readonly name: string;
  /** Byte offset in the module of each of its instructions; undefined for synthesized code. */
  readonly offsets: (() => Int32Array) | undefined;
}

export function makeLocate(
  starts: readonly FunctionStart[],
  instructions: number,
): (pc: number) => SourceLocation {
  /** Offsets of functions that were asked for, by their place in `starts`. */
  const known = new Map<number, Int32Array>();
  const offsetAt = (place: number, pc: number): number => {
    const { offsets, entryPc } = starts[place];
    if (offsets === undefined) return -1;
    let found = known.get(place);
    if (found === undefined) {
      found = offsets();
      known.set(place, found);
    }
    return found[pc - entryPc];
  };
  return (pc) => {
    if (!Number.isInteger(pc) || pc < 0 || pc >= instructions) {
      throw new RangeError(`expected a pc in [0, ${instructions}), got ${pc}`);
    }
    const place = lastAtMost(starts.length, (index) => starts[index].entryPc, pc);
    const { module, function: index, name } = starts[place];
    return { module, function: index, functionName: name, offset: offsetAt(place, pc) };
  };
}
