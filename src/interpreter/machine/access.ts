/**
 * Loads and stores of any width between a memory's bytes and a stack slot (spec 2.0 §4.4.7).
 *
 * Invariant: little-endian on both sides; a load writes both words of its slot, a store reads what its width needs.
 */
import type { InstructionRow } from "../isa/table.ts";
import { instructions } from "../isa/table.ts";

export interface Access {
  /** Bytes of memory. */
  readonly width: number;
  readonly isSigned: boolean;
  /** Whether a signed load extends into the high word. */
  readonly isWide: boolean;
}

const accesses = new Map<number, Access>();
for (const { code, mnemonic, width } of instructions as readonly InstructionRow[]) {
  if (width === undefined) continue;
  const isSigned = mnemonic.endsWith("_s");
  accesses.set(code, { width, isSigned, isWide: mnemonic.startsWith("i64") });
}

/** What a load or store of this code does; throws RangeError for any other code. */
export function accessOf(code: number): Access {
  const access = accesses.get(code);
  if (access === undefined) throw new RangeError(`expected a load or store, got code ${code}`);
  return access;
}

/** `width` ≤ 4 bytes as a little-endian number. */
function readBytes(bytes: Uint8Array, address: number, width: number): number {
  let value = 0;
  for (let index = 0; index < width; index++) value |= bytes[address + index] << (8 * index);
  return value;
}

function writeBytes(bytes: Uint8Array, address: number, width: number, value: number): void {
  for (let index = 0; index < width; index++) bytes[address + index] = value >>> (8 * index);
}

/** Loads into words `to` and `to + 1`; false, and nothing written, if the access is out of bounds. */
export function loadInto(
  stack: Int32Array,
  to: number,
  { width, isSigned, isWide }: Access,
  bytes: Uint8Array,
  address: number,
): boolean {
  if (address + width > bytes.length) return false;
  const word = readBytes(bytes, address, Math.min(width, 4));
  const shift = isSigned ? 32 - 8 * width : 0;
  const low = (word << shift) >> shift;
  stack[to] = low;
  if (width === 8) stack[to + 1] = readBytes(bytes, address + 4, 4);
  else stack[to + 1] = isSigned && isWide ? low >> 31 : 0;
  return true;
}

/** Stores from words `from` and `from + 1`; the access is in bounds. */
export function storeFrom(
  stack: Int32Array,
  from: number,
  width: number,
  bytes: Uint8Array,
  address: number,
): void {
  writeBytes(bytes, address, Math.min(width, 4), stack[from]);
  if (width === 8) writeBytes(bytes, address + 4, 4, stack[from + 1]);
}
