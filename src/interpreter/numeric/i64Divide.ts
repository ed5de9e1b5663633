/**
 * i64 division and remainder (spec 2.0 §4.3.2.6–9) on pairs of int32 halves; the divisor is not zero and the
 * quotient is representable (the machine has trapped otherwise).
 *
 * Invariant: exact for all operands. Doubles serve below 2^53, where `%` is exact and the quotient of an exact
 * multiple is exact; BigInt serves the rest.
 */
const two32 = 4294967296;
/** High halves below this belong to numbers below 2^53. */
const exactHigh = 0x200000;

// biome-ignore format: one line a signature
export function divU(out: Int32Array, at: number, aLow: number, aHigh: number, bLow: number, bHigh: number): void {
  if (aHigh >>> 0 < exactHigh && bHigh >>> 0 < exactHigh) {
    const a = aHigh * two32 + (aLow >>> 0);
    const b = bHigh * two32 + (bLow >>> 0);
    writeDouble(out, at, (a - (a % b)) / b);
  } else {
    writeBigInt(out, at, unsigned(aLow, aHigh) / unsigned(bLow, bHigh));
  }
}

// biome-ignore format: one line a signature
export function remU(out: Int32Array, at: number, aLow: number, aHigh: number, bLow: number, bHigh: number): void {
  if (aHigh >>> 0 < exactHigh && bHigh >>> 0 < exactHigh) {
    writeDouble(out, at, (aHigh * two32 + (aLow >>> 0)) % (bHigh * two32 + (bLow >>> 0)));
  } else {
    writeBigInt(out, at, unsigned(aLow, aHigh) % unsigned(bLow, bHigh));
  }
}

// biome-ignore format: one line a signature
export function divS(out: Int32Array, at: number, aLow: number, aHigh: number, bLow: number, bHigh: number): void {
  if ((aHigh | bHigh) >>> 0 < exactHigh) divU(out, at, aLow, aHigh, bLow, bHigh);
  else writeBigInt(out, at, signed(aLow, aHigh) / signed(bLow, bHigh));
}

// biome-ignore format: one line a signature
export function remS(out: Int32Array, at: number, aLow: number, aHigh: number, bLow: number, bHigh: number): void {
  if ((aHigh | bHigh) >>> 0 < exactHigh) remU(out, at, aLow, aHigh, bLow, bHigh);
  else writeBigInt(out, at, signed(aLow, aHigh) % signed(bLow, bHigh));
}

function writeDouble(out: Int32Array, at: number, value: number): void {
  const high = Math.floor(value / two32);
  out[at] = (value - high * two32) | 0;
  out[at + 1] = high;
}

function writeBigInt(out: Int32Array, at: number, value: bigint): void {
  out[at] = Number(BigInt.asIntN(32, value));
  out[at + 1] = Number(BigInt.asIntN(32, value >> 32n));
}

function unsigned(low: number, high: number): bigint {
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}

function signed(low: number, high: number): bigint {
  return (BigInt(high) << 32n) | BigInt(low >>> 0);
}
