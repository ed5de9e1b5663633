/**
 * Sends one transaction until it is mined (docs/game.md §7): simulated first, re-priced when it sticks, retried
 * when the node fails.
 *
 * Invariant: a sender has at most one transaction in flight, at its account's first unmined nonce, whoever asks how often;
 * so sending again, also after a crash, replaces and never duplicates.
 */

import type { BaseContract, ContractTransaction, Signer, TransactionReceipt } from "ethers";
import { checkOptionNames } from "../../interpreter/optionNames.ts";
import { decodeRevert, knownRevert } from "./revert.ts";

/** When a transaction is sent again, and at which price. */
export interface SenderOptions {
  /** Blocks to wait before a transaction that is not mined is sent again at a higher price. */
  readonly patienceBlocks: number;
  /** Sendings of one transaction before giving up. */
  readonly attempts: number;
  /** Time between looks at the chain. */
  readonly pollMs: number;
  /** Price of each sending over the one before, in percent; nodes ask for at least 10. */
  readonly raisePercent: number;
  /** Wei that one transaction may cost at most, 1 ether unless given: no price is raised beyond it. */
  readonly mostFeeWei: bigint;
}

export const senderDefaults: SenderOptions = {
  patienceBlocks: 3,
  attempts: 12,
  pollMs: 200,
  raisePercent: 25,
  mostFeeWei: 10n ** 18n,
};

/** The chain does not accept the transaction: its simulation reverts, or it was mined and reverted. */
export class RefusedError extends Error {
  readonly code = "refused";
  /** Name of the contract's custom error, where it is one and known. */
  readonly reason: string;
  /** The same with the error's arguments. */
  readonly detail: string;

  constructor(
    method: string,
    reason: string,
    cause: unknown,
    { isMined = false, detail = reason } = {},
  ) {
    super(`${method} ${isMined ? "has reverted" : "would revert"}: ${detail}`, { cause });
    this.name = "RefusedError";
    this.reason = reason;
    this.detail = detail;
  }
}

/** The transaction was not mined in spite of all attempts. */
export class NotMinedError extends Error {
  readonly code = "not-mined";
}

/**
 * Sends the transactions of one account, one after the other, each until it is mined: simulated first, sent again
 * at a higher price while it sticks. Use one sender for an account.
 */
export class Sender {
  readonly signer: Signer;
  readonly options: SenderOptions;
  #last: Promise<unknown> = Promise.resolve();

  constructor(signer: Signer, options: Partial<SenderOptions> = {}) {
    checkOptionNames("sender", options, Object.keys(senderDefaults));
    this.signer = signer;
    this.options = { ...senderDefaults, ...options };
  }

  /** Simulates a call of a contract, then sends it. Throws RefusedError if either reverts. */
  send(
    contract: BaseContract,
    method: string,
    args: readonly unknown[],
    value = 0n,
  ): Promise<TransactionReceipt> {
    return this.#inTurn(async () => {
      const call = contract.connect(this.signer).getFunction(method);
      const receipt = await this.#unlessReverting(method, async () => {
        await call.staticCall(...args, { value });
        const transaction = await call.populateTransaction(...args, { value });
        // Where another transaction comes first, it is the estimate of gas that reverts.
        return this.#untilMined(transaction, method);
      });
      // Somebody else's transaction came in between.
      if (receipt.status !== 1) {
        throw new RefusedError(method, "another transaction came first", receipt, {
          isMined: true,
        });
      }
      return receipt;
    });
  }

  async #unlessReverting<T>(method: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      // Nodes have several words for it; the contract's own error leaves no doubt.
      const revert = isRevert(error) ? decodeRevert(error) : knownRevert(error);
      if (revert === undefined) throw error;
      throw new RefusedError(method, revert.name, error, { detail: revert.text });
    }
  }

  /** Sends a prepared transaction until it is mined. */
  submit(transaction: ContractTransaction, name: string): Promise<TransactionReceipt> {
    return this.#inTurn(() => this.#untilMined(transaction, name));
  }

  /** Two at once would take the same nonce, and one would replace the other. */
  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#last.then(task, task);
    this.#last = result.catch(() => {});
    return result;
  }

  async #untilMined(transaction: ContractTransaction, name: string): Promise<TransactionReceipt> {
    const { provider } = this.signer;
    if (provider === null) throw new TypeError("expected a signer with a provider");
    const from = await this.signer.getAddress();
    const gasLimit = ((await provider.estimateGas({ ...transaction, from })) * 13n) / 10n;
    const nonce = await provider.getTransactionCount(from, "latest");
    const sent: string[] = [];
    for (let attempt = 0; attempt < this.options.attempts; attempt++) {
      const fees = await this.#fees(attempt, this.options.mostFeeWei / gasLimit);
      try {
        const response = await this.signer.sendTransaction({
          ...transaction,
          ...fees,
          nonce,
          gasLimit,
        });
        sent.push(response.hash);
      } catch (error) {
        if (!isRepeatable(error)) throw error;
      }
      const receipt = await this.#receipt(sent, attempt, { from, nonce });
      if (receipt === "overtaken") {
        throw new NotMinedError(`${name}: another transaction of the account took its place`);
      }
      if (receipt !== undefined) return receipt;
    }
    throw new NotMinedError(`${name}: not mined after ${this.options.attempts} sendings`);
  }

  /** Prices of a sending, in wei a unit of gas: raised from one to the next, up to `ceiling`. */
  async #fees(attempt: number, ceiling: bigint) {
    const data = await this.signer.provider?.getFeeData();
    const raise = (price: bigint) => {
      const raised =
        (price * BigInt(100 + this.options.raisePercent) ** BigInt(attempt)) /
        100n ** BigInt(attempt);
      return raised < ceiling ? raised : ceiling;
    };
    if (data?.maxFeePerGas != null && data.maxPriorityFeePerGas != null) {
      return {
        maxFeePerGas: raise(data.maxFeePerGas),
        maxPriorityFeePerGas: raise(data.maxPriorityFeePerGas),
      };
    }
    return data?.gasPrice == null ? {} : { gasPrice: raise(data.gasPrice) };
  }

  /** Waits `patienceBlocks` for any of the sendings; "overtaken" if the nonce went to something else, as after a crash. */
  async #receipt(
    hashes: string[],
    attempt: number,
    { from, nonce }: { from: string; nonce: number },
  ): Promise<TransactionReceipt | "overtaken" | undefined> {
    const { provider } = this.signer;
    if (provider === null) return undefined;
    const last = (await provider.getBlockNumber()) + this.options.patienceBlocks;
    for (let look = 0; ; look++) {
      // Before the receipts: what is mined between the two looks must not count as overtaken.
      const isUsed = (await provider.getTransactionCount(from, "latest")) > nonce;
      for (const hash of hashes) {
        const receipt = await provider.getTransactionReceipt(hash);
        if (receipt !== null) return receipt;
      }
      if (isUsed) return "overtaken";
      if ((await provider.getBlockNumber()) >= last || hashes.length === 0) return undefined;
      // A chain that stands still is no reason to pay more, but it must not hold the first sending for ever.
      if (look > 50 * (attempt + 1)) return undefined;
      await pause(this.options.pollMs);
    }
  }
}

/** Whether a node's error says that the contract reverted, as opposed to a failure on the way. */
export function isRevert(error: unknown): boolean {
  return (error as { code?: string }).code === "CALL_EXCEPTION";
}

/** The custom error's name, or the most telling text there is. */
export function revertReason(error: unknown): string {
  return decodeRevert(error).name;
}

function isRepeatable(error: unknown): boolean {
  const code = (error as { code?: string }).code ?? "";
  const codes = ["REPLACEMENT_UNDERPRICED", "NONCE_EXPIRED", "NETWORK_ERROR", "TIMEOUT"];
  const text = String((error as Error).message);
  return (
    codes.includes(code) ||
    /underpriced|already known|nonce too low|fee too low|replacement/i.test(text)
  );
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
