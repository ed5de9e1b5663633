/**
 * Kernels of the f32 instructions that differ from f64's (spec 2.0 §4.3.3).
 * Arithmetic is done in f64 and rounded once more: for +, −, ×, ÷ and √ of f32 operands the second rounding is
 * innocuous, since 53 ≥ 2·24 + 2 bits (Figueroa, "When is double rounding innocuous?", 1995).
 *
 * Invariant: `abs`, `neg`, `copysign` take and give bits, the others numbers (a NaN stands for the canonical NaN).
 */
export function add(a: number, b: number): number {
  return Math.fround(a + b);
}

export function sub(a: number, b: number): number {
  return Math.fround(a - b);
}

export function mul(a: number, b: number): number {
  return Math.fround(a * b);
}

export function div(a: number, b: number): number {
  return Math.fround(a / b);
}

export function sqrt(a: number): number {
  return Math.fround(Math.sqrt(a));
}

export function abs(bits: number): number {
  return bits & 0x7fffffff;
}

export function neg(bits: number): number {
  return bits ^ -0x80000000;
}

export function copysign(aBits: number, bBits: number): number {
  return (aBits & 0x7fffffff) | (bBits & -0x80000000);
}
