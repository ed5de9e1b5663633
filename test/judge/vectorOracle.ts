/**
 * V8 as the oracle of vector instructions: a function that runs over memory, from cases of three operands to results of 16
 * bytes, since no vector passes through JavaScript. Relaxed instructions are put together from strict ones, because a host
 * may give them another meaning than the deterministic profile's (docs/machine.md §7).
 */
import { signatureParts } from "../../src/interpreter/isa/columns.ts";
import { codeOf, type InstructionRow } from "../../src/interpreter/isa/table.ts";
import { caseBytes, laneBytes, operandBytes } from "./vectorOperands.ts";

type Mnemonic = Parameters<typeof codeOf>[0];

const pageBytes = 65_536;
const emptyType = 0x40;
const i32 = 0x7f;

function leb(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    rest >>>= 7;
  } while (rest > 0);
  return bytes;
}

const sized = (bytes: readonly number[]): number[] => [...leb(bytes.length), ...bytes];
const section = (id: number, bytes: readonly number[]): number[] => [id, ...sized(bytes)];
const encoded = (code: number): number[] =>
  code <= 0xff ? [code] : [code >> 16, ...leb(code & 0xffff)];
const op = (mnemonic: Mnemonic): number[] => encoded(codeOf(mnemonic));

// Locals of the function: cases left, address of the case, address of its result.
const left = 0;
const from = 1;
const to = 2;
const get = (local: number): number[] => [...op("local.get"), local];
const step = (local: number, bytes: number): number[] => [
  ...get(local),
  ...op("i32.const"),
  ...leb(bytes),
  ...op("i32.add"),
  ...op("local.set"),
  local,
];

const loads: Readonly<Record<string, number[]>> = {
  v: op("v128.load"),
  i: op("i32.load"),
  I: op("i64.load"),
  f: op("f32.load"),
  F: op("f64.load"),
};
const stores: Readonly<Record<string, number[]>> = {
  v: op("v128.store"),
  i: op("i32.store"),
  I: op("i64.store"),
  f: op("f32.store"),
  F: op("f64.store"),
};

function operand(index: number, letter: string): number[] {
  return [...get(from), ...loads[letter], 0, ...leb(index * operandBytes)];
}

const vector = (index: number): number[] => operand(index, "v");
const both = [...vector(0), ...vector(1)];

/** Sums of neighbouring products of signed bytes: even and odd products apart, then added with saturation. */
function dot(): number[] {
  const products = [
    ...both,
    ...op("i16x8.extmul_low_i8x16_s"),
    ...both,
    ...op("i16x8.extmul_high_i8x16_s"),
    ...op("i8x16.shuffle"),
  ];
  const even = Array.from({ length: 8 }, (_, i) => [4 * i, 4 * i + 1]).flat();
  const odd = even.map((index) => index + 2);
  return [...products, ...even, ...products, ...odd, ...op("i16x8.add_sat_s")];
}

function multiplyAdd(...operations: readonly Mnemonic[]): number[] {
  const [add, mul, neg] = operations;
  const first = neg === undefined ? vector(0) : [...vector(0), ...op(neg)];
  return [...first, ...vector(1), ...op(mul), ...vector(2), ...op(add)];
}

const strictTwins: Readonly<Record<string, Mnemonic>> = {
  "i8x16.relaxed_swizzle": "i8x16.swizzle",
  "i32x4.relaxed_trunc_f32x4_s": "i32x4.trunc_sat_f32x4_s",
  "i32x4.relaxed_trunc_f32x4_u": "i32x4.trunc_sat_f32x4_u",
  "i32x4.relaxed_trunc_f64x2_s_zero": "i32x4.trunc_sat_f64x2_s_zero",
  "i32x4.relaxed_trunc_f64x2_u_zero": "i32x4.trunc_sat_f64x2_u_zero",
  "i8x16.relaxed_laneselect": "v128.bitselect",
  "i16x8.relaxed_laneselect": "v128.bitselect",
  "i32x4.relaxed_laneselect": "v128.bitselect",
  "i64x2.relaxed_laneselect": "v128.bitselect",
  "f32x4.relaxed_min": "f32x4.min",
  "f32x4.relaxed_max": "f32x4.max",
  "f64x2.relaxed_min": "f64x2.min",
  "f64x2.relaxed_max": "f64x2.max",
  "i16x8.relaxed_q15mulr_s": "i16x8.q15mulr_sat_s",
};

const compositions: Readonly<Record<string, readonly number[]>> = {
  "f32x4.relaxed_madd": multiplyAdd("f32x4.add", "f32x4.mul"),
  "f32x4.relaxed_nmadd": multiplyAdd("f32x4.add", "f32x4.mul", "f32x4.neg"),
  "f64x2.relaxed_madd": multiplyAdd("f64x2.add", "f64x2.mul"),
  "f64x2.relaxed_nmadd": multiplyAdd("f64x2.add", "f64x2.mul", "f64x2.neg"),
  "i16x8.relaxed_dot_i8x16_i7x16_s": dot(),
  "i32x4.relaxed_dot_i8x16_i7x16_add_s": [
    ...dot(),
    ...op("i32x4.extadd_pairwise_i16x8_s"),
    ...vector(2),
    ...op("i32x4.add"),
  ],
};

/** The operands and the instruction, or what it is put together from. */
function computation(row: InstructionRow, immediate: readonly number[]): readonly number[] {
  const composed = compositions[row.mnemonic];
  if (composed !== undefined) return composed;
  const { params } = signatureParts(row.signature);
  const twin = strictTwins[row.mnemonic];
  const code = twin === undefined ? encoded(row.code) : op(twin);
  const operands = [...params].flatMap((letter, index) => operand(index, letter));
  return [...operands, ...code, ...immediate];
}

function moduleOf(row: InstructionRow, immediate: readonly number[], pages: number): Uint8Array {
  const { results } = signatureParts(row.signature);
  const body = [
    0,
    ...op("loop"),
    emptyType,
    ...get(to),
    ...computation(row, immediate),
    ...stores[results],
    0,
    0,
    ...step(from, caseBytes),
    ...step(to, operandBytes),
    ...get(left),
    ...op("i32.const"),
    1,
    ...op("i32.sub"),
    ...op("local.tee"),
    left,
    ...op("br_if"),
    0,
    ...op("end"),
    ...op("end"),
  ];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, [1, 0x60, 3, i32, i32, i32, 0]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, ...leb(pages)]),
    ...section(7, [2, 1, 0x6d, 2, 0, 3, 0x72, 0x75, 0x6e, 0, 0]),
    ...section(10, [1, ...sized(body)]),
  ]);
}

/** Makes the NaN lanes of results canonical (docs/machine.md §7). */
function canonicalNans(results: Uint8Array, bytes: number): void {
  const view = new DataView(results.buffer, results.byteOffset, results.length);
  for (let at = 0; at < results.length; at += bytes) {
    const isNan = Number.isNaN(bytes === 4 ? view.getFloat32(at, true) : view.getFloat64(at, true));
    if (!isNan) continue;
    if (bytes === 4) view.setUint32(at, 0xffc0_0000, true);
    else view.setBigUint64(at, 0xfff8n << 48n, true);
  }
}

/** Results of an instruction with an immediate's bytes on cases of vectorOperands.ts, 16 bytes each. */
export function v8Results(
  row: InstructionRow,
  immediate: readonly number[],
  cases: Uint8Array,
): Uint8Array {
  const count = cases.length / caseBytes;
  const pages = Math.ceil((count * (caseBytes + operandBytes)) / pageBytes);
  const module = new WebAssembly.Module(moduleOf(row, immediate, pages) as BufferSource);
  const { m, run } = new WebAssembly.Instance(module).exports as {
    m: WebAssembly.Memory;
    run(count: number, from: number, to: number): void;
  };
  new Uint8Array(m.buffer).set(cases);
  run(count, 0, cases.length);
  const results = new Uint8Array(m.buffer, cases.length, count * operandBytes).slice();
  if (row.mayMakeNan && row.lanes !== undefined) canonicalNans(results, laneBytes(row.lanes));
  return results;
}
