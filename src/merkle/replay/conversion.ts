/**
 * Conversions (spec 2.0 §4.3.4): twin of the judge's conversion family.
 *
 * Invariant: one line an instruction; what it computes is the kernel of the same mnemonic.
 */
import type { Handlers } from "./handlers.ts";
import { fromKernel } from "./numericHandler.ts";

export const conversionHandlers: Handlers<"conversion"> = {
  i32_trunc_f32_s: fromKernel("i32.trunc_f32_s"),
  i32_trunc_f32_u: fromKernel("i32.trunc_f32_u"),
  i32_trunc_f64_s: fromKernel("i32.trunc_f64_s"),
  i32_trunc_f64_u: fromKernel("i32.trunc_f64_u"),
  i64_trunc_f32_s: fromKernel("i64.trunc_f32_s"),
  i64_trunc_f32_u: fromKernel("i64.trunc_f32_u"),
  i64_trunc_f64_s: fromKernel("i64.trunc_f64_s"),
  i64_trunc_f64_u: fromKernel("i64.trunc_f64_u"),
  f32_convert_i32_s: fromKernel("f32.convert_i32_s"),
  f32_convert_i32_u: fromKernel("f32.convert_i32_u"),
  f32_convert_i64_s: fromKernel("f32.convert_i64_s"),
  f32_convert_i64_u: fromKernel("f32.convert_i64_u"),
  f32_demote_f64: fromKernel("f32.demote_f64"),
  f64_convert_i32_s: fromKernel("f64.convert_i32_s"),
  f64_convert_i32_u: fromKernel("f64.convert_i32_u"),
  f64_convert_i64_s: fromKernel("f64.convert_i64_s"),
  f64_convert_i64_u: fromKernel("f64.convert_i64_u"),
  f64_promote_f32: fromKernel("f64.promote_f32"),
  i32_trunc_sat_f32_s: fromKernel("i32.trunc_sat_f32_s"),
  i32_trunc_sat_f32_u: fromKernel("i32.trunc_sat_f32_u"),
  i32_trunc_sat_f64_s: fromKernel("i32.trunc_sat_f64_s"),
  i32_trunc_sat_f64_u: fromKernel("i32.trunc_sat_f64_u"),
  i64_trunc_sat_f32_s: fromKernel("i64.trunc_sat_f32_s"),
  i64_trunc_sat_f32_u: fromKernel("i64.trunc_sat_f32_u"),
  i64_trunc_sat_f64_s: fromKernel("i64.trunc_sat_f64_s"),
  i64_trunc_sat_f64_u: fromKernel("i64.trunc_sat_f64_u"),
};
