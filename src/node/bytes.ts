/**
 * Byte strings of a node's processes.
 *
 * Invariant: equal means equal length and equal bytes.
 */

/** Whether two byte strings are the same. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
