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
import { growthPages } from "../../program/program.ts";
import type { Access } from "../access.ts";
import {
  addressOf,
  chargeChunks,
  growthIsRefused,
  type Handler,
  type Handlers,
  markDirty,
  memoryBytes,
  memoryIndex,
  TRAP_NONE,
  unsigned,
} from "./handler.ts";

// Loads and stores

function load(m: Access, shape: AccessShape): number {
  const top = m.sp - 1;
  m.openStack(top, top);
  return loadFrom(m, shape, memoryIndex(m), addressOf(m, top), top);
}

function store(m: Access, { width }: AccessShape): number {
  const top = m.sp - 1;
  m.openStack(top - 1, top);
  const trap = storeTo(m, width, memoryIndex(m), addressOf(m, top - 1), top);
  if (trap === TRAP_NONE) m.pop(2);
  return trap;
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
    if (!chargeChunks(m, Math.ceil(requested / growthPages))) return trapCodes.outOfFuel;
    m.setMemoryPages(m.a, old + requested);
    m.setSlot(top, old, 0);
  }
  return TRAP_NONE;
}

// Primitives

/** Loads from an address of a memory into a slot that is open. */
export function loadFrom(
  m: Access,
  shape: AccessShape,
  memory: number,
  address: number,
  slot: number,
): number {
  const { width } = shape;
  if (address + width > memoryBytes(m, memory)) return trapCodes.outOfBoundsMemory;
  m.openMemory(memory, address, width);
  const low = lowWord(shape, m.memoryWord(memory, address, Math.min(width, 4)));
  const high = width === 8 ? m.memoryWord(memory, address + 4, 4) : highWord(shape, low);
  m.setSlot(slot, low, high);
  return TRAP_NONE;
}

/** Stores a slot that is open at an address of a memory. */
export function storeTo(
  m: Access,
  width: number,
  memory: number,
  address: number,
  slot: number,
): number {
  if (address + width > memoryBytes(m, memory)) return trapCodes.outOfBoundsMemory;
  if (!markDirty(m, memory, address, width)) return trapCodes.outOfFuel;
  m.openMemory(memory, address, width);
  m.setMemoryWord(memory, address, Math.min(width, 4), m.low(slot));
  if (width === 8) m.setMemoryWord(memory, address + 4, 4, m.high(slot));
  return TRAP_NONE;
}

/** Low word of what a load gives, from the bytes that it has read, four at most. */
function lowWord({ width, isSigned }: AccessShape, raw: number): number {
  const shift = isSigned ? 32 - 8 * width : 0;
  return (raw << shift) >> shift;
}

/** High word, where the load reads no more than four bytes. */
function highWord({ isSigned, isWide }: AccessShape, low: number): number {
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
