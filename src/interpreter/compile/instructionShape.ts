/**
 * What the emitter has to know of an instruction whose row says all of it: operands, results, and what becomes of NaNs.
 *
 * Invariant: read off the instruction table.
 */
import { byLetter, signatureParts } from "../isa/columns.ts";
import type { InstructionRow } from "../isa/table.ts";
import { instructionOf } from "../isa/table.ts";
import type { FloatType, HostType } from "./hostTypes.ts";
import { f32, f64, i32, i64, v128 } from "./hostTypes.ts";
import { nanFloatsOf, takenFloatsOf } from "./nanFloats.ts";

const letters = byLetter<HostType>({ i32, i64, f32, f64, v128 });

export interface InstructionShape {
  readonly row: InstructionRow;
  readonly operands: number;
  readonly results: readonly HostType[];
  /** Type of the floats of the result among which the host may leave a NaN. */
  readonly nans: FloatType | undefined;
  /** Whether the operands' bits, not only their values, take part: of vectors, but for lanes of type `taken`. */
  readonly seesBits: boolean;
  readonly taken: FloatType | undefined;
}

export function shapeOf(code: number): InstructionShape {
  const row = instructionOf(code) as InstructionRow;
  const { params, results } = signatureParts(row.signature);
  return {
    row,
    operands: params.length,
    results: [...results].map((letter) => letters[letter]),
    nans: nanFloatsOf(code),
    seesBits: row.worksOnBits === true || row.form !== undefined,
    taken: takenFloatsOf(row),
  };
}
