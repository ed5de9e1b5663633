/**
 * Loads, stores, memory.size and memory.grow (docs/machine.md §5 and §7; spec 2.0 §4.4.7): twin of the judge's
 * memory family.
 *
 * Invariant: bounds are checked before a chunk is charged, and a chunk is charged before a byte is written.
 */
import { chunkBytes, leafBytes, pageBytes } from "../../interpreter/program.ts";
import { leafSet, memoryChunks, memoryStride } from "../arrays.ts";
import type { Opening } from "../opening.ts";
import type { Handler, Handlers } from "./handlers.ts";
import { low32, type MachineStep, range } from "./machineStep.ts";

const growFailed = 0xffffffffn;

/** Leaves of an array that hold the bytes [start, start + length), length > 0. */
export function leavesOfBytes(start: number, length: number): number[] {
  const first = Math.floor(start / leafBytes);
  return range(first, Math.floor((start + length - 1) / leafBytes) + 1);
}

/** Sizes in bytes of these memories, with one opening of `sizes`. */
export function openMemorySizes(step: MachineStep, ...memories: readonly number[]): number[] {
  const sizes = step.open(
    "sizes",
    leafSet(memories.map((memory) => Math.floor((memory * 4) / leafBytes))),
  );
  return memories.map((memory) => sizes.word(memory * 4) * pageBytes);
}

/**
 * Marks the chunks of [address, address + length) as dirty and charges those that were clean. False if the fuel does
 * not suffice: the step has trapped and no bit is set.
 */
export function chargeDirty(
  step: MachineStep,
  memory: number,
  address: number,
  length: number,
): boolean {
  const { registers, record } = step;
  const first = Math.floor(address / chunkBytes);
  const last = Math.floor((address + length - 1) / chunkBytes);
  const bits = range(memory * memoryChunks + first, memory * memoryChunks + last + 1);
  const leafBits = leafBytes * 8;
  const dirty = step.open("dirty", leafSet(bits.map((bit) => Math.floor(bit / leafBits))));
  const clean = bits.filter((bit) => ((dirty.byte(Math.floor(bit / 8)) >> (bit % 8)) & 1) === 0);
  const fuel = BigInt(clean.length) * BigInt(registers.chunkFuel);
  if (registers.tf + BigInt(record.cost) + fuel > registers.fuelLimit) {
    step.trapWith("outOfFuel");
    return false;
  }
  for (const bit of clean) {
    const byte = Math.floor(bit / 8);
    dirty.setByte(byte, dirty.byte(byte) | (1 << (bit % 8)));
  }
  step.dirtyFuel = fuel;
  return true;
}

function readBytes(memory: Opening, start: number, width: number): bigint {
  let value = 0n;
  for (let i = width - 1; i >= 0; i--) value = (value << 8n) | BigInt(memory.byte(start + i));
  return value;
}

function writeBytes(memory: Opening, start: number, width: number, value: bigint): void {
  for (let i = 0; i < width; i++) {
    memory.setByte(start + i, Number((value >> BigInt(8 * i)) & 0xffn));
  }
}

/** The address of an access, or undefined if it is out of bounds and the step has trapped. */
function effectiveAddress(step: MachineStep, operand: bigint, width: number): number | undefined {
  const address = low32(operand) + step.record.a;
  const [size] = openMemorySizes(step, step.record.b);
  if (address + width <= size) return address;
  return void step.trapWith("outOfBoundsMemory");
}

function load(width: number, extend: (raw: bigint) => bigint = (raw) => raw): Handler {
  return (step) => {
    const { sp } = step.registers;
    const stack = step.openStack(sp - 1);
    const address = effectiveAddress(step, stack.slot(sp - 1), width);
    if (address === undefined) return;
    const start = step.record.b * memoryStride + address;
    const memory = step.open("memory", leavesOfBytes(start, width));
    step.replaceOperands(stack, 1, extend(readBytes(memory, start, width)));
  };
}

function store(width: number): Handler {
  return (step) => {
    const { sp } = step.registers;
    const stack = step.openStack(sp - 2, sp - 1);
    const address = effectiveAddress(step, stack.slot(sp - 2), width);
    if (address === undefined) return;
    if (!chargeDirty(step, step.record.b, address, width)) return;
    const start = step.record.b * memoryStride + address;
    const memory = step.open("memory", leavesOfBytes(start, width));
    writeBytes(memory, start, width, stack.slot(sp - 1));
    step.popOperands(stack, 2);
  };
}

/** Sign extension of a raw value from `from` bits to `to` bits. */
const signExtend = (from: number, to: number) => (raw: bigint) =>
  BigInt.asUintN(to, BigInt.asIntN(from, raw));

export const memoryHandlers: Handlers<"memory"> = {
  i32_load: load(4),
  i64_load: load(8),
  f32_load: load(4),
  f64_load: load(8),
  i32_load8_s: load(1, signExtend(8, 32)),
  i32_load8_u: load(1),
  i32_load16_s: load(2, signExtend(16, 32)),
  i32_load16_u: load(2),
  i64_load8_s: load(1, signExtend(8, 64)),
  i64_load8_u: load(1),
  i64_load16_s: load(2, signExtend(16, 64)),
  i64_load16_u: load(2),
  i64_load32_s: load(4, signExtend(32, 64)),
  i64_load32_u: load(4),
  i32_store: store(4),
  i64_store: store(8),
  f32_store: store(4),
  f64_store: store(8),
  i32_store8: store(1),
  i32_store16: store(2),
  i64_store8: store(1),
  i64_store16: store(2),
  i64_store32: store(4),

  memory_size(step) {
    const { registers, record } = step;
    const stack = step.openStack(registers.sp);
    const [size] = openMemorySizes(step, record.a);
    stack.setSlot(registers.sp, BigInt(size / pageBytes));
    registers.sp += 1;
  },

  memory_grow(step) {
    const { registers, record } = step;
    const stack = step.openStack(registers.sp - 1);
    const wanted = low32(stack.slot(registers.sp - 1));
    const place = record.a * 4;
    const sizes = step.open("sizes", leavesOfBytes(place, 4));
    const pages = sizes.word(place);
    const refused = record.b === 0xffffffff || pages + wanted > record.b;
    if (!refused) sizes.setWord(place, pages + wanted);
    step.replaceOperands(stack, 1, refused ? growFailed : BigInt(pages));
  },
};
