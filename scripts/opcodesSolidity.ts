/**
 * Text of contracts/src/generated/Opcodes.sol: codes, traps and families as Solidity constants.
 *
 * Invariant: a pure function of isa/table.ts and trap.ts; what is generated carries no semantics.
 */
import type { Family, InstructionRow } from "../src/interpreter/isa/table.ts";
import { instructions } from "../src/interpreter/isa/table.ts";
import { trapCodes } from "../src/interpreter/trap.ts";
import { codeText, constantName, hex, notice } from "./emission.ts";

const rows: readonly InstructionRow[] = instructions;

/** Families that have a judge contract; number 0 means that no record may hold the code. */
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
];

interface Span {
  /** First code; the span ends where the next begins. */
  readonly from: number;
  readonly value: number;
}

/** A function of the code as spans of equal value; 0 for codes without a row. */
function spansOf(
  executed: readonly InstructionRow[],
  numberOf: (row: InstructionRow) => number,
): Span[] {
  const spans: Span[] = [{ from: 0, value: 0 }];
  const extend = (from: number, value: number) => {
    if (spans[spans.length - 1].from === from) spans.pop();
    if (spans[spans.length - 1]?.value !== value) spans.push({ from, value });
  };
  const sorted = [...executed].sort((x, y) => x.code - y.code);
  for (const [i, row] of sorted.entries()) {
    extend(row.code, numberOf(row));
    if (sorted[i + 1]?.code !== row.code + 1) extend(row.code + 1, 0);
  }
  return spans;
}

/** Lines of a binary search over spans that returns the value of the one that `op` lies in. */
function searchLines(spans: readonly Span[], indent: string): string[] {
  if (spans.length === 1) {
    const { value } = spans[0];
    return [`${indent}return ${value > 0xff ? `0x${hex(value, 4)}` : value};`];
  }
  const middle = spans.length >> 1;
  return [
    `${indent}if (op < ${codeText(spans[middle].from)}) {`,
    ...searchLines(spans.slice(0, middle), `${indent}    `),
    `${indent}}`,
    ...searchLines(spans.slice(middle), indent),
  ];
}

function searchFunction(name: string, spans: readonly Span[]): string[] {
  return [
    `function ${name}(uint256 op) pure returns (uint256) {`,
    ...searchLines(spans, "    "),
    "}",
  ];
}

/** Text of contracts/src/generated/Opcodes.sol. */
export function solidityConstants(): string {
  const executed = rows.filter((row) => row.family !== "structure");
  const lines = [
    "// SPDX-License-Identifier: Apache-2.0",
    "pragma solidity ^0.8.28;",
    "",
    `// ${notice}`,
    "",
    "// Codes of the instructions that a record may hold.",
    ...executed.map(
      (row) => `uint16 constant ${constantName(row.mnemonic)} = ${codeText(row.code)};`,
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
    "// Family of a code; 0 for a code that no record may hold.",
    ...searchFunction(
      "familyNumberOf",
      spansOf(executed, (row) => judgedFamilies.indexOf(row.family) + 1),
    ),
    "",
  ];
  return lines.join("\n");
}
