import type { Wallet } from "ethers";
import { beforeAll, describe, expect, it } from "vitest";
import { NotMinedError, pause, RefusedError, Sender } from "../../src/game/chain/sender.ts";
import { type Chain, freshWallet, stake, startChain } from "./chain.ts";

let chain: Chain;
beforeAll(async () => {
  chain = await startChain();
});

/** Counts sendings and what they offer to pay, and lets some of them fail on the way to the node. */
function counted(wallet: Wallet, failures = 0) {
  let sent = 0;
  const hashes: string[] = [];
  /** Wei that each sending may cost at most. */
  const offers: bigint[] = [];
  const signer = new Proxy(wallet, {
    get(target, name) {
      if (name !== "sendTransaction") {
        const value = Reflect.get(target, name);
        return typeof value === "function" ? value.bind(target) : value;
      }
      return async (transaction: Parameters<Wallet["sendTransaction"]>[0]) => {
        sent++;
        offers.push(BigInt(transaction.maxFeePerGas ?? 0) * BigInt(transaction.gasLimit ?? 0));
        if (sent <= failures) throw Object.assign(new Error("lost"), { code: "NETWORK_ERROR" });
        const response = await target.sendTransaction(transaction);
        hashes.push(response.hash);
        return response;
      };
    },
  });
  return { signer, count: () => sent, hashes, offers };
}

const freeOf = async ({ address }: Wallet) =>
  (await chain.client.contract.accounts(address)).free as bigint;

/** As many calls that pay nothing, all at once. */
const delegations = (sender: Sender, count: number) =>
  Array.from({ length: count }, (_, i) =>
    sender.send(chain.client.contract, "setDelegate", [`0x${`${i + 1}`.padStart(40, "0")}`]),
  );

/** Looks so seldom that nothing is sent again while a test holds the chain still. */
const pollMs = 50;

/** Until so many have been taken by the node; that they were given to it is not enough to mine them. */
async function untilPooled(hashes: readonly string[], count: number): Promise<void> {
  while (hashes.length < count) await pause(5);
}

describe("Sender", () => {
  it("pays more for a transaction that sticks, and never sends it twice", async () => {
    const wallet = await freshWallet(chain);
    const { signer, count } = counted(wallet);
    const sender = new Sender(signer, { pollMs: 5, patienceBlocks: 2, raisePercent: 100 });
    await chain.provider.send("evm_setAutomine", [false]);
    try {
      let isMined = false;
      const sending = sender.send(chain.client.contract, "deposit", [], stake).then((receipt) => {
        isMined = true;
        return receipt;
      });
      while (count() === 0) await pause(5);
      for (let block = 0; block < 60 && !isMined; block++) {
        // For a while the price of inclusion is far above what was offered at first.
        const price = count() < 3 ? 200n * 10n ** 9n : 10n ** 9n;
        await chain.provider.send("hardhat_setNextBlockBaseFeePerGas", [`0x${price.toString(16)}`]);
        await chain.provider.send("evm_mine", []);
        await pause(30);
      }
      expect((await sending).status).toBe(1);
    } finally {
      await chain.provider.send("evm_setAutomine", [true]);
    }
    expect(count()).toBeGreaterThan(1);
    expect(await chain.provider.getTransactionCount(wallet.address)).toBe(1);
    expect(await freeOf(wallet)).toBe(stake);
  });

  it("raises its price up to mostFeeWei and no further, however long it sticks", async () => {
    const wallet = await freshWallet(chain);
    const { signer, hashes, offers } = counted(wallet);
    const { maxFeePerGas } = await chain.provider.getFeeData();
    const gas: bigint = await chain.client.contract.deposit.estimateGas({ value: stake });
    const mostFeeWei = ((gas * 13n) / 10n) * (maxFeePerGas ?? 0n) * 3n;
    const options = { pollMs: 5, patienceBlocks: 1, raisePercent: 60, attempts: 6, mostFeeWei };
    await chain.provider.send("evm_setAutomine", [false]);
    try {
      let outcome: unknown;
      void new Sender(signer, options)
        .send(chain.client.contract, "deposit", [], stake)
        .catch((error) => error)
        .then((result) => {
          outcome = result;
        });
      const price = `0x${((maxFeePerGas ?? 0n) * 100n).toString(16)}`;
      while (offers.length === 0) await pause(5);
      while (outcome === undefined) {
        await chain.provider.send("hardhat_setNextBlockBaseFeePerGas", [price]);
        await chain.provider.send("evm_mine", []);
        await pause(20);
      }
      expect(outcome).toBeInstanceOf(NotMinedError);
      expect(offers).toHaveLength(options.attempts);
      expect(offers[0]).toBeLessThan(mostFeeWei);
      for (const offer of offers) expect(offer).toBeLessThanOrEqual(mostFeeWei);
      // The ceiling is reached, but for what is lost by a whole price for a unit of gas.
      expect(offers.at(-1)).toBeGreaterThan(mostFeeWei - 2n * gas);
    } finally {
      for (const hash of hashes) {
        await chain.provider.send("hardhat_dropTransaction", [hash]).catch(() => {});
      }
      await chain.provider.send("hardhat_setNextBlockBaseFeePerGas", ["0x3b9aca00"]);
      await chain.provider.send("evm_setAutomine", [true]);
    }
  });

  it("tries again when the node cannot be reached", async () => {
    const wallet = await freshWallet(chain);
    const { signer, count } = counted(wallet, 2);
    const sender = new Sender(signer, { pollMs: 5 });
    await sender.send(chain.client.contract, "deposit", [], stake);
    expect(count()).toBe(3);
    expect(await freeOf(wallet)).toBe(stake);
  });

  it("replaces what a killed process has left in the pool", async () => {
    const wallet = await freshWallet(chain);
    await chain.provider.send("evm_setAutomine", [false]);
    const before = await wallet.sendTransaction({ to: chain.address, gasLimit: 100_000, nonce: 0 });
    const sender = new Sender(wallet, { pollMs: 5, patienceBlocks: 1 });
    const sending = sender.send(chain.client.contract, "deposit", [], stake);
    await pause(300);
    await chain.provider.send("evm_setAutomine", [true]);
    await chain.provider.send("evm_mine", []);
    // Whichever of the two the chain takes, the deposit is made once, and soon.
    const receipt = await sending.catch(() => undefined);
    if (receipt === undefined) await sender.send(chain.client.contract, "deposit", [], stake);
    expect(await freeOf(wallet)).toBe(stake);
    expect(before.nonce).toBe(0);
  });

  it("has several in flight at a time, and no more than it may", async () => {
    const wallet = await freshWallet(chain);
    const { signer, count, hashes } = counted(wallet);
    const sender = new Sender(signer, { pollMs, mostInFlight: 4 });
    await chain.provider.send("evm_setAutomine", [false]);
    try {
      const sending = Promise.all(delegations(sender, 6));
      await untilPooled(hashes, 4);
      await pause(100);
      expect(count()).toBe(4);
      await chain.provider.send("evm_mine", []);
      await untilPooled(hashes, 6);
      await chain.provider.send("evm_mine", []);
      const blocks = (await sending).map(({ blockNumber }) => blockNumber);
      const [first] = blocks;
      expect(blocks.map((block) => block - first)).toEqual([0, 0, 0, 0, 1, 1]);
    } finally {
      await chain.provider.send("evm_setAutomine", [true]);
    }
  });

  it("sends again what the pool has lost, and what waits behind it follows", async () => {
    const wallet = await freshWallet(chain);
    const { signer, count, hashes } = counted(wallet);
    const sender = new Sender(signer, { pollMs, patienceBlocks: 1 });
    await chain.provider.send("evm_setAutomine", [false]);
    try {
      const sending = Promise.all(delegations(sender, 3));
      await untilPooled(hashes, 3);
      await chain.provider.send("hardhat_dropTransaction", [hashes[0]]);
      let isMined = false;
      void sending.then(() => {
        isMined = true;
      });
      for (let block = 0; block < 100 && !isMined; block++) {
        await chain.provider.send("evm_mine", []);
        await pause(50);
      }
      expect((await sending).map(({ status }) => status)).toEqual([1, 1, 1]);
    } finally {
      await chain.provider.send("evm_setAutomine", [true]);
    }
    expect(await chain.provider.getTransactionCount(wallet.address)).toBe(3);
    // What waited was not paid more for.
    expect(count()).toBe(4);
  });

  it("that gives up lets those behind go, and takes the first free nonce again", async () => {
    const wallet = await freshWallet(chain);
    const { signer, hashes } = counted(wallet);
    const sender = new Sender(signer, { pollMs, patienceBlocks: 1, attempts: 1 });
    await chain.provider.send("evm_setAutomine", [false]);
    try {
      const sending = Promise.allSettled(delegations(sender, 3));
      await untilPooled(hashes, 3);
      for (const hash of hashes) await chain.provider.send("hardhat_dropTransaction", [hash]);
      await chain.provider.send("evm_mine", []);
      await chain.provider.send("evm_mine", []);
      const reasons = (await sending).map((one) => one.status === "rejected" && one.reason);
      for (const reason of reasons) expect(reason).toBeInstanceOf(NotMinedError);
    } finally {
      await chain.provider.send("evm_setAutomine", [true]);
    }
    expect((await Promise.all(delegations(sender, 2))).map(({ status }) => status)).toEqual([1, 1]);
    expect(await chain.provider.getTransactionCount(wallet.address)).toBe(2);
  });

  it("sends payments one after the other, however many ask at once", async () => {
    const wallet = await freshWallet(chain);
    const sender = new Sender(wallet, { pollMs: 5 });
    const deposits = [1n, 2n, 3n, 4n].map((wei) =>
      sender.send(chain.client.contract, "deposit", [], wei),
    );
    const nonces = (await Promise.all(deposits)).map(({ blockNumber }) => blockNumber);
    expect(new Set(nonces).size).toBe(4);
    expect(await freeOf(wallet)).toBe(10n);
  });

  it("gives up at once when another transaction has taken its place", async () => {
    const wallet = await freshWallet(chain);
    await chain.provider.send("evm_setAutomine", [false]);
    try {
      const { signer, count, hashes } = counted(wallet);
      const sending = new Sender(signer, { pollMs: 5 })
        .send(chain.client.contract, "deposit", [], stake)
        .catch((error) => error);
      while (hashes.length === 0) await pause(5);
      await chain.provider.send("hardhat_dropTransaction", [hashes[0]]);
      await wallet.sendTransaction({ to: wallet.address, nonce: 0, gasLimit: 21_000n });
      const before = await chain.provider.getBlockNumber();
      await chain.provider.send("evm_mine", []);
      expect(await sending).toBeInstanceOf(NotMinedError);
      expect(await chain.provider.getBlockNumber()).toBe(before + 1);
      expect(count()).toBe(1);
    } finally {
      await chain.provider.send("evm_setAutomine", [true]);
    }
  });

  it("does not send what would revert, and says why", async () => {
    const wallet = await freshWallet(chain);
    const { signer, count } = counted(wallet);
    const error = await new Sender(signer)
      .send(chain.client.contract, "requestWithdrawal", [1n])
      .catch((caught) => caught);
    expect(error).toBeInstanceOf(RefusedError);
    expect(error.reason).toBe("InsufficientDeposit");
    expect(count()).toBe(0);
  });
});
