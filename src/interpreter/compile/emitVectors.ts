/**
 * Emits what vector instructions need beside their code: numbers of lanes, relaxed instructions as the strict ones that
 * they mean here (docs/machine.md §7), globals as their two halves.
 *
 * Invariant: no relaxed instruction is emitted, since a host may choose what it means.
 */
import type { InstructionRow } from "../isa/table.ts";
import { codeOf, instructions } from "../isa/table.ts";
import type { BodyEmitter } from "./bodyEmitter.ts";
import { v128 } from "./hostTypes.ts";

type Write = (emitter: BodyEmitter) => void;

/** The instruction itself; its operands lie on the host's stack. */
export function writeOperation(emitter: BodyEmitter, row: InstructionRow): void {
  const { out, cursor } = emitter;
  if (row.feature === "relaxedSimd") {
    writeRelaxed(emitter, row);
    return;
  }
  out.code(row.code);
  if (row.immediates === "lane") out.u8(cursor.lane);
  else if (row.immediates === "shuffle") out.raw(cursor.vector);
}

function writeRelaxed(emitter: BodyEmitter, row: InstructionRow): void {
  const write = composed.get(row.code);
  if (write !== undefined) write(emitter);
  else emitter.out.code(strictCode(row));
}

const strictCodes = new Map<number, number>();

/** The strict instruction with the same columns. */
function strictCode(row: InstructionRow): number {
  let code = strictCodes.get(row.code);
  if (code === undefined) {
    const isSame = (other: InstructionRow): boolean =>
      other.feature === "simd" &&
      other.signature === row.signature &&
      other.form === row.form &&
      other.lanes === row.lanes &&
      other.from === row.from &&
      other.sign === row.sign &&
      other.saturates === row.saturates &&
      other.kernel === row.kernel;
    const found = (instructions as readonly InstructionRow[]).find(isSame);
    if (found === undefined) throw new RangeError(`expected a strict ${row.mnemonic}`);
    code = found.code;
    strictCodes.set(row.code, code);
  }
  return code;
}

/** a · b + c, rounded twice; −(a · b) is (−a) · b but for the sign of a NaN, which is not looked at. */
function multiplyAdd(emitter: BodyEmitter, lanes: "f32x4" | "f64x2", isNegated: boolean): void {
  const { out, frame } = emitter;
  const addend = frame.scratch("lanes", v128);
  out.at("local.set", addend).op(`${lanes}.mul`);
  if (isNegated) out.op(`${lanes}.neg`);
  out.at("local.get", addend).op(`${lanes}.add`);
}

/** Bytes of the even, or of the odd, lanes of 16 bits of two vectors. */
function everySecond(isOdd: 0 | 1): number[] {
  return Array.from({ length: 16 }, (_, byte) => (byte >> 1) * 4 + isOdd * 2 + (byte & 1));
}

/** Sums of neighbouring products of signed bytes, saturated. */
function dot(emitter: BodyEmitter): void {
  const { out, frame } = emitter;
  const [first, second, high] = ["lanes", "bytes", "products"].map((name) =>
    frame.scratch(name, v128),
  );
  out.at("local.set", second).at("local.tee", first).at("local.get", second);
  out.op("i16x8.extmul_low_i8x16_s");
  out.at("local.get", first).at("local.get", second).op("i16x8.extmul_high_i8x16_s");
  out.at("local.set", high).at("local.tee", first).at("local.get", high);
  out.op("i8x16.shuffle").raw(everySecond(0));
  out.at("local.get", first).at("local.get", high);
  out.op("i8x16.shuffle").raw(everySecond(1)).op("i16x8.add_sat_s");
}

function dotAdd(emitter: BodyEmitter): void {
  const { out, frame } = emitter;
  const addend = frame.scratch("addend", v128);
  out.at("local.set", addend);
  dot(emitter);
  out.op("i32x4.extadd_pairwise_i16x8_s").at("local.get", addend).op("i32x4.add");
}

/** Relaxed instructions that no single strict one stands for. */
const composed: ReadonlyMap<number, Write> = new Map<number, Write>([
  [codeOf("f32x4.relaxed_madd"), (emitter) => multiplyAdd(emitter, "f32x4", false)],
  [codeOf("f32x4.relaxed_nmadd"), (emitter) => multiplyAdd(emitter, "f32x4", true)],
  [codeOf("f64x2.relaxed_madd"), (emitter) => multiplyAdd(emitter, "f64x2", false)],
  [codeOf("f64x2.relaxed_nmadd"), (emitter) => multiplyAdd(emitter, "f64x2", true)],
  [codeOf("i16x8.relaxed_dot_i8x16_i7x16_s"), dot],
  [codeOf("i32x4.relaxed_dot_i8x16_i7x16_add_s"), dotAdd],
]);

/** Brings a global onto the host's stack, from its halves. */
export function readVectorGlobal({ out, scope }: BodyEmitter, index: number): void {
  out.at("global.get", scope.globalIndex(index)).op("i64x2.splat");
  out
    .at("global.get", scope.globalIndex(index + 1))
    .op("i64x2.replace_lane")
    .u8(1);
}

/** Puts what lies on the host's stack into a global's halves. */
export function writeVectorGlobal({ out, scope, frame }: BodyEmitter, index: number): void {
  const value = frame.scratch("value", v128);
  out.at("local.tee", value).op("i64x2.extract_lane").u8(0);
  out.at("global.set", scope.globalIndex(index));
  out.at("local.get", value).op("i64x2.extract_lane").u8(1);
  out.at("global.set", scope.globalIndex(index + 1));
}
