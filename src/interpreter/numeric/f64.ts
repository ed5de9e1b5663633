/**
 * Kernels of the f64 instructions that differ from f32's (spec 2.0 §4.3.3).
 *
 * Invariant: `abs`, `neg`, `copysign` take and give bits as int32 halves like the kernels of i64.ts; the others
 * take and give numbers (a NaN stands for the canonical NaN).
 */
export function add(a: number, b: number): number {
  return a + b;
}

export function sub(a: number, b: number): number {
  return a - b;
}

export function mul(a: number, b: number): number {
  return a * b;
}

export function div(a: number, b: number): number {
  return a / b;
}

export function sqrt(a: number): number {
  return Math.sqrt(a);
}

export function abs(out: Int32Array, at: number, aLow: number, aHigh: number): void {
  out[at] = aLow;
  out[at + 1] = aHigh & 0x7fffffff;
}

export function neg(out: Int32Array, at: number, aLow: number, aHigh: number): void {
  out[at] = aLow;
  out[at + 1] = aHigh ^ -0x80000000;
}

// biome-ignore format: one line a signature
export function copysign(out: Int32Array, at: number, aLow: number, aHigh: number, _bLow: number, bHigh: number): void {
  out[at] = aLow;
  out[at + 1] = (aHigh & 0x7fffffff) | (bHigh & -0x80000000);
}
