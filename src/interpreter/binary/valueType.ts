/**
 * Reads value, reference, heap and block types (spec §5.3.1, §5.4.1).
 *
 * Invariant: a type of a proposal that the machine does not have is told apart from a byte that is no type.
 */
import { InvalidError, MalformedError } from "../errors.ts";
import type { Features } from "../features.ts";
import type { ValueType } from "./module.ts";
import { valueTypes } from "./module.ts";
import type { Reader } from "./reader.ts";

/** The byte of a block type without parameters and results. */
const emptyBlock = 0x40;
/** Bytes that begin `(ref null t)` and `(ref t)`. */
const referenceTo = [0x63, 0x64];

const names = new Map<number, string>(
  Object.entries(valueTypes).map(([name, code]) => [code, name]),
);

/** Text of a value type; `unknown` for the bottom type of unreachable code. */
export function valueTypeName(type: number): string {
  return names.get(type) ?? "unknown";
}

export function isReference(type: number): boolean {
  return type === valueTypes.funcref || type === valueTypes.externref;
}

/** Heap types of the GC and exception proposals: abstract types other than func and extern. */
function isForeignHeapType(byte: number): boolean {
  return byte >= 0x68 && byte <= 0x74 && !isReference(byte);
}

function failUnsupported(proposal: string, offset: number): never {
  throw new InvalidError(
    `unsupported-${proposal}`,
    offset,
    `unsupported type: this machine does not have the ${proposal} proposal`,
  );
}

function failMalformed(kind: string, offset: number, byte: number): never {
  throw new MalformedError(
    `malformed-${kind}-type`,
    offset,
    `malformed ${kind} type: byte 0x${byte.toString(16).padStart(2, "0")}`,
  );
}

function typeOfByte(byte: number, offset: number, kind: string, features: Features): ValueType {
  switch (byte) {
    case valueTypes.i32:
    case valueTypes.i64:
    case valueTypes.f32:
    case valueTypes.f64:
      return byte;
    case valueTypes.v128:
      return failUnsupported("simd", offset);
    case valueTypes.funcref:
    case valueTypes.externref:
      if (features.referenceTypes) return byte;
      return failMalformed(kind, offset, byte);
    default:
      if (referenceTo.includes(byte)) return failUnsupported("typed-function-references", offset);
      if (isForeignHeapType(byte)) return failUnsupported("gc", offset);
      return failMalformed(kind, offset, byte);
  }
}

export function valueType(reader: Reader, features: Features): ValueType {
  const offset = reader.position;
  return typeOfByte(reader.u8(), offset, "value", features);
}

export function referenceType(reader: Reader, features: Features): ValueType {
  const offset = reader.position;
  const byte = reader.u8();
  // In 1.0 tables hold functions, though no value has such a type.
  if (byte === valueTypes.funcref) return byte;
  if (byte === valueTypes.externref && features.referenceTypes) return byte;
  if (referenceTo.includes(byte)) return failUnsupported("typed-function-references", offset);
  if (isForeignHeapType(byte)) return failUnsupported("gc", offset);
  return failMalformed("reference", offset, byte);
}

/** The heap type of `ref.null`, as the reference type that it gives. */
export function heapType(reader: Reader, features: Features): ValueType {
  const offset = reader.position;
  const byte = reader.bytes[offset] ?? 0;
  if (isReference(byte) || isForeignHeapType(byte)) return referenceType(reader, features);
  if (reader.s33() >= 0) return failUnsupported("typed-function-references", offset);
  return failMalformed("heap", offset, byte);
}

/** A block type: a type index (≥ 0), or minus the byte of a value type or of the empty type. */
export function blockType(reader: Reader, features: Features): number {
  const offset = reader.position;
  if (offset >= reader.limit) reader.failAtEnd();
  const byte = reader.bytes[offset];
  // One byte with the sign bit set is a negative number: a shorthand. All else is an index.
  if ((byte & 0xc0) === 0x40) {
    reader.position++;
    return byte === emptyBlock ? -emptyBlock : -typeOfByte(byte, offset, "block", features);
  }
  if (!features.multiValue) return failMalformed("block", offset, byte);
  const index = reader.s33();
  return index >= 0 ? index : failMalformed("block", offset, byte);
}

/** The value type of a shorthand block type, or undefined for the empty one. */
export function shorthandResult(type: number): ValueType | undefined {
  return type === -emptyBlock ? undefined : (-type as ValueType);
}
