/**
 * Instructions of proposals that this machine does not have, by code: so that a refusal can name the instruction and
 * the proposal (spec 3.0 §5.4; the proposals' own binary formats beyond it).
 *
 * Invariant: none of these codes has a row in the instruction table.
 */

/** A proposal that the specification (3.0 or a later draft) has and this machine has not. */
export type ForeignProposal =
  | "exceptions"
  | "typed-function-references"
  | "gc"
  | "simd"
  | "threads"
  | "memory64"
  | "wide-arithmetic"
  | "stack-switching";

/** One-byte codes. */
const single: ReadonlyMap<number, readonly [ForeignProposal, string]> = new Map([
  [0x06, ["exceptions", "try"]],
  [0x07, ["exceptions", "catch"]],
  [0x08, ["exceptions", "throw"]],
  [0x09, ["exceptions", "rethrow"]],
  [0x0a, ["exceptions", "throw_ref"]],
  [0x14, ["typed-function-references", "call_ref"]],
  [0x15, ["typed-function-references", "return_call_ref"]],
  [0x18, ["exceptions", "delegate"]],
  [0x19, ["exceptions", "catch_all"]],
  [0x1f, ["exceptions", "try_table"]],
  [0xd3, ["gc", "ref.eq"]],
  [0xd4, ["typed-function-references", "ref.as_non_null"]],
  [0xd5, ["typed-function-references", "br_on_null"]],
  [0xd6, ["typed-function-references", "br_on_non_null"]],
]);

/** Two-part codes, by first byte; `-` where a number is free. */
const pages: ReadonlyMap<number, readonly [ForeignProposal, readonly string[]]> = new Map([
  [0xfb, ["gc", names(gcNames())]],
  [0xfd, ["simd", names(simdNames())]],
  [0xfe, ["threads", names(threadNames())]],
]);

/** Numbers of `0xfc n` that the machine's own page leaves free. */
const wideArithmetic = ["i64.add128", "i64.sub128", "i64.mul_wide_s", "i64.mul_wide_u"];
const firstWide = 0x13;

function names(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}

/** Whether a proposal has the one-byte code, or the page that begins with it. */
export function foreignProposal(byte: number): ForeignProposal | undefined {
  return single.get(byte)?.[0] ?? pages.get(byte)?.[0];
}

/** Mnemonic of a foreign one-byte code, or of number `sub` of a foreign page; the code in hex where none is known. */
export function foreignMnemonic(byte: number, sub: number | undefined): string {
  const name = single.get(byte)?.[1] ?? pages.get(byte)?.[1][sub ?? -1];
  if (name !== undefined && name !== "-") return name;
  const hex = (value: number) => `0x${value.toString(16).padStart(2, "0")}`;
  return sub === undefined || single.has(byte) ? hex(byte) : `${hex(byte)} ${hex(sub)}`;
}

/** Whether what follows the byte is a number of its page. */
export function isForeignPage(byte: number): boolean {
  return pages.has(byte);
}

/** Mnemonic of a foreign number of the page `0xfc`; undefined if no proposal has it. */
export function foreignExtended(sub: number): string | undefined {
  return wideArithmetic[sub - firstWide];
}

function gcNames(): string {
  return `
  struct.new struct.new_default struct.get struct.get_s struct.get_u struct.set array.new
  array.new_default array.new_fixed array.new_data array.new_elem array.get array.get_s array.get_u
  array.set array.len array.fill array.copy array.init_data array.init_elem ref.test ref.test_null
  ref.cast ref.cast_null br_on_cast br_on_cast_fail any.convert_extern extern.convert_any ref.i31
  i31.get_s i31.get_u`;
}

function simdNames(): string {
  return `
  v128.load v128.load8x8_s v128.load8x8_u v128.load16x4_s v128.load16x4_u v128.load32x2_s
  v128.load32x2_u v128.load8_splat v128.load16_splat v128.load32_splat v128.load64_splat
  v128.store v128.const i8x16.shuffle i8x16.swizzle i8x16.splat i16x8.splat i32x4.splat
  i64x2.splat f32x4.splat f64x2.splat i8x16.extract_lane_s i8x16.extract_lane_u i8x16.replace_lane
  i16x8.extract_lane_s i16x8.extract_lane_u i16x8.replace_lane i32x4.extract_lane
  i32x4.replace_lane i64x2.extract_lane i64x2.replace_lane f32x4.extract_lane f32x4.replace_lane
  f64x2.extract_lane f64x2.replace_lane i8x16.eq i8x16.ne i8x16.lt_s i8x16.lt_u i8x16.gt_s
  i8x16.gt_u i8x16.le_s i8x16.le_u i8x16.ge_s i8x16.ge_u i16x8.eq i16x8.ne i16x8.lt_s i16x8.lt_u
  i16x8.gt_s i16x8.gt_u i16x8.le_s i16x8.le_u i16x8.ge_s i16x8.ge_u i32x4.eq i32x4.ne i32x4.lt_s
  i32x4.lt_u i32x4.gt_s i32x4.gt_u i32x4.le_s i32x4.le_u i32x4.ge_s i32x4.ge_u f32x4.eq f32x4.ne
  f32x4.lt f32x4.gt f32x4.le f32x4.ge f64x2.eq f64x2.ne f64x2.lt f64x2.gt f64x2.le f64x2.ge
  v128.not v128.and v128.andnot v128.or v128.xor v128.bitselect v128.any_true v128.load8_lane
  v128.load16_lane v128.load32_lane v128.load64_lane v128.store8_lane v128.store16_lane
  v128.store32_lane v128.store64_lane v128.load32_zero v128.load64_zero f32x4.demote_f64x2_zero
  f64x2.promote_low_f32x4 i8x16.abs i8x16.neg i8x16.popcnt i8x16.all_true i8x16.bitmask
  i8x16.narrow_i16x8_s i8x16.narrow_i16x8_u f32x4.ceil f32x4.floor f32x4.trunc f32x4.nearest
  i8x16.shl i8x16.shr_s i8x16.shr_u i8x16.add i8x16.add_sat_s i8x16.add_sat_u i8x16.sub
  i8x16.sub_sat_s i8x16.sub_sat_u f64x2.ceil f64x2.floor i8x16.min_s i8x16.min_u i8x16.max_s
  i8x16.max_u f64x2.trunc i8x16.avgr_u i16x8.extadd_pairwise_i8x16_s i16x8.extadd_pairwise_i8x16_u
  i32x4.extadd_pairwise_i16x8_s i32x4.extadd_pairwise_i16x8_u i16x8.abs i16x8.neg
  i16x8.q15mulr_sat_s i16x8.all_true i16x8.bitmask i16x8.narrow_i32x4_s i16x8.narrow_i32x4_u
  i16x8.extend_low_i8x16_s i16x8.extend_high_i8x16_s i16x8.extend_low_i8x16_u
  i16x8.extend_high_i8x16_u i16x8.shl i16x8.shr_s i16x8.shr_u i16x8.add i16x8.add_sat_s
  i16x8.add_sat_u i16x8.sub i16x8.sub_sat_s i16x8.sub_sat_u f64x2.nearest i16x8.mul i16x8.min_s
  i16x8.min_u i16x8.max_s i16x8.max_u - i16x8.avgr_u i16x8.extmul_low_i8x16_s
  i16x8.extmul_high_i8x16_s i16x8.extmul_low_i8x16_u i16x8.extmul_high_i8x16_u i32x4.abs i32x4.neg
  - i32x4.all_true i32x4.bitmask - - i32x4.extend_low_i16x8_s i32x4.extend_high_i16x8_s
  i32x4.extend_low_i16x8_u i32x4.extend_high_i16x8_u i32x4.shl i32x4.shr_s i32x4.shr_u i32x4.add -
  - i32x4.sub - - - i32x4.mul i32x4.min_s i32x4.min_u i32x4.max_s i32x4.max_u i32x4.dot_i16x8_s -
  i32x4.extmul_low_i16x8_s i32x4.extmul_high_i16x8_s i32x4.extmul_low_i16x8_u
  i32x4.extmul_high_i16x8_u i64x2.abs i64x2.neg - i64x2.all_true i64x2.bitmask - -
  i64x2.extend_low_i32x4_s i64x2.extend_high_i32x4_s i64x2.extend_low_i32x4_u
  i64x2.extend_high_i32x4_u i64x2.shl i64x2.shr_s i64x2.shr_u i64x2.add - - i64x2.sub - - -
  i64x2.mul i64x2.eq i64x2.ne i64x2.lt_s i64x2.gt_s i64x2.le_s i64x2.ge_s i64x2.extmul_low_i32x4_s
  i64x2.extmul_high_i32x4_s i64x2.extmul_low_i32x4_u i64x2.extmul_high_i32x4_u f32x4.abs f32x4.neg
  - f32x4.sqrt f32x4.add f32x4.sub f32x4.mul f32x4.div f32x4.min f32x4.max f32x4.pmin f32x4.pmax
  f64x2.abs f64x2.neg - f64x2.sqrt f64x2.add f64x2.sub f64x2.mul f64x2.div f64x2.min f64x2.max
  f64x2.pmin f64x2.pmax i32x4.trunc_sat_f32x4_s i32x4.trunc_sat_f32x4_u f32x4.convert_i32x4_s
  f32x4.convert_i32x4_u i32x4.trunc_sat_f64x2_s_zero i32x4.trunc_sat_f64x2_u_zero
  f64x2.convert_low_i32x4_s f64x2.convert_low_i32x4_u i8x16.relaxed_swizzle
  i32x4.relaxed_trunc_f32x4_s i32x4.relaxed_trunc_f32x4_u i32x4.relaxed_trunc_f64x2_s_zero
  i32x4.relaxed_trunc_f64x2_u_zero f32x4.relaxed_madd f32x4.relaxed_nmadd f64x2.relaxed_madd
  f64x2.relaxed_nmadd i8x16.relaxed_laneselect i16x8.relaxed_laneselect i32x4.relaxed_laneselect
  i64x2.relaxed_laneselect f32x4.relaxed_min f32x4.relaxed_max f64x2.relaxed_min f64x2.relaxed_max
  i16x8.relaxed_q15mulr_s i16x8.relaxed_dot_i8x16_i7x16_s i32x4.relaxed_dot_i8x16_i7x16_add_s`;
}

function threadNames(): string {
  return `
  memory.atomic.notify memory.atomic.wait32 memory.atomic.wait64 atomic.fence - - - - - - - - - -
  - - i32.atomic.load i64.atomic.load i32.atomic.load8_u i32.atomic.load16_u i64.atomic.load8_u
  i64.atomic.load16_u i64.atomic.load32_u i32.atomic.store i64.atomic.store i32.atomic.store8
  i32.atomic.store16 i64.atomic.store8 i64.atomic.store16 i64.atomic.store32 i32.atomic.rmw.add
  i64.atomic.rmw.add i32.atomic.rmw8.add_u i32.atomic.rmw16.add_u i64.atomic.rmw8.add_u
  i64.atomic.rmw16.add_u i64.atomic.rmw32.add_u i32.atomic.rmw.sub i64.atomic.rmw.sub
  i32.atomic.rmw8.sub_u i32.atomic.rmw16.sub_u i64.atomic.rmw8.sub_u i64.atomic.rmw16.sub_u
  i64.atomic.rmw32.sub_u i32.atomic.rmw.and i64.atomic.rmw.and i32.atomic.rmw8.and_u
  i32.atomic.rmw16.and_u i64.atomic.rmw8.and_u i64.atomic.rmw16.and_u i64.atomic.rmw32.and_u
  i32.atomic.rmw.or i64.atomic.rmw.or i32.atomic.rmw8.or_u i32.atomic.rmw16.or_u
  i64.atomic.rmw8.or_u i64.atomic.rmw16.or_u i64.atomic.rmw32.or_u i32.atomic.rmw.xor
  i64.atomic.rmw.xor i32.atomic.rmw8.xor_u i32.atomic.rmw16.xor_u i64.atomic.rmw8.xor_u
  i64.atomic.rmw16.xor_u i64.atomic.rmw32.xor_u i32.atomic.rmw.xchg i64.atomic.rmw.xchg
  i32.atomic.rmw8.xchg_u i32.atomic.rmw16.xchg_u i64.atomic.rmw8.xchg_u i64.atomic.rmw16.xchg_u
  i64.atomic.rmw32.xchg_u i32.atomic.rmw.cmpxchg i64.atomic.rmw.cmpxchg i32.atomic.rmw8.cmpxchg_u
  i32.atomic.rmw16.cmpxchg_u i64.atomic.rmw8.cmpxchg_u i64.atomic.rmw16.cmpxchg_u
  i64.atomic.rmw32.cmpxchg_u`;
}
