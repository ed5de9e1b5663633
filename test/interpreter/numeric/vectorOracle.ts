/**
 * V8 as the oracle of vector instructions: one exported function an instruction and immediate, which reads its operands
 * from memory, 16 bytes each, and stores its result, since no v128 passes through JavaScript.
 * A relaxed instruction is asked as the strict ones that the deterministic profile makes of it (spec 3.0 §4.3.5), because
 * V8 takes what its processor has.
 *
 * Invariant: built from codes and signatures alone; what an instruction computes is V8's word only.
 */
import { unsigned } from "../../../spec-tests/corpus/assembler.ts";
import { signatureParts } from "../../../src/interpreter/isa/columns.ts";
import type { InstructionRow } from "../../../src/interpreter/isa/table.ts";
import { vectorInstructions } from "../../../src/interpreter/isa/vectorTable.ts";
import { f32x4Nan, f64x2Nan } from "./vectorOperands.ts";

export const vectorRows: readonly InstructionRow[] = vectorInstructions;

const byName = new Map(vectorRows.map((row) => [row.mnemonic, row]));

function rowOf(mnemonic: string): InstructionRow {
  const row = byName.get(mnemonic);
  if (row === undefined) throw new RangeError(`expected a vector instruction, got ${mnemonic}`);
  return row;
}

const sized = (bytes: readonly number[]): number[] => [...unsigned(bytes.length), ...bytes];
const section = (id: number, bytes: readonly number[]): number[] => [id, ...sized(bytes)];
const vector = (mnemonic: string, ...immediates: readonly number[]): number[] => [
  0xfd,
  ...unsigned(rowOf(mnemonic).code & 0xffff),
  ...immediates,
];

/** Addresses of operands and result. */
const operandAt = (index: number): number => 16 * index;
const resultAt = 48;
const i32Const = (value: number): number[] => [0x41, ...unsigned(value)];

const loads: Readonly<Record<string, (at: number) => number[]>> = {
  i: (at) => [...i32Const(at), 0x28, 0, 0],
  I: (at) => [...i32Const(at), 0x29, 0, 0],
  f: (at) => [...i32Const(at), 0x2a, 0, 0],
  F: (at) => [...i32Const(at), 0x2b, 0, 0],
  v: (at) => [...i32Const(at), ...vector("v128.load", 0, 0)],
};
const stores: Readonly<Record<string, readonly number[]>> = {
  i: [0x36, 0, 0],
  I: [0x37, 0, 0],
  f: [0x38, 0, 0],
  F: [0x39, 0, 0],
  v: vector("v128.store", 0, 0),
};

const get = (index: number): number[] => [0x20, index];

/** What relaxed instructions mean here, over locals 0, 1, 2 of type v128. */
function deterministic({ mnemonic }: InstructionRow): number[] | undefined {
  const operands = (count: number) => Array.from({ length: count }, (_, i) => get(i)).flat();
  const strict = mnemonic.replace("relaxed_", "");
  const float = mnemonic.slice(0, 5);
  if (mnemonic.endsWith("laneselect")) return [...operands(3), ...vector("v128.bitselect")];
  if (mnemonic.endsWith("relaxed_madd"))
    return [...operands(2), ...vector(`${float}.mul`), ...get(2), ...vector(`${float}.add`)];
  if (mnemonic.endsWith("relaxed_nmadd")) {
    const negated = [...get(0), ...vector(`${float}.neg`), ...get(1), ...vector(`${float}.mul`)];
    return [...negated, ...get(2), ...vector(`${float}.add`)];
  }
  if (mnemonic.includes("relaxed_trunc"))
    return [...get(0), ...vector(mnemonic.replace("relaxed_trunc", "trunc_sat"))];
  if (mnemonic.endsWith("relaxed_q15mulr_s"))
    return [...operands(2), ...vector("i16x8.q15mulr_sat_s")];
  if (mnemonic.endsWith("i7x16_s")) return relaxedDot;
  if (mnemonic.endsWith("i7x16_add_s")) {
    const pairs = vector("i32x4.extadd_pairwise_i16x8_s");
    return [...relaxedDot, ...pairs, ...get(2), ...vector("i32x4.add")];
  }
  return mnemonic.includes("relaxed_") ? [...operands(2), ...vector(strict)] : undefined;
}

/** Bytes of every second lane of 16 bits, from the first or from the second one on. */
const everySecond = (first: number): number[] =>
  Array.from({ length: 8 }, (_, lane) => [4 * lane + first, 4 * lane + first + 1]).flat();

const products = (half: string): number[] => [
  ...get(0),
  ...get(1),
  ...vector(`i16x8.extmul_${half}_i8x16_s`),
];

const relaxedDot: number[] = [
  ...[...products("low"), ...products("high")],
  ...vector("i8x16.shuffle", ...everySecond(0)),
  ...[...products("low"), ...products("high")],
  ...vector("i8x16.shuffle", ...everySecond(2)),
  ...vector("i16x8.add_sat_s"),
];

/** Calls one instruction with operands of 16 bytes each, of which a scalar takes the first ones. */
export type VectorOracle = (operands: readonly Uint8Array[]) => Uint8Array;

const names: Readonly<Record<string, number>> = { v: 0x7b };

/** The function of a row whose operands are values, with the bytes of its immediates. */
export function vectorOracle(row: InstructionRow, immediates: readonly number[]): VectorOracle {
  const { params, results } = signatureParts(row.signature);
  const read = [...params].map((letter, index) => loads[letter](operandAt(index)));
  const strict = deterministic(row);
  const locals =
    strict === undefined ? [] : read.flatMap((bytes, index) => [...bytes, 0x21, index]);
  const body = [
    ...(strict === undefined ? [] : locals),
    ...i32Const(resultAt),
    ...(strict ?? [...read.flat(), ...vector(row.mnemonic, ...immediates)]),
    ...stores[results],
    0x0b,
  ];
  const declared = strict === undefined ? [0] : [1, params.length, names.v];
  const bytes = [
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 0, 0]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, 1]),
    ...section(7, [2, 1, 0x66, 0, 0, 1, 0x6d, 2, 0]),
    ...section(10, [1, ...sized([...declared, ...body])]),
  ];
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(bytes)));
  const memory = new Uint8Array((exports.m as WebAssembly.Memory).buffer);
  const call = exports.f as () => void;
  return (operands) => {
    operands.forEach((operand, index) => {
      memory.set(operand, operandAt(index));
    });
    memory.fill(0, resultAt, resultAt + 16);
    call();
    const result = memory.slice(resultAt, resultAt + 16);
    return row.mayMakeNan ? canonical(row, result) : result;
  };
}

/** NaN lanes in the machine's canonical form (docs/machine.md §7). */
function canonical(row: InstructionRow, bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  for (let at = 0; at < 16; at += row.lanes === "f32x4" ? 4 : 8) {
    if (row.lanes === "f32x4") {
      if (Number.isNaN(view.getFloat32(at, true))) view.setUint32(at, f32x4Nan, true);
    } else if (Number.isNaN(view.getFloat64(at, true))) view.setBigUint64(at, f64x2Nan, true);
  }
  return bytes;
}
