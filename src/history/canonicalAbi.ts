/**
 * Reading of the ABI's canonical encoding, of which each part stands right behind the one before it.
 *
 * The ABI lets offsets point anywhere, many of them at the same bytes: a general decoder makes a thousand times as much
 * of what a stranger has written as there was. Whoever takes one encoding only has no use for that.
 *
 * Invariant: every byte is read once at most, so time and memory are bounded by the number of bytes.
 */
import { bytesToHex } from "@noble/hashes/utils.js";
import { getAddress, type ParamType, toBeHex } from "ethers";

const wordBytes = 32;
/** Of offsets and lengths. */
const countBits = 32;
const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * The value that bytes are the canonical encoding of: numbers as bigint, byte strings as hex, addresses with their
 * checksum, tuples as objects by the names of their fields. Throws RangeError, and TypeError for a string that is no UTF-8.
 */
export function decodeCanonical<T>(type: ParamType, encoded: Uint8Array): T {
  const reader = new CanonicalReader(encoded);
  const [value] = reader.sequence([type]);
  if (!reader.isAtEnd) throw new RangeError("expected no bytes behind the value");
  return value as T;
}

class CanonicalReader {
  readonly #bytes: Uint8Array;
  /** Where the next part stands that has no place of its own. */
  #tail = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#tail === this.#bytes.length;
  }

  /** Values beside each other: those of fixed length and the others' offsets first, then the others in their order. */
  sequence(types: readonly ParamType[]): unknown[] {
    const start = this.#tail;
    let head = start;
    this.#tail += types.reduce((sum, type) => sum + headBytes(type), 0);
    if (this.#tail > this.#bytes.length) throw new RangeError("expected more bytes");
    return types.map((type) => {
      const at = head;
      head += headBytes(type);
      if (!isDynamic(type)) return this.#fixed(type, at);
      if (this.#count(at) !== this.#tail - start) throw new RangeError("expected another offset");
      return this.#dynamic(type);
    });
  }

  #dynamic(type: ParamType): unknown {
    if (type.baseType === "tuple") return named(type, this.sequence(fieldsOf(type)));
    const count = this.#count(this.#tail);
    this.#tail += wordBytes;
    const left = this.#bytes.length - this.#tail;
    if (type.arrayChildren !== null) {
      if (count * headBytes(type.arrayChildren) > left) throw new RangeError("expected more bytes");
      return this.sequence(Array.from({ length: count }, () => type.arrayChildren as ParamType));
    }
    if (count > left) throw new RangeError("expected more bytes");
    const bytes = this.#bytes.subarray(this.#tail, this.#tail + count);
    this.#tail += Math.ceil(count / wordBytes) * wordBytes;
    return type.baseType === "string" ? text.decode(bytes) : `0x${bytesToHex(bytes)}`;
  }

  /** A value of fixed length at its place. */
  #fixed(type: ParamType, at: number): unknown {
    if (type.baseType === "tuple") {
      let next = at;
      const values = fieldsOf(type).map((field) => {
        const value = this.#fixed(field, next);
        next += headBytes(field);
        return value;
      });
      return named(type, values);
    }
    const word = `0x${bytesToHex(this.#wordAt(at))}`;
    const [, kind, size] = /^(u?int|bytes|address)(\d*)$/.exec(type.baseType) ?? [];
    if (kind === "address") return addressIn(BigInt(word));
    if (kind === "bytes") return word.slice(0, 2 + 2 * Number(size));
    if (kind === undefined) throw new TypeError(`no values of type ${type.baseType} are read`);
    return numberIn(BigInt(word), Number(size), kind === "int");
  }

  /** An offset or a length: none is greater than there are bytes. */
  #count(at: number): number {
    return Number(numberIn(BigInt(`0x${bytesToHex(this.#wordAt(at))}`), countBits, false));
  }

  #wordAt(at: number): Uint8Array {
    if (at + wordBytes > this.#bytes.length) throw new RangeError("expected more bytes");
    return this.#bytes.subarray(at, at + wordBytes);
  }
}

const fieldsOf = (type: ParamType): readonly ParamType[] => type.components ?? [];

const named = (type: ParamType, values: readonly unknown[]): object =>
  Object.fromEntries(fieldsOf(type).map(({ name }, index) => [name, values[index]]));

/** Whether a value's length depends on the value; no array of a fixed number of items is read here. */
function isDynamic(type: ParamType): boolean {
  if (type.baseType === "tuple") return fieldsOf(type).some(isDynamic);
  return type.arrayChildren !== null || type.baseType === "bytes" || type.baseType === "string";
}

/** Bytes that a value takes among those beside it. */
function headBytes(type: ParamType): number {
  const isWhole = type.baseType === "tuple" && !isDynamic(type);
  if (!isWhole) return wordBytes;
  return fieldsOf(type).reduce((sum, field) => sum + headBytes(field), 0);
}

const addressIn = (word: bigint): string => getAddress(toBeHex(numberIn(word, 160, false), 20));

/** The number of so many bits that a word holds. */
function numberIn(word: bigint, bits: number, isSigned: boolean): bigint {
  const value = isSigned ? BigInt.asIntN(bits, word) : BigInt.asUintN(bits, word);
  if (BigInt.asUintN(8 * wordBytes, value) !== word) throw new RangeError(`expected ${bits} bits`);
  return value;
}
