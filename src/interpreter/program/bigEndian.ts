/**
 * Big-endian integers of committed program bytes (docs/machine.md §1, §3).
 *
 * Invariant: offsets lie within the array; the linker has made the program so.
 */
export function readU16(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 8) | bytes[at + 1];
}

export function readU32(bytes: Uint8Array, at: number): number {
  return ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0;
}
