/**
 * Values as people read them (docs/machine.md §1): integers signed, floats as numbers, NaNs with their payload, references
 * as indices, vectors as 32 hexadecimal digits, the last lane first.
 *
 * Invariant: two values of a type that differ in a bit have different texts.
 */
import { type ValueType, valueTypes } from "../binary/module.ts";
import { valueTypeName } from "../binary/valueType.ts";

const scratch = new DataView(new ArrayBuffer(8));

/** A value of that type from its bits; integers are signed. */
export function valueText(type: ValueType, bits: bigint): string {
  switch (type) {
    case valueTypes.i32:
      return BigInt.asIntN(32, bits).toString();
    case valueTypes.i64:
      return BigInt.asIntN(64, bits).toString();
    case valueTypes.f32:
      scratch.setUint32(0, Number(bits & 0xffffffffn));
      return floatText(scratch.getFloat32(0), bits, 32);
    case valueTypes.f64:
      scratch.setBigUint64(0, bits);
      return floatText(scratch.getFloat64(0), bits, 64);
    case valueTypes.v128:
      return `0x${bits.toString(16).padStart(32, "0")}`;
    default:
      return bits === 0n ? "null" : (bits - 1n).toString();
  }
}

function floatText(value: number, bits: bigint, width: 32 | 64): string {
  if (Object.is(value, -0)) return "-0";
  if (!Number.isNaN(value)) return String(value).replace("Infinity", "inf");
  const mantissa = bits & ((1n << (width === 32 ? 23n : 52n)) - 1n);
  const sign = bits >> BigInt(width - 1) === 1n ? "-" : "";
  return `${sign}nan:0x${mantissa.toString(16)}`;
}

/** A slot with its type. */
export interface ShownValue {
  /** Name of the type; `unknown` where nothing declares it. */
  readonly type: string;
  /** As `valueText` writes it; the bits where the type is not known. */
  readonly value: string;
  /** 0x… without leading zeros. */
  readonly bits: string;
}

/** A slot's bits with type and value. */
export function shownValue(type: ValueType | undefined, slot: bigint): ShownValue {
  const bits = `0x${slot.toString(16)}`;
  if (type === undefined) return { type: "unknown", value: bits, bits };
  return { type: valueTypeName(type), value: valueText(type, slot), bits };
}

/** `3.5 : f64 (0x400c000000000000)`; whole numbers and unknown types need no bits beside them. */
export function shownValueText({ type, value, bits }: ShownValue): string {
  if (type === "unknown") return value;
  return type.startsWith("f") && type !== "funcref"
    ? `${value} : ${type} (${bits})`
    : `${value} : ${type}`;
}
