/**
 * Float instructions (spec 2.0 §4.3.3): twin of the judge's float family.
 *
 * Invariant: one line an instruction; what it computes is the kernel of the same mnemonic.
 */
import type { Handlers } from "./handlers.ts";
import { fromKernel } from "./numericHandler.ts";

export const floatHandlers: Handlers<"float"> = {
  f32_eq: fromKernel("f32.eq"),
  f32_ne: fromKernel("f32.ne"),
  f32_lt: fromKernel("f32.lt"),
  f32_gt: fromKernel("f32.gt"),
  f32_le: fromKernel("f32.le"),
  f32_ge: fromKernel("f32.ge"),
  f64_eq: fromKernel("f64.eq"),
  f64_ne: fromKernel("f64.ne"),
  f64_lt: fromKernel("f64.lt"),
  f64_gt: fromKernel("f64.gt"),
  f64_le: fromKernel("f64.le"),
  f64_ge: fromKernel("f64.ge"),
  f32_abs: fromKernel("f32.abs"),
  f32_neg: fromKernel("f32.neg"),
  f32_ceil: fromKernel("f32.ceil"),
  f32_floor: fromKernel("f32.floor"),
  f32_trunc: fromKernel("f32.trunc"),
  f32_nearest: fromKernel("f32.nearest"),
  f32_sqrt: fromKernel("f32.sqrt"),
  f32_add: fromKernel("f32.add"),
  f32_sub: fromKernel("f32.sub"),
  f32_mul: fromKernel("f32.mul"),
  f32_div: fromKernel("f32.div"),
  f32_min: fromKernel("f32.min"),
  f32_max: fromKernel("f32.max"),
  f32_copysign: fromKernel("f32.copysign"),
  f64_abs: fromKernel("f64.abs"),
  f64_neg: fromKernel("f64.neg"),
  f64_ceil: fromKernel("f64.ceil"),
  f64_floor: fromKernel("f64.floor"),
  f64_trunc: fromKernel("f64.trunc"),
  f64_nearest: fromKernel("f64.nearest"),
  f64_sqrt: fromKernel("f64.sqrt"),
  f64_add: fromKernel("f64.add"),
  f64_sub: fromKernel("f64.sub"),
  f64_mul: fromKernel("f64.mul"),
  f64_div: fromKernel("f64.div"),
  f64_min: fromKernel("f64.min"),
  f64_max: fromKernel("f64.max"),
  f64_copysign: fromKernel("f64.copysign"),
};
