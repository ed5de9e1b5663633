/**
 * Constants that are likely to find something: edges of the integers, of the floats and of conversions, NaNs.
 */
import { type Code, op } from "../../spec-tests/corpus/assembler.ts";
import { signatureParts } from "../../src/interpreter/isa/columns.ts";
import type { InstructionRow } from "../../src/interpreter/isa/table.ts";
import type { Random } from "./random.ts";

const i32Edges = [
  0, 1, 2, 3, 31, 32, 33, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff,
  0x80000000, 0xffffffff, 0xfffffffe, 0xffffff80, 0xffff8000, 0x55555555,
];
const i64Edges = [
  0n,
  1n,
  2n,
  63n,
  64n,
  65n,
  0x7fn,
  0xffn,
  0x7fffn,
  0x7fffffffn,
  0x80000000n,
  0xffffffffn,
  0x100000000n,
  0x7fffffffffffffffn,
  0x8000000000000000n,
  0xffffffffffffffffn,
  0xfffffffffffffffen,
  0xffffffff80000000n,
  0x0123456789abcdefn,
];
/** ±0, ±1, halves, subnormals, largest, infinities, 2^31, 2^63, NaNs of every kind. */
const f32Edges = [
  0x00000000, 0x80000000, 0x3f800000, 0xbf800000, 0x3f000000, 0xbf000000, 0x3fc00000, 0x40200000,
  0x00000001, 0x80000001, 0x007fffff, 0x00800000, 0x7f7fffff, 0xff7fffff, 0x7f800000, 0xff800000,
  0x4f000000, 0xcf000000, 0x4f800000, 0x5f000000, 0xdf000000, 0x5f800000, 0x4effffff, 0x4b000001,
  0x7fc00000, 0xffc00000, 0x7fa00000, 0xff800001, 0x7fffffff, 0x42280000, 0xbf7fffff,
];
const f64Edges = [
  0x0000000000000000n,
  0x8000000000000000n,
  0x3ff0000000000000n,
  0xbff0000000000000n,
  0x3fe0000000000000n,
  0xbfe0000000000000n,
  0x3ff8000000000000n,
  0x4004000000000000n,
  0x0000000000000001n,
  0x8000000000000001n,
  0x000fffffffffffffn,
  0x0010000000000000n,
  0x7fefffffffffffffn,
  0xffefffffffffffffn,
  0x7ff0000000000000n,
  0xfff0000000000000n,
  0x41e0000000000000n,
  0xc1e0000000000000n,
  0x41dfffffffffffffn,
  0x41f0000000000000n,
  0x43e0000000000000n,
  0xc3e0000000000000n,
  0x43f0000000000000n,
  0x47efffffe0000000n,
  0x47effffff0000000n,
  0x36a0000000000000n,
  0x3690000000000000n,
  0x4330000000000001n,
  0x7ff8000000000000n,
  0xfff8000000000000n,
  0x7ff4000000000000n,
  0xfff0000000000001n,
  0x7fffffffffffffffn,
];

export const isFloat = (type: string): boolean => type === "f" || type === "F";

function random64(random: Random): bigint {
  return (BigInt(random.next()) << 32n) | BigInt(random.next());
}

/** Four or two lanes of one type, or random bits. */
function randomVector(random: Random): bigint {
  const lane = random.pick(["i", "I", "f", "F"]);
  const width = lane === "i" || lane === "f" ? 32n : 64n;
  let bits = 0n;
  for (let at = 0n; at < 128n; at += width) bits |= randomBits(random, lane) << at;
  return bits;
}

/** Bits of a random value of a numeric type or a vector: an edge more often than not. */
export function randomBits(random: Random, type: string): bigint {
  const edge = !random.oneIn(4);
  switch (type) {
    case "i":
      return BigInt(edge ? random.pick(i32Edges) : random.next());
    case "I":
      return edge ? random.pick(i64Edges) : random64(random);
    case "f":
      return BigInt(edge ? random.pick(f32Edges) : random.next());
    case "F":
      return edge ? random.pick(f64Edges) : random64(random);
    case "v":
      return randomVector(random);
    default:
      throw new RangeError(`expected a numeric type, got ${type}`);
  }
}

/** A constant instruction of the type; a null for references. */
export function constant(random: Random, type: string): Code {
  switch (type) {
    case "r":
    case "x":
      return op("ref.null", type);
    case "i":
      return op("i32.const", Number(randomBits(random, type)));
    case "I":
      return op("i64.const", randomBits(random, type));
    case "f":
      return op("f32.const", Number(randomBits(random, type)));
    case "v":
      return op("v128.const", randomBits(random, type));
    default:
      return op("f64.const", randomBits(random, type));
  }
}

/** The machine's canonical NaN, sign bit set (docs/machine.md §7). */
function canonicalNan(type: string): Code {
  return type === "f" ? op("f32.const", 0xffc00000) : op("f64.const", 0xfff8000000000000n);
}

/** The same in every lane of an f32x4, or of an f64x2. */
function canonicalNanLanes(isSingle: boolean): Code {
  const [lane, width] = isSingle ? [0xffc00000n, 32n] : [0xfff8000000000000n, 64n];
  let bits = 0n;
  for (let at = 0n; at < 128n; at += width) bits |= lane << at;
  return op("v128.const", bits);
}

/** Local of each type of floats, f, F and v, through which NaNs are made canonical. */
export type ScratchLocals = Readonly<Record<string, number>>;

/** Replaces a NaN that an instruction has left on the stack, or NaN lanes, by the canonical one. */
export function canonicalCode({ signature, lanes }: InstructionRow, locals: ScratchLocals): Code {
  const type = signatureParts(signature).results;
  const scratch = locals[type];
  const isSingle = lanes === "f32x4";
  const nan = type === "v" ? canonicalNanLanes(isSingle) : canonicalNan(type);
  const value = op("local.get", scratch);
  const isEqual =
    type === "v" ? op(isSingle ? "f32x4.eq" : "f64x2.eq") : op(type === "f" ? "f32.eq" : "f64.eq");
  const choose = op(type === "v" ? "v128.bitselect" : "select");
  return [...op("local.tee", scratch), ...nan, ...value, ...value, ...isEqual, ...choose];
}
