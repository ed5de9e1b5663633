import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Reader } from "../../../src/interpreter/binary/binaryReader.ts";

const runs = { seed: 20261, numRuns: 500 };

/** LEB128 by the book, over BigInt, stretched to `bytes` bytes if that is more than it needs. */
function leb128(value: bigint, signed: boolean, bytes = 1): Uint8Array {
  const list: number[] = [];
  let rest = value;
  for (;;) {
    const group = Number(rest & 0x7fn);
    rest >>= 7n;
    const done = signed
      ? (rest === 0n && group < 64) || (rest === -1n && group >= 64)
      : rest === 0n;
    if (done && list.length + 1 >= bytes) return Uint8Array.from([...list, group]);
    list.push(group | 0x80);
  }
}

function integer(bits: number, signed: boolean): fc.Arbitrary<bigint> {
  const [min, max] = signed
    ? [-(2n ** BigInt(bits - 1)), 2n ** BigInt(bits - 1) - 1n]
    : [0n, 2n ** BigInt(bits) - 1n];
  const edges = [
    0n,
    1n,
    63n,
    64n,
    127n,
    128n,
    2n ** 31n,
    2n ** 32n,
    min,
    max,
    max - 1n,
    -1n,
    -64n,
    -65n,
  ];
  const within = edges.filter((edge) => edge >= min && edge <= max);
  // Every width is as likely as any other, so that all lengths of the encoding occur.
  const anyWidth = fc
    .tuple(fc.bigInt({ min, max }), fc.integer({ min: 0, max: bits - 1 }))
    .map(([value, shift]) => value >> BigInt(shift));
  return fc.oneof(fc.constantFrom(...within), anyWidth);
}

function read64(bytes: Uint8Array, read: (reader: Reader) => void): bigint {
  const reader = new Reader(bytes);
  read(reader);
  expect(reader.position).toBe(bytes.length);
  return (BigInt(reader.high) << 32n) | BigInt(reader.low >>> 0);
}

function readNumber(bytes: Uint8Array, read: (reader: Reader) => number): bigint {
  const reader = new Reader(bytes);
  const value = BigInt(read(reader));
  expect(reader.position).toBe(bytes.length);
  return value;
}

describe("Reader › LEB128 equals the BigInt reference, also where stretched", () => {
  const kinds = [
    ["u32", 32, false, (reader: Reader) => reader.u32()],
    ["s32", 32, true, (reader: Reader) => reader.s32()],
    ["s33", 33, true, (reader: Reader) => reader.s33()],
  ] as const;
  for (const [name, bits, signed, read] of kinds) {
    it(name, () => {
      const stretched = fc.integer({ min: 1, max: 5 });
      fc.assert(
        fc.property(integer(bits, signed), stretched, (value, bytes) => {
          expect(readNumber(leb128(value, signed, bytes), read)).toBe(value);
        }),
        runs,
      );
    });
  }

  it("u64 below 2^53", () => {
    fc.assert(
      fc.property(integer(53, false), fc.integer({ min: 1, max: 10 }), (value, bytes) => {
        expect(readNumber(leb128(value, false, bytes), (reader) => reader.u64())).toBe(value);
      }),
      runs,
    );
  });

  it("s64", () => {
    fc.assert(
      fc.property(integer(64, true), fc.integer({ min: 1, max: 10 }), (value, bytes) => {
        expect(read64(leb128(value, true, bytes), (reader) => reader.s64())).toBe(value);
      }),
      runs,
    );
  });
});

describe("Reader › LEB128 refuses what has bits or bytes too many", () => {
  const cases = [
    ["u32", 32, false, 5, (reader: Reader) => reader.u32()],
    ["s32", 32, true, 5, (reader: Reader) => reader.s32()],
    ["s33", 33, true, 5, (reader: Reader) => reader.s33()],
    ["u64", 64, false, 10, (reader: Reader) => reader.u64()],
    ["s64", 64, true, 10, (reader: Reader) => reader.s64()],
  ] as const;
  for (const [name, bits, signed, bytes, read] of cases) {
    it(name, () => {
      const limit = 2n ** BigInt(signed ? bits - 1 : bits);
      for (const value of signed ? [limit, -limit - 1n] : [limit]) {
        const reader = new Reader(leb128(value, signed));
        expect(() => read(reader)).toThrowError(
          expect.objectContaining({ code: "integer-too-large", offset: 0 }),
        );
      }
      const long = new Reader(leb128(1n, signed, bytes + 1));
      expect(() => read(long)).toThrowError(
        expect.objectContaining({ code: "integer-too-long", offset: 0 }),
      );
    });
  }
});

describe("Reader › floats and names", () => {
  it("f32 and f64 give their bits", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 8, maxLength: 8 }), (bytes) => {
        const view = new DataView(bytes.buffer);
        expect(new Reader(bytes).f32()).toBe(view.getInt32(0, true));
        expect(read64(bytes, (reader) => reader.f64())).toBe(view.getBigInt64(0, true));
      }),
      runs,
    );
  });

  it("a name is its UTF-8, byte order mark included", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 20 }), (name) => {
        for (const text of [name, `\ufeff${name}`]) {
          const encoded = new TextEncoder().encode(text);
          expect(
            new Reader(
              Uint8Array.from([...leb128(BigInt(encoded.length), false), ...encoded]),
            ).name(),
          ).toBe(text);
        }
      }),
      runs,
    );
  });
});
