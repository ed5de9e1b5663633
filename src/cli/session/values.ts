/**
 * Values as people write them, and slots as the machine holds them (docs/machine.md §1). How they are read:
 * inspect/valueText.ts.
 *
 * Invariant: `parseValue(type, valueText(type, bits)) = bits` for every value of every type, NaN payloads included.
 */
import { type ValueType, valueTypes } from "../../interpreter/binary/module.ts";
import { UsageError } from "../terminal/failure.ts";

const scratch = new DataView(new ArrayBuffer(8));

/**
 * Bits of a text: integers in decimal or hex, floats as JavaScript writes them, `nan:0x…`, `null`; vectors as one number in
 * hex, or as a shape and its lanes, the first lane first: `i32x4:1,2,3,4`.
 */
export function parseValue(type: ValueType, text: string): bigint {
  switch (type) {
    case valueTypes.i32:
      return integer(text, 32);
    case valueTypes.i64:
      return integer(text, 64);
    case valueTypes.f32:
      return float(text, 32);
    case valueTypes.f64:
      return float(text, 64);
    case valueTypes.v128:
      return vector(text);
    default:
      if (text === "null") return 0n;
      return integer(text, 32) + 1n;
  }
}

function integer(text: string, width: 8 | 16 | 32 | 64): bigint {
  const plain = text.replaceAll("_", "");
  const value = /^[+-]?(\d+|0x[\da-f]+)$/i.test(plain) ? bigintOf(plain) : undefined;
  if (value === undefined || value < -(1n << BigInt(width - 1)) || value >= 1n << BigInt(width)) {
    throw new UsageError(
      `expected an i${width}, got ${text}`,
      `write a whole number that fits ${width} bits`,
    );
  }
  return BigInt.asUintN(width, value);
}

const laneTypes: Readonly<
  Record<string, readonly [type: ValueType | undefined, width: 8 | 16 | 32 | 64]>
> = {
  i8x16: [undefined, 8],
  i16x8: [undefined, 16],
  i32x4: [valueTypes.i32, 32],
  i64x2: [valueTypes.i64, 64],
  f32x4: [valueTypes.f32, 32],
  f64x2: [valueTypes.f64, 64],
};

function vector(text: string): bigint {
  const plain = text.replaceAll("_", "");
  if (/^0x[\da-f]{1,32}$/i.test(plain)) return BigInt(plain);
  const [shape, lanes = ""] = text.split(":", 2);
  const known = laneTypes[shape];
  const rest = text.slice(shape.length + 1);
  const texts = rest.split(",").map((lane) => lane.trim());
  if (known === undefined || lanes === "" || texts.length !== 128 / known[1]) {
    throw new UsageError(
      `expected a v128, got ${text}`,
      "write 0x and up to 32 hexadecimal digits, or a shape and its lanes: i32x4:1,2,3,4",
    );
  }
  const [type, width] = known;
  const bits = texts.map((lane) =>
    type === undefined ? integer(lane, width) : parseValue(type, lane),
  );
  return bits.reduceRight((value, lane) => (value << BigInt(width)) | lane, 0n);
}

function bigintOf(text: string): bigint {
  const magnitude = BigInt(text.replace(/^[+-]/, ""));
  return text.startsWith("-") ? -magnitude : magnitude;
}

function float(text: string, width: 32 | 64): bigint {
  const special = /^([+-]?)nan(?::0x([\da-f]+))?$/i.exec(text);
  if (special !== null) return nan(special[1] === "-", special[2], width);
  const word = /^([+-]?)inf(inity)?$/i.exec(text);
  const value = word === null ? Number(text) : word[1] === "-" ? -Infinity : Infinity;
  if (text.trim() === "" || Number.isNaN(value)) {
    throw new UsageError(
      `expected an f${width}, got ${text}`,
      "write a number, inf, nan or nan:0x…",
    );
  }
  if (width === 32) {
    scratch.setFloat32(0, value);
    return BigInt(scratch.getUint32(0));
  }
  scratch.setFloat64(0, value);
  return scratch.getBigUint64(0);
}

function nan(negative: boolean, payload: string | undefined, width: 32 | 64): bigint {
  const mantissa = width === 32 ? 23n : 52n;
  const bits = payload === undefined ? 1n << (mantissa - 1n) : BigInt(`0x${payload}`);
  if (bits === 0n || bits >= 1n << mantissa) {
    throw new UsageError(
      `expected a NaN payload of f${width}, got 0x${payload}`,
      `write 1 to ${mantissa} bits`,
    );
  }
  const exponent = ((1n << BigInt(width - 1)) - 1n) & ~((1n << mantissa) - 1n);
  return (negative ? 1n << BigInt(width - 1) : 0n) | exponent | bits;
}
