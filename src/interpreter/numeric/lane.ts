/**
 * What vector instructions compute in one lane where no scalar instruction computes it (spec 3.0 §4.3.2, §4.3.3).
 * Integer lanes of 8, 16 and 32 bits come as numbers, signed or not as the row's `sign` says; a result is cut to the
 * lane's width by who stores it, or brought into its range where the row saturates.
 *
 * Invariant: pure; exact for all operands that a lane can hold.
 */
export function abs(a: number): number {
  return Math.abs(a);
}

export function negate(a: number): number {
  return -a;
}

/** Not cut to any width. */
export function sum(a: number, b: number): number {
  return a + b;
}

/** Not cut to any width. */
export function difference(a: number, b: number): number {
  return a - b;
}

/** Half the sum, rounded up. */
export function average(a: number, b: number): number {
  return (a + b + 1) >>> 1;
}

/** The product of fractions with 15 bits, rounded: only −1 · −1 is out of range. */
export function q15Multiply(a: number, b: number): number {
  return (a * b + 0x4000) >> 15;
}

/** Bits of `a` where those of `mask` are set, of `b` elsewhere. */
export function bitselect(a: number, b: number, mask: number): number {
  return (a & mask) | (b & ~mask);
}

export function not(a: number): number {
  return ~a;
}

export function andNot(a: number, b: number): number {
  return a & ~b;
}

export function i64Abs(out: Int32Array, at: number, low: number, high: number): void {
  if (high < 0) i64Negate(out, at, low, high);
  else {
    out[at] = low;
    out[at + 1] = high;
  }
}

export function i64Negate(out: Int32Array, at: number, low: number, high: number): void {
  out[at] = -low;
  out[at + 1] = ~high + (low === 0 ? 1 : 0);
}

/** Not fused: the deterministic profile takes the first of the two meanings of `relaxed_madd`. */
export function f32MultiplyAdd(a: number, b: number, c: number): number {
  return Math.fround(Math.fround(a * b) + c);
}

export function f32NegatedMultiplyAdd(a: number, b: number, c: number): number {
  return Math.fround(Math.fround(-a * b) + c);
}

export function f64MultiplyAdd(a: number, b: number, c: number): number {
  return a * b + c;
}

export function f64NegatedMultiplyAdd(a: number, b: number, c: number): number {
  return -a * b + c;
}

/** `pmin` and `pmax` choose one of their operands, whose bits stay: the second one only if this is true. */
export function less(a: number, b: number): boolean {
  return b < a;
}

export function greater(a: number, b: number): boolean {
  return a < b;
}
