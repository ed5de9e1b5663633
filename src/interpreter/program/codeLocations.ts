/**
 * From a pc to where its instruction comes from (module, function, byte offset); never committed.
 *
 * Invariant: `starts` ascends; the instruction at pc belongs to the last function that starts at or before pc.
 */
import type { SourceLocation } from "./program.ts";

export interface FunctionStart {
  readonly entryPc: number;
  /** Index into the program's modules; −1 for synthesized code. */
  readonly module: number;
  /** Program-wide function index; −1 for the boot function. */
  readonly function: number;
  readonly name: string;
}

export function makeLocate(
  starts: readonly FunctionStart[],
  offsets: Int32Array,
): (pc: number) => SourceLocation {
  return (pc) => {
    if (!Number.isInteger(pc) || pc < 0 || pc >= offsets.length) {
      throw new RangeError(`expected a pc in [0, ${offsets.length}), got ${pc}`);
    }
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (starts[middle].entryPc <= pc) low = middle;
      else high = middle - 1;
    }
    const start = starts[low];
    return {
      module: start.module,
      function: start.function,
      functionName: start.name,
      offset: offsets[pc],
    };
  };
}
