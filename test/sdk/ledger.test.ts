/** The ledger on the SDK: the same answers in AssemblyScript, Rust and C, and those of a model, over random blocks. */
import { describe, expect, test } from "vitest";
import {
  type Command,
  encodeCommand,
  LedgerModel,
  outcomes,
  readAnswer,
} from "../../examples/sdk/commands.ts";
import { seededPick } from "../game/random.ts";
import { Application, keyOf, languages, ledgerBytes, sessionOf } from "./application.ts";

const applications = languages.map((language) => new Application(ledgerBytes(language)));
const clients = [0, 1, 2, 3, 4].map((index) => sessionOf(index));

function randomCommand(pick: (from: number, to: number) => number): Command {
  const amount = pick(0, 9) === 0 ? 2n ** 64n - 1n : BigInt(pick(0, 100));
  switch (pick(0, 4)) {
    case 0:
      return { kind: "balance" };
    case 1:
      return { kind: "withdrawal", amount };
    case 2:
      return { kind: "transfer", amount, receiver: keyOf(pick(0, 5)).address };
    default:
      return { kind: "deposit", amount };
  }
}

describe("the ledger", () => {
  test("answers as its model does, in every language", () => {
    const pick = seededPick(7);
    const model = new LedgerModel();
    const seen = new Set<string>();
    for (let height = 1n; height <= 6n; height++) {
      const asked = Array.from({ length: 40 }, () => ({
        client: clients[pick(0, clients.length - 1)],
        command: randomCommand(pick),
      }));
      const block = asked.map(({ client, command }) => client.sign(encodeCommand(command), 20n));
      const answers = applications.map((application) =>
        application
          .block(height, block)
          .entries.map((entry) => readAnswer(application.answer(entry))),
      );
      const wanted = asked.map(({ client, command }) => model.apply(client.key.address, command));
      for (const given of answers) expect(given).toEqual(wanted);
      for (const { outcome } of wanted) seen.add(outcome);
    }
    expect(seen).toEqual(new Set(["done", "insufficient", "overflow"]));
  });

  test("payloads that are no command are answered so, in every language", () => {
    const client = sessionOf(9);
    const deposit = encodeCommand({ kind: "deposit", amount: 5n });
    const payloads = [
      new Uint8Array(),
      Uint8Array.of(0),
      Uint8Array.of(5),
      Uint8Array.of(1),
      deposit.subarray(0, 8),
      Uint8Array.of(...deposit, 0),
      Uint8Array.of(3, ...deposit.subarray(1)),
      Uint8Array.of(4, 0),
      new Uint8Array(60_000),
    ];
    const block = payloads.map((payload) => client.sign(payload, 20n));
    for (const application of applications) {
      const { entries } = application.block(10n, block);
      for (const entry of entries) {
        expect(readAnswer(application.answer(entry))).toEqual({ outcome: "unknown", balance: 0n });
      }
    }
  });

  test("accounts whose addresses begin alike have 64 places; then it is full", () => {
    const client = sessionOf(10);
    const receivers = Array.from({ length: 70 }, (_, index) => {
      const bytes = new Uint8Array(20).fill(0xee);
      bytes[19] = index;
      return `0x${Buffer.from(bytes).toString("hex")}`;
    });
    const block = [
      client.sign(encodeCommand({ kind: "deposit", amount: 1000n }), 20n),
      ...receivers.map((receiver) =>
        client.sign(encodeCommand({ kind: "transfer", amount: 1n, receiver }), 20n),
      ),
    ];
    for (const application of applications) {
      const { entries } = application.block(11n, block);
      const given = entries.map((entry) => readAnswer(application.answer(entry)));
      expect(given.slice(1).map(({ outcome }) => outcome)).toEqual(
        receivers.map((_, index) => outcomes[index < 64 ? 0 : 4]),
      );
      expect(given.at(-1)?.balance).toBe(936n);
    }
  });
});
