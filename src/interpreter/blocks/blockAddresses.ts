/**
 * Addresses and indices of instructions in block code: those of 64 bits are checked for an upper half, and are then what
 * those of 32 bits are; atomic accesses are plain ones behind a check of their alignment.
 *
 * Invariant: no memory and no table is longer than 2^32, so whatever has an upper half is out of bounds.
 */
import { accessShape } from "../isa/columns.ts";
import type { InstructionRow } from "../isa/table.ts";
import { trapCodes } from "../isa/trapCodes.ts";
import { beyondAddresses } from "../program/program.ts";
import type { BlockCode } from "./blockCode.ts";
import type { BlockWriter } from "./blockWriter.ts";
import { accessRows } from "./operations.ts";

/** Static offsets from here on are left to the reference (the loop adds in int32). */
const offsetCeiling = 2 ** 30;

/** Whether the reference executes the access at `pc`, for its offset or because it is atomic and no plain one of memory 0. */
export function isExactAccess(blocks: BlockCode, pc: number, row: InstructionRow): boolean {
  if (blocks.field(pc, 0) >= offsetCeiling) return true;
  const memory = blocks.field(pc, 1);
  if (memory >= beyondAddresses) return true;
  return row.family === "atomic" && (accessShape(row) === undefined || memory !== 0);
}

/** Word of the slot that holds the address of an access to a memory. */
export function wordOfAddress(writer: BlockWriter, slot: number, memory: number): number {
  const word = writer.source(slot);
  if (writer.blocks.program.memories[memory].addressType === "i64") {
    writer.effect("narrow", word, trapCodes.outOfBoundsMemory);
  }
  return word;
}

/** Word of the slot that holds the index of an indirect call. */
export function wordOfIndex(writer: BlockWriter, slot: number, table: number): number {
  const word = writer.source(slot);
  if (writer.blocks.program.tables[table].addressType === "i64") {
    writer.effect("narrow", word, trapCodes.undefinedElement);
  }
  return word;
}

const plainRows = new Map(
  accessRows
    .filter(({ signExtends }) => signExtends === undefined)
    .map((row) => [`${row.access}${row.width}`, row] as const)
    .reverse(),
);

/** The access that does what an atomic load or store does, once it is aligned; any other one is its own. */
export function plainAccess(row: InstructionRow): InstructionRow {
  return row.family === "atomic" ? (plainRows.get(`${row.access}${row.width}`) ?? row) : row;
}
