/**
 * Table instructions (docs/machine.md §7; spec 2.0 §4.4.6): twin of the judge's table family. Long ones handle one
 * piece a step, which lies within one leaf (32 entries) of the destination.
 */
import { leafBytes, referenceBytes } from "../../interpreter/program.ts";
import { firstTableSize, leafSet, tableEntries } from "../arrays.ts";
import type { Opening } from "../opening.ts";
import { backwardPiece, finishPiece, forwardPiece, openDropped, openOperands } from "./bulk.ts";
import type { Handlers } from "./handlers.ts";
import { low32, type MachineStep, range } from "./machineStep.ts";
import { leavesOfBytes } from "./memory.ts";

const leafEntries = leafBytes / referenceBytes;
const growFailed = 0xffffffffn;

const sizeAt = (table: number): number => (firstTableSize + table) * 4;
const entryAt = (table: number, entry: number): number =>
  (table * tableEntries + entry) * referenceBytes;

function openSizes(step: MachineStep, ...tables: readonly number[]): Opening {
  return step.open("sizes", leafSet(tables.map((table) => Math.floor(sizeAt(table) / leafBytes))));
}

/** Leaves of the entries [entry, entry + length) of a table, length > 0. */
function leavesOfEntries(table: number, entry: number, length: number): number[] {
  return leavesOfBytes(entryAt(table, entry), length * referenceBytes);
}

function writeEntries(
  tables: Opening,
  table: number,
  entry: number,
  references: readonly number[],
): void {
  references.forEach((reference, i) => {
    tables.setWord(entryAt(table, entry + i), reference);
  });
}

export const tableHandlers: Handlers<"table"> = {
  table_get(step) {
    const { registers, record } = step;
    const stack = step.openStack(registers.sp - 1);
    const index = low32(stack.slot(registers.sp - 1));
    const size = openSizes(step, record.a).word(sizeAt(record.a));
    if (index >= size) return step.trapWith("outOfBoundsTable");
    const tables = step.open("tables", leavesOfEntries(record.a, index, 1));
    step.replaceOperands(stack, 1, BigInt(tables.word(entryAt(record.a, index))));
  },

  table_set(step) {
    const { registers, record } = step;
    const stack = step.openStack(registers.sp - 2, registers.sp - 1);
    const index = low32(stack.slot(registers.sp - 2));
    const size = openSizes(step, record.a).word(sizeAt(record.a));
    if (index >= size) return step.trapWith("outOfBoundsTable");
    const tables = step.open("tables", leavesOfEntries(record.a, index, 1));
    tables.setWord(entryAt(record.a, index), low32(stack.slot(registers.sp - 1)));
    step.popOperands(stack, 2);
  },

  table_init(step) {
    const { stack, d, s, n } = openOperands(step);
    const { a, b: start, c: declared } = step.record;
    const [table, segment] = [a >>> 24, a & 0xffffff];
    const size = openSizes(step, table).word(sizeAt(table));
    const length = openDropped(step, segment).byte(segment) === 0 ? declared : 0;
    if (s + n > length || d + n > size) return step.trapWith("outOfBoundsTable");
    if (n === 0) return finishPiece(step, stack, d, s, n);
    const piece = forwardPiece(leafEntries, d, s, n);
    const from = (start + piece.source) * referenceBytes;
    const elements = step.open("elements", leavesOfBytes(from, piece.length * referenceBytes));
    const references = range(0, piece.length).map((i) =>
      elements.wordBigEndian(from + i * referenceBytes),
    );
    const tables = step.open("tables", leavesOfEntries(table, piece.destination, piece.length));
    writeEntries(tables, table, piece.destination, references);
    finishPiece(step, stack, piece.next.d, piece.next.s, piece.next.n);
  },

  table_copy(step) {
    const { stack, d, s, n } = openOperands(step);
    const { a: to, b: from } = step.record;
    const sizes = openSizes(step, to, from);
    const outside = s + n > sizes.word(sizeAt(from)) || d + n > sizes.word(sizeAt(to));
    if (outside) return step.trapWith("outOfBoundsTable");
    if (n === 0) return finishPiece(step, stack, d, s, n);
    const backward = to === from && d > s;
    const piece = (backward ? backwardPiece : forwardPiece)(leafEntries, d, s, n);
    const tables = step.open(
      "tables",
      leafSet([
        ...leavesOfEntries(from, piece.source, piece.length),
        ...leavesOfEntries(to, piece.destination, piece.length),
      ]),
    );
    const references = range(0, piece.length).map((i) =>
      tables.word(entryAt(from, piece.source + i)),
    );
    writeEntries(tables, to, piece.destination, references);
    finishPiece(step, stack, piece.next.d, piece.next.s, piece.next.n);
  },

  table_grow(step) {
    const { registers, record } = step;
    const { a: table, b: maximum } = record;
    const [valueSlot, countSlot] = [registers.sp - 2, registers.sp - 1];
    const stack = step.openStack(valueSlot, countSlot);
    const value = low32(stack.slot(valueSlot));
    const rest = low32(stack.slot(countSlot));
    const done = Number(stack.slot(countSlot) >> 32n);
    const sizes = openSizes(step, table);
    const size = sizes.word(sizeAt(table));
    if (done === 0) {
      if (size + rest > maximum) return step.replaceOperands(stack, 2, growFailed);
      if (rest === 0 || value === 0) {
        sizes.setWord(sizeAt(table), size + rest);
        return step.replaceOperands(stack, 2, BigInt(size));
      }
    }
    const length = Math.min(rest, leafEntries - (size % leafEntries));
    const tables = step.open("tables", leavesOfEntries(table, size, length));
    writeEntries(tables, table, size, new Array<number>(length).fill(value));
    sizes.setWord(sizeAt(table), size + length);
    if (rest === length) {
      return step.replaceOperands(stack, 2, BigInt(size + length - (done + length)));
    }
    stack.setSlot(countSlot, (BigInt(done + length) << 32n) | BigInt(rest - length));
    step.nextPc = registers.pc;
  },

  table_size(step) {
    const { registers, record } = step;
    const stack = step.openStack(registers.sp);
    stack.setSlot(registers.sp, BigInt(openSizes(step, record.a).word(sizeAt(record.a))));
    registers.sp += 1;
  },

  table_fill(step) {
    const { stack, d, s: value, n } = openOperands(step);
    const table = step.record.a;
    const size = openSizes(step, table).word(sizeAt(table));
    if (d + n > size) return step.trapWith("outOfBoundsTable");
    if (n === 0) return finishPiece(step, stack, d, value, n);
    const { destination, length, next } = forwardPiece(leafEntries, d, 0, n);
    const tables = step.open("tables", leavesOfEntries(table, destination, length));
    writeEntries(tables, table, destination, new Array<number>(length).fill(value));
    finishPiece(step, stack, next.d, value, next.n);
  },
};
