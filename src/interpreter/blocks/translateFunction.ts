/**
 * Translates one function's instructions into block code: straight-line runs of operations, each behind a header that says
 * how many steps and how much fuel the run takes (docs/decisions/0009-block-executor.md).
 *
 * Invariant: every instruction of the function lies in exactly one block. Instructions that are rare or long stay with the
 * exact reference: a block of no step that hands over to it (`exact`).
 */
import type { InstructionRow } from "../isa/table.ts";
import { isExactAccess } from "./blockAddresses.ts";
import type { BlockCode } from "./blockCode.ts";
import { Operands } from "./blockOperands.ts";
import { BlockWriter } from "./blockWriter.ts";
import { operationNumber } from "./operations.ts";
import {
  canFuse,
  isTranslatedControl,
  tableBranches,
  translateControl,
  translateFused,
} from "./translateControl.ts";
import { folded, translateStraight } from "./translateStraight.ts";
import { isTranslatedVector } from "./vectorOperations.ts";

/** Instructions in a block at most, so that its cost fits an int32 whatever the schedule. */
const blockCeiling = 4096;
/** A reserve that no budget covers: the block is left to the reference. */
const reserveCeiling = 2 ** 30;

/** One for all translations: it is large, and translating is not re-entrant. */
const operands = new Operands();

/** Translates the function that holds `pc`, all of it, or nothing where the host's stack ends. */
export function translateFunction(blocks: BlockCode, pc: number): void {
  const { start, end } = blocks.functionRange(pc);
  if (blocks.entries[start] >= 0) return;
  const { length } = blocks;
  try {
    translateRange(blocks, start, end);
  } catch (error) {
    blocks.length = length;
    blocks.entries.fill(-1, start, end);
    throw error;
  }
}

function translateRange(blocks: BlockCode, start: number, end: number): void {
  const isStart = blockStarts(blocks, start, end);
  const writer = new BlockWriter(blocks, operands);
  // Counts the function's calls (loop/structuralOperations.ts).
  blocks.push(0, start);
  for (let next = start; next < end; ) {
    next = translateBlock(writer, next, (at) => isStart[at - start] === 1);
  }
  writer.finish();
}

/** Whether the reference executes the instruction at `pc`. */
function isExact(blocks: BlockCode, pc: number, row: InstructionRow): boolean {
  if (blocks.watched?.stops[pc] === 1) return true;
  if (row.width !== undefined && isExactAccess(blocks, pc, row)) return true;
  if (row.form !== undefined) return !isTranslatedVector(row, blocks.field(pc, 1));
  if (row.width !== undefined) return false;
  if (row.family === "control" && row.mnemonic !== "nop") return !isTranslatedControl(row.mnemonic);
  return operationNumber(row.mnemonic) === undefined && !(row.mnemonic in folded);
}

/** Marks the instructions of [start, end) where a block begins. */
function blockStarts(blocks: BlockCode, start: number, end: number): Uint8Array {
  const isStart = new Uint8Array(end - start + 1);
  const mark = (pc: number): void => {
    isStart[pc - start] = 1;
  };
  mark(start);
  for (let pc = start; pc < end; pc++) {
    const row = blocks.row(pc);
    const exact = isExact(blocks, pc, row);
    if (exact) mark(pc);
    else if (row.access === "store" && blocks.watched?.splitsStores === true) mark(pc + 1);
    else if (row.family !== "control" || row.mnemonic === "nop") continue;
    else if (row.mnemonic === "br_table") {
      for (const { target } of tableBranches(blocks, pc)) mark(target);
    } else if (["br", "br_if", "if", "else"].includes(row.mnemonic)) {
      mark(blocks.field(pc, 0));
    }
    mark(pc + 1);
  }
  return isStart;
}

/** Translates the block that begins at `first`; returns the pc after it. */
function translateBlock(
  writer: BlockWriter,
  first: number,
  isStart: (pc: number) => boolean,
): number {
  const { blocks } = writer;
  const header = writer.begin(first);
  blocks.entries[first] = header;
  if (isExact(blocks, first, blocks.row(first))) {
    writer.operation("exact");
    return first + 1;
  }
  let pc = first;
  let isOpen = true;
  do {
    writer.current = pc;
    const row = blocks.row(pc);
    const next = pc + 1;
    if (row.family === "control" && row.mnemonic !== "nop") {
      translateControl(writer, row.mnemonic, pc);
      isOpen = false;
    } else if (!isStart(next) && canFuse(row, blocks.row(next).mnemonic)) {
      translateFused(writer, row, next);
      isOpen = false;
      pc++;
    } else {
      const [a, b, c] = [blocks.field(pc, 0), blocks.field(pc, 1), blocks.field(pc, 2)];
      translateStraight(writer, row, { a, b: b | 0, c: c | 0 });
    }
    pc++;
  } while (isOpen && !isStart(pc) && pc - first < blockCeiling);
  if (isOpen) {
    writer.settleAll();
    writer.operation("next");
  }
  let fuel = 0;
  for (let at = first; at < pc; at++) fuel += blocks.cost(at);
  blocks.code[header] = pc - first;
  blocks.code[header + 1] = fuel;
  blocks.code[header + 2] = Math.min(writer.reserve, reserveCeiling);
  return pc;
}
