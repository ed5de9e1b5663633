/**
 * Atomic instructions on a machine of one thread (docs/machine.md §7 "Atomics"; threads proposal §4.4.7).
 * Twin of contracts/src/judge/step/AtomicStep.sol: the same functions under the same banners in the same order.
 *
 * Invariant: bounds, then alignment, then the fuel of the chunk, then the write. What is compared and not equal is written
 * all the same, as what was there: an exchange is a write whatever it finds.
 */
import { type InstructionRow, instructions } from "../../isa/table.ts";
import { trapCodes } from "../../isa/trapCodes.ts";
import type { Access } from "../access.ts";
import {
  addressAt,
  type Handler,
  type Handlers,
  type MnemonicOf,
  markDirty,
  TRAP_NONE,
} from "./handler.ts";

/** What a kernel makes of what was read and the operand, in words, and what was read. */
const made = new Int32Array(2);
const read = new Int32Array(2);

// Loads and stores

function load(m: Access, width: number): number {
  const top = m.sp - 1;
  m.openStack(top, top);
  const address = addressAt(m, top, width);
  if (address < 0) return trapCodes.outOfBoundsMemory;
  if (address % width !== 0) return trapCodes.unaligned;
  openRead(m, address, width);
  m.setSlot(top, read[0], read[1]);
  return TRAP_NONE;
}

function store(m: Access, width: number): number {
  const top = m.sp - 1;
  m.openStack(top - 1, top);
  const address = addressAt(m, top - 1, width);
  if (address < 0) return trapCodes.outOfBoundsMemory;
  if (address % width !== 0) return trapCodes.unaligned;
  if (!markDirty(m, m.b, address, width)) return trapCodes.outOfFuel;
  m.openMemory(m.b, address, width);
  write(m, address, width, m.low(top), m.high(top));
  m.pop(2);
  return TRAP_NONE;
}

// Reads with a write

/** What stands there is the result; what the kernel makes of it and the operand is written. */
function modify(m: Access, width: number, kernel: Kernel): number {
  const top = m.sp - 1;
  m.openStack(top - 1, top);
  const address = addressAt(m, top - 1, width);
  if (address < 0) return trapCodes.outOfBoundsMemory;
  if (address % width !== 0) return trapCodes.unaligned;
  if (!markDirty(m, m.b, address, width)) return trapCodes.outOfFuel;
  openRead(m, address, width);
  kernel(m.low(top), m.high(top));
  write(m, address, width, made[0], made[1]);
  m.setSlot(top - 1, read[0], read[1]);
  m.pop(1);
  return TRAP_NONE;
}

/** Operands: address, what is expected, of which the low `width` bytes count, and what takes its place. */
function compareExchange(m: Access, width: number): number {
  const top = m.sp - 1;
  m.openStack(top - 2, top);
  const address = addressAt(m, top - 2, width);
  if (address < 0) return trapCodes.outOfBoundsMemory;
  if (address % width !== 0) return trapCodes.unaligned;
  if (!markDirty(m, m.b, address, width)) return trapCodes.outOfFuel;
  openRead(m, address, width);
  if (isExpected(m, top - 1, width)) write(m, address, width, m.low(top), m.high(top));
  else write(m, address, width, read[0], read[1]);
  m.setSlot(top - 2, read[0], read[1]);
  m.pop(2);
  return TRAP_NONE;
}

// Waiting

/** Nobody waits, so nobody is woken. */
function memoryAtomicNotify(m: Access): number {
  const top = m.sp - 1;
  m.openStack(top - 1, top);
  const address = addressAt(m, top - 1, 4);
  if (address < 0) return trapCodes.outOfBoundsMemory;
  if (address % 4 !== 0) return trapCodes.unaligned;
  m.setSlot(top - 1, 0, 0);
  m.pop(1);
  return TRAP_NONE;
}

function memoryAtomicWait32(m: Access): number {
  return wait(m, 4);
}

function memoryAtomicWait64(m: Access): number {
  return wait(m, 8);
}

/**
 * Operands: address, what is expected, nanoseconds, none of which end the wait if they are negative. c = 1: the memory is
 * not shared. Nobody can wake this thread, so a wait that begins ends by its time or never.
 */
function wait(m: Access, width: number): number {
  const top = m.sp - 1;
  m.openStack(top - 2, top);
  const address = addressAt(m, top - 2, width);
  if (address < 0) return trapCodes.outOfBoundsMemory;
  if (address % width !== 0) return trapCodes.unaligned;
  if (m.c === 1) return trapCodes.notShared;
  openRead(m, address, width);
  const waits = isExpected(m, top - 1, width);
  if (waits && m.high(top) < 0) return trapCodes.deadlock;
  m.setSlot(top - 2, waits ? TIMED_OUT : NOT_EQUAL, 0);
  m.pop(2);
  return TRAP_NONE;
}

const NOT_EQUAL = 1;
const TIMED_OUT = 2;

// Order

/** All that one thread does is in order. */
function atomicFence(_m: Access): number {
  return TRAP_NONE;
}

// Primitives

/** Opens and reads `width` bytes, zeros above them. */
function openRead(m: Access, address: number, width: number): void {
  m.openMemory(m.b, address, width);
  read[0] = m.memoryWord(m.b, address, Math.min(width, 4));
  read[1] = width === 8 ? m.memoryWord(m.b, address + 4, 4) : 0;
}

/** Whether the low `width` bytes of a slot are what was read. */
function isExpected(m: Access, slot: number, width: number): boolean {
  const mask = width < 4 ? 2 ** (8 * width) - 1 : -1;
  return ((m.low(slot) ^ read[0]) & mask) === 0 && (width < 8 || m.high(slot) === read[1]);
}

function write(m: Access, address: number, width: number, low: number, high: number): void {
  m.setMemoryWord(m.b, address, Math.min(width, 4), low);
  if (width === 8) m.setMemoryWord(m.b, address + 4, 4, high);
}

// By mnemonic

/** Leaves in `made` what comes of `read` and an operand. */
type Kernel = (low: number, high: number) => void;
type WordKernel = (read: number, operand: number) => number;
type PairKernel = (out: Int32Array, at: number, ...operands: number[]) => void;

function kernelOf({ kernel, width }: InstructionRow): Kernel {
  if (width === 8) {
    const pair = kernel as PairKernel;
    return (low, high) => pair(made, 0, read[0], read[1], low, high);
  }
  const word = kernel as WordKernel;
  return (low) => {
    made[0] = word(read[0], low);
    made[1] = 0;
  };
}

function handlerOf(row: InstructionRow): Handler {
  const { access, width = 0 } = row;
  const kernel = access === "modify" ? kernelOf(row) : undefined;
  if (kernel !== undefined) return (m) => modify(m, width, kernel);
  if (access === "compareExchange") return (m) => compareExchange(m, width);
  return access === "store" ? (m) => store(m, width) : (m) => load(m, width);
}

type Named = Exclude<MnemonicOf<"atomic">, Extract<AtomicRow, { access: string }>["mnemonic"]>;
type AtomicRow = Extract<(typeof instructions)[number], { family: "atomic" }>;

const accessHandlers = Object.fromEntries(
  (instructions as readonly InstructionRow[])
    .filter(({ family, access }) => family === "atomic" && access !== undefined)
    .map((row) => [row.mnemonic, handlerOf(row)]),
) as Record<Exclude<MnemonicOf<"atomic">, Named>, Handler>;

export const atomicHandlers: Handlers<"atomic"> = {
  ...accessHandlers,
  "memory.atomic.notify": memoryAtomicNotify,
  "memory.atomic.wait32": memoryAtomicWait32,
  "memory.atomic.wait64": memoryAtomicWait64,
  "atomic.fence": atomicFence,
};
