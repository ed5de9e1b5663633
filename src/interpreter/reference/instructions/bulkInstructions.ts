/**
 * Bulk memory and host instructions (docs/machine.md §7 "Long instructions", §8): one step handles one piece, which lies
 * within one leaf of the destination.
 * Twin of contracts/src/judge/step/BulkStep.sol: the same functions under the same banners in the same order.
 *
 * Invariant: each step checks the bounds of all that remains, then the fuel of the piece's chunk, then writes.
 */

import { trapCodes } from "../../isa/trapCodes.ts";
import { haltedPc, pageBytes } from "../../program/program.ts";
import { statusCodes } from "../../state/machineState.ts";
import type { Access } from "../access.ts";
import { LEAF_BYTES } from "../pieces.ts";
import {
  advance,
  advanceCopy,
  forwardPiece,
  type Handlers,
  markDirty,
  memoryBytes,
  type Operands,
  openOperands,
  push,
  TRAP_NONE,
  timeMs,
} from "./handler.ts";

const two32 = 2 ** 32;

// Segments

function dataDrop(m: Access): number {
  return dropSegment(m);
}

function elemDrop(m: Access): number {
  return dropSegment(m);
}

function dropSegment(m: Access): number {
  m.openDropped(m.a);
  m.setDropped(m.a);
  return TRAP_NONE;
}

function memoryInit(m: Access): number {
  const x = openOperands(m);
  const memory = m.a >>> 24;
  const segment = m.a & 0xffffff;
  const size = memoryBytes(m, memory);
  m.openDropped(segment);
  const length = m.isDropped(segment) ? 0 : m.c;
  if (x.second + x.n > length || x.d + x.n > size) return trapCodes.outOfBoundsMemory;
  return read(m, x, memory, "data", m.b + x.second);
}

// Memory

function memoryCopy(m: Access): number {
  const x = openOperands(m);
  m.openMemorySizes(m.a, m.b);
  const targetBytes = m.memoryPages(m.a) * pageBytes;
  const sourceBytes = m.memoryPages(m.b) * pageBytes;
  if (x.d + x.n > targetBytes || x.second + x.n > sourceBytes) return trapCodes.outOfBoundsMemory;
  const isForward = m.a !== m.b || x.d <= x.second;
  const piece = m.piece(x.d, x.n, LEAF_BYTES, isForward);
  const offset = isForward ? 0 : x.n - piece;
  if (piece > 0) {
    if (!markDirty(m, m.a, x.d + offset, piece)) return trapCodes.outOfFuel;
    m.copyMemory(m.a, x.d + offset, m.b, x.second + offset, piece);
  }
  return advanceCopy(m, x, piece, isForward);
}

function memoryFill(m: Access): number {
  const x = openOperands(m);
  if (x.d + x.n > memoryBytes(m, m.a)) return trapCodes.outOfBoundsMemory;
  const piece = forwardPiece(m, x, LEAF_BYTES);
  if (piece > 0) {
    if (!markDirty(m, m.a, x.d, piece)) return trapCodes.outOfFuel;
    m.openMemory(m.a, x.d, piece);
    m.fillMemory(m.a, x.d, piece, x.second & 0xff);
  }
  return advance(m, x, piece, false);
}

// Host

function hostInputSize(m: Access): number {
  return push(m, m.inputLength, 0);
}

/** Operands: destination, offset in the input, length. b = 1: the module has no memory. */
function hostInputRead(m: Access): number {
  const x = openOperands(m);
  if (x.second + x.n > m.inputLength) return trapCodes.outOfBoundsInput;
  const size = m.b === 1 ? 0 : memoryBytes(m, m.a);
  if (x.d + x.n > size) return trapCodes.outOfBoundsMemory;
  return read(m, x, m.a, "input", x.second);
}

function hostTimeMs(m: Access): number {
  const milliseconds = timeMs(m);
  return push(m, milliseconds | 0, Math.floor(milliseconds / two32));
}

function hostUnknown(_m: Access): number {
  return trapCodes.unknownHostFunction;
}

/** Operands: source, length. b = 1: the module has no memory; c: most bytes of output. */
function hostOutputWrite(m: Access): number {
  const base = m.sp - 2;
  m.openStack(base, base + 1);
  const source = m.low(base) >>> 0;
  const length = m.low(base + 1) >>> 0;
  if (m.outputLength + length > m.c) return trapCodes.outOfBoundsOutput;
  const size = m.b === 1 ? 0 : memoryBytes(m, m.a);
  if (source + length > size) return trapCodes.outOfBoundsMemory;
  const piece = m.piece(m.outputLength, length, LEAF_BYTES, true);
  if (piece > 0) m.copyOutput(m.a, source, piece);
  if (piece === length) {
    m.pop(2);
  } else {
    m.setSlot(base, (source + piece) | 0, 0);
    m.setSlot(base + 1, (length - piece) | 0, 0);
    m.nextPc = m.pc;
  }
  return TRAP_NONE;
}

/** The code becomes the only slot; nothing else but the frames changes. */
function hostExit(m: Access): number {
  m.openMove(0, 1, 0);
  m.move(0, 1, 0);
  m.status = statusCodes.exited;
  m.nextPc = haltedPc;
  m.fp = 0;
  m.depth = 0;
  return TRAP_NONE;
}

/** A piece of a copy into a memory from another array, forward. */
function read(
  m: Access,
  x: Operands,
  memory: number,
  from: "data" | "input",
  source: number,
): number {
  const piece = forwardPiece(m, x, LEAF_BYTES);
  if (piece > 0) {
    if (!markDirty(m, memory, x.d, piece)) return trapCodes.outOfFuel;
    m.copyInto(memory, x.d, from, source, piece);
  }
  return advance(m, x, piece, true);
}

export const bulkHandlers: Handlers<"bulk"> = {
  "memory.init": memoryInit,
  "data.drop": dataDrop,
  "memory.copy": memoryCopy,
  "memory.fill": memoryFill,
  "elem.drop": elemDrop,
};

export const hostHandlers: Handlers<"host"> = {
  "host.input_size": hostInputSize,
  "host.input_read": hostInputRead,
  "host.time_ms": hostTimeMs,
  "host.unknown": hostUnknown,
  "host.output_write": hostOutputWrite,
  "host.exit": hostExit,
};
