/**
 * Kernels of the conversions (spec 2.0 §4.3.4): floats are numbers, i64 results go to `out[at]`, `out[at + 1]`.
 *
 * Invariant: the trapping truncations are called with operands that numeric/checks.ts has let pass; the saturating
 * ones take anything.
 */
const two32 = 4294967296;

export function truncI32(a: number): number {
  return Math.trunc(a) | 0;
}

/** |a| < 2^64; halves by exact division and subtraction. Also right for unsigned results. */
export function truncI64(out: Int32Array, at: number, a: number): void {
  const whole = Math.trunc(a);
  const high = Math.floor(whole / two32);
  out[at] = (whole - high * two32) | 0;
  out[at + 1] = high | 0;
}

export function truncSatI32S(a: number): number {
  return a >= 2147483647 ? 0x7fffffff : a <= -2147483648 ? -0x80000000 : Math.trunc(a) | 0;
}

export function truncSatI32U(a: number): number {
  return a >= 4294967295 ? -1 : a > 0 ? Math.trunc(a) | 0 : 0;
}

export function truncSatI64S(out: Int32Array, at: number, a: number): void {
  if (a >= 2 ** 63) writePair(out, at, -1, 0x7fffffff);
  else if (a <= -(2 ** 63)) writePair(out, at, 0, -0x80000000);
  else truncI64(out, at, Number.isNaN(a) ? 0 : a);
}

export function truncSatI64U(out: Int32Array, at: number, a: number): void {
  if (a >= 2 ** 64) writePair(out, at, -1, -1);
  else truncI64(out, at, a > 0 ? a : 0);
}

function writePair(out: Int32Array, at: number, low: number, high: number): void {
  out[at] = low;
  out[at + 1] = high;
}

export function f32ConvertI32S(a: number): number {
  return Math.fround(a);
}

export function f32ConvertI32U(a: number): number {
  return Math.fround(a >>> 0);
}

export function f32ConvertI64S(aLow: number, aHigh: number): number {
  return Math.fround(aHigh * two32 + oddLow(aLow, aHigh >= -0x200000 && aHigh < 0x200000));
}

export function f32ConvertI64U(aLow: number, aHigh: number): number {
  return Math.fround((aHigh >>> 0) * two32 + oddLow(aLow, aHigh >>> 0 < 0x200000));
}

/**
 * Low word such that high · 2^32 + low is exact in f64. From 2^53 on the eleven lowest bits are rounded to odd into
 * bit 11, far below any bit that an f32 keeps, so the one rounding that remains is the right one.
 */
function oddLow(low: number, isExact: boolean): number {
  if (isExact) return low >>> 0;
  return ((low & 0xfffff800) | ((low & 0x7ff) === 0 ? 0 : 0x800)) >>> 0;
}

export function f64ConvertI32S(a: number): number {
  return a;
}

export function f64ConvertI32U(a: number): number {
  return a >>> 0;
}

export function f64ConvertI64S(aLow: number, aHigh: number): number {
  return aHigh * two32 + (aLow >>> 0);
}

export function f64ConvertI64U(aLow: number, aHigh: number): number {
  return (aHigh >>> 0) * two32 + (aLow >>> 0);
}

export function demote(a: number): number {
  return Math.fround(a);
}

export function promote(a: number): number {
  return a;
}
