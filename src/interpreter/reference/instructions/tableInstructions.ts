/**
 * Table instructions (docs/machine.md §7; spec 2.0 §4.4.6): one step of a long one handles one piece, which lies within
 * one leaf of the destination.
 * Twin of contracts/src/judge/step/TableStep.sol: the same functions under the same banners in the same order.
 *
 * Invariant: a growth writes its entries, null or not, piece by piece: what it takes is in its steps. A leaf is charged
 * before an entry is written or a size changed.
 */
import { trapCodes } from "../../isa/trapCodes.ts";
import type { Access } from "../access.ts";
import { LEAF_ENTRIES, stepsOf } from "../pieces.ts";
import {
  advance,
  advanceCopy,
  chargeChunks,
  forwardPiece,
  type Handlers,
  openOperands,
  replace,
  TRAP_NONE,
  tableSize,
  unsigned,
} from "./handler.ts";

// One entry

function tableGet(m: Access): number {
  const top = m.sp - 1;
  m.openStack(top, top);
  const index = unsigned(m, top);
  if (index >= tableSize(m, m.a)) return trapCodes.outOfBoundsTable;
  m.openEntry(m.a, index);
  m.setSlot(top, m.entryLow(m.a, index), m.entryHigh(m.a, index));
  return TRAP_NONE;
}

function tableSet(m: Access): number {
  const top = m.sp - 1;
  m.openStack(top - 1, top);
  const index = unsigned(m, top - 1);
  if (index >= tableSize(m, m.a)) return trapCodes.outOfBoundsTable;
  if (!chargeLeaves(m, index, 1)) return trapCodes.outOfFuel;
  m.openEntry(m.a, index);
  m.setEntry(m.a, index, m.low(top), m.high(top));
  m.pop(2);
  return TRAP_NONE;
}

// Size and growth

function tableSizeOf(m: Access): number {
  m.openStack(m.sp, m.sp);
  m.setSlot(m.sp, tableSize(m, m.a), 0);
  m.sp++;
  return TRAP_NONE;
}

/** Operands: value, and n whose slot holds (rest, done) in its low and high word between the steps. */
function tableGrow(m: Access): number {
  const top = m.sp - 1;
  m.openStack(top - 1, top);
  const [low, high] = [m.low(top - 1), m.high(top - 1)];
  const rest = m.low(top) >>> 0;
  const done = m.high(top) >>> 0;
  const size = tableSize(m, m.a);

  if (done === 0 && size + rest > m.b) {
    replace(m, 2, -1, 0);
    return TRAP_NONE;
  }
  const length = m.piece(size, rest, LEAF_ENTRIES, true);
  if (!growBy(m, size, length, low, high)) return trapCodes.outOfFuel;
  if (length === rest) {
    replace(m, 2, size - done, 0);
    return TRAP_NONE;
  }
  m.setSlot(top, rest - length, done + length);
  m.nextPc = m.pc;
  return TRAP_NONE;
}

/** The first step of a growth by n, which has all 64 bits; what remains of it is `table.grow.rest`'s, the next instruction. */
function tableGrowI64(m: Access): number {
  const top = m.sp - 1;
  m.openStack(top - 1, top);
  const [low, high] = [m.low(top - 1), m.high(top - 1)];
  const count = unsigned(m, top);
  const size = tableSize(m, m.a);

  if (size + count > m.b) {
    replace(m, 2, -1, -1);
  } else {
    const length = m.piece(size, count, LEAF_ENTRIES, true);
    if (!growBy(m, size, length, low, high)) return trapCodes.outOfFuel;
    if (length < count) {
      m.setSlot(top, count - length, length);
      return TRAP_NONE;
    }
    replace(m, 2, size, 0);
  }
  m.nextPc = m.pc + 2;
  return TRAP_NONE;
}

/** Pieces of a growth whose first one `table.grow.i64` has done: the slot of n holds (rest, done). */
function tableGrowRest(m: Access): number {
  const top = m.sp - 1;
  m.openStack(top - 1, top);
  const [low, high] = [m.low(top - 1), m.high(top - 1)];
  const rest = m.low(top) >>> 0;
  const done = m.high(top) >>> 0;
  const size = tableSize(m, m.a);
  const length = Math.min(rest, LEAF_ENTRIES - (size % LEAF_ENTRIES));
  if (!growBy(m, size, length, low, high)) return trapCodes.outOfFuel;
  if (length === rest) {
    replace(m, 2, size - done, 0);
    return TRAP_NONE;
  }
  m.setSlot(top, rest - length, done + length);
  m.nextPc = m.pc;
  return TRAP_NONE;
}

/** One piece of a growth; false, and nothing done, if the fuel does not suffice. */
function growBy(m: Access, size: number, length: number, low: number, high: number): boolean {
  if (length === 0) return true;
  if (!chargeLeaves(m, size, length)) return false;
  m.setTableSize(m.a, size + length);
  m.fillTable(m.a, size, length, low, high);
  return true;
}

// Many entries

function tableInit(m: Access): number {
  const x = openOperands(m);
  const table = m.a >>> 24;
  const segment = m.a & 0xffffff;
  const size = tableSize(m, table);
  m.openDropped(segment);
  const count = m.isDropped(segment) ? 0 : m.c;
  if (x.second + x.n > count || x.d + x.n > size) return trapCodes.outOfBoundsTable;
  const piece = forwardPiece(m, x, LEAF_ENTRIES);
  if (!chargeLeaves(m, x.d, piece)) return trapCodes.outOfFuel;
  if (piece > 0) m.copyElements(table, x.d, m.b + x.second, piece);
  return advance(m, x, piece, true);
}

function tableCopy(m: Access): number {
  const x = openOperands(m);
  m.openTableSizes(m.a, m.b);
  if (x.d + x.n > m.tableSize(m.a) || x.second + x.n > m.tableSize(m.b)) {
    return trapCodes.outOfBoundsTable;
  }
  const isForward = m.a !== m.b || x.d <= x.second;
  const piece = m.piece(x.d, x.n, LEAF_ENTRIES, isForward);
  const offset = isForward ? 0 : x.n - piece;
  if (!chargeLeaves(m, x.d + offset, piece)) return trapCodes.outOfFuel;
  if (piece > 0) m.copyTable(m.a, x.d + offset, m.b, x.second + offset, piece);
  return advanceCopy(m, x, piece, isForward);
}

function tableFill(m: Access): number {
  const x = openOperands(m);
  if (x.d + x.n > tableSize(m, m.a)) return trapCodes.outOfBoundsTable;
  const piece = forwardPiece(m, x, LEAF_ENTRIES);
  if (!chargeLeaves(m, x.d, piece)) return trapCodes.outOfFuel;
  if (piece > 0) m.fillTable(m.a, x.d, piece, x.second, m.high(m.sp - 2));
  return advance(m, x, piece, false);
}

// Primitives

/**
 * Charges the leaves with `count` entries from `first` on, which are about to be written, as a chunk each. False if the fuel does not suffice: then nothing is charged.
 */
function chargeLeaves(m: Access, first: number, count: number): boolean {
  if (count === 0) return true;
  return chargeChunks(m, stepsOf(first, count, LEAF_ENTRIES));
}

export const tableHandlers: Handlers<"table"> = {
  "table.get": tableGet,
  "table.set": tableSet,
  "table.init": tableInit,
  "table.copy": tableCopy,
  "table.grow": tableGrow,
  "table.grow.i64": tableGrowI64,
  "table.grow.rest": tableGrowRest,
  "table.size": tableSizeOf,
  "table.fill": tableFill,
};
