/**
 * Sends an account's calls of contracts until they are mined (docs/game.md §7): simulated first, so that nothing is
 * sent that the chain would not accept, then several at a time (pipeline.ts).
 *
 * Invariant: what a contract refuses is told by the name of its error, whether the simulation, the estimate of gas or
 * the chain has refused it.
 */

import type { BaseContract, Signer, TransactionReceipt } from "ethers";
import { checkOptionNames } from "../../interpreter/optionNames.ts";
import { Pipeline, type SenderOptions, senderDefaults } from "./pipeline.ts";
import { decodeRevert, knownRevert } from "./revert.ts";

export { NotMinedError, pause, type SenderOptions, senderDefaults } from "./pipeline.ts";

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

/**
 * Sends calls of contracts from one account, up to `mostInFlight` at a time, each until it is mined: simulated first,
 * sent again at a higher price while it sticks. A call that pays waits until it is alone. Use one sender for an account.
 */
export class Sender {
  readonly signer: Signer;
  readonly options: SenderOptions;
  readonly #pipeline: Pipeline;

  constructor(signer: Signer, options: Partial<SenderOptions> = {}) {
    checkOptionNames("sender", options, Object.keys(senderDefaults));
    this.signer = signer;
    this.options = { ...senderDefaults, ...options };
    this.#pipeline = new Pipeline(signer, this.options);
  }

  /**
   * Simulates a call of a contract, then sends it. Throws RefusedError if either reverts, NotMinedError if it was given
   * up: the call can be tried again. One that pays is then the same call: if it was mined meanwhile its receipt is the
   * answer, and nothing is paid twice.
   */
  async send(
    contract: BaseContract,
    method: string,
    args: readonly unknown[],
    value = 0n,
  ): Promise<TransactionReceipt> {
    const call = contract.connect(this.signer).getFunction(method);
    const prepare = async () => {
      await call.staticCall(...args, { value });
      return call.populateTransaction(...args, { value });
    };
    const receipt = await this.#unlessReverting(method, () =>
      this.#pipeline.send(method, prepare, value > 0n),
    );
    // Somebody else's transaction came in between.
    if (receipt.status !== 1) {
      throw new RefusedError(method, "another transaction came first", receipt, { isMined: true });
    }
    return receipt;
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
}

/** Whether a node's error says that the contract reverted, as opposed to a failure on the way. */
export function isRevert(error: unknown): boolean {
  return (error as { code?: string }).code === "CALL_EXCEPTION";
}

/** The custom error's name, or the most telling text there is. */
export function revertReason(error: unknown): string {
  return decodeRevert(error).name;
}
