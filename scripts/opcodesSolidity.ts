/**
 * Text of contracts/src/judge/generated/Opcodes.sol: codes, traps and families as Solidity constants.
 *
 * Invariant: a pure function of isa/table.ts and trap.ts; what is generated carries no semantics.
 */
import type { Family } from "../src/interpreter/isa/table.ts";
import { trapCodes } from "../src/interpreter/isa/trapCodes.ts";
import { constantName, type ExecutedRow, executedRows, hex, notice } from "./emission.ts";

/** Families that have a judge contract; number 0 means that no instruction may hold it. */
const judgedFamilies: readonly Family[] = [
  "control",
  "parametric",
  "integer",
  "float",
  "conversion",
  "memory",
  "bulk",
  "table",
  "host",
  "vectorMemory",
  "vectorLane",
  "vectorInteger",
  "vectorConversion",
  "vectorFloat",
  "atomic",
];

/** Rows of each family, which are numbered from 0 without a gap; byte i is family i. */
function familySizes(executed: readonly ExecutedRow[]): string {
  const sizes = judgedFamilies.map((family, index) => {
    const own = executed.filter((row) => row.family === family).map(({ op }) => op);
    if (own.some((op, place) => op !== (((index + 1) << 8) | place))) {
      throw new RangeError(`expected the ops of family ${family} in order, without a gap`);
    }
    return own.length;
  });
  const bytes = [0, ...sizes].map((size) => hex(size, 2)).join("");
  return `0x${bytes.padEnd(64, "0")}`;
}

/** Text of contracts/src/judge/generated/Opcodes.sol. */
export function solidityConstants(): string {
  const executed = executedRows();
  const lines = [
    "// SPDX-License-Identifier: Apache-2.0",
    "pragma solidity ^0.8.28;",
    "",
    `// ${notice}`,
    "",
    "// What instructions hold: family << 8 | number in the family.",
    ...executed.map(
      ({ mnemonic, op }) => `uint16 constant ${constantName(mnemonic)} = 0x${hex(op, 4)};`,
    ),
    "",
    "// Trap codes (docs/machine.md section 6).",
    ...Object.entries(trapCodes).map(
      ([name, code]) => `uint8 constant TRAP_${constantName(name)} = ${code};`,
    ),
    "",
    "// Families of instructions.",
    ...judgedFamilies.map(
      (family, index) => `uint8 constant FAMILY_${constantName(family)} = ${index + 1};`,
    ),
    "",
    "/// @dev Byte i is the number of instructions of family i.",
    `bytes32 constant FAMILY_SIZES = ${familySizes(executed)};`,
    "",
    "/// @dev Family of what an instruction holds; 0 for what no instruction may hold.",
    "function familyNumberOf(uint256 op) pure returns (uint256 family) {",
    "    family = op >> 8;",
    "    if (family >= 32 || uint8(op) >= uint8(FAMILY_SIZES[family])) return 0;",
    "}",
    "",
  ];
  return lines.join("\n");
}
