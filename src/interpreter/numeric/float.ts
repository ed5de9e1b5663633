/**
 * Kernels that f32 and f64 share (spec 2.0 §4.3.3): a float is a JavaScript number, f32 operands are exact in it.
 * A result that is NaN stands for the canonical NaN; whoever stores it writes the bits (docs/machine.md §7).
 *
 * Invariant: NaN payloads never pass through here; abs, neg, copysign work on bits (f32.ts, f64.ts).
 */

/** Bits of the canonical NaNs (docs/machine.md §7): the sign is set, of the payload only its highest bit. */
export const canonicalNan = { f32: 0xffc00000 | 0, f64High: 0xfff80000 | 0, f64Low: 0 } as const;

export function eq(a: number, b: number): number {
  return a === b ? 1 : 0;
}

export function ne(a: number, b: number): number {
  return a !== b ? 1 : 0;
}

export function lt(a: number, b: number): number {
  return a < b ? 1 : 0;
}

export function gt(a: number, b: number): number {
  return a > b ? 1 : 0;
}

export function le(a: number, b: number): number {
  return a <= b ? 1 : 0;
}

export function ge(a: number, b: number): number {
  return a >= b ? 1 : 0;
}

export function ceil(a: number): number {
  return Math.ceil(a);
}

export function floor(a: number): number {
  return Math.floor(a);
}

export function trunc(a: number): number {
  return Math.trunc(a);
}

/** Adding and taking away 2^52 rounds to an integer, ties to even; the sign is kept, that of zero too. */
export function nearest(a: number): number {
  if (a > 0 && a < 4503599627370496) return a + 4503599627370496 - 4503599627370496;
  if (a < 0 && a > -4503599627370496) return -(-a + 4503599627370496 - 4503599627370496);
  return a;
}

export function min(a: number, b: number): number {
  return Math.min(a, b);
}

export function max(a: number, b: number): number {
  return Math.max(a, b);
}
