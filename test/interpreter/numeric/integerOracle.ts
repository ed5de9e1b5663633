/**
 * Integer instructions (spec 2.0 §4.3.2) on unsigned bigints, written anew and plainly: the oracle that the kernels are
 * held against, since the reference, the replay and the block executor all take their results from those.
 *
 * Invariant: operands are unsigned values below 2^width; results are wrapped to the width.
 */
import type { TrapName } from "../../../src/interpreter/isa/trapCodes.ts";

/** The result, or the trap that the operands cause. */
export type Oracle = (a: bigint, b: bigint) => bigint | TrapName;
/** The trap that operands cause, if any. */
type Check = (a: bigint, b: bigint) => TrapName | undefined;

const unary =
  (operation: (a: bigint) => bigint): Oracle =>
  (a) =>
    operation(a);

const binary =
  (operation: (a: bigint, b: bigint) => bigint, check?: Check): Oracle =>
  (a, b) =>
    check?.(a, b) ?? operation(a, b);

const flag = (condition: boolean): bigint => (condition ? 1n : 0n);

/** Binary operations of one width. */
function binaryOps(width: number) {
  const bits = BigInt(width);
  const wrap = (a: bigint) => BigInt.asUintN(width, a);
  const signed = (a: bigint) => BigInt.asIntN(width, a);
  const minimum = -(1n << (bits - 1n));
  const divisor: Check = (_, b) => (b === 0n ? "integerDivideByZero" : undefined);
  const signedQuotient: Check = (a, b) => {
    if (b === 0n) return "integerDivideByZero";
    return signed(a) === minimum && signed(b) === -1n ? "integerOverflow" : undefined;
  };
  return {
    eq: binary((a, b) => flag(a === b)),
    ne: binary((a, b) => flag(a !== b)),
    lt_s: binary((a, b) => flag(signed(a) < signed(b))),
    lt_u: binary((a, b) => flag(a < b)),
    gt_s: binary((a, b) => flag(signed(a) > signed(b))),
    gt_u: binary((a, b) => flag(a > b)),
    le_s: binary((a, b) => flag(signed(a) <= signed(b))),
    le_u: binary((a, b) => flag(a <= b)),
    ge_s: binary((a, b) => flag(signed(a) >= signed(b))),
    ge_u: binary((a, b) => flag(a >= b)),
    add: binary((a, b) => wrap(a + b)),
    sub: binary((a, b) => wrap(a - b)),
    mul: binary((a, b) => wrap(a * b)),
    div_s: binary((a, b) => wrap(signed(a) / signed(b)), signedQuotient),
    div_u: binary((a, b) => a / b, divisor),
    rem_s: binary((a, b) => wrap(signed(a) % signed(b)), divisor),
    rem_u: binary((a, b) => a % b, divisor),
    and: binary((a, b) => a & b),
    or: binary((a, b) => a | b),
    xor: binary((a, b) => a ^ b),
    shl: binary((a, b) => wrap(a << (b % bits))),
    shr_s: binary((a, b) => wrap(signed(a) >> (b % bits))),
    shr_u: binary((a, b) => a >> (b % bits)),
    rotl: binary((a, b) => wrap((a << (b % bits)) | (a >> (bits - (b % bits))))),
    rotr: binary((a, b) => wrap((a >> (b % bits)) | (a << (bits - (b % bits))))),
  };
}

/** Unary operations of one width. */
function unaryOps(width: number) {
  const bitsOf = (a: bigint) => a.toString(2).padStart(width, "0");
  const places = (text: string, place: number) => BigInt(place < 0 ? text.length : place);
  return {
    eqz: unary((a) => flag(a === 0n)),
    clz: unary((a) => places(bitsOf(a), bitsOf(a).indexOf("1"))),
    ctz: unary((a) => places(bitsOf(a), [...bitsOf(a)].reverse().indexOf("1"))),
    popcnt: unary((a) => BigInt([...bitsOf(a)].filter((bit) => bit === "1").length)),
    extend8_s: unary((a) => BigInt.asUintN(width, BigInt.asIntN(8, a))),
    extend16_s: unary((a) => BigInt.asUintN(width, BigInt.asIntN(16, a))),
    extend32_s: unary((a) => BigInt.asUintN(width, BigInt.asIntN(32, a))),
  };
}

const word = { ...binaryOps(32), ...unaryOps(32) };
const long = { ...binaryOps(64), ...unaryOps(64) };
const sameBits = unary((a) => a);

/** By mnemonic: the integer rows of the specification 2.0. */
export const integerOracle: Readonly<Record<string, Oracle>> = {
  "i32.eqz": word.eqz,
  "i32.eq": word.eq,
  "i32.ne": word.ne,
  "i32.lt_s": word.lt_s,
  "i32.lt_u": word.lt_u,
  "i32.gt_s": word.gt_s,
  "i32.gt_u": word.gt_u,
  "i32.le_s": word.le_s,
  "i32.le_u": word.le_u,
  "i32.ge_s": word.ge_s,
  "i32.ge_u": word.ge_u,
  "i64.eqz": long.eqz,
  "i64.eq": long.eq,
  "i64.ne": long.ne,
  "i64.lt_s": long.lt_s,
  "i64.lt_u": long.lt_u,
  "i64.gt_s": long.gt_s,
  "i64.gt_u": long.gt_u,
  "i64.le_s": long.le_s,
  "i64.le_u": long.le_u,
  "i64.ge_s": long.ge_s,
  "i64.ge_u": long.ge_u,
  "i32.clz": word.clz,
  "i32.ctz": word.ctz,
  "i32.popcnt": word.popcnt,
  "i32.add": word.add,
  "i32.sub": word.sub,
  "i32.mul": word.mul,
  "i32.div_s": word.div_s,
  "i32.div_u": word.div_u,
  "i32.rem_s": word.rem_s,
  "i32.rem_u": word.rem_u,
  "i32.and": word.and,
  "i32.or": word.or,
  "i32.xor": word.xor,
  "i32.shl": word.shl,
  "i32.shr_s": word.shr_s,
  "i32.shr_u": word.shr_u,
  "i32.rotl": word.rotl,
  "i32.rotr": word.rotr,
  "i64.clz": long.clz,
  "i64.ctz": long.ctz,
  "i64.popcnt": long.popcnt,
  "i64.add": long.add,
  "i64.sub": long.sub,
  "i64.mul": long.mul,
  "i64.div_s": long.div_s,
  "i64.div_u": long.div_u,
  "i64.rem_s": long.rem_s,
  "i64.rem_u": long.rem_u,
  "i64.and": long.and,
  "i64.or": long.or,
  "i64.xor": long.xor,
  "i64.shl": long.shl,
  "i64.shr_s": long.shr_s,
  "i64.shr_u": long.shr_u,
  "i64.rotl": long.rotl,
  "i64.rotr": long.rotr,
  "i32.wrap_i64": unary((a) => BigInt.asUintN(32, a)),
  "i64.extend_i32_s": unary((a) => BigInt.asUintN(64, BigInt.asIntN(32, a))),
  "i64.extend_i32_u": sameBits,
  "i32.reinterpret_f32": sameBits,
  "i64.reinterpret_f64": sameBits,
  "f32.reinterpret_i32": sameBits,
  "f64.reinterpret_i64": sameBits,
  "i32.extend8_s": word.extend8_s,
  "i32.extend16_s": word.extend16_s,
  "i64.extend8_s": long.extend8_s,
  "i64.extend16_s": long.extend16_s,
  "i64.extend32_s": long.extend32_s,
};
