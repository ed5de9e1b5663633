/**
 * Translates one function's instructions into block code: straight-line runs of operations, each behind a header that says
 * how many steps and how much fuel the run takes (docs/decisions/0009-block-executor.md).
 *
 * Invariant: every instruction of the function lies in exactly one block. Instructions that are rare or long stay with the
 * exact reference: a block of no step that hands over to it (`exact`).
 */
import { executedRow, type InstructionRow } from "../isa/table.ts";
import { readU16 } from "../program/bigEndian.ts";
import { instructionBytes } from "../program/program.ts";
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

/** What the instructions with one number have in common. */
interface Traits {
  readonly row: InstructionRow;
  /** Whether the reference executes them all. */
  readonly isExact: boolean;
  readonly isAccess: boolean;
  readonly isVector: boolean;
  readonly isStore: boolean;
  readonly endsBlock: boolean;
  /** Whether the first field is a target, or the place of several. */
  readonly targets: "none" | "one" | "table";
}

const jumps: ReadonlySet<string> = new Set(["br", "br_if", "if", "else"]);

/** By the number that an instruction holds, each made when it is first met. */
const knownTraits: (Traits | undefined)[] = new Array(2 ** 12).fill(undefined);

function traitsAt({ program }: BlockCode, pc: number): Traits {
  const op = readU16(program.code, pc * instructionBytes);
  const known = knownTraits[op];
  if (known !== undefined) return known;
  const made = traitsOf(executedRow(op) as InstructionRow);
  knownTraits[op] = made;
  return made;
}

function traitsOf(row: InstructionRow): Traits {
  const { mnemonic, family, width, form } = row;
  const endsBlock = family === "control" && mnemonic !== "nop";
  const isOperation = operationNumber(mnemonic) !== undefined || mnemonic in folded;
  const isExact = endsBlock ? !isTranslatedControl(mnemonic) : !isOperation;
  const one = jumps.has(mnemonic) ? "one" : "none";
  return {
    row,
    isExact: isExact && width === undefined && form === undefined,
    isAccess: width !== undefined,
    isVector: form !== undefined,
    isStore: row.access === "store",
    endsBlock,
    targets: mnemonic === "br_table" ? "table" : one,
  };
}

/** Translates the function that holds `pc`, all of it, or nothing where the host's stack ends. */
export function translateFunction(blocks: BlockCode, pc: number): void {
  const { start, end } = blocks.functionRange(pc);
  if (blocks.entries[start] !== 0) return;
  blocks.program.lowerAt(start);
  const { length } = blocks;
  try {
    translateRange(blocks, start, end);
  } catch (error) {
    blocks.length = length;
    blocks.entries.fill(0, start, end);
    throw error;
  }
}

function translateRange(blocks: BlockCode, start: number, end: number): void {
  const starts = blockStarts(blocks, start, end);
  const writer = new BlockWriter(blocks, operands);
  // Counts the function's calls (loop/structuralOperations.ts).
  blocks.push(0, start);
  for (let next = start; next < end; ) next = translateBlock(writer, next, start, starts);
  writer.finish();
}

/** Whether the reference executes the instruction at `pc`. */
function isExact(blocks: BlockCode, pc: number, traits: Traits): boolean {
  if (blocks.watched?.stops[pc] === 1 || traits.isExact) return true;
  const { row, isAccess, isVector } = traits;
  if (isAccess && isExactAccess(blocks, pc, row)) return true;
  return isVector && !isTranslatedVector(row, blocks.field(pc, 1));
}

/** Marks the instructions of [start, end) where a block begins. */
function blockStarts(blocks: BlockCode, start: number, end: number): Uint8Array {
  const starts = new Uint8Array(end - start + 1);
  const splitsStores = blocks.watched?.splitsStores === true;
  starts[0] = 1;
  for (let pc = start; pc < end; pc++) {
    const traits = traitsAt(blocks, pc);
    const { targets } = traits;
    if (isExact(blocks, pc, traits)) starts[pc - start] = 1;
    else if (!traits.endsBlock && !(splitsStores && traits.isStore)) continue;
    else if (targets === "one") starts[blocks.field(pc, 0) - start] = 1;
    else if (targets === "table") {
      for (const { target } of tableBranches(blocks, pc)) starts[target - start] = 1;
    }
    starts[pc + 1 - start] = 1;
  }
  return starts;
}

/** Translates the block that begins at `first`, in the function that begins at `start`; returns the pc after it. */
function translateBlock(
  writer: BlockWriter,
  first: number,
  start: number,
  starts: Uint8Array,
): number {
  const { blocks } = writer;
  const header = writer.begin(first);
  blocks.entries[first] = header;
  if (isExact(blocks, first, traitsAt(blocks, first))) {
    writer.operation("exact");
    return first + 1;
  }
  let pc = first;
  let isOpen = true;
  do {
    writer.current = pc;
    const { row, endsBlock } = traitsAt(blocks, pc);
    const next = pc + 1;
    if (endsBlock) {
      translateControl(writer, row.mnemonic, pc);
      isOpen = false;
    } else if (starts[next - start] === 0 && canFuse(row, traitsAt(blocks, next).row.mnemonic)) {
      translateFused(writer, row, next);
      isOpen = false;
      pc++;
    } else {
      const b = blocks.field(pc, 1) | 0;
      translateStraight(writer, row, { a: blocks.field(pc, 0), b, c: blocks.field(pc, 2) | 0 });
    }
    pc++;
  } while (isOpen && starts[pc - start] === 0 && pc - first < blockCeiling);
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
