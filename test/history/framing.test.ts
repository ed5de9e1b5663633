/**
 * Framings of transactions: one form for a list, one reading for bytes, every changed byte another list or refused.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  chainHash,
  frameTransactions,
  HistoryError,
  readFraming,
} from "../../src/history/index.ts";

const transactions = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 12 });
const head = { chainId: "chain 1", height: 7n };
/** A head, and the words behind it. */
const headed = (...values: number[]) =>
  Uint8Array.of(
    ...chainHash(head.chainId),
    ...new Uint8Array(BigUint64Array.of(head.height).buffer),
    ...new Uint8Array(Uint32Array.from(values).buffer),
  );

describe("framing of transactions", () => {
  test("is read as what was framed", () => {
    fc.assert(
      fc.property(transactions, (list) => {
        const found = readFraming(frameTransactions(head, list));
        expect(found.transactions.map((each) => [...each])).toEqual(list.map((each) => [...each]));
        expect(found.chainHash).toEqual(chainHash(head.chainId));
        expect(found.height).toBe(head.height);
      }),
      { seed: 15, numRuns: 500 },
    );
  });

  test("bytes that can be read are the framing of what is read", () => {
    let read = 0;
    fc.assert(
      fc.property(transactions, fc.nat(), fc.nat({ max: 255 }), (list, position, byte) => {
        const input = frameTransactions(head, list);
        input[32 + (position % (input.length - 32))] = byte;
        try {
          const { height, transactions: found } = readFraming(input);
          expect(frameTransactions({ ...head, height }, found)).toEqual(input);
          read++;
        } catch (error) {
          expect(error).toBeInstanceOf(HistoryError);
        }
      }),
      { seed: 15, numRuns: 2000 },
    );
    expect(read).toBeGreaterThan(100);
  });

  test("of no transactions has 48 bytes", () => {
    expect(frameTransactions(head, [])).toEqual(headed(0, 48));
    expect(readFraming(headed(0, 48)).transactions).toEqual([]);
  });

  test("of a view of a longer buffer", () => {
    const input = frameTransactions(head, [Uint8Array.of(1, 2), Uint8Array.of()]);
    const longer = Uint8Array.of(9, 9, 9, ...input, 9);
    const { height, transactions: found } = readFraming(longer.subarray(3, 3 + input.length));
    expect(found[0]).toEqual(Uint8Array.of(1, 2));
    expect(height).toBe(7n);
  });

  test("of another chain or height is another", () => {
    const one = frameTransactions(head, []);
    expect(frameTransactions({ ...head, height: 8n }, [])).not.toEqual(one);
    expect(frameTransactions({ ...head, chainId: "chain 2" }, [])).not.toEqual(one);
  });

  test.each([-1n, 2n ** 63n])("no header has height %s", (height) => {
    expect(() => frameTransactions({ ...head, height }, [])).toThrow(RangeError);
    const input = frameTransactions(head, []);
    new DataView(input.buffer).setBigUint64(32, BigInt.asUintN(64, height), true);
    expect(() => readFraming(input)).toThrow("no header has its height");
  });

  test.each([
    ["no bytes", new Uint8Array(), "the head is cut short"],
    ["half a head", headed(0), "the head is cut short"],
    ["a count that does not fit", headed(2, 56, 56), "2 transactions do not fit"],
    ["a count of 2^32 − 1", headed(2 ** 32 - 1, 48), "do not fit"],
    ["a gap behind the head", headed(0, 52, 0), "the first offset"],
    ["bytes left over", headed(0, 48, 0), "the last offset"],
    ["offsets that fall", headed(3, 60, 64, 60, 64, 0), "transaction 1 ends before it begins"],
    ["an offset beyond the end", headed(2, 56, 99, 56), "transaction 0 ends before it begins"],
  ])("%s", (_name, input, text) => {
    expect(() => readFraming(input)).toThrow(text);
  });
});
