/**
 * Integers of a memory's bytes, little-endian (spec 2.0 §4.4.7).
 *
 * Invariant: offsets lie within the array; whoever calls has checked bounds.
 */

/** `width` ≤ 4 bytes as an int32; narrower ones are not negative. */
export function readBytes(bytes: Uint8Array, address: number, width: number): number {
  let value = 0;
  for (let index = 0; index < width; index++) value |= bytes[address + index] << (8 * index);
  return value;
}

/** The low `width` ≤ 4 bytes of a word. */
export function writeBytes(bytes: Uint8Array, address: number, width: number, value: number): void {
  for (let index = 0; index < width; index++) bytes[address + index] = value >>> (8 * index);
}
