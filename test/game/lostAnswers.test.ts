/**
 * Payments whose sending a node has answered with nothing: they are made once, however often they are repeated
 * (docs/game.md §7).
 */
import type { Wallet } from "ethers";
import { beforeAll, describe, expect, it } from "vitest";
import { NotMinedError, pause, Sender } from "../../src/game/chain/sender.ts";
import { type Chain, freshWallet, stake, startChain } from "./chain.ts";

let chain: Chain;
beforeAll(async () => {
  chain = await startChain();
});

type Sending = Wallet["sendTransaction"];

/** A wallet that sends in another way. */
function watched(wallet: Wallet, send: Sending): Wallet {
  return new Proxy(wallet, {
    get(target, name) {
      if (name === "sendTransaction") return send;
      const value = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** Every other sending fails, after the node has taken it or before. */
function losingAnswers(wallet: Wallet, code: string, isTaken = true): Wallet {
  let sent = 0;
  return watched(wallet, async (transaction) => {
    const isLost = sent++ % 2 === 0;
    const response = !isLost || isTaken ? await wallet.sendTransaction(transaction) : undefined;
    if (isLost || response === undefined) throw Object.assign(new Error("lost"), { code });
    return response;
  });
}

const freeOf = async ({ address }: Wallet) =>
  (await chain.client.contract.accounts(address)).free as bigint;

describe("a payment", () => {
  it("finds what the node has taken although its answer was lost, and pays it once", async () => {
    const wallet = await freshWallet(chain);
    for (const code of ["TIMEOUT", "NETWORK_ERROR"]) {
      const before = await freeOf(wallet);
      const signer = losingAnswers(wallet, code);
      const receipt = await new Sender(signer, { pollMs: 5 }).send(
        chain.client.contract,
        "deposit",
        [],
        stake,
      );
      expect(receipt.status).toBe(1);
      expect((await freeOf(wallet)) - before).toBe(stake);
    }
  });

  it("given up after its answer was lost, and repeated › one deposit, whose receipt it gives", async () => {
    const wallet = await freshWallet(chain);
    const signer = losingAnswers(wallet, "SERVER_ERROR");
    const sender = new Sender(signer, { pollMs: 5 });
    const deposit = () => sender.send(chain.client.contract, "deposit", [], stake);
    await expect(deposit()).rejects.toMatchObject({ code: "SERVER_ERROR" });
    expect((await deposit()).status).toBe(1);
    expect(await freeOf(wallet)).toBe(stake);
    // A further one is a deposit of its own.
    await deposit();
    expect(await freeOf(wallet)).toBe(2n * stake);
  });

  it("given up while it waits in the pool, mined then, and repeated › one deposit", async () => {
    const wallet = await freshWallet(chain);
    let sent = 0;
    const signer = watched(wallet, async (transaction) => {
      const response = await wallet.sendTransaction(transaction);
      sent++;
      return response;
    });
    const { maxFeePerGas } = await chain.provider.getFeeData();
    const gas: bigint = await chain.client.contract.deposit.estimateGas({ value: stake });
    const mostFeeWei = ((gas * 13n) / 10n) * (maxFeePerGas ?? 0n) * 3n;
    const options = { pollMs: 5, patienceBlocks: 1, attempts: 2, mostFeeWei };
    const sender = new Sender(signer, options);
    const deposit = () => sender.send(chain.client.contract, "deposit", [], stake);
    const mine = async (price: bigint) => {
      await chain.provider.send("hardhat_setNextBlockBaseFeePerGas", [`0x${price.toString(16)}`]);
      await chain.provider.send("evm_mine", []);
    };
    await chain.provider.send("evm_setAutomine", [false]);
    try {
      let outcome: unknown;
      void deposit()
        .catch((error) => error)
        .then((result) => {
          outcome = result;
        });
      while (sent === 0) await pause(5);
      while (outcome === undefined) {
        await mine((maxFeePerGas ?? 0n) * 100n);
        await pause(20);
      }
      expect(outcome).toBeInstanceOf(NotMinedError);
      await mine(10n ** 9n);
    } finally {
      await chain.provider.send("hardhat_setNextBlockBaseFeePerGas", ["0x3b9aca00"]);
      await chain.provider.send("evm_setAutomine", [true]);
    }
    expect(await freeOf(wallet)).toBe(stake);
    expect((await deposit()).status).toBe(1);
    expect(await freeOf(wallet)).toBe(stake);
    expect(await chain.provider.getTransactionCount(wallet.address)).toBe(1);
  });

  it("given up, and its place taken by another's transaction › repeated it is made", async () => {
    const wallet = await freshWallet(chain);
    const signer = losingAnswers(wallet, "SERVER_ERROR", false);
    const sender = new Sender(signer, { pollMs: 5 });
    const deposit = () => sender.send(chain.client.contract, "deposit", [], stake);
    await expect(deposit()).rejects.toMatchObject({ code: "SERVER_ERROR" });
    await wallet.sendTransaction({ to: wallet.address });
    await deposit();
    expect(await freeOf(wallet)).toBe(stake);
  });
});
