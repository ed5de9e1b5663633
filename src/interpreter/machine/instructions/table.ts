/**
 * Handlers of the table instructions (docs/machine.md §7).
 *
 * Invariant: entries at or above a table's size are zero in the commitment, so growing by null writes nothing.
 */
import { referenceBytes } from "../../program.ts";
import { readU32 } from "../recordBytes.ts";
import type { MachineState } from "../state.ts";
import { growTable, touchTable } from "../tables.ts";
import type { Fields, Handler } from "./handler.ts";
import { peekI32, peekU32, pushI32, setI32, trapping } from "./handler.ts";
import { backwardPiece, finishPiece, forwardPiece, moves, pieceEntries } from "./long.ts";

export type TableMnemonic =
  | "table.get"
  | "table.set"
  | "table.size"
  | "table.grow"
  | "table.fill"
  | "table.copy"
  | "table.init";

function get(state: MachineState, { pc, a }: Fields): number {
  const table = state.tables[a];
  const index = peekU32(state);
  if (index >= table.size) return trapping("outOfBoundsTable");
  setI32(state, state.sp - 1, table.entries[index]);
  return pc + 1;
}

function set(state: MachineState, { pc, a }: Fields): number {
  const table = state.tables[a];
  const index = peekU32(state, 1);
  if (index >= table.size) return trapping("outOfBoundsTable");
  touchTable(table, index, 1);
  table.entries[index] = peekI32(state);
  state.sp -= 2;
  return pc + 1;
}

function fill(state: MachineState, { pc, a }: Fields): number {
  const table = state.tables[a];
  const n = peekU32(state);
  const d = peekU32(state, 2);
  if (d + n > table.size) return trapping("outOfBoundsTable");
  const m = forwardPiece(d, n, pieceEntries);
  touchTable(table, d, m);
  table.entries.fill(peekI32(state, 1), d, d + m);
  return finishPiece(state, pc, m, moves.destination);
}

function copy(state: MachineState, { pc, a, b }: Fields): number {
  const target = state.tables[a];
  const source = state.tables[b];
  const n = peekU32(state);
  const s = peekU32(state, 1);
  const d = peekU32(state, 2);
  if (s + n > source.size || d + n > target.size) return trapping("outOfBoundsTable");
  const isForward = d <= s || a !== b;
  const m = isForward ? forwardPiece(d, n, pieceEntries) : backwardPiece(d, n, pieceEntries);
  const offset = isForward || m === 0 ? 0 : n - m;
  touchTable(target, d + offset, m);
  target.entries.set(source.entries.subarray(s + offset, s + offset + m), d + offset);
  return finishPiece(state, pc, m, isForward ? moves.both : moves.neither);
}

function init(state: MachineState, { pc, a, b, c }: Fields): number {
  const table = state.tables[a >>> 24];
  const length = state.dropped[a & 0xffffff] === 1 ? 0 : c;
  const n = peekU32(state);
  const s = peekU32(state, 1);
  const d = peekU32(state, 2);
  if (s + n > length || d + n > table.size) return trapping("outOfBoundsTable");
  const m = forwardPiece(d, n, pieceEntries);
  touchTable(table, d, m);
  for (let index = 0; index < m; index++) {
    const at = (b + s + index) * referenceBytes;
    table.entries[d + index] = readU32(state.program.elements, at);
  }
  return finishPiece(state, pc, m, moves.both);
}

/** Operands: value, and n whose slot is (rest, done) between the steps. */
function grow(state: MachineState, { pc, a, b }: Fields): number {
  const table = state.tables[a];
  const top = (state.sp - 1) * 2;
  const rest = state.stack[top] >>> 0;
  const done = state.stack[top + 1] >>> 0;
  const value = peekI32(state, 1);
  if (done === 0 && table.size + rest > b) return finishGrow(state, pc, -1);
  if (done === 0 && (rest === 0 || value === 0)) {
    const { size } = table;
    growTable(table, size + rest);
    return finishGrow(state, pc, size);
  }
  const m = forwardPiece(table.size, rest, pieceEntries);
  growTable(table, table.size + m);
  table.entries.fill(value, table.size - m, table.size);
  if (m === rest) return finishGrow(state, pc, table.size - done - m);
  state.stack[top] = rest - m;
  state.stack[top + 1] = done + m;
  return pc;
}

function finishGrow(state: MachineState, pc: number, result: number): number {
  state.sp--;
  setI32(state, state.sp - 1, result);
  return pc + 1;
}

export const tableHandlers: Record<TableMnemonic, Handler> = {
  "table.get": get,
  "table.set": set,
  "table.size": (state, { pc, a }) => {
    pushI32(state, state.tables[a].size);
    return pc + 1;
  },
  "table.grow": grow,
  "table.fill": fill,
  "table.copy": copy,
  "table.init": init,
};
