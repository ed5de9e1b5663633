/**
 * Prints the immediates of an instruction in the notation of the text format (spec §6.5).
 *
 * Invariant: indices are numbers, constants are exact: an integer in decimal, a float in decimal digits that
 * read back as the same bits, a NaN with its payload.
 */

import { valueTypes } from "../binary/module.ts";
import { shorthandResult, valueTypeName } from "../binary/valueType.ts";
import { rowOfDense } from "../isa/denseRows.ts";
import type { InstructionCursor } from "../isa/instructionCursor.ts";

const view = new DataView(new ArrayBuffer(8));

/** Text of the f32 with these bits. */
export function f32Text(bits: number): string {
  view.setInt32(0, bits);
  const payload = bits & 0x7fffff;
  return floatText(view.getFloat32(0), bits < 0, payload === 0x400000, payload.toString(16));
}

/** Text of the f64 with these halves of its bits. */
export function f64Text(low: number, high: number): string {
  view.setInt32(0, high);
  view.setInt32(4, low);
  const payload = view.getBigUint64(0) & 0xfffffffffffffn;
  return floatText(
    view.getFloat64(0),
    high < 0,
    payload === 0x8000000000000n,
    payload.toString(16),
  );
}

function floatText(value: number, negative: boolean, canonical: boolean, payload: string): string {
  const sign = negative ? "-" : "";
  if (Number.isNaN(value)) return `${sign}nan${canonical ? "" : `:0x${payload}`}`;
  if (!Number.isFinite(value)) return `${sign}inf`;
  return `${sign}${Math.abs(value)}`;
}

export function i64Text(low: number, high: number): string {
  return String(BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low >>> 0)));
}

/** The four words of a vector, the lowest lane first. */
function v128Text(bytes: Uint8Array): string {
  const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const lanes = [0, 4, 8, 12].map((at) => words.getUint32(at, true).toString(16).padStart(8, "0"));
  return `i32x4 ${lanes.map((lane) => `0x${lane}`).join(" ")}`;
}

function memargText(cursor: InstructionCursor): string {
  const width = rowOfDense(cursor.dense)?.width ?? 1;
  const parts = [];
  if (cursor.index !== 0) parts.push(String(cursor.index));
  if (cursor.low !== 0) parts.push(`offset=${cursor.low}`);
  if (2 ** cursor.second !== width) parts.push(`align=${2 ** cursor.second}`);
  return parts.join(" ");
}

function blockText(blockType: number): string {
  if (blockType >= 0) return `(type ${blockType})`;
  const result = shorthandResult(blockType);
  return result === undefined ? "" : `(result ${valueTypeName(result)})`;
}

/** Indices that default to 0 are printed only where one of them is not. */
function unlessZero(...indices: readonly number[]): string {
  return indices.every((index) => index === 0) ? "" : indices.join(" ");
}

/** Text of the immediates of the instruction that the cursor stands on; empty if there are none to print. */
export function immediateText(cursor: InstructionCursor): string {
  const { index, second, low, high } = cursor;
  switch (cursor.kind) {
    case "none":
    case "zero":
      return "";
    case "block":
      return blockText(index);
    case "labels":
      return cursor.labels.slice(0, cursor.labelCount + 1).join(" ");
    case "typeTable":
      return [unlessZero(second), `(type ${index})`].filter((part) => part !== "").join(" ");
    case "types":
      return `(result ${valueTypeName(index)})`;
    case "memarg":
      return memargText(cursor);
    case "memargLane":
      return [memargText(cursor), String(cursor.lane)].filter((part) => part !== "").join(" ");
    case "lane":
      return String(cursor.lane);
    case "shuffle":
      return cursor.vector.join(" ");
    case "v128":
      return v128Text(cursor.vector);
    case "memory":
      return unlessZero(index);
    case "memoryMemory":
    case "tableTable":
      return unlessZero(index, second);
    case "dataMemory":
    case "elementTable":
      return second === 0 ? String(index) : `${second} ${index}`;
    case "i32":
      return String(low);
    case "i64":
      return i64Text(low, high);
    case "f32":
      return f32Text(low);
    case "f64":
      return f64Text(low, high);
    case "heapType":
      return index === valueTypes.funcref ? "func" : "extern";
    default:
      return String(index);
  }
}
