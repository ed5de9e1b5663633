/**
 * The transactions of one account that are in flight (docs/game.md §7): several at a time, at successive nonces, each
 * sent again at a higher price when it sticks.
 *
 * Invariant: a new transaction takes the lowest nonce that is neither mined nor held by one in flight, read from the
 * chain each time; so what a crash, another process or a given-up transaction leaves behind is replaced and never
 * holds up the account for good. One that pays is alone in flight: repeated after a crash it replaces what still waits,
 * and repeated after it was given up it is that one, whatever has become of it: never two of them.
 */
import type { ContractTransaction, Signer, TransactionReceipt } from "ethers";
import { contentOf, receiptOf, type SentTransaction } from "./minedTransaction.ts";

/** When a transaction is sent again, and at which price; how many are in flight. */
export interface SenderOptions {
  /** Blocks that a transaction whose turn it is waits before it is sent again at a higher price. */
  readonly patienceBlocks: number;
  /** Sendings of one transaction before giving up. */
  readonly attempts: number;
  /** Time between looks at the chain. */
  readonly pollMs: number;
  /** Price of each sending over the one before, in percent; nodes ask for at least 10. */
  readonly raisePercent: number;
  /** Wei that one transaction may cost at most, 1 ether unless given: no price is raised beyond it. */
  readonly mostFeeWei: bigint;
  /** Transactions of the account at a time; nodes keep at least 16 of one account. */
  readonly mostInFlight: number;
}

export const senderDefaults: SenderOptions = {
  patienceBlocks: 3,
  attempts: 12,
  pollMs: 200,
  raisePercent: 25,
  mostFeeWei: 10n ** 18n,
  mostInFlight: 16,
};

/** The transaction was not mined in spite of all attempts, or another one took its nonce. */
export class NotMinedError extends Error {
  override readonly name = "NotMinedError";
  readonly code = "not-mined";
}

/** The chain as all that are in flight see it. */
interface Look {
  /** Newest block before the count was read, and after: what a block mined between them changes is never misjudged. */
  readonly before: number;
  readonly after: number;
  /** Transactions of the account that are mined: the nonce whose turn it is. */
  readonly mined: number;
}

/** A transaction on its way. */
interface Flight extends SentTransaction {
  readonly name: string;
  readonly gasLimit: bigint;
  readonly hashes: string[];
  /** Whether another transaction has used its nonce: then it was never mined, and never will be. */
  isLost: boolean;
}

/** Sends prepared transactions of one account until they are mined. Use one for an account. */
export class Pipeline {
  readonly #signer: Signer;
  readonly #options: SenderOptions;
  readonly #inFlight = new Map<number, Promise<unknown>>();
  /** Those that pay and that nobody follows any more, by their contents: they may still be mined. */
  readonly #givenUp = new Map<string, SentTransaction>();
  #launches: Promise<unknown> = Promise.resolve();
  #nextLook: Promise<Look> | undefined;

  constructor(signer: Signer, options: SenderOptions) {
    const { mostInFlight } = options;
    if (!Number.isSafeInteger(mostInFlight) || mostInFlight < 1) {
      throw new RangeError(`expected mostInFlight to be 1 or more, got ${mostInFlight}`);
    }
    this.#signer = signer;
    this.#options = options;
  }

  /**
   * Sends a transaction until it is mined. `prepare` makes it when it is the next to be sent; what `prepare` throws
   * is thrown, and nothing is sent. NotMinedError if it is given up.
   *
   * @param isAlone Whether it pays. If the same was given up before, this is that one once more: it takes its place, or
   * its receipt is the answer.
   */
  async send(
    name: string,
    prepare: () => Promise<ContractTransaction>,
    isAlone = false,
  ): Promise<TransactionReceipt> {
    // One launch at a time: two would take the same nonce.
    const launch = this.#launches.then(async () => {
      await this.#untilAtMost(isAlone ? 0 : this.#options.mostInFlight - 1);
      const transaction = await prepare();
      if (!isAlone) return { mined: this.#untilMined(await this.#launch(name, transaction)) };
      const mined = this.#paid(name, transaction);
      // The next one waits until it is mined, and not for this one's caller.
      return { mined, done: await mined.catch(() => {}) };
    });
    this.#launches = launch.catch(() => {});
    const { mined } = await launch;
    return mined;
  }

  get #provider() {
    const { provider } = this.#signer;
    if (provider === null) throw new TypeError("expected a signer with a provider");
    return provider;
  }

  async #untilAtMost(count: number): Promise<void> {
    while (this.#inFlight.size > count) await Promise.race(this.#inFlight.values());
  }

  /** Sends one that pays, alone. */
  async #paid(name: string, transaction: ContractTransaction): Promise<TransactionReceipt> {
    const content = contentOf(transaction);
    const before = this.#givenUp.get(content);
    if (before !== undefined) {
      const receipt = await this.#receiptOfGivenUp(before);
      this.#givenUp.delete(content);
      if (receipt !== undefined) return receipt;
    }
    let flight: Flight | undefined;
    try {
      const note = (launched: Flight) => {
        flight = launched;
        // A sending of before may be the one that is mined.
        if (before?.nonce === launched.nonce) launched.hashes.push(...before.hashes);
      };
      return await this.#untilMined(await this.#launch(name, transaction, note));
    } catch (error) {
      if (flight !== undefined && !flight.isLost) this.#givenUp.set(content, flight);
      throw error;
    }
  }

  /** The receipt of one that was given up and mined since then. */
  async #receiptOfGivenUp(before: SentTransaction): Promise<TransactionReceipt | undefined> {
    const from = await this.#signer.getAddress();
    const mined = await this.#provider.getTransactionCount(from, "latest");
    return mined > before.nonce ? receiptOf(this.#provider, from, before) : undefined;
  }

  /** Takes a nonce and sends for the first time; what is to be sent is noted before. */
  async #launch(
    name: string,
    transaction: ContractTransaction,
    note: (flight: Flight) => void = () => {},
  ): Promise<Flight> {
    const from = await this.#signer.getAddress();
    const estimate = await this.#provider.estimateGas({ ...transaction, from });
    const gasLimit = (estimate * 13n) / 10n;
    for (;;) {
      // Before the count: what is mined between the two still holds its nonce.
      const held = new Set(this.#inFlight.keys());
      const sentAfter = await this.#provider.getBlockNumber();
      let nonce = await this.#provider.getTransactionCount(from, "latest");
      while (held.has(nonce)) nonce++;
      const hashes: string[] = [];
      const flight = { name, transaction, nonce, gasLimit, hashes, sentAfter, isLost: false };
      note(flight);
      try {
        await this.#send(flight, 0);
        return flight;
      } catch (error) {
        // A node may refuse what comes after others: for its pool's sake, or since the funds for all are not there.
        if (this.#inFlight.size === 0) throw error;
        await this.#untilAtMost(0);
      }
    }
  }

  async #untilMined(flight: Flight): Promise<TransactionReceipt> {
    const mined = this.#follow(flight);
    const { nonce } = flight;
    const settled = mined.then(
      () => {},
      () => {},
    );
    this.#inFlight.set(nonce, settled);
    try {
      return await mined;
    } finally {
      this.#inFlight.delete(nonce);
    }
  }

  async #follow(flight: Flight): Promise<TransactionReceipt> {
    const { name } = flight;
    const { attempts } = this.#options;
    for (let attempt = 0; ; attempt++) {
      const receipt = await this.#receipt(flight, attempt);
      if (receipt !== undefined) return receipt;
      if (attempt + 1 >= attempts) break;
      await this.#send(flight, attempt + 1).catch((error) => {
        // Too dear, say: what was sent before may still be mined.
        if (flight.hashes.length === 0) throw error;
      });
    }
    throw new NotMinedError(`${name}: not mined after ${attempts} sendings`);
  }

  /** Sends once; an error that sending again may mend is none. */
  async #send({ transaction, nonce, gasLimit, hashes }: Flight, attempt: number): Promise<void> {
    const fees = await this.#fees(attempt, this.#options.mostFeeWei / gasLimit);
    try {
      const sending = { ...transaction, ...fees, nonce, gasLimit };
      hashes.push((await this.#signer.sendTransaction(sending)).hash);
    } catch (error) {
      if (!isRepeatable(error)) throw error;
    }
  }

  /** Prices of a sending, in wei a unit of gas: raised from one to the next, up to `ceiling`. */
  async #fees(attempt: number, ceiling: bigint) {
    const data = await this.#provider.getFeeData();
    const raise = (price: bigint) => {
      const raised =
        (price * BigInt(100 + this.#options.raisePercent) ** BigInt(attempt)) /
        100n ** BigInt(attempt);
      return raised < ceiling ? raised : ceiling;
    };
    if (data.maxFeePerGas != null && data.maxPriorityFeePerGas != null) {
      return {
        maxFeePerGas: raise(data.maxFeePerGas),
        maxPriorityFeePerGas: raise(data.maxPriorityFeePerGas),
      };
    }
    return data.gasPrice == null ? {} : { gasPrice: raise(data.gasPrice) };
  }

  /**
   * Waits for any of the sendings, `patienceBlocks` from the block in which it is the transaction's turn; a price says
   * nothing before. NotMinedError if its nonce went to something else, as after a crash, or if no transaction is left
   * at a nonce before it.
   */
  async #receipt(flight: Flight, attempt: number): Promise<TransactionReceipt | undefined> {
    const { name, nonce, hashes } = flight;
    let last: number | undefined;
    let looks = 0;
    let gaps = 0;
    for (let look = await this.#look(); ; look = await this.#lookLater()) {
      if (look.mined > nonce) {
        const from = await this.#signer.getAddress();
        const receipt = await receiptOf(this.#provider, from, flight);
        if (receipt !== undefined) return receipt;
        flight.isLost = true;
        throw new NotMinedError(`${name}: another transaction of the account took its place`);
      }
      if (look.mined < nonce) {
        gaps = this.#isStranded(look.mined, nonce) ? gaps + 1 : 0;
        // A look may be older than what has become of the one before it.
        if (gaps > 1) {
          throw new NotMinedError(`${name}: a transaction before it was given up`);
        }
        continue;
      }
      last ??= look.after + this.#options.patienceBlocks;
      if (look.before >= last || hashes.length === 0) return undefined;
      // A chain that stands still is no reason to pay more, but it must not hold the first sending for ever.
      if (++looks > 50 * (attempt + 1)) return undefined;
    }
  }

  /** Whether nothing in flight would use one of the nonces before a transaction's own. */
  #isStranded(mined: number, nonce: number): boolean {
    for (let before = mined; before < nonce; before++) {
      if (!this.#inFlight.has(before)) return true;
    }
    return false;
  }

  async #look(): Promise<Look> {
    const from = await this.#signer.getAddress();
    const before = await this.#provider.getBlockNumber();
    const mined = await this.#provider.getTransactionCount(from, "latest");
    return { before, mined, after: await this.#provider.getBlockNumber() };
  }

  /** The next look, which is one for all that wait. */
  #lookLater(): Promise<Look> {
    this.#nextLook ??= pause(this.#options.pollMs)
      .then(() => this.#look())
      .finally(() => {
        this.#nextLook = undefined;
      });
    return this.#nextLook;
  }
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
