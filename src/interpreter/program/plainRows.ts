/**
 * The instructions whose fields are their immediates and nothing else, with what they do to the operand height.
 *
 * Invariant: derived from the instruction table; control instructions, calls and those whose fields say something of
 * the program are not among them (lower.ts).
 */
import { signatureParts, slotsOfLetters } from "../isa/columns.ts";
import type { ImmediateKind, InstructionRow, Mnemonic } from "../isa/table.ts";
import { denseCode, instructions, isDecoded } from "../isa/table.ts";

/** A row with its effect on the height, in slots, where no vector is among its operands by rule (lower.ts). */
export interface Plain {
  /** What stands in its fields. */
  readonly row: InstructionRow;
  /** What follows the instruction's code in a binary. */
  readonly immediates: ImmediateKind;
  readonly pops: number;
  readonly pushes: number;
}

const rows: readonly InstructionRow[] = instructions;

/** Effects that no signature tells: operands popped, results pushed. */
const effects: Partial<Record<Mnemonic | "select_t", readonly [pops: number, pushes: number]>> = {
  drop: [1, 0],
  select: [3, 1],
  select_t: [3, 1],
  "local.get": [0, 1],
  "local.set": [1, 0],
  "local.tee": [1, 1],
  "global.get": [0, 1],
  "global.set": [1, 0],
  "table.get": [1, 1],
  "table.set": [2, 0],
  "table.fill": [3, 0],
  "ref.null": [0, 1],
  "ref.is_null": [1, 1],
};

/** Instructions that are others once their types are known. */
const executedAs: Readonly<Record<string, Mnemonic>> = { select_t: "select" };

function plainOf(row: InstructionRow): Plain {
  const mnemonic = row.mnemonic as Mnemonic;
  const executed = executedAs[mnemonic];
  const [pops, pushes] = effects[mnemonic] ?? effectOfSignature(row);
  const inRecord = executed && rows.find(({ mnemonic: name }) => name === executed);
  return { row: inRecord ?? row, immediates: row.immediates, pops, pushes };
}

function effectOfSignature({ signature }: InstructionRow): readonly [number, number] {
  const { params, results } = signatureParts(signature);
  return [slotsOfLetters(params), slotsOfLetters(results)];
}

const all = rows.map(plainOf);

export const plainByName: ReadonlyMap<string, Plain> = new Map(
  all.map((plain, index) => [rows[index].mnemonic, plain]),
);

/** By the cursor's dense number. */
export const plainByDense: readonly Plain[] = (() => {
  const byDense: Plain[] = [];
  rows.forEach((row, index) => {
    if (isDecoded(row)) byDense[denseCode(row.code)] = all[index];
  });
  return byDense;
})();
