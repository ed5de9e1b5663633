/**
 * Kernels of the 64-bit integer instructions (spec 2.0 §4.3.2) on pairs of int32 halves, low half first.
 * A kernel with an i64 result writes the halves to `out[at]` and `out[at + 1]`; a test returns 0 or 1.
 *
 * Invariant: operands are parameters and read before anything is written, so `out` may be the stack they came from.
 * Bodies without calls of their own are copied into the block loop (scripts/blockLoop.ts).
 */
export function eqz(aLow: number, aHigh: number): number {
  return (aLow | aHigh) === 0 ? 1 : 0;
}

export function eq(aLow: number, aHigh: number, bLow: number, bHigh: number): number {
  return aLow === bLow && aHigh === bHigh ? 1 : 0;
}

export function ne(aLow: number, aHigh: number, bLow: number, bHigh: number): number {
  return aLow !== bLow || aHigh !== bHigh ? 1 : 0;
}

export function ltS(aLow: number, aHigh: number, bLow: number, bHigh: number): number {
  return aHigh === bHigh ? (aLow >>> 0 < bLow >>> 0 ? 1 : 0) : aHigh < bHigh ? 1 : 0;
}

export function ltU(aLow: number, aHigh: number, bLow: number, bHigh: number): number {
  return aHigh === bHigh ? (aLow >>> 0 < bLow >>> 0 ? 1 : 0) : aHigh >>> 0 < bHigh >>> 0 ? 1 : 0;
}

export function gtS(aLow: number, aHigh: number, bLow: number, bHigh: number): number {
  return aHigh === bHigh ? (aLow >>> 0 > bLow >>> 0 ? 1 : 0) : aHigh > bHigh ? 1 : 0;
}

export function gtU(aLow: number, aHigh: number, bLow: number, bHigh: number): number {
  return aHigh === bHigh ? (aLow >>> 0 > bLow >>> 0 ? 1 : 0) : aHigh >>> 0 > bHigh >>> 0 ? 1 : 0;
}

export function leS(aLow: number, aHigh: number, bLow: number, bHigh: number): number {
  return aHigh === bHigh ? (aLow >>> 0 <= bLow >>> 0 ? 1 : 0) : aHigh < bHigh ? 1 : 0;
}

export function leU(aLow: number, aHigh: number, bLow: number, bHigh: number): number {
  return aHigh === bHigh ? (aLow >>> 0 <= bLow >>> 0 ? 1 : 0) : aHigh >>> 0 < bHigh >>> 0 ? 1 : 0;
}

export function geS(aLow: number, aHigh: number, bLow: number, bHigh: number): number {
  return aHigh === bHigh ? (aLow >>> 0 >= bLow >>> 0 ? 1 : 0) : aHigh > bHigh ? 1 : 0;
}

export function geU(aLow: number, aHigh: number, bLow: number, bHigh: number): number {
  return aHigh === bHigh ? (aLow >>> 0 >= bLow >>> 0 ? 1 : 0) : aHigh >>> 0 > bHigh >>> 0 ? 1 : 0;
}

export function clz(out: Int32Array, at: number, aLow: number, aHigh: number): void {
  out[at] = aHigh === 0 ? 32 + Math.clz32(aLow) : Math.clz32(aHigh);
  out[at + 1] = 0;
}

export function ctz(out: Int32Array, at: number, aLow: number, aHigh: number): void {
  const word = aLow === 0 ? aHigh : aLow;
  const zeros = word === 0 ? 32 : 31 - Math.clz32(word & -word);
  out[at] = aLow === 0 ? 32 + zeros : zeros;
  out[at + 1] = 0;
}

export function popcnt(out: Int32Array, at: number, aLow: number, aHigh: number): void {
  out[at] = popcount(aLow) + popcount(aHigh);
  out[at + 1] = 0;
}

function popcount(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const nibbles = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((nibbles + (nibbles >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

// biome-ignore format: one line a signature keeps the kernels comparable
export function add(out: Int32Array, at: number, aLow: number, aHigh: number, bLow: number, bHigh: number): void {
  const low = (aLow + bLow) | 0;
  out[at] = low;
  out[at + 1] = (aHigh + bHigh + (low >>> 0 < aLow >>> 0 ? 1 : 0)) | 0;
}

// biome-ignore format: one line a signature
export function sub(out: Int32Array, at: number, aLow: number, aHigh: number, bLow: number, bHigh: number): void {
  out[at] = (aLow - bLow) | 0;
  out[at + 1] = (aHigh - bHigh - (aLow >>> 0 < bLow >>> 0 ? 1 : 0)) | 0;
}

/** The low words are multiplied in 16-bit limbs; the cross products only reach the high word. */
// biome-ignore format: one line a signature
export function mul(out: Int32Array, at: number, aLow: number, aHigh: number, bLow: number, bHigh: number): void {
  const a0 = aLow & 0xffff;
  const a1 = aLow >>> 16;
  const b0 = bLow & 0xffff;
  const b1 = bLow >>> 16;
  const p01 = Math.imul(a0, b1);
  const p10 = Math.imul(a1, b0);
  const middle = (Math.imul(a0, b0) >>> 16) + (p01 & 0xffff) + (p10 & 0xffff);
  const carry = (p01 >>> 16) + (p10 >>> 16) + (middle >>> 16);
  out[at] = Math.imul(aLow, bLow);
  out[at + 1] = (Math.imul(a1, b1) + carry + Math.imul(aLow, bHigh) + Math.imul(aHigh, bLow)) | 0;
}

// biome-ignore format: one line a signature
export function and(out: Int32Array, at: number, aLow: number, aHigh: number, bLow: number, bHigh: number): void {
  out[at] = aLow & bLow;
  out[at + 1] = aHigh & bHigh;
}

// biome-ignore format: one line a signature
export function or(out: Int32Array, at: number, aLow: number, aHigh: number, bLow: number, bHigh: number): void {
  out[at] = aLow | bLow;
  out[at + 1] = aHigh | bHigh;
}

// biome-ignore format: one line a signature
export function xor(out: Int32Array, at: number, aLow: number, aHigh: number, bLow: number, bHigh: number): void {
  out[at] = aLow ^ bLow;
  out[at + 1] = aHigh ^ bHigh;
}

/** `x >>> 1 >>> ~n` is x >>> (32 − n) for n in 1 … 31 and 0 for n = 0, where one shift would be by 32. */
// biome-ignore format: one line a signature
export function shl(out: Int32Array, at: number, aLow: number, aHigh: number, bLow: number, _bHigh: number): void {
  out[at] = (bLow & 32) === 0 ? aLow << bLow : 0;
  out[at + 1] = (bLow & 32) === 0 ? (aHigh << bLow) | (aLow >>> 1 >>> ~bLow) : aLow << bLow;
}

// biome-ignore format: one line a signature
export function shrS(out: Int32Array, at: number, aLow: number, aHigh: number, bLow: number, _bHigh: number): void {
  out[at] = (bLow & 32) === 0 ? (aLow >>> bLow) | (aHigh << 1 << ~bLow) : aHigh >> bLow;
  out[at + 1] = (bLow & 32) === 0 ? aHigh >> bLow : aHigh >> 31;
}

// biome-ignore format: one line a signature
export function shrU(out: Int32Array, at: number, aLow: number, aHigh: number, bLow: number, _bHigh: number): void {
  out[at] = (bLow & 32) === 0 ? (aLow >>> bLow) | (aHigh << 1 << ~bLow) : aHigh >>> bLow;
  out[at + 1] = (bLow & 32) === 0 ? aHigh >>> bLow : 0;
}

// biome-ignore format: one line a signature
export function rotl(out: Int32Array, at: number, aLow: number, aHigh: number, bLow: number, _bHigh: number): void {
  const low = (bLow & 32) === 0 ? aLow : aHigh;
  const high = (bLow & 32) === 0 ? aHigh : aLow;
  out[at] = (low << bLow) | (high >>> 1 >>> ~bLow);
  out[at + 1] = (high << bLow) | (low >>> 1 >>> ~bLow);
}

// biome-ignore format: one line a signature
export function rotr(out: Int32Array, at: number, aLow: number, aHigh: number, bLow: number, _bHigh: number): void {
  const low = (bLow & 32) === 0 ? aLow : aHigh;
  const high = (bLow & 32) === 0 ? aHigh : aLow;
  out[at] = (low >>> bLow) | (high << 1 << ~bLow);
  out[at + 1] = (high >>> bLow) | (low << 1 << ~bLow);
}

export function extendI32S(out: Int32Array, at: number, a: number): void {
  out[at] = a;
  out[at + 1] = a >> 31;
}

export function extendI32U(out: Int32Array, at: number, a: number): void {
  out[at] = a;
  out[at + 1] = 0;
}

export function extend8S(out: Int32Array, at: number, aLow: number, _aHigh: number): void {
  out[at] = (aLow << 24) >> 24;
  out[at + 1] = (aLow << 24) >> 31;
}

export function extend16S(out: Int32Array, at: number, aLow: number, _aHigh: number): void {
  out[at] = (aLow << 16) >> 16;
  out[at + 1] = (aLow << 16) >> 31;
}

export function extend32S(out: Int32Array, at: number, aLow: number, _aHigh: number): void {
  out[at] = aLow;
  out[at + 1] = aLow >> 31;
}

/** f64.reinterpret_i64 and i64.reinterpret_f64: the bits stay. */
export function reinterpret(out: Int32Array, at: number, aLow: number, aHigh: number): void {
  out[at] = aLow;
  out[at + 1] = aHigh;
}
