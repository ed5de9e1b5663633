/**
 * CheckTx against the machine: for random transactions, good and bad in every way, the status is the one that the
 * wrapper gives; what is accepted is executed in any order of a block.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  CheckState,
  type ClientSession,
  hostSignatureCheck,
  readTransaction,
  signatureCheck,
} from "../../src/sdk/index.ts";
import { Application, answerOf, chainId, countingApplication, sessionOf } from "./application.ts";

const height = 50n;
const application = new Application(countingApplication);

/** Ways in which a transaction is right or wrong. */
const kinds = [
  "next",
  "next",
  "next",
  "replayed",
  "gap",
  "expired",
  "last height",
  "too far",
  "farthest",
  "other chain",
  "changed byte",
  "cut",
  "format",
] as const;
type Kind = (typeof kinds)[number];

interface Plan {
  readonly kind: Kind;
  readonly client: number;
  readonly session: number;
  readonly random: number;
}

const plans = fc.array(
  fc.record({
    kind: fc.constantFrom(...kinds),
    client: fc.nat({ max: 2 }),
    session: fc.nat({ max: 2 }),
    random: fc.nat(),
  }),
  { minLength: 1, maxLength: 10 },
);

let runs = 0n;

/** Makes the transactions of a plan; their sessions are the run's own. */
function transactionsOf(list: readonly Plan[]): Uint8Array[] {
  const base = (runs++ + 1n) * 1000n;
  const sessions = new Map<string, ClientSession>();
  return list.map(({ kind, client, session, random }) => {
    const key = `${client} ${session}`;
    const own = sessions.get(key) ?? sessionOf(client, base + BigInt(session));
    sessions.set(key, own);
    return made(kind, own, random);
  });
}

function made(kind: Kind, own: ClientSession, random: number): Uint8Array {
  const { nonce } = own;
  const sign = (expiry: bigint) => own.sign(answerOf(4), expiry);
  const aside = (bytes: Uint8Array) => {
    own.nonce = nonce;
    return bytes;
  };
  switch (kind) {
    case "next":
      return sign(height + BigInt(random % 4000));
    case "replayed":
      own.nonce = nonce === 0n ? 0n : BigInt(random) % nonce;
      return aside(sign(height + 5n));
    case "gap":
      own.nonce = nonce + 1n + BigInt(random % 3);
      return aside(sign(height + 5n));
    case "expired":
      return aside(sign(height - 1n - BigInt(random % 50)));
    case "last height":
      return sign(height);
    case "too far":
      return aside(sign(height + 4097n + BigInt(random)));
    case "farthest":
      return sign(height + 4096n);
    case "other chain":
      return aside(
        own.key.sign("another", {
          session: own.session,
          nonce,
          expiryHeight: height,
          payload: answerOf(4),
        }),
      );
    case "changed byte": {
      const bytes = aside(sign(height + 5n));
      bytes[45 + (random % (bytes.length - 45))] ^= 1 + (random % 255);
      return bytes;
    }
    case "cut":
      return aside(sign(height + 5n)).subarray(0, random % 109);
    case "format": {
      const bytes = aside(sign(height + 5n));
      bytes[0] = random % 256 === 1 ? 0 : random % 256;
      return bytes;
    }
  }
}

const hostCheck = hostSignatureCheck();

test("says of each transaction what the machine says of it as a block of its own", () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(plans, (list) => {
      const transactions = transactionsOf(list);
      const state = new CheckState(chainId, hostCheck);
      state.reset(height, Uint8Array.from(application.memory));
      for (const transaction of transactions) {
        const status = state.check(transaction);
        expect(status).toBe(application.statuses(height, [transaction])[0]);
        seen.add(status);
      }
    }),
    { seed: 15, numRuns: 30 },
  );
  expect([...seen].sort()).toEqual([
    "bad-signature",
    "executed",
    "expired",
    "expiry-too-far",
    "malformed",
    "nonce-gap",
    "nonce-used",
  ]);
});

test("what it accepts is executed in any order of one block", () => {
  let accepted = 0;
  fc.assert(
    fc.property(plans, fc.nat(), (list, seed) => {
      const state = new CheckState(chainId, hostCheck);
      state.reset(height, Uint8Array.from(application.memory));
      const good = transactionsOf(list).filter((each) => state.check(each) === "executed");
      accepted += good.length;
      const order = good.map((_, index) => (index * 7919 + seed) % 1009);
      const shuffled = good
        .map((each, index) => ({ each, at: order[index] }))
        .sort((a, b) => a.at - b.at)
        .map(({ each }) => each);
      expect(application.statuses(height, shuffled)).toEqual(shuffled.map(() => "executed"));
    }),
    { seed: 15, numRuns: 30 },
  );
  expect(accepted).toBeGreaterThan(40);
});

test("what waits is checked again without its signature, and only its time and nonce decide", () => {
  const own = sessionOf(5, 1n);
  const [zero, one, two] = [
    own.sign(answerOf(4), 60n),
    own.sign(answerOf(4), 55n),
    own.sign(answerOf(4), 60n),
  ];
  const state = new CheckState(chainId, hostCheck);
  state.reset(50n, Uint8Array.from(application.memory));
  expect([zero, one, two].map((each) => state.check(each))).toEqual([
    "executed",
    "executed",
    "executed",
  ]);
  application.block(50n, [zero]);
  state.reset(51n, Uint8Array.from(application.memory));
  expect([zero, one, two].map((each) => state.check(each, true))).toEqual([
    "nonce-used",
    "executed",
    "executed",
  ]);
  state.reset(56n, Uint8Array.from(application.memory));
  expect([one, two].map((each) => state.check(each, true))).toEqual(["expired", "nonce-gap"]);
});

test("both signature checks agree, on every changed bit of a signature", () => {
  const good = sessionOf(6, 1n).sign(answerOf(4), 60n);
  const cases = Array.from({ length: 64 * 2 }, (_, index) => {
    const bytes = Uint8Array.from(good);
    bytes[45 + (index >> 1)] ^= index % 2 === 0 ? 1 : 0x80;
    return bytes;
  });
  const verdicts = [good, ...cases].map((bytes) => {
    const read = readTransaction(bytes);
    if (read === undefined) throw new Error("expected a transaction");
    const [host, javascript] = [hostCheck(read, chainId), signatureCheck(read, chainId)];
    expect(javascript).toBe(host);
    return host;
  });
  expect(verdicts.filter((verdict) => verdict).length).toBe(1);
  expect(verdicts[0]).toBe(true);
});
