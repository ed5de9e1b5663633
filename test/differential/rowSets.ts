/**
 * The rows of the instruction table that random modules draw from.
 *
 * Invariant: with what is here any module runs on every host and gives one answer there; nothing is left out but what
 * says so.
 */
import { signatureParts } from "../../src/interpreter/isa/columns.ts";
import type { InstructionRow } from "../../src/interpreter/isa/table.ts";
import { instructions, isDecoded } from "../../src/interpreter/isa/table.ts";

/** Relaxed instructions are whatever the host's processor has; their kernels are compared with the strict ones. */
const everyRow = (instructions as readonly InstructionRow[]).filter(
  (row) =>
    row.signature !== null &&
    isDecoded(row) &&
    !row.hostLacks &&
    row.feature !== "relaxedSimd" &&
    // V8 does not wait in its main thread, whatever the memory.
    !row.traps.includes("deadlock"),
);
const isVector = ({ feature }: InstructionRow): boolean => feature === "simd";
const isAtomic = ({ family }: InstructionRow): boolean => family === "atomic";

/** Atomic ones come with vectors: the modules that have what is newest. */
export const rowsOf = (vectors: boolean): readonly InstructionRow[] =>
  vectors ? everyRow : everyRow.filter((row) => !isVector(row) && !isAtomic(row));
export const resultOf = (row: InstructionRow): string => signatureParts(row.signature).results;
export const operandsOf = (row: InstructionRow): string => signatureParts(row.signature).params;
const isTrapping = (row: InstructionRow): boolean =>
  row.width === undefined && row.traps.length > 0;

type Producers = Readonly<Record<string, readonly InstructionRow[]>>;

function producersAmong(rows: readonly InstructionRow[], types: readonly string[]): Producers {
  return Object.fromEntries(
    types.map((type) => {
      const all = rows.filter((row) => resultOf(row) === type && operandsOf(row) !== "");
      const plain = all.filter(
        (row) => row.immediates === "none" || row.width !== undefined || isVector(row),
      );
      return [type, plain.flatMap((row) => (isTrapping(row) ? [row] : [row, row, row, row]))];
    }),
  );
}

const scalarProducers = producersAmong(rowsOf(false), ["i", "I", "f", "F"]);
const allProducers = producersAmong(rowsOf(true), ["i", "I", "f", "F", "v"]);

/** Arithmetic, conversions and loads, by result; those that trap on many operands are rare. */
export const producersOf = (vectors: boolean): Producers =>
  vectors ? allProducers : scalarProducers;
/** Instructions whose NaN results the machine makes canonical. */
export const makesNan = (row: InstructionRow): boolean => row.mayMakeNan === true;
