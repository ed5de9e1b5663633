/**
 * Kernels of the 32-bit integer instructions (spec 2.0 §4.3.2): pure functions of numbers, no machine.
 * An i32 is a JavaScript number in [−2^31, 2^31).
 *
 * Invariant: each body is one `return` of an expression over its parameters, because the generator of the block
 * loop copies the expression into the loop (scripts/blockLoop.ts).
 */
export function eqz(a: number): number {
  return a === 0 ? 1 : 0;
}

export function eq(a: number, b: number): number {
  return a === b ? 1 : 0;
}

export function ne(a: number, b: number): number {
  return a !== b ? 1 : 0;
}

export function ltS(a: number, b: number): number {
  return a < b ? 1 : 0;
}

export function ltU(a: number, b: number): number {
  return a >>> 0 < b >>> 0 ? 1 : 0;
}

export function gtS(a: number, b: number): number {
  return a > b ? 1 : 0;
}

export function gtU(a: number, b: number): number {
  return a >>> 0 > b >>> 0 ? 1 : 0;
}

export function leS(a: number, b: number): number {
  return a <= b ? 1 : 0;
}

export function leU(a: number, b: number): number {
  return a >>> 0 <= b >>> 0 ? 1 : 0;
}

export function geS(a: number, b: number): number {
  return a >= b ? 1 : 0;
}

export function geU(a: number, b: number): number {
  return a >>> 0 >= b >>> 0 ? 1 : 0;
}

export function clz(a: number): number {
  return Math.clz32(a);
}

export function ctz(a: number): number {
  return a === 0 ? 32 : 31 - Math.clz32(a & -a);
}

/** Bits counted in pairs, nibbles, bytes; the multiplication adds the bytes. */
export function popcnt(a: number): number {
  return Math.imul((nibbleCounts(a) + (nibbleCounts(a) >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

function nibbleCounts(a: number): number {
  const pairs = a - ((a >>> 1) & 0x55555555);
  return (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
}

export function add(a: number, b: number): number {
  return (a + b) | 0;
}

export function sub(a: number, b: number): number {
  return (a - b) | 0;
}

export function mul(a: number, b: number): number {
  return Math.imul(a, b);
}

export function divS(a: number, b: number): number {
  return (a / b) | 0;
}

export function divU(a: number, b: number): number {
  return ((a >>> 0) / (b >>> 0)) | 0;
}

export function remS(a: number, b: number): number {
  return (a % b) | 0;
}

export function remU(a: number, b: number): number {
  return ((a >>> 0) % (b >>> 0)) | 0;
}

export function and(a: number, b: number): number {
  return a & b;
}

export function or(a: number, b: number): number {
  return a | b;
}

export function xor(a: number, b: number): number {
  return a ^ b;
}

export function shl(a: number, b: number): number {
  return a << b;
}

export function shrS(a: number, b: number): number {
  return a >> b;
}

export function shrU(a: number, b: number): number {
  return (a >>> b) | 0;
}

export function rotl(a: number, b: number): number {
  return (a << b) | (a >>> -b);
}

export function rotr(a: number, b: number): number {
  return (a >>> b) | (a << -b);
}

export function extend8S(a: number): number {
  return (a << 24) >> 24;
}

export function extend16S(a: number): number {
  return (a << 16) >> 16;
}

export function wrapI64(aLow: number, _aHigh: number): number {
  return aLow;
}

/** f32.reinterpret_i32 and i32.reinterpret_f32: the bits stay. */
export function reinterpret(a: number): number {
  return a;
}
