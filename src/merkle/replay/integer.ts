/**
 * Integer instructions (spec 2.0 §4.3.2) on slots as bigints: twin of the judge's integer family. Written anew on
 * bigints, not on the stepper's kernels, so that replay is a second opinion on them.
 *
 * Invariant: operands are unsigned slot values below 2^width; results are wrapped to the width.
 */
import type { TrapName } from "../../interpreter/trap.ts";
import type { Handler, Handlers } from "./handlers.ts";

type Unary = (a: bigint) => bigint;
type Binary = (a: bigint, b: bigint) => bigint;
/** The trap that operands cause, if any. */
type Check = (a: bigint, b: bigint) => Exclude<TrapName, "none"> | undefined;

function unary(operation: Unary): Handler {
  return (step) => {
    const { sp } = step.registers;
    const stack = step.openStack(sp - 1);
    step.replaceOperands(stack, 1, operation(stack.slot(sp - 1)));
  };
}

function binary(operation: Binary, check?: Check): Handler {
  return (step) => {
    const { sp } = step.registers;
    const stack = step.openStack(sp - 2, sp - 1);
    const [a, b] = [stack.slot(sp - 2), stack.slot(sp - 1)];
    const trap = check?.(a, b);
    if (trap !== undefined) return step.trapWith(trap);
    step.replaceOperands(stack, 2, operation(a, b));
  };
}

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

export const integerHandlers: Handlers<"integer"> = {
  i32_eqz: word.eqz,
  i32_eq: word.eq,
  i32_ne: word.ne,
  i32_lt_s: word.lt_s,
  i32_lt_u: word.lt_u,
  i32_gt_s: word.gt_s,
  i32_gt_u: word.gt_u,
  i32_le_s: word.le_s,
  i32_le_u: word.le_u,
  i32_ge_s: word.ge_s,
  i32_ge_u: word.ge_u,
  i64_eqz: long.eqz,
  i64_eq: long.eq,
  i64_ne: long.ne,
  i64_lt_s: long.lt_s,
  i64_lt_u: long.lt_u,
  i64_gt_s: long.gt_s,
  i64_gt_u: long.gt_u,
  i64_le_s: long.le_s,
  i64_le_u: long.le_u,
  i64_ge_s: long.ge_s,
  i64_ge_u: long.ge_u,
  i32_clz: word.clz,
  i32_ctz: word.ctz,
  i32_popcnt: word.popcnt,
  i32_add: word.add,
  i32_sub: word.sub,
  i32_mul: word.mul,
  i32_div_s: word.div_s,
  i32_div_u: word.div_u,
  i32_rem_s: word.rem_s,
  i32_rem_u: word.rem_u,
  i32_and: word.and,
  i32_or: word.or,
  i32_xor: word.xor,
  i32_shl: word.shl,
  i32_shr_s: word.shr_s,
  i32_shr_u: word.shr_u,
  i32_rotl: word.rotl,
  i32_rotr: word.rotr,
  i64_clz: long.clz,
  i64_ctz: long.ctz,
  i64_popcnt: long.popcnt,
  i64_add: long.add,
  i64_sub: long.sub,
  i64_mul: long.mul,
  i64_div_s: long.div_s,
  i64_div_u: long.div_u,
  i64_rem_s: long.rem_s,
  i64_rem_u: long.rem_u,
  i64_and: long.and,
  i64_or: long.or,
  i64_xor: long.xor,
  i64_shl: long.shl,
  i64_shr_s: long.shr_s,
  i64_shr_u: long.shr_u,
  i64_rotl: long.rotl,
  i64_rotr: long.rotr,
  i32_wrap_i64: unary((a) => BigInt.asUintN(32, a)),
  i64_extend_i32_s: unary((a) => BigInt.asUintN(64, BigInt.asIntN(32, a))),
  i64_extend_i32_u: sameBits,
  i32_reinterpret_f32: sameBits,
  i64_reinterpret_f64: sameBits,
  f32_reinterpret_i32: sameBits,
  f64_reinterpret_i64: sameBits,
  i32_extend8_s: word.extend8_s,
  i32_extend16_s: word.extend16_s,
  i64_extend8_s: long.extend8_s,
  i64_extend16_s: long.extend16_s,
  i64_extend32_s: long.extend32_s,
};
