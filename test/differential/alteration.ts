/**
 * Modules with instructions replaced by others of their signature: what comparisons have to find.
 *
 * Invariant: the altered module is valid, and as long as the original.
 */
import { decodeModule } from "../../src/interpreter/binary/decode.ts";
import { InstructionCursor } from "../../src/interpreter/isa/instructionCursor.ts";
import { codeOf } from "../../src/interpreter/isa/table.ts";

/** Calls `visit` for each instruction of each body. */
export function eachInstruction(
  bytes: Uint8Array,
  visit: (cursor: InstructionCursor) => void,
): void {
  const module = decodeModule(bytes);
  const cursor = new InstructionCursor(module.bytes, module.features);
  for (const { start, end } of module.bodies) {
    cursor.open(start, end);
    while (cursor.next()) visit(cursor);
  }
}

export type Mnemonic = Parameters<typeof codeOf>[0];

/** The module with every instruction of some kinds replaced, codes of one byte by such: valid, and another program. */
export function altered(
  bytes: Uint8Array,
  replacements: readonly (readonly [from: Mnemonic, to: Mnemonic])[],
): Uint8Array {
  const codes = new Map(replacements.map((pair) => pair.map(codeOf) as [number, number]));
  const copy = bytes.slice();
  eachInstruction(bytes, ({ code, offset }) => {
    copy[offset] = codes.get(code) ?? copy[offset];
  });
  return copy;
}
