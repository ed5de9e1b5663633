/**
 * Translates the control instructions that a block can end with: branches, calls, returns; and comparisons together with
 * the conditional branch that alone sees their result.
 *
 * Invariant: all operands that stay live are in their slots before control leaves the block.
 */

import { signatureParts } from "../isa/columns.ts";
import type { InstructionRow } from "../isa/table.ts";
import { readU16, readU32 } from "../program/bigEndian.ts";
import { branchBytes } from "../program/program.ts";
import { wordOfIndex } from "./blockAddresses.ts";
import type { BlockCode } from "./blockCode.ts";
import type { BlockWriter, Branch } from "./blockWriter.ts";
import { branchIf, branchUnless, immediate, operationNumber } from "./operations.ts";

/** The branch of a `br` or `br_if` instruction. */
function branchAt(blocks: BlockCode, pc: number): Branch {
  return {
    target: blocks.field(pc, 0),
    height: blocks.field(pc, 1),
    arity: blocks.field(pc, 2),
  };
}

/** The jump of an `if` or `else` instruction, which moves no values. */
function jumpAt(blocks: BlockCode, pc: number): Branch {
  return { target: blocks.field(pc, 0), height: 0, arity: 0 };
}

/** The branches of a `br_table` instruction, the default last. */
export function tableBranches(blocks: BlockCode, pc: number): Branch[] {
  const { branches } = blocks.program;
  const first = blocks.field(pc, 0);
  const labels = blocks.field(pc, 1);
  return Array.from({ length: labels + 1 }, (_, label) => {
    const at = (first + label) * branchBytes;
    return {
      target: readU32(branches, at),
      height: readU16(branches, at + 4),
      arity: readU16(branches, at + 6),
    };
  });
}

function conditionalBranch(writer: BlockWriter, mnemonic: "br_if" | "if", pc: number): void {
  const { blocks, operands } = writer;
  const words = [writer.source(operands.height - 1)];
  operands.pop();
  writer.settleAll();
  if (mnemonic === "if") writer.conditional("br_unless", words, jumpAt(blocks, pc));
  else writer.conditional("br_if", words, branchAt(blocks, pc));
}

function branchTable(writer: BlockWriter, pc: number): void {
  const { operands } = writer;
  const index = writer.source(operands.height - 1);
  operands.pop();
  writer.settleAll();
  const branches = tableBranches(writer.blocks, pc);
  writer.operation("br_table", index, branches.length - 1);
  for (const branch of branches) writer.target(branch);
}

function returnValues(writer: BlockWriter, arity: number): void {
  const { operands } = writer;
  if (arity === 0) {
    writer.operation("return");
  } else if (arity === 1) {
    writer.operation("return1", writer.source(operands.height - 1));
  } else {
    writer.settleAll();
    writer.operation("returnN", (operands.height - arity) * 2, arity);
  }
}

function call(writer: BlockWriter, pc: number): void {
  const { blocks, operands } = writer;
  const shape = blocks.field(pc, 1);
  const params = shape >>> 16;
  const locals = shape & 0xffff;
  const frame = blocks.field(pc, 2);
  writer.settleAll();
  const base = (operands.height - params) * 2;
  const entry = blocks.field(pc, 0);
  writer.operation("call", base, entry, params * 2, locals * 2, frame * 2, pc + 1);
}

function callIndirect(writer: BlockWriter, pc: number): void {
  const { blocks, operands } = writer;
  const index = wordOfIndex(writer, operands.height - 1, blocks.field(pc, 0));
  operands.pop();
  writer.settleAll();
  const base = (operands.height - blocks.field(pc, 2)) * 2;
  const table = blocks.field(pc, 0);
  writer.operation("call_indirect", base, index, table, blocks.field(pc, 1), pc + 1);
}

const control: Readonly<Record<string, (writer: BlockWriter, pc: number) => void>> = {
  br: (writer, pc) => writer.jump(branchAt(writer.blocks, pc)),
  else: (writer, pc) => {
    writer.settleAll();
    writer.operation("br");
    writer.target(jumpAt(writer.blocks, pc));
  },
  br_if: (writer, pc) => conditionalBranch(writer, "br_if", pc),
  if: (writer, pc) => conditionalBranch(writer, "if", pc),
  br_table: branchTable,
  return: (writer, pc) => returnValues(writer, writer.blocks.field(pc, 0)),
  call,
  call_indirect: callIndirect,
};

/** Whether a control instruction is translated here. */
export function isTranslatedControl(mnemonic: string): boolean {
  return mnemonic in control;
}

/** Translates the control instruction at `pc`, which ends its block. */
export function translateControl(writer: BlockWriter, mnemonic: string, pc: number): void {
  control[mnemonic](writer, pc);
}

/** Operation that branches if the comparison holds, or (`negate`) if it does not; undefined if there is none. */
function branchName(row: InstructionRow, negate: boolean): string | undefined {
  const known = (name: string) => (operationNumber(name) === undefined ? undefined : name);
  if (!negate) return known(branchIf(row.mnemonic));
  if (row.mnemonic === "i32.eqz") return "br_if";
  if (row.family === "float") return known(branchUnless(row.mnemonic));
  return row.inverse === undefined ? undefined : branchIf(row.inverse);
}

/** Whether a comparison and the instruction after it become one operation. */
export function canFuse(row: InstructionRow, next: string): boolean {
  if (next !== "br_if" && next !== "if") return false;
  return branchName(row, next === "if") !== undefined;
}

/** Translates a comparison with the `br_if` or `if` at `branchPc`. */
export function translateFused(writer: BlockWriter, row: InstructionRow, branchPc: number): void {
  const { blocks, operands } = writer;
  const isIf = blocks.row(branchPc).mnemonic === "if";
  const params = signatureParts(row.signature).params.length;
  const top = operands.height - 1;
  let name = branchName(row, isIf) as string;
  const words: number[] = [];
  if (params === 2 && writer.isConstant(top) && operationNumber(immediate(name)) !== undefined) {
    words.push(writer.source(top - 1), ...writer.immediateWords(top));
    name = immediate(name);
  } else {
    for (let slot = top - params + 1; slot <= top; slot++) words.push(writer.source(slot));
  }
  writer.pop(params);
  writer.settleAll();
  const branch = isIf ? jumpAt(blocks, branchPc) : branchAt(blocks, branchPc);
  writer.conditional(name, words, branch);
}
