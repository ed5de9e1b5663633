/**
 * The shape of an instruction's handler, and what several of them do. The judge's twins are `Stack`, `ThreeOperands`
 * and `MachineArrays` in contracts/src/judge/state.
 *
 * Invariant: a handler opens and checks everything before it changes anything, in the order of the judge's function of
 * the same name; it leaves stepCounter, fuelCounter and pc to the step, except the fuel of chunks.
 */
import type { Family, instructions, Mnemonic } from "../../isa/table.ts";
import { trapCodes } from "../../isa/trapCodes.ts";
import { beyondAddresses, chunkBytes, pageBytes } from "../../program/program.ts";
import type { Access } from "../access.ts";

/** Executes one instruction; returns the code of the trap that it ends in, or `TRAP_NONE`. */
export type Handler = (m: Access) => number;

export const TRAP_NONE = trapCodes.none;

type Row = (typeof instructions)[number];
/** Mnemonics of a family that the machine executes. */
export type MnemonicOf<F extends Family> = Extract<Row, { family: F }>["mnemonic"] & Mnemonic;
/** A handler for every mnemonic of a family: a missing one does not compile. */
export type Handlers<F extends Family> = Readonly<Record<MnemonicOf<F>, Handler>>;

// Stack

/** Pushes one value; the only slot opened is its own. */
export function push(m: Access, low: number, high: number): number {
  m.openStack(m.sp, m.sp);
  m.setSlot(m.sp, low, high);
  m.sp++;
  return TRAP_NONE;
}

/** Writes a result where the deepest of `pops` operands was. */
export function replace(m: Access, pops: number, low: number, high: number): void {
  m.setSlot(m.sp - pops, low, high);
  m.pop(pops - 1);
}

const two32 = 2 ** 32;

/** An address, an index or a length: all 64 bits of its slot, rounded where it is far beyond every size. */
export function unsigned(m: Access, slot: number): number {
  return (m.high(slot) >>> 0) * two32 + (m.low(slot) >>> 0);
}

// Sizes

/** The memory of an access, by field b of its instruction. */
export function memoryIndex(m: Access): number {
  return m.b % beyondAddresses;
}

/** First byte of an access whose address is in a slot; infinite where the static offset is 2^32 or more. */
export function addressOf(m: Access, slot: number): number {
  return m.b >= beyondAddresses ? Number.POSITIVE_INFINITY : unsigned(m, slot) + m.a;
}

/** The same, −1 if the access is out of bounds. */
export function addressAt(m: Access, slot: number, width: number): number {
  const address = addressOf(m, slot);
  return address + width > memoryBytes(m, memoryIndex(m)) ? -1 : address;
}

/** Bytes of one memory. */
export function memoryBytes(m: Access, memory: number): number {
  m.openMemorySizes(memory, memory);
  return m.memoryPages(memory) * pageBytes;
}

/** Entries of one table. */
export function tableSize(m: Access, table: number): number {
  m.openTableSizes(table, table);
  return m.tableSize(table);
}

/** b of a `memory.grow` instruction under the policy `fixed`. */
const NEVER = 0xffffffff;

/** Whether a memory of so many pages may not grow by `requested`; `most` is what the instruction says it may reach. */
export function growthIsRefused(pages: number, requested: number, most: number): boolean {
  return most === NEVER || pages + requested > most;
}

// Chunks

/** Charges so many chunks (docs/machine.md §5, rule 4). False if the fuel does not suffice: then nothing is charged. */
export function chargeChunks(m: Access, count: number): boolean {
  if (!m.affords(count)) return false;
  m.charge(count);
  return true;
}

/**
 * Charges and marks the clean chunks among the bytes that a step is about to write. False if the fuel does not suffice:
 * then nothing is charged or marked.
 */
export function markDirty(m: Access, memory: number, address: number, length: number): boolean {
  const first = Math.floor(address / chunkBytes);
  const last = Math.floor((address + length - 1) / chunkBytes);
  m.openDirty(memory, first, last);
  let clean = 0;
  for (let chunk = first; chunk <= last; chunk++) if (!m.isDirty(memory, chunk)) clean++;
  if (!chargeChunks(m, clean)) return false;
  for (let chunk = first; chunk <= last; chunk++) m.setDirty(memory, chunk);
  return true;
}

// Long instructions (docs/machine.md §7): one step handles one piece, which lies within one leaf of the destination.

/** Fuel that `time_ms` counts as a millisecond. */
const FUEL_A_MS = 1_000_000;
/** Milliseconds that an era stands for: as many as its last call may reach, so that time never falls. */
const MS_AN_ERA = Math.floor(Number.MAX_SAFE_INTEGER / FUEL_A_MS);

/** What `time_ms` gives (docs/machine.md §8). */
export function timeMs(m: Access): number {
  return m.era * MS_AN_ERA + m.fuelIn(FUEL_A_MS);
}

/** Operands of a long instruction: destination, source or value, and what remains to be done. */
export interface Operands {
  d: number;
  second: number;
  n: number;
}

/** One for all: a step is not re-entrant. */
const operands: Operands = { d: 0, second: 0, n: 0 };

/** Opens the three topmost slots; n is on top. */
export function openOperands(m: Access): Operands {
  const base = m.sp - 3;
  m.openStack(base, base + 2);
  operands.d = unsigned(m, base);
  operands.second = unsigned(m, base + 1);
  operands.n = unsigned(m, base + 2);
  return operands;
}

/** Length of the first piece of what remains. */
export function forwardPiece(m: Access, { d, n }: Operands, unit: number): number {
  return m.piece(d, n, unit, true);
}

/** After a forward piece; `fromSource` if the second operand is a position that moves along. */
export function advance(m: Access, x: Operands, length: number, fromSource: boolean): number {
  x.d += length;
  if (fromSource) x.second += length;
  return close(m, x, length, fromSource);
}

/** After a piece of a copy; backward only what remains shrinks. */
export function advanceCopy(m: Access, x: Operands, length: number, isForward: boolean): number {
  return isForward ? advance(m, x, length, true) : close(m, x, length, false);
}

function close(m: Access, x: Operands, length: number, writeSecond: boolean): number {
  const base = m.sp - 3;
  x.n -= length;
  if (x.n === 0) {
    m.pop(3);
    return TRAP_NONE;
  }
  m.setSlot(base, x.d, 0);
  if (writeSecond) m.setSlot(base + 1, x.second, 0);
  m.setSlot(base + 2, x.n, 0);
  m.nextPc = m.pc;
  return TRAP_NONE;
}
