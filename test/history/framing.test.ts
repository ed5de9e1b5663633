/**
 * Framings of transactions: one form for a list, one reading for bytes, every changed byte another list or refused.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { frameTransactions, HistoryError, readFraming } from "../../src/history/index.ts";

const transactions = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 12 });
const words = (...values: number[]) => new Uint8Array(Uint32Array.from(values).buffer);

describe("framing of transactions", () => {
  test("is read as what was framed", () => {
    fc.assert(
      fc.property(transactions, (list) => {
        expect(readFraming(frameTransactions(list)).map((each) => [...each])).toEqual(
          list.map((each) => [...each]),
        );
      }),
      { seed: 15, numRuns: 500 },
    );
  });

  test("bytes that can be read are the framing of what is read", () => {
    let read = 0;
    fc.assert(
      fc.property(transactions, fc.nat(), fc.nat({ max: 255 }), (list, position, byte) => {
        const input = frameTransactions(list);
        input[position % input.length] = byte;
        try {
          const found = readFraming(input);
          expect(frameTransactions(found)).toEqual(input);
          read++;
        } catch (error) {
          expect(error).toBeInstanceOf(HistoryError);
        }
      }),
      { seed: 15, numRuns: 2000 },
    );
    expect(read).toBeGreaterThan(100);
  });

  test("of no transactions has eight bytes", () => {
    expect(frameTransactions([])).toEqual(words(0, 8));
    expect(readFraming(words(0, 8))).toEqual([]);
  });

  test("of a view of a longer buffer", () => {
    const input = frameTransactions([Uint8Array.of(1, 2), Uint8Array.of()]);
    const longer = Uint8Array.of(9, 9, 9, ...input, 9);
    expect(readFraming(longer.subarray(3, 3 + input.length))[0]).toEqual(Uint8Array.of(1, 2));
  });

  test.each([
    ["no bytes", new Uint8Array(), "the count is missing"],
    ["half a head", words(0), "the count is missing"],
    ["a count that does not fit", words(2, 16, 16), "2 transactions do not fit"],
    ["a count of 2^32 − 1", words(2 ** 32 - 1, 8), "do not fit"],
    ["a gap behind the head", words(0, 12, 0), "the first offset"],
    ["bytes left over", words(0, 8, 0), "the last offset"],
    ["offsets that fall", words(3, 20, 24, 20, 24, 0), "transaction 1 ends before it begins"],
    ["an offset beyond the end", words(2, 16, 99, 16), "transaction 0 ends before it begins"],
  ])("%s", (_name, input, text) => {
    expect(() => readFraming(input)).toThrow(text);
  });
});
