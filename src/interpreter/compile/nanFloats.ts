/**
 * Which instructions make NaNs of the host's own bits, and which take floats by value, so that such NaNs may stay as they
 * are until bits are seen: as floats of which type, alone or as the lanes of a vector.
 *
 * Invariant: read off the instruction table; whatever it does not say takes bits.
 */

import { signatureParts } from "../isa/columns.ts";
import type { InstructionRow, LaneShape, VectorForm } from "../isa/instructionRow.ts";
import { instructionOf } from "../isa/table.ts";
import type { FloatType } from "./hostTypes.ts";
import { f32, f64 } from "./hostTypes.ts";

function floatsOfLanes(lanes: LaneShape | undefined): FloatType | undefined {
  if (lanes === "f32x4") return f32;
  return lanes === "f64x2" ? f64 : undefined;
}

/** Type of the floats among which an instruction may leave a NaN of arithmetic; undefined if it makes none. */
export function nanFloatsOf(code: number): FloatType | undefined {
  const row = instructionOf(code);
  if (row?.mayMakeNan !== true) return undefined;
  if (row.form !== undefined) return floatsOfLanes(row.lanes);
  return signatureParts(row.signature).results === "F" ? f64 : f32;
}

/** Forms that compute with the values of lanes; `choose` and what moves lanes pass their bits on. */
const valueForms: readonly VectorForm[] = [
  "lanewise",
  "compare",
  "convert",
  "convertLow",
  "convertZero",
];

/** Type of the lanes that a vector instruction takes by value; undefined if it sees bits. */
export function takenFloatsOf(row: InstructionRow): FloatType | undefined {
  const { form, worksOnBits, from, lanes } = row;
  if (form === undefined || worksOnBits === true || !valueForms.includes(form)) return undefined;
  return floatsOfLanes(from ?? lanes);
}
