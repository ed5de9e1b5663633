/**
 * Text of docs/instructions.md: the instruction table for readers.
 *
 * Invariant: a pure function of isa/table.ts.
 */
import { letterNames, signatureParts, type TypeLetter } from "../src/interpreter/isa/columns.ts";
import type { Family, InstructionRow } from "../src/interpreter/isa/table.ts";
import { instructions } from "../src/interpreter/isa/table.ts";
import { codeText, hex, notice } from "./emission.ts";

const rows: readonly InstructionRow[] = instructions;

/** `ii:i` → `[i32 i32] → [i32]`. */
function signatureText(signature: string | null): string {
  if (signature === null) return "by rule";
  const { params, results } = signatureParts(signature);
  const side = (types: string) =>
    `[${[...types].map((letter) => letterNames[letter as TypeLetter]).join(" ")}]`;
  return `${side(params)} → ${side(results)}`;
}

/** Every family: one without a title does not compile. */
const titles: Readonly<Record<Family, string>> = {
  control: "Control",
  parametric: "Constants, variables, references, parametric",
  integer: "Integers",
  float: "Floating point",
  conversion: "Conversions",
  memory: "Memory",
  bulk: "Bulk memory",
  table: "Tables",
  host: "Host instructions",
  vectorMemory: "Vectors: memory and constants",
  vectorLane: "Vectors: bits, lanes by number, comparisons, shifts, tests",
  vectorInteger: "Vectors: integers",
  vectorConversion: "Vectors: other lanes",
  vectorFloat: "Vectors: floating point",
  atomic: "Atomic",
  structure: "Structure (decoded, never an instruction)",
};
const families = Object.entries(titles) as [Family, string][];

function referenceRow(row: InstructionRow): string {
  const cells = [
    row.op === undefined ? "" : `\`0x${hex(row.op, 4)}\``,
    `\`${codeText(row.code)}\``,
    `\`${row.mnemonic}\``,
    row.immediates === "none" ? "" : row.immediates,
    signatureText(row.signature),
    row.fuel === "none" ? "" : row.fuel,
    row.traps.join(", "),
    row.opens.join(", "),
    row.feature,
  ];
  return `| ${cells.join(" | ")} |`;
}

/** Text of docs/instructions.md. */
export function instructionReference(): string {
  const sections = families.flatMap(([family, title]) => [
    `## ${title}`,
    "",
    "| op | code | instruction | immediates | signature | fuel class | traps, in order of check | arrays opened | proposal |",
    "|---|---|---|---|---|---|---|---|---|",
    ...rows.filter((row) => row.family === family).map(referenceRow),
    "",
  ]);
  return [
    "# Instruction reference",
    "",
    `<!-- ${notice} -->`,
    "",
    "One row an instruction.",
    "*Signature* is `by rule` where operand types depend on the context (control, locals, globals, references); the rules are in [machine.md](machine.md) §7.",
    "*Arrays opened* are the parts of state and program that a step may open ([proof-format.md](proof-format.md) §4).",
    "Every instruction may also trap with `outOfFuel`.",
    "",
    ...sections,
  ].join("\n");
}
