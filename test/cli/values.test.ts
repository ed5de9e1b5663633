/** Values as people write them, and back: what `invoke` takes as arguments and every command prints as results. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseValue } from "../../src/cli/session/values.ts";
import { UsageError } from "../../src/cli/terminal/failure.ts";
import { valueTypes } from "../../src/interpreter/binary/module.ts";
import { valueText } from "../../src/interpreter/inspect/valueText.ts";

const { i32, i64, f32, f64, v128, funcref, externref } = valueTypes;

describe("values", () => {
  test.each([
    [i32, "-1", 0xffff_ffffn],
    [i32, "0xFFFFFFFF", 0xffff_ffffn],
    [i32, "1_000", 1000n],
    [i32, "-0x80000000", 0x8000_0000n],
    [i64, "-9223372036854775808", 1n << 63n],
    [i64, "18446744073709551615", (1n << 64n) - 1n],
    [f32, "1.5", 0x3fc0_0000n],
    [f32, "-0", 0x8000_0000n],
    [f32, "1e40", 0x7f80_0000n],
    [f32, "-inf", 0xff80_0000n],
    [f32, "nan", 0x7fc0_0000n],
    [f32, "-nan:0x1", 0xff80_0001n],
    [f64, "infinity", 0x7ff0_0000_0000_0000n],
    [f64, "0.1", 0x3fb9_9999_9999_999an],
    [f64, "nan:0xfffffffffffff", 0x7fff_ffff_ffff_ffffn],
    [funcref, "null", 0n],
    [funcref, "3", 4n],
    [externref, "0", 1n],
    [v128, "0x1", 1n],
    [v128, "0xffffffffffffffff_0000000000000000", ((1n << 64n) - 1n) << 64n],
    [v128, "i8x16:0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,-1", 0xff0e0d0c0b0a09080706050403020100n],
    [v128, "i16x8:1,0,0,0,0,0,0,-1", (0xffffn << 112n) | 1n],
    [v128, "i32x4:1, 2, 3, 0x80000000", (0x80000000n << 96n) | (3n << 64n) | (2n << 32n) | 1n],
    [v128, "i64x2:-1,2", (2n << 64n) | ((1n << 64n) - 1n)],
    [
      v128,
      "f32x4:1.5,-0,nan:0x1,inf",
      (0x7f800000n << 96n) | (0x7f800001n << 64n) | (0x80000000n << 32n) | 0x3fc00000n,
    ],
    [v128, "f64x2:0.1,-inf", (0xfff0000000000000n << 64n) | 0x3fb999999999999an],
  ])("type %i › %s", (type, text, bits) => {
    expect(parseValue(type, text)).toBe(bits);
  });

  test.each([
    [i32, "4294967296"],
    [i32, "-2147483649"],
    [i32, "1.5"],
    [i32, ""],
    [i64, "18446744073709551616"],
    [v128, ""],
    [v128, "1"],
    [v128, `0x1${"0".repeat(32)}`],
    [v128, "i32x4:1,2,3"],
    [v128, "i8x16:256,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0"],
    [v128, "i32x8:1,2,3,4,5,6,7,8"],
    [i64, "0x"],
    [f32, "one"],
    [f32, " "],
    [f32, "nan:0x0"],
    [f32, "nan:0x800000"],
    [f64, "nan:0x10000000000000"],
    [f64, "1.5f"],
  ])("type %i › refuses %j", (type, text) => {
    expect(() => parseValue(type, text)).toThrow(UsageError);
  });

  test.each([
    ["i32", i32, 32n],
    ["i64", i64, 64n],
    ["f32", f32, 32n],
    ["f64", f64, 64n],
  ])("%s › what is printed is read as the same bits", (_, type, width) => {
    const edges = fc.constantFrom(
      0x7f80_0001n,
      0xffc0_0000n,
      0x7ff0_0000_0000_0001n,
      1n << 63n,
      1n,
    );
    fc.assert(
      fc.property(fc.oneof(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), edges), (any) => {
        const bits = BigInt.asUintN(Number(width), any);
        expect(parseValue(type, valueText(type, bits))).toBe(bits);
      }),
      { seed: 41, numRuns: 500 },
    );
  });
});
