/**
 * Loads, stores, memory size and growth (docs/machine.md §5.4, §7 "Memory accesses"; spec 2.0 §4.4.7).
 * Twin of contracts/src/judge/step/MemoryStep.sol: the same functions under the same banners in the same order.
 *
 * Invariant: bounds are checked before a chunk is charged, and a chunk is charged before a byte is written. What a load
 * or store looks like is in its row of the instruction table.
 */

import { type AccessShape, accessShape } from "../../isa/columns.ts";
import type { InstructionRow } from "../../isa/table.ts";
import { instructions } from "../../isa/table.ts";
import { trapCodes } from "../../isa/trapCodes.ts";
import type { Access } from "../access.ts";
import {
  addressAt,
  growthIsRefused,
  type Handler,
  type Handlers,
  markDirty,
  TRAP_NONE,
  unsigned,
} from "./handler.ts";

// Loads and stores

function load(m: Access, shape: AccessShape): number {
  const { width } = shape;
  const top = m.sp - 1;
  m.openStack(top, top);
  const address = addressAt(m, top, width);
  if (address < 0) return trapCodes.outOfBoundsMemory;
  m.openMemory(m.b, address, width);
  const raw = m.memoryWord(m.b, address, Math.min(width, 4));
  const low = lowWord(shape, raw);
  m.setSlot(top, low, width === 8 ? m.memoryWord(m.b, address + 4, 4) : highWord(shape, low));
  return TRAP_NONE;
}

function store(m: Access, { width }: AccessShape): number {
  const top = m.sp - 1;
  m.openStack(top - 1, top);
  const address = addressAt(m, top - 1, width);
  if (address < 0) return trapCodes.outOfBoundsMemory;
  if (!markDirty(m, m.b, address, width)) return trapCodes.outOfFuel;
  m.openMemory(m.b, address, width);
  m.setMemoryWord(m.b, address, Math.min(width, 4), m.low(top));
  if (width === 8) m.setMemoryWord(m.b, address + 4, 4, m.high(top));
  m.pop(2);
  return TRAP_NONE;
}

// Size and growth

function memorySize(m: Access): number {
  m.openStack(m.sp, m.sp);
  m.openMemorySizes(m.a, m.a);
  m.setSlot(m.sp, m.memoryPages(m.a), 0);
  m.sp++;
  return TRAP_NONE;
}

/** c = 1: the result is an i64. */
function memoryGrow(m: Access): number {
  const top = m.sp - 1;
  m.openStack(top, top);
  m.openMemorySizes(m.a, m.a);
  const old = m.memoryPages(m.a);
  const requested = unsigned(m, top);
  if (growthIsRefused(old, requested, m.b)) {
    m.noteRefusedGrowth(m.a, requested);
    m.setSlot(top, -1, m.c === 1 ? -1 : 0);
  } else {
    m.setMemoryPages(m.a, old + requested);
    m.setSlot(top, old, 0);
  }
  return TRAP_NONE;
}

// Primitives

/** Low word of what a load gives, from the bytes that it has read, four at most. */
export function lowWord({ width, isSigned }: AccessShape, raw: number): number {
  const shift = isSigned ? 32 - 8 * width : 0;
  return (raw << shift) >> shift;
}

/** High word, where the load reads no more than four bytes. */
export function highWord({ isSigned, isWide }: AccessShape, low: number): number {
  return isSigned && isWide ? low >> 31 : 0;
}

// By mnemonic

type AccessRow = Extract<(typeof instructions)[number], { family: "memory"; immediates: "memarg" }>;

function handlerOf(row: InstructionRow): Handler {
  const shape = accessShape(row) as AccessShape;
  return shape.isStore ? (m) => store(m, shape) : (m) => load(m, shape);
}

const accessHandlers = Object.fromEntries(
  (instructions as readonly InstructionRow[])
    .filter((row) => row.family === "memory" && accessShape(row) !== undefined)
    .map((row) => [row.mnemonic, handlerOf(row)]),
) as Record<AccessRow["mnemonic"], Handler>;

export const memoryHandlers: Handlers<"memory"> = {
  ...accessHandlers,
  "memory.size": memorySize,
  "memory.grow": memoryGrow,
};
