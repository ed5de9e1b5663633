/**
 * Text of src/interpreter/isa/generated/instructionCodes.ts: the binary codes alone, for who writes WebAssembly and has no
 * use for the rest of the table, as the Keccak kernel of a light client in a browser.
 *
 * Invariant: every instruction that a binary may hold is there, by its mnemonic.
 */
import { type InstructionRow, instructions, isDecoded } from "../src/interpreter/isa/table.ts";
import { hex, notice } from "./emission.ts";

export function instructionCodes(): string {
  const rows = (instructions as readonly InstructionRow[]).filter(isDecoded);
  const lines = rows.map(
    ({ mnemonic, code }) => `  "${mnemonic}": 0x${hex(code, code > 0xff ? 6 : 2)},`,
  );
  return `${[
    `/** Binary codes of instructions; of two-part codes the prefix << 16 | number. ${notice} */`,
    "export const instructionCodes = {",
    ...lines,
    "} as const;",
  ].join("\n")}\n`;
}
