/**
 * The wrapper's rules, one by one: order within a session, replay, expiry, signatures, chains, gaps, eviction, full
 * buckets, rings that begin again. Every refused transaction has its status, and none traps.
 */
import { describe, expect, test } from "vitest";
import { blockRecordOf, encodeBlockRecord, transactionHash } from "../../src/history/index.ts";
import {
  encodeTransaction,
  maxLifetimeBlocks,
  maxTransactionBytes,
  readTransaction,
  sessionBucketAddress,
  transactionCount,
  wrapperLayout,
} from "../../src/sdk/index.ts";
import {
  Application,
  answerOf,
  chainId,
  countingApplication,
  keyOf,
  sessionOf,
} from "./application.ts";

const application = new Application(countingApplication);
const calls = () => Buffer.from(application.machine.state.memories[0].bytes).readUInt32LE(8);
let fresh = 1000n;
/** A session that nobody has used. */
const session = (client = 0) => sessionOf(client, fresh++);
const payload = answerOf(4);

/** Transactions of a new session, in their order. */
function signed(count: number, expiryHeight: bigint, client = 0): Uint8Array[] {
  const own = session(client);
  return Array.from({ length: count }, () => own.sign(payload, expiryHeight));
}

function repeated(status: string, count: number): string[] {
  return Array.from({ length: count }, () => status);
}

/** The transaction with other bytes from `at` on. */
function changed(transaction: Uint8Array, at: number, bytes: readonly number[]): Uint8Array {
  const copy = Uint8Array.from(transaction);
  copy.set(bytes, at);
  return copy;
}

describe("order", () => {
  test("a session's transactions are executed in the order of their nonces, in any order of the block", () => {
    const before = calls();
    const list = signed(6, 20n);
    const shuffled = [list[3], list[5], list[0], list[4], list[2], list[1]];
    const { executed, entries } = application.block(10n, shuffled);
    expect(executed).toBe(6);
    expect(entries.map(({ status }) => status)).toEqual(repeated("executed", 6));
    // Results lie in the order of execution, entries in the order of the block.
    const places = entries.map(({ address }) => address);
    expect([2, 5, 4, 0, 3, 1].map((index) => places[index])).toEqual(
      places.toSorted((a, b) => a - b),
    );
    expect(calls() - before).toBe(6);
  });

  test("sessions and clients count apart", () => {
    const lists = [signed(2, 20n, 0), signed(2, 20n, 0), signed(2, 20n, 1)];
    const [[a0, a1], [b0, b1], [c0, c1]] = lists;
    expect(application.statuses(10n, [a1, b0, c1, a0, b1, c0])).toEqual(repeated("executed", 6));
  });

  test("a gap is refused, and what follows it; later the session goes on where it was", () => {
    const [first, second, third] = signed(3, 20n);
    expect(application.statuses(10n, [third, first])).toEqual(["nonce-gap", "executed"]);
    expect(application.statuses(11n, [third])).toEqual(["nonce-gap"]);
    expect(application.statuses(12n, [third, second])).toEqual(["executed", "executed"]);
  });

  test("two transactions with one nonce: the first in the block is executed, also if both had to wait", () => {
    const own = session();
    const [zero, one] = [own.sign(payload, 20n), own.sign(payload, 20n)];
    own.nonce = 1n;
    const other = own.sign(answerOf(8), 20n);
    expect(application.statuses(10n, [one, other, zero])).toEqual([
      "executed",
      "nonce-used",
      "executed",
    ]);
  });
});

describe("replay", () => {
  test("in the same block, in a later one, and of a transaction out of order", () => {
    const before = calls();
    const [first, second] = signed(2, 20n);
    expect(application.statuses(10n, [first, first])).toEqual(["executed", "nonce-used"]);
    expect(application.statuses(11n, [first, second])).toEqual(["nonce-used", "executed"]);
    expect(application.statuses(20n, [second, first])).toEqual(["nonce-used", "nonce-used"]);
    expect(calls() - before).toBe(2);
  });

  test("a session is forgotten when the latest expiry of its transactions has passed, not before", () => {
    const own = session();
    const far = own.sign(payload, 30n);
    const near = own.sign(payload, 15n);
    expect(application.statuses(10n, [far, near])).toEqual(["executed", "executed"]);
    own.nonce = 0n;
    const again = own.sign(payload, 60n);
    expect(application.statuses(30n, [again, far])).toEqual(["nonce-used", "nonce-used"]);
    expect(application.statuses(31n, [far, again])).toEqual(["expired", "executed"]);
    expect(application.statuses(31n, [again])).toEqual(["nonce-used"]);
  });
});

describe("time", () => {
  test("the expiry height is the last one", () => {
    const [first, second] = signed(2, 12n);
    expect(application.statuses(12n, [first])).toEqual(["executed"]);
    expect(application.statuses(13n, [second])).toEqual(["expired"]);
  });

  test(`at most ${maxLifetimeBlocks} blocks ahead`, () => {
    const [inTime] = signed(1, 10n + maxLifetimeBlocks);
    const [tooFar] = signed(1, 11n + maxLifetimeBlocks);
    const [never] = signed(1, 2n ** 64n - 1n);
    expect(application.statuses(10n, [inTime, tooFar, never])).toEqual([
      "executed",
      "expiry-too-far",
      "expiry-too-far",
    ]);
  });
});

describe("signatures", () => {
  test("of another client, chain, session, nonce, expiry, payload, or changed in any byte", () => {
    const before = calls();
    const [good] = signed(1, 20n);
    const others = [
      changed(good, 1, [...Buffer.from(keyOf(1).address.slice(2), "hex")]),
      changed(good, 21, [good[21] ^ 1]),
      changed(good, 29, [1]),
      changed(good, 37, [19]),
      changed(good, 109, [5]),
      Uint8Array.of(...good, 0),
      good.subarray(0, good.length - 1),
      ...Array.from({ length: 64 }, (_, at) => changed(good, 45 + at, [good[45 + at] ^ 0x10])),
      changed(good, 77, [good[77] ^ 0x80]),
    ];
    expect(application.statuses(10n, others)).toEqual(repeated("bad-signature", others.length));
    expect(application.statuses(10n, [good], "another chain")).toEqual(["bad-signature"]);
    expect(calls()).toBe(before);
    expect(application.statuses(10n, [good])).toEqual(["executed"]);
  });

  test("with s in the upper half, or r or s that are no number below the order", () => {
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
    const bytesOf = (value: bigint) => [
      ...Buffer.from(value.toString(16).padStart(64, "0"), "hex"),
    ];
    // An s in the upper half has its topmost bit for itself if it is below 2^255.
    const [good] = signed(1, 20n);
    const half = (order - 1n) / 2n;
    const forged = [
      changed(good, 77, bytesOf(half + 1n)),
      changed(good, 77, bytesOf(0n)),
      changed(good, 45, bytesOf(0n)),
      changed(good, 45, bytesOf(order)),
      changed(good, 45, bytesOf(2n ** 256n - 1n)),
    ];
    expect(application.statuses(10n, forged)).toEqual(repeated("bad-signature", forged.length));
  });
});

describe("malformed transactions", () => {
  test("too short, of another format, a block record, too long", () => {
    const before = transactionCount(application.memory);
    const [good] = signed(1, 20n);
    const longest = session().sign(new Uint8Array(maxTransactionBytes - 109).fill(1), 20n);
    const list = [
      new Uint8Array(),
      good.subarray(0, 108),
      changed(good, 0, [2]),
      encodeBlockRecord(blockRecordOf({ chainId, height: 10n }, [good], [])),
      new Uint8Array(maxTransactionBytes + 1).fill(1),
      new Uint8Array(3 * maxTransactionBytes).fill(1),
      longest,
    ];
    const { entries } = application.block(10n, list);
    expect(entries.map(({ status }) => status)).toEqual([
      ...repeated("malformed", 6),
      // It asks for an answer of 0x01010101 bytes.
      "result-too-long",
    ]);
    expect(entries.map((entry) => [...entry.transactionHash])).toEqual(
      list.map((each) => [...transactionHash(each)]),
    );
    expect(entries.map(({ height }) => height)).toEqual(list.map(() => 10n));
    expect(transactionCount(application.memory)).toBe(before + 7n);
  });

  test("reading and encoding are inverse", () => {
    const [good] = signed(1, 20n);
    const read = readTransaction(good);
    expect(read?.client).toBe(keyOf(0).address);
    expect(read && encodeTransaction(read)).toEqual(good);
    expect(readTransaction(good.subarray(0, 108))).toBeUndefined();
  });
});

describe("bounded memory", () => {
  test("a full bucket takes no session until one of its own expires", () => {
    const { sessionsABucket } = wrapperLayout;
    const { address } = keyOf(2);
    const bucket = sessionBucketAddress(address, 0n);
    const numbers: bigint[] = [];
    for (let number = 0n; numbers.length < sessionsABucket + 1; number++) {
      if (sessionBucketAddress(address, number) === bucket) numbers.push(number);
    }
    const first = (number: bigint, expiry: bigint) => sessionOf(2, number).sign(payload, expiry);
    const others = numbers.slice(0, sessionsABucket);
    const last = numbers[sessionsABucket];
    // One of them expires before the others.
    const list = others.map((number, index) => first(number, index === 5 ? 110n : 120n));
    expect(application.statuses(100n, list)).toEqual(repeated("executed", sessionsABucket));
    expect(application.statuses(110n, [first(last, 200n)])).toEqual(["sessions-full"]);
    expect(application.statuses(111n, [first(last, 200n)])).toEqual(["executed"]);
    expect(application.statuses(111n, [first(others[5], 200n)])).toEqual(["sessions-full"]);
    // A session that lives goes on.
    const going = sessionOf(2, others[0]);
    going.nonce = 1n;
    expect(application.statuses(111n, [going.sign(payload, 300n)])).toEqual(["executed"]);
  });

  test("the ring of entries begins again, in one block and over many", () => {
    const { resultEntries } = wrapperLayout;
    const empty = Array.from({ length: resultEntries - 1 }, () => new Uint8Array());
    const [good] = signed(1, 20n);
    const { entries, executed } = application.block(10n, [...empty, good]);
    expect(executed).toBe(1);
    expect(entries.at(-1)?.status).toBe("executed");
    expect(entries.slice(0, -1).every(({ status }) => status === "malformed")).toBe(true);
    const count = transactionCount(application.memory);
    application.block(11n, [...empty, ...empty.slice(0, 10)]);
    expect(transactionCount(application.memory)).toBe(count + BigInt(resultEntries) + 9n);
  });

  test("the ring of results begins again; a result of 32,768 bytes is kept, a longer one is not", () => {
    const own = session();
    const sizes = Array.from({ length: 40 }, (_, index) => 32_768 - index);
    const list = [...sizes, 32_769].map((size) => own.sign(answerOf(size), 20n));
    const { entries, executed } = application.block(10n, list);
    expect(executed).toBe(41);
    expect(entries.map(({ status }) => status)).toEqual([
      ...repeated("executed", 40),
      "result-too-long",
    ]);
    expect(entries.slice(0, 40).map(({ length }) => length)).toEqual(sizes);
    const end = wrapperLayout.resultBytes + 2 ** 20;
    for (const { address, length } of entries.slice(0, 40)) {
      expect(address).toBeGreaterThanOrEqual(wrapperLayout.resultBytes);
      expect(address + length).toBeLessThanOrEqual(end);
    }
    expect(application.answer(entries[39]).length).toBe(32_729);
    expect(() => application.answer(entries[0])).toThrow("written over");
  });

  test("of transactions that wait, 4,096 are held; one more stays refused for its gap", () => {
    const gap = session(3);
    gap.nonce = 1n;
    const waiting = gap.sign(payload, 20n);
    const list = Array.from({ length: 4095 }, () => waiting);
    const [[a0, a1], [b0, b1]] = [signed(2, 20n), signed(2, 20n)];
    expect(application.statuses(10n, [...list, a1, b1, a0, b0]).slice(4094)).toEqual([
      "nonce-gap",
      "executed",
      "nonce-gap",
      "executed",
      "executed",
    ]);
  });
});
