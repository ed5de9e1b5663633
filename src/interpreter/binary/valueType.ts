/**
 * Reads value, reference, heap and block types (spec §5.3.1, §5.4.1).
 *
 * Invariant: a type of a proposal that the machine does not have is told apart from a byte that is no type.
 */
import { MalformedError } from "../errors.ts";
import type { Features } from "../isa/features.ts";
import type { ForeignProposal } from "../isa/foreignInstructions.ts";
import type { Reader } from "./binaryReader.ts";
import type { FunctionType, ValueType } from "./module.ts";
import { valueTypes } from "./module.ts";
import { unsupported } from "./unsupported.ts";

/** The byte of a block type without parameters and results. */
export const emptyBlock = 0x40;
/** Bytes that begin `(ref null t)` and `(ref t)`. */
const referenceTo = [0x63, 0x64];

const names = new Map<number, string>(
  Object.entries(valueTypes).map(([name, code]) => [code, name]),
);

/** Text of a value type; `unknown` for the bottom type of unreachable code. */
export function valueTypeName(type: number): string {
  return names.get(type) ?? "unknown";
}

/** Slots that a value of the type takes (docs/machine.md §1). */
export function slotsOf(type: ValueType): number {
  return type === valueTypes.v128 ? 2 : 1;
}

/** Slots that a function type's values take. */
export interface TypeSlots {
  readonly params: number;
  readonly results: number;
  /** Whether one of them is a vector. */
  readonly hasVectors: boolean;
}

/** Any number of functions may share a type of a thousand parameters. */
const slotsOfFunctionTypes = new WeakMap<FunctionType, TypeSlots>();

export function typeSlots(type: FunctionType): TypeSlots {
  let slots = slotsOfFunctionTypes.get(type);
  if (slots === undefined) {
    const [params, results] = [slotsOfTypes(type.params), slotsOfTypes(type.results)];
    const hasVectors = params > type.params.length || results > type.results.length;
    slots = { params, results, hasVectors };
    slotsOfFunctionTypes.set(type, slots);
  }
  return slots;
}

function slotsOfTypes(types: readonly ValueType[]): number {
  return types.reduce((slots, type) => slots + slotsOf(type), 0);
}

const noTypes: readonly ValueType[] = [];
const shorthands = new Map<number, FunctionType>();

/** The function type of a shorthand block type. */
export function shorthandType(blockType: number): FunctionType {
  let type = shorthands.get(blockType);
  if (type === undefined) {
    const result = shorthandResult(blockType);
    type = { params: noTypes, results: result === undefined ? noTypes : [result] };
    shorthands.set(blockType, type);
  }
  return type;
}

export function isReference(type: number): boolean {
  return type === valueTypes.funcref || type === valueTypes.externref;
}

/** Abstract heap types other than func and extern, as bytes (spec 3.0 §5.3.3), and whose they are. */
const foreignHeapTypes: ReadonlyMap<number, readonly [ForeignProposal, string]> = new Map([
  [0x75, ["stack-switching", "nocont"]],
  [0x74, ["exceptions", "noexn"]],
  [0x73, ["gc", "nofunc"]],
  [0x72, ["gc", "noextern"]],
  [0x71, ["gc", "none"]],
  [0x6e, ["gc", "any"]],
  [0x6d, ["gc", "eq"]],
  [0x6c, ["gc", "i31"]],
  [0x6b, ["gc", "struct"]],
  [0x6a, ["gc", "array"]],
  [0x69, ["exceptions", "exn"]],
  [0x68, ["stack-switching", "cont"]],
]);

function failAtForeign(byte: number, offset: number): void {
  const foreign = foreignHeapTypes.get(byte);
  if (foreign === undefined) return;
  const [proposal, name] = foreign;
  throw unsupported(proposal, `reference type (ref null ${name})`, offset);
}

function failAtTypedReference(offset: number): never {
  throw unsupported("typed-function-references", "reference type (ref …)", offset);
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
      if (features.simd) return byte;
      return failMalformed(kind, offset, byte);
    case valueTypes.funcref:
    case valueTypes.externref:
      if (features.referenceTypes) return byte;
      return failMalformed(kind, offset, byte);
    default:
      if (referenceTo.includes(byte)) return failAtTypedReference(offset);
      failAtForeign(byte, offset);
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
  if (referenceTo.includes(byte)) return failAtTypedReference(offset);
  failAtForeign(byte, offset);
  return failMalformed("reference", offset, byte);
}

/** The heap type of `ref.null`, as the reference type that it gives. */
export function heapType(reader: Reader, features: Features): ValueType {
  const offset = reader.position;
  const byte = reader.bytes[offset] ?? 0;
  if (isReference(byte) || foreignHeapTypes.has(byte)) return referenceType(reader, features);
  if (reader.s33() >= 0) return failAtTypedReference(offset);
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
