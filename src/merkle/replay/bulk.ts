/**
 * Bulk memory instructions (docs/machine.md §7, long instructions): twin of the judge's bulk family. One step
 * handles one piece, which lies within one leaf of the destination.
 *
 * Invariant: bounds are checked for all that remains at the start of every step, so nothing is written before a trap.
 */
import { leafBytes } from "../../interpreter/program.ts";
import { leafSet, memoryStride } from "../arrays.ts";
import type { Opening } from "../opening.ts";
import type { Handlers } from "./handlers.ts";
import { low32, type MachineStep } from "./machineStep.ts";
import { chargeDirty, leavesOfBytes, openMemorySizes } from "./memory.ts";

/** What a step of a long instruction moves: lengths and positions in units (bytes, or table entries). */
export interface Piece {
  readonly destination: number;
  readonly source: number;
  readonly length: number;
  /** Operands for the next step, if anything is left. */
  readonly next: { readonly d: number; readonly s: number; readonly n: number };
}

/** The first piece of what remains. `unit` is the number of elements in a leaf. */
export function forwardPiece(unit: number, d: number, s: number, n: number): Piece {
  const length = Math.min(n, unit - (d % unit));
  const next = { d: d + length, s: s + length, n: n - length };
  return { destination: d, source: s, length, next };
}

/** The last piece of what remains. */
export function backwardPiece(unit: number, d: number, s: number, n: number): Piece {
  const length = Math.min(n, ((d + n - 1) % unit) + 1);
  const rest = n - length;
  return { destination: d + rest, source: s + rest, length, next: { d, s, n: rest } };
}

/** Opens the three operands d, s (or the fill value), n. */
export function openOperands(step: MachineStep): {
  stack: Opening;
  d: number;
  s: number;
  n: number;
} {
  const { sp } = step.registers;
  const stack = step.openStack(sp - 3, sp - 2, sp - 1);
  const [d, s, n] = [sp - 3, sp - 2, sp - 1].map((slot) => low32(stack.slot(slot)));
  return { stack, d, s, n };
}

/** Pops the operands after the last piece; before that writes back what remains and keeps pc. */
export function finishPiece(
  step: MachineStep,
  stack: Opening,
  d: number,
  s: number,
  n: number,
): void {
  const { registers } = step;
  if (n === 0) {
    step.popOperands(stack, 3);
    return;
  }
  stack.setSlot(registers.sp - 3, BigInt(d));
  stack.setSlot(registers.sp - 2, BigInt(s));
  stack.setSlot(registers.sp - 1, BigInt(n));
  step.nextPc = registers.pc;
}

/** Reads the bytes of a piece, then writes them: a piece is read whole. */
function moveBytes(
  from: Opening,
  source: number,
  to: Opening,
  target: number,
  length: number,
): void {
  const bytes = Array.from({ length }, (_, i) => from.byte(source + i));
  bytes.forEach((byte, i) => {
    to.setByte(target + i, byte);
  });
}

/** A forward piece from a source array into memory: memory.init, host.input_read. */
export function writePiece(
  step: MachineStep,
  stack: Opening,
  from: "data" | "input",
  sourceStart: number,
  memory: number,
  { destination, source, length, next }: Piece,
): void {
  if (!chargeDirty(step, memory, destination, length)) return;
  const sources = step.open(from, leavesOfBytes(sourceStart + source, length));
  const target = memory * memoryStride + destination;
  const memoryOpening = step.open("memory", leavesOfBytes(target, length));
  moveBytes(sources, sourceStart + source, memoryOpening, target, length);
  finishPiece(step, stack, next.d, next.s, next.n);
}

/** Opens the drop flag of a segment. */
export function openDropped(step: MachineStep, segment: number): Opening {
  return step.open("dropped", leavesOfBytes(segment, 1));
}

function dropSegment(step: MachineStep): void {
  openDropped(step, step.record.a).setByte(step.record.a, 1);
}

export const bulkHandlers: Handlers<"bulk"> = {
  memory_fill(step) {
    const { stack, d, s: value, n } = openOperands(step);
    const memory = step.record.a;
    const [size] = openMemorySizes(step, memory);
    if (d + n > size) return step.trapWith("outOfBoundsMemory");
    if (n === 0) return finishPiece(step, stack, d, value, n);
    const { destination, length, next } = forwardPiece(leafBytes, d, 0, n);
    if (!chargeDirty(step, memory, destination, length)) return;
    const target = memory * memoryStride + destination;
    const opening = step.open("memory", leavesOfBytes(target, length));
    for (let i = 0; i < length; i++) opening.setByte(target + i, value & 0xff);
    finishPiece(step, stack, next.d, value, next.n);
  },

  memory_copy(step) {
    const { stack, d, s, n } = openOperands(step);
    const { a: to, b: from } = step.record;
    const [sizeTo, sizeFrom] = openMemorySizes(step, to, from);
    if (s + n > sizeFrom || d + n > sizeTo) return step.trapWith("outOfBoundsMemory");
    if (n === 0) return finishPiece(step, stack, d, s, n);
    const backward = to === from && d > s;
    const piece = (backward ? backwardPiece : forwardPiece)(leafBytes, d, s, n);
    if (!chargeDirty(step, to, piece.destination, piece.length)) return;
    const source = from * memoryStride + piece.source;
    const target = to * memoryStride + piece.destination;
    const opening = step.open(
      "memory",
      leafSet([...leavesOfBytes(source, piece.length), ...leavesOfBytes(target, piece.length)]),
    );
    moveBytes(opening, source, opening, target, piece.length);
    finishPiece(step, stack, piece.next.d, piece.next.s, piece.next.n);
  },

  memory_init(step) {
    const { stack, d, s, n } = openOperands(step);
    const { a, b: start, c: declared } = step.record;
    const [memory, segment] = [a >>> 24, a & 0xffffff];
    const [size] = openMemorySizes(step, memory);
    const length = openDropped(step, segment).byte(segment) === 0 ? declared : 0;
    if (s + n > length || d + n > size) return step.trapWith("outOfBoundsMemory");
    if (n === 0) return finishPiece(step, stack, d, s, n);
    writePiece(step, stack, "data", start, memory, forwardPiece(leafBytes, d, s, n));
  },

  data_drop: dropSegment,
  elem_drop: dropSegment,
};
