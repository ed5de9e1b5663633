/**
 * Addresses and indices of 64 bits in emitted code: host memories and tables are 32-bit ones, so an upper half that is not
 * zero is a trap of the host, and what is left is the address that a 32-bit memory has.
 *
 * Invariant: no memory and no table is longer than 2^32, so whatever has an upper half is out of bounds.
 */
import { beyondAddresses } from "../program/program.ts";
import type { BodyEmitter } from "./bodyEmitter.ts";
import { i64 } from "./hostTypes.ts";

const addressBits = 2 ** 32;
/** Bits of field b that name a memory. */
const memoryBits = beyondAddresses - 1;

/** The static offset raised over the hidden pages of the memory; undefined where no address can be in bounds. */
export function raised(emitter: BodyEmitter, b: number, offset: number): number | undefined {
  if (b >= beyondAddresses) return undefined;
  const sum = offset + emitter.scope.hiddenBytes[b];
  return sum < addressBits ? sum : undefined;
}

/** Whether the memory of an access, by field b of its instruction, has 64-bit addresses. */
export function isWideMemory({ scope }: BodyEmitter, b: number): boolean {
  return scope.program.memories[b & memoryBits].addressType === "i64";
}

export function isWideTable({ scope }: BodyEmitter, table: number): boolean {
  return scope.program.tables[table].addressType === "i64";
}

/** Makes the address of 64 bits on the host's stack one of 32 bits; a trap of the host where it has an upper half. */
export function writeNarrow(emitter: BodyEmitter): void {
  const { frame, out } = emitter;
  const wide = frame.scratch("wide", i64);
  out.at("local.tee", wide).i64(32n).op("i64.shr_u").i64(0n).op("i64.ne");
  emitter.openUnlikely();
  out.op("unreachable");
  emitter.closeHost();
  out.at("local.get", wide).op("i32.wrap_i64");
}
