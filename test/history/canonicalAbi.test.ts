/**
 * Encodings of strangers: what is canonical is read as ethers reads it, anything else is refused by work that its length
 * bounds. ethers' own decoder, which follows offsets wherever they lead, is the oracle.
 */
import { concatBytes, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { AbiCoder, hexlify, ParamType, zeroPadValue } from "ethers";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeCanonical } from "../../src/history/canonicalAbi.ts";
import { readBlockRecord, readHandover, readManifest } from "../../src/history/index.ts";

const coder = AbiCoder.defaultAbiCoder();
const type = ParamType.from(
  "tuple(uint8 small, int64 signed, tuple(bytes32 root, address who) fixed, string words, tuple(uint16 n, bytes data)[] items, bytes[] parts, bytes32[] path, tuple(bytes b, tuple(int64 s, uint32 n) time) last)",
);
const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(hexlify);
const data = fc.uint8Array({ maxLength: 70 }).map(hexlify);
const value = fc.record({
  small: fc.bigInt(0n, 255n),
  signed: fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
  fixed: fc.record({
    root: hash,
    who: fc.bigInt(0n, 2n ** 160n - 1n).map((n) => {
      const word = hexToBytes(n.toString(16).padStart(40, "0"));
      return coder.decode(["address"], zeroPadValue(word, 32))[0] as string;
    }),
  }),
  words: fc.string({ unit: "grapheme", maxLength: 40 }),
  items: fc.array(fc.record({ n: fc.bigInt(0n, 65535n), data }), { maxLength: 5 }),
  parts: fc.array(data, { maxLength: 5 }),
  path: fc.array(hash, { maxLength: 5 }),
  last: fc.record({
    b: data,
    time: fc.record({ s: fc.bigInt(-9n, 9n), n: fc.bigInt(0n, 99n) }),
  }),
});
const encode = (fields: unknown) => hexToBytes(coder.encode([type], [fields]).slice(2));

describe("canonical encodings", () => {
  test("are read as what was encoded", () => {
    fc.assert(
      fc.property(value, (fields) => {
        expect(decodeCanonical(type, encode(fields))).toEqual(fields);
      }),
      { seed: 31, numRuns: 300 },
    );
  });

  test("what is read is what ethers reads, and its encoding these bytes but for their padding", () => {
    let read = 0;
    fc.assert(
      fc.property(value, fc.nat(), fc.nat({ max: 255 }), (fields, position, byte) => {
        const encoded = encode(fields);
        encoded[position % encoded.length] = byte;
        let found: object;
        try {
          found = decodeCanonical(type, encoded);
        } catch (error) {
          expect([RangeError, TypeError]).toContain((error as Error).constructor);
          return;
        }
        const [known] = coder.decode([type], encoded);
        expect(encode(found)).toEqual(encode(known));
        expect(encode(found).length).toBe(encoded.length);
        read++;
      }),
      { seed: 31, numRuns: 2000 },
    );
    expect(read).toBeGreaterThan(100);
  });

  test("with bytes behind them, or cut short, are refused", () => {
    const [fields] = fc.sample(value, { seed: 31, numRuns: 1 });
    const encoded = encode(fields);
    expect(() => decodeCanonical(type, Uint8Array.of(...encoded, 0))).toThrow(RangeError);
    for (let length = 0; length < encoded.length; length++) {
      expect(() => decodeCanonical(type, encoded.subarray(0, length))).toThrow(RangeError);
    }
  });
});

const word = (number: number) => hexToBytes(number.toString(16).padStart(64, "0"));

/** An array whose items all are the same bytes, as long as half of the encoding. */
function folded(bytes: number): Uint8Array {
  const count = bytes / 64;
  const offsets = Array.from({ length: count }, () => word(count * 32));
  return concatBytes(word(count), ...offsets, word(bytes / 2), new Uint8Array(bytes / 2));
}

describe("encodings whose offsets lead to the same bytes again and again", () => {
  const length = 2 ** 16;
  const list = folded(length);
  const handover = concatBytes(word(32), word(64), word(64 + list.length), list, word(0));
  const record = concatBytes(...[32, 1, 2, 3, 128].map(word), list);
  const manifest = concatBytes(...[32, 0, 0, ...Array(7).fill(0), 0].map(word), list);
  test.each([
    [
      "handover",
      () => readHandover(concatBytes(utf8ToBytes("wasm-arbiter handover 1\n"), handover)),
    ],
    [
      "block record",
      () => readBlockRecord(concatBytes(utf8ToBytes("wasm-arbiter block record 1\n"), record)),
    ],
    ["manifest", () => readManifest(manifest)],
  ])("of a %s are refused at once", (_, read) => {
    const before = performance.now();
    expect(read).toThrow(/its fields/);
    // A decoder that follows them takes a minute and gigabytes.
    expect(performance.now() - before).toBeLessThan(1_000);
  });
});
