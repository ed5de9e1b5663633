/** The ledger example on the host's engine against a plain implementation in TypeScript. */
import { describe, expect, test } from "vitest";
import { encodeBlock, randomBlock, transactionBytes } from "../../examples/ledger/block.ts";
import { exampleNamed, wasmOf } from "../../examples/manifest.ts";

/** The ledger again, in plain TypeScript. */
function referenceLedger(block: Uint8Array): { accepted: number; balances: Map<number, bigint> } {
  const balances = new Map<number, bigint>();
  const nonces = new Map<number, number>();
  const view = new DataView(block.buffer, block.byteOffset, block.length);
  let accepted = 0;
  for (let at = 0; at + transactionBytes <= block.length; at += transactionBytes) {
    const [kind, account, counterpart, nonce] = [0, 4, 8, 12].map((i) =>
      view.getUint32(at + i, true),
    );
    const amount = view.getBigUint64(at + 16, true);
    if (account >= 65536 || nonce !== (nonces.get(account) ?? 0) || kind < 1 || kind > 3) continue;
    const balance = (balances.get(account) ?? 0n) + (kind === 1 ? amount : -amount);
    if (balance < 0n || balance >= 1n << 64n) continue;
    if (kind === 3) {
      const theirs = (balances.get(counterpart) ?? 0n) + amount;
      if (counterpart >= 65536 || counterpart === account || theirs >= 1n << 64n) continue;
      balances.set(counterpart, theirs);
    }
    balances.set(account, balance);
    nonces.set(account, nonce + 1);
    accepted++;
  }
  return { accepted, balances };
}

async function ledgerInstance(input: () => Uint8Array) {
  let memory = new Uint8Array();
  const { instance } = await WebAssembly.instantiate(wasmOf(exampleNamed("ledger")), {
    arbiter: {
      input_size: () => input().length,
      input_read: (to: number, from: number, length: number) =>
        memory.set(input().subarray(from, from + length), to),
    },
  });
  const exports = instance.exports as {
    memory: WebAssembly.Memory;
    gateway(): number;
    balanceOf(account: number): bigint;
  };
  memory = new Uint8Array(exports.memory.buffer);
  return exports;
}

describe("ledger", () => {
  test("random blocks › balances equal a plain implementation's", async () => {
    for (const seed of [1, 2, 3]) {
      const block = randomBlock(3000, seed);
      const ledger = await ledgerInstance(() => block);
      const { accepted, balances } = referenceLedger(block);
      expect(ledger.gateway()).toBe(accepted);
      expect(accepted).toBeGreaterThan(2000);
      for (const [account, balance] of balances) {
        expect(BigInt.asUintN(64, ledger.balanceOf(account))).toBe(balance);
      }
    }
  });

  test("bad transactions › are refused, none traps and none changes a balance", async () => {
    const huge = (1n << 64n) - 1n;
    const bad = encodeBlock([
      { kind: "deposit", account: 1, nonce: 0, amount: 1n },
      { kind: "withdrawal", account: 1, nonce: 0, amount: 1n },
      { kind: "deposit", account: 65536, nonce: 0, amount: 1n },
      { kind: "deposit", account: 1, nonce: 5, amount: 1n },
      { kind: "transfer", account: 1, counterpart: 1, nonce: 0, amount: 0n },
      { kind: "transfer", account: 1, counterpart: 4294967295, nonce: 0, amount: 0n },
      { kind: "deposit", account: 1, nonce: 0, amount: huge },
      { kind: "deposit", account: 1, nonce: 1, amount: 1n },
    ]);
    bad.fill(0xff, 0, 4); // an unknown kind
    const withGarbage = Uint8Array.from([...bad, 9, 9, 9]);
    const ledger = await ledgerInstance(() => withGarbage);
    expect(ledger.gateway()).toBe(1);
    expect(BigInt.asUintN(64, ledger.balanceOf(1))).toBe(huge);
  });
});
