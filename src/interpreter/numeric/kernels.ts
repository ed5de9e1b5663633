/**
 * From the mnemonic of a numeric instruction to its kernel and its trap check: the one list between the
 * instruction table and the files of this folder.
 *
 * Invariant: a row of the table without a kernel, or with a kernel of another shape, does not compile.
 */
import type { InstructionRow, Signature } from "../isa/table.ts";
import { asBits, instructions, signatureParts } from "../isa/table.ts";
import * as check from "./checks.ts";
import * as convert from "./convert.ts";
import * as f32 from "./f32.ts";
import * as f64 from "./f64.ts";
import * as float from "./float.ts";
import * as i32 from "./i32.ts";
import * as i64 from "./i64.ts";
import * as divide from "./i64Divide.ts";

type Row = Extract<(typeof instructions)[number], { family: "integer" | "float" | "conversion" }>;
export type NumericMnemonic = Row["mnemonic"];

/** Instructions that work on bits: their kernels see f as i and F as I. */
export type BitMnemonic = Extract<Row, { worksOnBits: true }>["mnemonic"];

/** i, f, F: one number; I: two int32 halves. */
type Operands<Letters extends string> = Letters extends `${infer First}${infer Rest}`
  ? First extends "I"
    ? [low: number, high: number, ...Operands<Rest>]
    : [value: number, ...Operands<Rest>]
  : [];

type KernelOf<Signature extends string> = Signature extends `${infer Params}:I`
  ? (out: Int32Array, at: number, ...operands: Operands<Params>) => void
  : Signature extends `${infer Params}:${string}`
    ? (...operands: Operands<Params>) => number
    : never;

type BitsOf<Signature extends string> = Signature extends `${infer First}f${infer Rest}`
  ? BitsOf<`${First}i${Rest}`>
  : Signature extends `${infer First}F${infer Rest}`
    ? BitsOf<`${First}I${Rest}`>
    : Signature;

type SignatureOf<M extends NumericMnemonic> = Extract<Row, { mnemonic: M }>["signature"];
type Kernels = {
  readonly [M in NumericMnemonic]: M extends BitMnemonic
    ? KernelOf<BitsOf<SignatureOf<M>>>
    : KernelOf<SignatureOf<M>>;
};

type TrappingMnemonic = Exclude<Row, { traps: readonly [] }>["mnemonic"];
type Checks = {
  readonly [M in TrappingMnemonic]: SignatureOf<M> extends `${infer Params}:${string}`
    ? (...operands: Operands<Params>) => number
    : never;
};

// biome-ignore format: one row an instruction
export const kernels: Kernels = {
  "i32.eqz": i32.eqz,
  "i32.eq": i32.eq,
  "i32.ne": i32.ne,
  "i32.lt_s": i32.ltS,
  "i32.lt_u": i32.ltU,
  "i32.gt_s": i32.gtS,
  "i32.gt_u": i32.gtU,
  "i32.le_s": i32.leS,
  "i32.le_u": i32.leU,
  "i32.ge_s": i32.geS,
  "i32.ge_u": i32.geU,
  "i64.eqz": i64.eqz,
  "i64.eq": i64.eq,
  "i64.ne": i64.ne,
  "i64.lt_s": i64.ltS,
  "i64.lt_u": i64.ltU,
  "i64.gt_s": i64.gtS,
  "i64.gt_u": i64.gtU,
  "i64.le_s": i64.leS,
  "i64.le_u": i64.leU,
  "i64.ge_s": i64.geS,
  "i64.ge_u": i64.geU,
  "f32.eq": float.eq,
  "f32.ne": float.ne,
  "f32.lt": float.lt,
  "f32.gt": float.gt,
  "f32.le": float.le,
  "f32.ge": float.ge,
  "f64.eq": float.eq,
  "f64.ne": float.ne,
  "f64.lt": float.lt,
  "f64.gt": float.gt,
  "f64.le": float.le,
  "f64.ge": float.ge,
  "i32.clz": i32.clz,
  "i32.ctz": i32.ctz,
  "i32.popcnt": i32.popcnt,
  "i32.add": i32.add,
  "i32.sub": i32.sub,
  "i32.mul": i32.mul,
  "i32.div_s": i32.divS,
  "i32.div_u": i32.divU,
  "i32.rem_s": i32.remS,
  "i32.rem_u": i32.remU,
  "i32.and": i32.and,
  "i32.or": i32.or,
  "i32.xor": i32.xor,
  "i32.shl": i32.shl,
  "i32.shr_s": i32.shrS,
  "i32.shr_u": i32.shrU,
  "i32.rotl": i32.rotl,
  "i32.rotr": i32.rotr,
  "i64.clz": i64.clz,
  "i64.ctz": i64.ctz,
  "i64.popcnt": i64.popcnt,
  "i64.add": i64.add,
  "i64.sub": i64.sub,
  "i64.mul": i64.mul,
  "i64.div_s": divide.divS,
  "i64.div_u": divide.divU,
  "i64.rem_s": divide.remS,
  "i64.rem_u": divide.remU,
  "i64.and": i64.and,
  "i64.or": i64.or,
  "i64.xor": i64.xor,
  "i64.shl": i64.shl,
  "i64.shr_s": i64.shrS,
  "i64.shr_u": i64.shrU,
  "i64.rotl": i64.rotl,
  "i64.rotr": i64.rotr,
  "f32.abs": f32.abs,
  "f32.neg": f32.neg,
  "f32.ceil": float.ceil,
  "f32.floor": float.floor,
  "f32.trunc": float.trunc,
  "f32.nearest": float.nearest,
  "f32.sqrt": f32.sqrt,
  "f32.add": f32.add,
  "f32.sub": f32.sub,
  "f32.mul": f32.mul,
  "f32.div": f32.div,
  "f32.min": float.min,
  "f32.max": float.max,
  "f32.copysign": f32.copysign,
  "f64.abs": f64.abs,
  "f64.neg": f64.neg,
  "f64.ceil": float.ceil,
  "f64.floor": float.floor,
  "f64.trunc": float.trunc,
  "f64.nearest": float.nearest,
  "f64.sqrt": f64.sqrt,
  "f64.add": f64.add,
  "f64.sub": f64.sub,
  "f64.mul": f64.mul,
  "f64.div": f64.div,
  "f64.min": float.min,
  "f64.max": float.max,
  "f64.copysign": f64.copysign,
  "i32.wrap_i64": i32.wrapI64,
  "i32.trunc_f32_s": convert.truncI32,
  "i32.trunc_f32_u": convert.truncI32,
  "i32.trunc_f64_s": convert.truncI32,
  "i32.trunc_f64_u": convert.truncI32,
  "i64.extend_i32_s": i64.extendI32S,
  "i64.extend_i32_u": i64.extendI32U,
  "i64.trunc_f32_s": convert.truncI64,
  "i64.trunc_f32_u": convert.truncI64,
  "i64.trunc_f64_s": convert.truncI64,
  "i64.trunc_f64_u": convert.truncI64,
  "f32.convert_i32_s": convert.f32ConvertI32S,
  "f32.convert_i32_u": convert.f32ConvertI32U,
  "f32.convert_i64_s": convert.f32ConvertI64S,
  "f32.convert_i64_u": convert.f32ConvertI64U,
  "f32.demote_f64": convert.demote,
  "f64.convert_i32_s": convert.f64ConvertI32S,
  "f64.convert_i32_u": convert.f64ConvertI32U,
  "f64.convert_i64_s": convert.f64ConvertI64S,
  "f64.convert_i64_u": convert.f64ConvertI64U,
  "f64.promote_f32": convert.promote,
  "i32.reinterpret_f32": i32.reinterpret,
  "i64.reinterpret_f64": i64.reinterpret,
  "f32.reinterpret_i32": i32.reinterpret,
  "f64.reinterpret_i64": i64.reinterpret,
  "i32.extend8_s": i32.extend8S,
  "i32.extend16_s": i32.extend16S,
  "i64.extend8_s": i64.extend8S,
  "i64.extend16_s": i64.extend16S,
  "i64.extend32_s": i64.extend32S,
  "i32.trunc_sat_f32_s": convert.truncSatI32S,
  "i32.trunc_sat_f32_u": convert.truncSatI32U,
  "i32.trunc_sat_f64_s": convert.truncSatI32S,
  "i32.trunc_sat_f64_u": convert.truncSatI32U,
  "i64.trunc_sat_f32_s": convert.truncSatI64S,
  "i64.trunc_sat_f32_u": convert.truncSatI64U,
  "i64.trunc_sat_f64_s": convert.truncSatI64S,
  "i64.trunc_sat_f64_u": convert.truncSatI64U,
};

// biome-ignore format: one row an instruction
export const checks: Checks = {
  "i32.div_s": check.i32DivS,
  "i32.div_u": check.i32Divisor,
  "i32.rem_s": check.i32Divisor,
  "i32.rem_u": check.i32Divisor,
  "i64.div_s": check.i64DivS,
  "i64.div_u": check.i64Divisor,
  "i64.rem_s": check.i64Divisor,
  "i64.rem_u": check.i64Divisor,
  "i32.trunc_f32_s": check.truncI32S,
  "i32.trunc_f32_u": check.truncI32U,
  "i32.trunc_f64_s": check.truncI32S,
  "i32.trunc_f64_u": check.truncI32U,
  "i64.trunc_f32_s": check.truncI64S,
  "i64.trunc_f32_u": check.truncI64U,
  "i64.trunc_f64_s": check.truncI64S,
  "i64.trunc_f64_u": check.truncI64U,
};

const rows = new Map<string, InstructionRow>(instructions.map((row) => [row.mnemonic, row]));

/** The signature as the kernel sees it: floats as bits where the instruction works on bits. */
export function kernelSignature(mnemonic: NumericMnemonic): Signature {
  const row = rows.get(mnemonic) as InstructionRow;
  const { params, results } = signatureParts(row.signature);
  return row.worksOnBits
    ? { params: asBits(params), results: asBits(results) }
    : { params, results };
}
