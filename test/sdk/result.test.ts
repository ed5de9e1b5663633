/**
 * Results as a client gets them: an entry proven against a state hash, the result by the entry's hash, and everything
 * else refused; wallets sign what the wrapper checks.
 */
import { id, Wallet } from "ethers";
import { describe, expect, test } from "vitest";
import { encodeCommand, readAnswer } from "../../examples/sdk/commands.ts";
import { proveMemory, StateTree, verifyMemory } from "../../src/merkle/index.ts";
import {
  ClientKey,
  checkResult,
  randomSession,
  recoverClient,
  resultRange,
  SdkError,
  signTransaction,
  transactionCount,
  transactionDigest,
} from "../../src/sdk/index.ts";
import { Application, chainId, ledgerBytes, sessionOf } from "./application.ts";

const application = new Application(ledgerBytes("as"));
const deposit = encodeCommand({ kind: "deposit", amount: 7n });

describe("a client", () => {
  const own = sessionOf(0);
  const other = sessionOf(1).sign(deposit, 20n);
  const transaction = own.sign(deposit, 20n);
  const before = transactionCount(application.memory);
  const { entries } = application.block(10n, [other, transaction, transaction]);
  const result = application.answer(entries[1]);
  const tree = new StateTree(application.machine.state);
  const range = resultRange(application.memoryNumber, before + 1n);
  const proof = proveMemory(tree, range);
  const proven = verifyMemory(tree.stateHash(), range, proof);

  test("reads its result from a proven entry", () => {
    const entry = checkResult(proven, transaction, result);
    expect(entry.status).toBe("executed");
    expect(entry.height).toBe(10n);
    expect(readAnswer(result)).toEqual({ outcome: "done", balance: 7n });
  });

  test("is not shown another's entry, another result, or none", () => {
    const refusal = (...args: Parameters<typeof checkResult>) => {
      try {
        checkResult(...args);
      } catch (error) {
        if (error instanceof SdkError) return error.code;
        throw error;
      }
      return undefined;
    };
    expect(refusal(proven, other, result)).toBe("result-overwritten");
    expect(refusal(proven, transaction, new Uint8Array())).toBe("result-mismatch");
    for (let at = 0; at < result.length; at++) {
      const changed = Uint8Array.from(result);
      changed[at] ^= 1;
      expect(refusal(proven, transaction, changed)).toBe("result-mismatch");
    }
    expect(() => checkResult(proven.subarray(1), transaction, result)).toThrow(RangeError);
  });

  test("no byte of the proof can be another", () => {
    for (let at = 0; at < proof.length; at += 13) {
      const changed = Uint8Array.from(proof);
      changed[at] ^= 1;
      expect(() => verifyMemory(tree.stateHash(), range, changed)).toThrow();
    }
  });

  test("is told of a replay what it is: the transaction has its first entry", () => {
    const second = resultRange(application.memoryNumber, before + 2n);
    const replay = verifyMemory(tree.stateHash(), second, proveMemory(tree, second));
    expect(checkResult(replay, transaction, new Uint8Array()).status).toBe("nonce-used");
    expect(() => checkResult(replay, transaction, result)).toThrow(SdkError);
  });
});

describe("signing", () => {
  const fields = { session: randomSession(), nonce: 0n, expiryHeight: 20n, payload: deposit };

  test("a wallet's typed data is what a key signs, and the wrapper executes both", async () => {
    const wallet = new Wallet(id("a client"));
    const key = new ClientKey(Buffer.from(wallet.privateKey.slice(2), "hex"));
    expect(key.address).toBe(wallet.address);
    const signed = await signTransaction(chainId, fields, wallet);
    const digest = transactionDigest(chainId, fields);
    expect(recoverClient(digest, signed.subarray(45, 109))).toBe(wallet.address);
    expect(application.statuses(10n, [signed])).toEqual(["executed"]);
    const next = key.sign(chainId, { ...fields, nonce: 1n });
    expect(application.statuses(10n, [next])).toEqual(["executed"]);
  });

  test("fields out of their range are refused", () => {
    const key = sessionOf(0).key;
    for (const wrong of [
      { nonce: -1n },
      { session: 2n ** 64n },
      { expiryHeight: 2n ** 64n },
      { payload: new Uint8Array(65_428) },
    ]) {
      expect(() => key.sign(chainId, { ...fields, ...wrong })).toThrow(RangeError);
    }
    expect(() => new ClientKey(new Uint8Array(32))).toThrow();
    expect(() => new ClientKey(new Uint8Array(31))).toThrow();
  });
});
