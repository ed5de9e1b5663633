/**
 * A program's parts as the bytes that its root is made of and that the judge reads (docs/machine.md §3).
 *
 * Invariant: an entry has one encoding and a fixed length, so that its place follows from its number.
 */
import type { FunctionEntry } from "./program.ts";
import { functionBytes, referenceBytes } from "./program.ts";

/** Function entries, big-endian, 16 bytes each. */
export function functionEntryBytes(functions: readonly FunctionEntry[]): Uint8Array {
  const bytes = new Uint8Array(functions.length * functionBytes);
  const view = new DataView(bytes.buffer);
  functions.forEach((entry, index) => {
    const at = index * functionBytes;
    view.setUint32(at, entry.typeId);
    view.setUint32(at + 4, entry.entryPc);
    view.setUint16(at + 8, entry.params);
    view.setUint16(at + 10, entry.locals);
    view.setUint32(at + 12, entry.frame);
  });
  return bytes;
}

/** References of element segments, little-endian, one after the other. */
export function elementBytes(references: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(references.length * referenceBytes);
  const view = new DataView(bytes.buffer);
  references.forEach((reference, index) => {
    view.setUint32(index * referenceBytes, reference, true);
  });
  return bytes;
}

/** Parts one after the other; `length` is the sum of theirs. */
export function concatenated(parts: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
