/**
 * The operations of the block executor and their numbers (docs/decisions/0009-block-executor.md).
 * An operation is a WebAssembly instruction with its operands folded in: slots instead of `local.get`, an immediate
 * instead of a constant, a comparison inside its branch.
 *
 * Invariant: the list is a pure function of the instruction table; the generated loop has exactly one case for each,
 * in this order, and the translator looks numbers up by name only.
 */

import { accessShape, isNumeric, signatureParts } from "../isa/columns.ts";
import type { InstructionRow } from "../isa/table.ts";
import { instructions } from "../isa/table.ts";

const rows: readonly InstructionRow[] = instructions;

/** Families whose instructions have a kernel. */
export const numericRows: readonly InstructionRow[] = rows.filter(isNumeric);

/** Two operands of one integer type: the last may be an immediate. */
export const immediateRows = numericRows.filter((row) => takesTwoIntegers(row));

export function takesTwoIntegers({ signature }: InstructionRow): boolean {
  const { params } = signatureParts(signature);
  return params === "ii" || params === "II";
}

/** Comparisons that a conditional branch swallows. */
export const comparisonRows = numericRows.filter((row) => row.isTest);

export const accessRows = rows.filter(
  (row) => row.family === "memory" && accessShape(row) !== undefined,
);

const structural = [
  "exact",
  "next",
  "copy",
  "const",
  "const64",
  "select",
  "global.get",
  "global.set",
  "br",
  "br_if",
  "br_unless",
  "br_table",
  "call",
  "call_indirect",
  "return",
  "return1",
  "returnN",
  "load other",
  "store other",
  "narrow",
  "aligned",
  "vector",
] as const;
export type StructuralOperation = (typeof structural)[number];

/** Names are made once: the translator asks for the same few hundred all the time. */
function named(name: (mnemonic: string) => string): (mnemonic: string) => string {
  const known = new Map<string, string>();
  return (mnemonic) => {
    let found = known.get(mnemonic);
    if (found === undefined) {
      found = name(mnemonic);
      known.set(mnemonic, found);
    }
    return found;
  };
}

export const immediate = named((mnemonic) => `${mnemonic} imm`);
export const branchIf = named((mnemonic) => `br_if ${mnemonic}`);
export const branchUnless = named((mnemonic) => `br_unless ${mnemonic}`);

/** Names of all operations; the position is the number. */
export const operationNames: readonly string[] = [
  ...structural,
  ...numericRows.map((row) => row.mnemonic),
  ...immediateRows.map((row) => immediate(row.mnemonic)),
  ...comparisonRows.map((row) => branchIf(row.mnemonic)),
  ...comparisonRows.filter(takesTwoIntegers).map((row) => branchIf(immediate(row.mnemonic))),
  ...comparisonRows
    .filter((row) => row.family === "float")
    .map((row) => branchUnless(row.mnemonic)),
  ...accessRows.map((row) => row.mnemonic),
];

const numbers = new Map(operationNames.map((name, number) => [name, number]));

/** Number of an operation; undefined for a name that is none. */
export function operationNumber(name: string): number | undefined {
  return numbers.get(name);
}

/** Words of a block's header: steps, fuel, fuel to hold in reserve for chunks that the block may dirty. */
export const headerWords = 3;
