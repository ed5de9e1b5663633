/**
 * Types of ordinary instructions in a module where a memory or a table has 64-bit addresses (spec 3.0 §3.4.5, §3.4.6).
 *
 * Invariant: where all addresses have 32 bits this says what the rows of the instruction table say.
 */
import { type AddressType, valueTypes } from "../binary/module.ts";
import { addressSignature, withAddresses } from "../isa/addressLetters.ts";
import { byLetter, signatureParts } from "../isa/columns.ts";
import { rowOfDense } from "../isa/denseRows.ts";
import type { InstructionCursor } from "../isa/instructionCursor.ts";
import type { InstructionRow } from "../isa/table.ts";
import type { Context } from "./validationContext.ts";
import type { ValidationStacks } from "./validationStacks.ts";

const letters = byLetter<number>(valueTypes);

/** Validates an instruction whose immediates are checked; false, with nothing done, if its row says all. */
export function addressed(
  stacks: ValidationStacks,
  context: Context,
  cursor: InstructionCursor,
): boolean {
  const signature = addressSignature(rowOfDense(cursor.dense) as InstructionRow);
  if (signature === undefined) return false;
  const { params, results } = signatureParts(
    withAddresses(signature, ...addressTypes(context, cursor)),
  );
  for (let index = params.length - 1; index >= 0; index--) stacks.pop(letters[params[index]]);
  if (results !== "") stacks.push(letters[results]);
  return true;
}

/** Address types of the destination and of the source. */
function addressTypes(
  context: Context,
  { kind, index, second, offset }: InstructionCursor,
): readonly [AddressType, AddressType] {
  const memory = (number: number) => context.memory(number, offset).addressType;
  const table = (number: number) => context.table(number, offset).addressType;
  switch (kind) {
    case "memoryMemory":
      return [memory(index), memory(second)];
    case "dataMemory":
      return [memory(second), memory(second)];
    case "table":
      return [table(index), table(index)];
    case "tableTable":
      return [table(index), table(second)];
    case "elementTable":
      return [table(second), table(second)];
    default:
      return [memory(index), memory(index)];
  }
}
