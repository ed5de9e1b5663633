/**
 * Operands for numeric instructions: all pairs of edge values first, then pseudo-random ones from strategies that
 * aim at what goes wrong: subnormals, halfway cases, cancellation, infinities, NaN payloads, limits of integers.
 * Pinned seeds: the same cases in every run.
 */

/** xorshift64*: small, fast enough, and the same everywhere. */
export class Random {
  private state: bigint;

  constructor(seed: bigint) {
    this.state = BigInt.asUintN(64, seed * 0x9e37_79b9_7f4a_7c15n + 1n);
  }

  bits(count: number): bigint {
    let x = this.state;
    x ^= x >> 12n;
    x = BigInt.asUintN(64, x ^ (x << 25n));
    x ^= x >> 27n;
    this.state = x;
    return BigInt.asUintN(64, x * 0x2545_f491_4f6c_dd1dn) >> BigInt(64 - count);
  }

  below(limit: number): number {
    return Number(this.bits(32) % BigInt(limit));
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)];
  }
}

interface Format {
  readonly exponentBits: number;
  readonly mantissaBits: number;
}
const formats: Readonly<Record<string, Format>> = {
  f: { exponentBits: 8, mantissaBits: 23 },
  F: { exponentBits: 11, mantissaBits: 52 },
};
const integerBits: Readonly<Record<string, number>> = { i: 32, I: 64 };

function pack(format: Format, sign: bigint, biased: bigint, mantissa: bigint): bigint {
  const { exponentBits, mantissaBits } = format;
  const top = sign << BigInt(exponentBits + mantissaBits);
  return top | (biased << BigInt(mantissaBits)) | BigInt.asUintN(mantissaBits, mantissa);
}

function floatEdges(format: Format): bigint[] {
  const bias = (1n << BigInt(format.exponentBits - 1)) - 1n;
  const largest = (1n << BigInt(format.exponentBits)) - 1n;
  const full = (1n << BigInt(format.mantissaBits)) - 1n;
  const half = 1n << BigInt(format.mantissaBits - 1);
  const pairs: (readonly [bigint, bigint])[] = [
    [0n, 0n],
    [0n, 1n],
    [0n, full],
    [1n, 0n],
    [1n, 1n],
    [bias, 0n],
    [bias, 1n],
    [bias - 1n, 0n],
    [bias - 1n, full],
    [bias, half],
    [bias + 1n, half >> 1n],
    [bias + BigInt(format.mantissaBits), 1n],
    [bias + BigInt(format.mantissaBits) - 1n, 1n],
    [bias + 31n, 0n],
    [bias + 30n, full],
    [bias + 63n, 0n],
    [bias + 62n, full],
    [bias + 63n, full],
    [largest - 1n, full],
    [largest, 0n],
    [largest, 1n],
    [largest, half],
    [largest, half | 5n],
  ];
  return pairs.flatMap(([biased, mantissa]) =>
    [0n, 1n].map((sign) => pack(format, sign, biased, mantissa)),
  );
}

function integerEdges(bits: number): bigint[] {
  const width = BigInt(bits);
  const values = [
    0n,
    1n,
    2n,
    7n,
    8n,
    31n,
    32n,
    33n,
    63n,
    64n,
    127n,
    128n,
    255n,
    256n,
    32768n,
    65535n,
  ];
  values.push(1n << (width - 1n), (1n << (width - 1n)) - 1n, 1n << (width / 2n), (1n << 24n) + 1n);
  return [...new Set(values.flatMap((v) => [v, -v, ~v]).map((v) => BigInt.asUintN(bits, v)))];
}

/** Every edge value of a letter's type. */
export function edges(letter: string): readonly bigint[] {
  const format = formats[letter];
  return format === undefined ? integerEdges(integerBits[letter]) : floatEdges(format);
}

function randomInteger(random: Random, bits: number): bigint {
  const length = 1 + random.below(bits);
  const value = random.bits(length);
  // Halfway between two floats, or next to it: one bit a little below the significand.
  const low = 1n << BigInt(random.below(12));
  const mixed =
    random.below(2) === 0 ? value : ((value >> 12n) << 12n) + low - BigInt(random.below(2));
  return BigInt.asUintN(bits, random.below(2) === 0 ? mixed : -mixed);
}

/** A float with few significant bits, so that sums and products come to lie halfway. */
function shortFloat(random: Random, format: Format): bigint {
  const bias = (1n << BigInt(format.exponentBits - 1)) - 1n;
  const kept = random.below(format.mantissaBits + 1);
  const mantissa = (random.bits(format.mantissaBits) >> BigInt(kept)) << BigInt(kept);
  const near = bias + BigInt(random.below(140) - 70);
  return pack(format, random.bits(1), near, mantissa);
}

function randomFloat(random: Random, format: Format): bigint {
  const total = format.exponentBits + format.mantissaBits + 1;
  switch (random.below(6)) {
    case 0:
      return random.bits(total);
    case 1:
      return pack(
        format,
        random.bits(1),
        BigInt(random.below(3)),
        random.bits(format.mantissaBits),
      );
    case 2:
      return random.pick(floatEdges(format));
    case 3: {
      // An integer and a half, or next to it.
      const bias = (1n << BigInt(format.exponentBits - 1)) - 1n;
      const exponent = random.below(format.mantissaBits);
      const fraction = 1n << BigInt(format.mantissaBits - exponent);
      const whole = (random.bits(format.mantissaBits) / fraction) * fraction;
      const nudge = BigInt(random.below(3) - 1);
      return pack(format, random.bits(1), bias + BigInt(exponent), whole + fraction / 2n + nudge);
    }
    default:
      return shortFloat(random, format);
  }
}

/** A second operand that stands in a telling relation to the first. */
function related(random: Random, format: Format, x: bigint): bigint {
  const sign = 1n << BigInt(format.exponentBits + format.mantissaBits);
  const ulps = BigInt(random.below(5) - 2);
  const magnitude = (x & (sign - 1n)) + ulps;
  const near = magnitude < 0n || magnitude >= sign ? x : magnitude;
  if (random.below(2) === 0) return near | (random.bits(1) * sign);
  // Half a unit in the last place of x, give or take a little.
  const mantissaBits = BigInt(format.mantissaBits);
  const biased = (x & (sign - 1n)) >> mantissaBits;
  const distance = mantissaBits + BigInt(random.below(4));
  const lower = biased > distance ? biased - distance : 0n;
  const mantissa = random.pick([0n, 0n, 1n, (1n << mantissaBits) - 1n]);
  return pack(format, random.bits(1), lower, mantissa);
}

/** A wide float halfway between two narrow ones, for demotion. */
function halfwayForDemotion(random: Random): bigint {
  const exponent = 1023n + BigInt(random.below(300) - 170);
  const tail = random.pick([0n, 1n, (1n << 28n) - 1n, (1n << 28n) + 1n, 1n << 28n, 1n << 28n]);
  return pack(formats.F, random.bits(1), exponent, (random.bits(23) << 29n) | tail);
}

function randomOperand(random: Random, letter: string, mnemonic: string): bigint {
  if (mnemonic === "f32.demote_f64" && random.below(2) === 0) return halfwayForDemotion(random);
  const format = formats[letter];
  return format === undefined
    ? randomInteger(random, integerBits[letter])
    : randomFloat(random, format);
}

/** `count` operand lists for an instruction: edges combined with edges, then random ones. */
export function operandLists(mnemonic: string, letters: string, count: number): bigint[][] {
  const seed = [...mnemonic].reduce((hash, char) => hash * 31n + BigInt(char.charCodeAt(0)), 7n);
  const random = new Random(BigInt.asUintN(64, seed));
  const lists: bigint[][] = [];
  const first = edges(letters[0]);
  if (letters.length === 1) for (const x of first) lists.push([x]);
  else for (const x of first) for (const y of edges(letters[1])) lists.push([x, y]);
  while (lists.length < count) {
    const x = randomOperand(random, letters[0], mnemonic);
    if (letters.length === 1) {
      lists.push([x]);
      continue;
    }
    const format = formats[letters[1]];
    const relates = format !== undefined && random.below(3) === 0;
    const y = relates ? related(random, format, x) : randomOperand(random, letters[1], mnemonic);
    lists.push(random.below(2) === 0 ? [x, y] : [y, x]);
  }
  return lists;
}
