/**
 * Which roots a step's witness shows in the clear (docs/proof-format.md §4, items 3 and 5): a fixed set for each
 * instruction, from the instruction table.
 */
import { instructionOf } from "../../interpreter/isa/table.ts";
import type { ArrayName, ProgramArray } from "../arrays.ts";
import { WitnessError } from "../witnessError.ts";
import type { InstructionRecord } from "./source.ts";

const programArrays: ReadonlySet<string> = new Set<ProgramArray>([
  "code",
  "branches",
  "functions",
  "data",
  "elements",
]);

export function isProgramArray(name: ArrayName): name is ProgramArray {
  return programArrays.has(name);
}

/** The regions that the table gives an instruction, and frames where the step traps. */
export function regionsOf(record: InstructionRecord, traps: boolean): ReadonlySet<string> {
  const row = instructionOf(record.op);
  if (row === undefined) throw new WitnessError("unknown-instruction", String(record.op));
  return new Set(traps ? [...row.regions, "frames"] : row.regions);
}
