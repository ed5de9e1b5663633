/**
 * Handlers of the long memory instructions and of segment drops (docs/machine.md §7).
 *
 * Invariant: each step checks the bounds of all that remains, then the fuel of the piece's chunk, then writes.
 */

import type { MachineState } from "../state.ts";
import type { Fields, Handler } from "./handler.ts";
import { peekI32, peekU32, trapping } from "./handler.ts";
import { backwardPiece, finishPiece, forwardPiece, moves, pieceBytes } from "./long.ts";
import { claim } from "./memory.ts";

export type BulkMnemonic =
  | "memory.fill"
  | "memory.copy"
  | "memory.init"
  | "data.drop"
  | "elem.drop";

function fill(state: MachineState, fields: Fields): number {
  const memory = state.memories[fields.a];
  const n = peekU32(state);
  const d = peekU32(state, 2);
  if (d + n > memory.bytes.length) return trapping("outOfBoundsMemory");
  const m = forwardPiece(d, n, pieceBytes);
  if (m > 0) {
    if (!claim(state, memory, d, m, fields)) return trapping("outOfFuel");
    memory.bytes.fill(peekI32(state, 1) & 0xff, d, d + m);
  }
  return finishPiece(state, fields.pc, m, moves.destination);
}

function copy(state: MachineState, fields: Fields): number {
  const target = state.memories[fields.a];
  const source = state.memories[fields.b];
  const n = peekU32(state);
  const s = peekU32(state, 1);
  const d = peekU32(state, 2);
  if (s + n > source.bytes.length || d + n > target.bytes.length) {
    return trapping("outOfBoundsMemory");
  }
  const isForward = d <= s || fields.a !== fields.b;
  const m = isForward ? forwardPiece(d, n, pieceBytes) : backwardPiece(d, n, pieceBytes);
  if (m > 0) {
    const offset = isForward ? 0 : n - m;
    if (!claim(state, target, d + offset, m, fields)) return trapping("outOfFuel");
    const piece = source.bytes.subarray(s + offset, s + offset + m);
    target.bytes.set(piece, d + offset);
  }
  return finishPiece(state, fields.pc, m, isForward ? moves.both : moves.neither);
}

function init(state: MachineState, fields: Fields): number {
  const memory = state.memories[fields.a >>> 24];
  const segment = fields.a & 0xffffff;
  const length = state.dropped[segment] === 1 ? 0 : fields.c;
  const n = peekU32(state);
  const s = peekU32(state, 1);
  const d = peekU32(state, 2);
  if (s + n > length || d + n > memory.bytes.length) return trapping("outOfBoundsMemory");
  const m = forwardPiece(d, n, pieceBytes);
  if (m > 0) {
    if (!claim(state, memory, d, m, fields)) return trapping("outOfFuel");
    const start = fields.b + s;
    memory.bytes.set(state.program.data.subarray(start, start + m), d);
  }
  return finishPiece(state, fields.pc, m, moves.both);
}

function drop(state: MachineState, { pc, a }: Fields): number {
  state.dropped[a] = 1;
  return pc + 1;
}

export const bulkHandlers: Record<BulkMnemonic, Handler> = {
  "memory.fill": fill,
  "memory.copy": copy,
  "memory.init": init,
  "data.drop": drop,
  "elem.drop": drop,
};
