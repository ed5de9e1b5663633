/**
 * The part of the protobuf encoding that CometBFT hashes and signs (proto3, fields in order of their numbers,
 * zero scalars and empty byte strings left out, non-nullable messages always written).
 *
 * Invariant: a message has one encoding; contracts/src/network/libraries/Wire.sol writes the same bytes.
 */
import { concatBytes } from "@noble/hashes/utils.js";

const nothing = new Uint8Array();
const varintType = 0;
const fixed64Type = 1;
const bytesType = 2;

/** A 64-bit number in groups of seven bits, lowest first; negative numbers as two's complement. */
export function varint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}

function key(field: number, wireType: number): Uint8Array {
  return varint(BigInt((field << 3) | wireType));
}

/** A number as a varint; nothing if it is 0. */
export function varintField(field: number, value: bigint): Uint8Array {
  return value === 0n ? nothing : concatBytes(key(field, varintType), varint(value));
}

/** A number as eight little-endian bytes; nothing if it is 0. */
export function fixed64Field(field: number, value: bigint): Uint8Array {
  if (value === 0n) return nothing;
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigInt64(0, BigInt.asIntN(64, value), true);
  return concatBytes(key(field, fixed64Type), bytes);
}

/** A byte string or a text; nothing if it is empty. */
export function bytesField(field: number, bytes: Uint8Array): Uint8Array {
  return bytes.length === 0 ? nothing : messageField(field, bytes);
}

/** A message that is always written, empty or not. */
export function messageField(field: number, message: Uint8Array): Uint8Array {
  return concatBytes(key(field, bytesType), delimited(message));
}

/** A message behind its length, as it is signed. */
export function delimited(message: Uint8Array): Uint8Array {
  return concatBytes(varint(BigInt(message.length)), message);
}
