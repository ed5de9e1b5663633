/**
 * Every byte, number and text of a value changed, one at a time.
 */
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";

/** Copies of a value in which one byte, number or text at a time is another; each with its place. */
export function* mutations(
  value: unknown,
  place = "",
): Generator<[place: string, mutated: unknown]> {
  if (value instanceof Uint8Array) {
    for (let index = 0; index < value.length; index++) {
      const mutated = value.slice();
      mutated[index] ^= 1 << (index % 8);
      yield [`${place}[${index}]`, mutated];
    }
    if (value.length > 0) yield [`${place} shortened`, value.slice(1)];
    yield [`${place} lengthened`, Uint8Array.of(...value, 0)];
  } else if (typeof value === "bigint") {
    yield [place, value + 1n];
  } else if (typeof value === "number") {
    yield [place, value + 1];
  } else if (typeof value === "string" && /^0x(?:[\da-f]{2})+$/.test(value)) {
    for (const [where, mutated] of mutations(hexToBytes(value.slice(2)), place)) {
      if (!/ened$/.test(where)) yield [where, `0x${bytesToHex(mutated as Uint8Array)}`];
    }
  } else if (typeof value === "string") {
    yield [place, `${value}x`];
  } else {
    for (const [key, part] of Object.entries(value as object)) {
      for (const [where, mutated] of mutations(part, `${place}.${key}`)) {
        const copy = Array.isArray(value) ? [...value] : { ...(value as object) };
        yield [where, Object.assign(copy, { [key]: mutated })];
      }
    }
  }
}
