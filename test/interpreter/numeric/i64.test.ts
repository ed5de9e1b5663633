/** The 64-bit kernels on halves against BigInt, on random operands. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as convert from "../../../src/interpreter/numeric/convert.ts";
import * as i64 from "../../../src/interpreter/numeric/i64.ts";
import * as divide from "../../../src/interpreter/numeric/i64Divide.ts";

type Kernel = (out: Int32Array, at: number, ...halves: [number, number, number, number]) => void;

const low = (value: bigint): number => Number(BigInt.asIntN(32, value));
const high = (value: bigint): number => Number(BigInt.asIntN(32, value >> 32n));
const signed = (value: bigint): bigint => BigInt.asIntN(64, value);
const rotate = (a: bigint, n: bigint): bigint => (a << n) | (a >> (64n - n));

function compute(kernel: Kernel, a: bigint, b: bigint): bigint {
  const out = new Int32Array(2);
  kernel(out, 0, low(a), high(a), low(b), high(b));
  return (BigInt(out[1] >>> 0) << 32n) | BigInt(out[0] >>> 0);
}

/** Any magnitude is as likely as any other. */
const operand = fc
  .tuple(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.integer({ min: 0, max: 63 }))
  .map(([bits, shift]) => bits >> BigInt(shift));
const property = { seed: 64, numRuns: 2000 };

const references: Readonly<Record<string, [Kernel, (a: bigint, b: bigint) => bigint]>> = {
  add: [i64.add, (a, b) => a + b],
  sub: [i64.sub, (a, b) => a - b],
  mul: [i64.mul, (a, b) => a * b],
  and: [i64.and, (a, b) => a & b],
  or: [i64.or, (a, b) => a | b],
  xor: [i64.xor, (a, b) => a ^ b],
  shl: [i64.shl, (a, b) => a << (b & 63n)],
  shrS: [i64.shrS, (a, b) => signed(a) >> (b & 63n)],
  shrU: [i64.shrU, (a, b) => a >> (b & 63n)],
  rotl: [i64.rotl, (a, b) => rotate(a, b & 63n)],
  rotr: [i64.rotr, (a, b) => rotate(a, (64n - (b & 63n)) & 63n)],
};

const divisions: Readonly<Record<string, [Kernel, (a: bigint, b: bigint) => bigint]>> = {
  divU: [divide.divU, (a, b) => a / b],
  remU: [divide.remU, (a, b) => a % b],
  divS: [divide.divS, (a, b) => signed(a) / signed(b)],
  remS: [divide.remS, (a, b) => signed(a) % signed(b)],
};

describe("i64 kernels", () => {
  it.each(Object.entries(references))("%s › equals BigInt", (_name, [kernel, reference]) => {
    fc.assert(
      fc.property(operand, operand, (a, b) => {
        expect(compute(kernel, a, b)).toBe(BigInt.asUintN(64, reference(a, b)));
      }),
      property,
    );
  });

  it.each(Object.entries(divisions))("%s › equals BigInt", (name, [kernel, reference]) => {
    fc.assert(
      fc.property(operand, operand, (a, b) => {
        fc.pre(b !== 0n && !(name.endsWith("S") && a === 2n ** 63n && b === 2n ** 64n - 1n));
        expect(compute(kernel, a, b)).toBe(BigInt.asUintN(64, reference(a, b)));
      }),
      property,
    );
  });

  it("writes its result over its own operands", () => {
    const stack = Int32Array.of(-1, 0, 1, 0);
    i64.add(stack, 0, stack[0], stack[1], stack[2], stack[3]);
    expect([...stack]).toEqual([0, 1, 1, 0]);
  });
});

describe("f32.convert_i64", () => {
  /** An f32 nearest to an integer, by integer arithmetic alone: 24 bits, ties to even. */
  function nearest(value: bigint): number {
    const magnitude = value < 0n ? -value : value;
    const drop = BigInt(Math.max(0, magnitude.toString(2).length - 24));
    const unit = 1n << drop;
    const rest = magnitude % unit;
    let kept = magnitude / unit;
    if (rest * 2n > unit || (rest * 2n === unit && kept % 2n === 1n)) kept += 1n;
    return Number(kept * unit) * (value < 0n ? -1 : 1);
  }

  it("rounds once, signed", () => {
    fc.assert(
      fc.property(operand, (bits) => {
        const got = convert.f32ConvertI64S(low(bits), high(bits));
        expect(got).toBe(nearest(signed(bits)) + 0);
      }),
      property,
    );
  });

  it("rounds once, unsigned", () => {
    fc.assert(
      fc.property(operand, (bits) => {
        expect(convert.f32ConvertI64U(low(bits), high(bits))).toBe(nearest(bits));
      }),
      property,
    );
  });
});
