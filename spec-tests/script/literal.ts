/**
 * Number literals of the text format as bit patterns (core specification §6.3.1 and §6.3.2).
 * Floats are read exactly: the literal is a fraction of two big integers, rounded once, to nearest, ties to even.
 *
 * Invariant: no literal passes through a JavaScript number, so NaN payloads and signs survive.
 */
interface FloatFormat {
  readonly significandBits: number;
  readonly exponentBits: number;
}

const formats = {
  32: { significandBits: 23, exponentBits: 8 },
  64: { significandBits: 52, exponentBits: 11 },
} as const satisfies Record<number, FloatFormat>;

export type FloatWidth = keyof typeof formats;

/** Bits of an integer literal, decimal or hexadecimal, signed or not. */
export function integerBits(literal: string, width: 32 | 64): bigint {
  const digits = literal.replaceAll("_", "");
  const negative = digits.startsWith("-");
  const magnitude = BigInt(digits.replace(/^[+-]/, ""));
  return BigInt.asUintN(width, negative ? -magnitude : magnitude);
}

const bitLength = (value: bigint) => (value === 0n ? 0 : value.toString(2).length);

/** Nearest float of numerator / denominator, as bits without sign. */
function roundFraction(numerator: bigint, denominator: bigint, format: FloatFormat): bigint {
  if (numerator === 0n) return 0n;
  const { significandBits, exponentBits } = format;
  const bias = (1 << (exponentBits - 1)) - 1;
  const lowest = 1 - bias - significandBits;
  // Exponent of the last place: the quotient then has one bit more than the stored significand, or less if subnormal.
  let exponent = bitLength(numerator) - bitLength(denominator) - significandBits - 1;
  if (exponent < lowest) exponent = lowest;
  const divide = (shift: number): { quotient: bigint; twiceRest: bigint; divisor: bigint } => {
    const dividend = shift < 0 ? numerator << BigInt(-shift) : numerator;
    const divisor = shift > 0 ? denominator << BigInt(shift) : denominator;
    return { quotient: dividend / divisor, twiceRest: 2n * (dividend % divisor), divisor };
  };
  let { quotient, twiceRest, divisor } = divide(exponent);
  if (bitLength(quotient) > significandBits + 1) {
    exponent += 1;
    ({ quotient, twiceRest, divisor } = divide(exponent));
  }
  if (twiceRest > divisor || (twiceRest === divisor && (quotient & 1n) === 1n)) quotient += 1n;
  // The hidden bit and a carry out of the significand add themselves to the exponent field.
  const bits = (BigInt(exponent - lowest) << BigInt(significandBits)) + quotient;
  const infinity = ((1n << BigInt(exponentBits)) - 1n) << BigInt(significandBits);
  return bits > infinity ? infinity : bits;
}

function fractionOf(digits: string): readonly [bigint, bigint] {
  const hexadecimal = digits.startsWith("0x");
  const [mantissa, power = "0"] = hexadecimal ? digits.slice(2).split("p") : digits.split("e");
  const [whole, part = ""] = mantissa.split(".");
  const numerator = BigInt(`${hexadecimal ? "0x" : ""}${whole}${part}` || "0");
  const base = hexadecimal ? 2n : 10n;
  const exponent = Number(power) - (hexadecimal ? 4 : 1) * part.length;
  const scale = base ** BigInt(Math.abs(exponent));
  return exponent < 0 ? [numerator, scale] : [numerator * scale, 1n];
}

/** Bits of a float literal: decimal, hexadecimal, `inf`, `nan`, `nan:0x…`. */
export function floatBits(literal: string, width: FloatWidth): bigint {
  const format = formats[width];
  const text = literal.replaceAll("_", "").toLowerCase();
  const sign = text.startsWith("-") ? 1n << BigInt(width - 1) : 0n;
  const digits = text.replace(/^[+-]/, "");
  const infinity = ((1n << BigInt(format.exponentBits)) - 1n) << BigInt(format.significandBits);
  if (digits === "inf") return sign | infinity;
  if (digits === "nan") return sign | infinity | (1n << BigInt(format.significandBits - 1));
  if (digits.startsWith("nan:")) return sign | infinity | BigInt(digits.slice(4));
  return sign | roundFraction(...fractionOf(digits), format);
}

/** Is `bits` a NaN of the class that a test pattern names? Either sign will do (specification §6.2, appendix). */
export function isNan(bits: bigint, width: FloatWidth, kind: "canonical" | "arithmetic"): boolean {
  const format = formats[width];
  const magnitude = bits & ((1n << BigInt(width - 1)) - 1n);
  const canonical = floatBits("nan", width);
  if (kind === "canonical") return magnitude === canonical;
  return (magnitude & canonical) === canonical && magnitude >> BigInt(format.significandBits) > 0n;
}
