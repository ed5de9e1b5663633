/**
 * A party's representative on chain (docs/game.md §7): follows the disputes that name it and answers each move in
 * time from its own execution.
 *
 * Invariant: a player keeps nothing that it cannot rebuild: which disputes are open and what they ask for is read
 * from the chain, what to answer is computed. Killing it loses at most the present computation.
 */
import type { Signer, TransactionReceipt } from "ethers";
import { ArbiterClient, type OpenedEvent, type Parameters } from "./arbiter.ts";
import type { Address, Call, SignedTransition } from "./claim.ts";
import { type Dispute, deadlineBlock, isOnTurn, sideOf } from "./dispute.ts";
import type { Execution } from "./execution.ts";
import { isRevert, pause, RefusedError, Sender, type SenderOptions } from "./sender.ts";
import { honestMove, type Situation, type Strategy } from "./strategy.ts";

/** A verdict this old is not looked at again; a younger one may still be undone by a reorganisation. */
const finalityBlocks = 64;

export interface PlayerOptions {
  readonly arbiter: Address;
  /** Block of the Arbiter's creation. */
  readonly fromBlock?: number;
  /** Account that plays; needs a provider. */
  readonly signer: Signer;
  /** The party's execution of a call; undefined if it does not know the call. */
  readonly execution: (call: Call) => Promise<Execution | undefined>;
  readonly strategy?: Strategy;
  readonly sender?: Partial<SenderOptions>;
  /** Time between looks at the chain while following it. */
  readonly pollMs?: number;
  readonly onEvent?: (event: PlayerEvent) => void;
}

/** What a player tells its owner. */
export type PlayerEvent =
  | { kind: "moved"; id: bigint; method: string; gas: bigint; dispute: Dispute }
  | { kind: "refused"; id: bigint; method: string; reason: string }
  | { kind: "unknown-call"; id: bigint }
  | { kind: "settled"; id: bigint }
  | { kind: "failed"; id: bigint; error: unknown };

export class Player {
  readonly arbiter: ArbiterClient;
  readonly #options: PlayerOptions;
  readonly #sender: Sender;
  readonly #strategy: Strategy;
  /** Executions and disputes known so far: a cache, never the truth. */
  readonly #executions = new Map<string, Promise<Execution | undefined>>();
  /** Disputes seen settled, with the block at that time. */
  readonly #closed = new Map<bigint, number>();

  constructor(options: PlayerOptions) {
    this.#options = options;
    this.arbiter = new ArbiterClient(options.arbiter, options.signer, options.fromBlock);
    this.#sender = new Sender(options.signer, options.sender);
    this.#strategy = options.strategy ?? honestMove;
  }

  address(): Promise<Address> {
    return this.#options.signer.getAddress();
  }

  /** Adds to the deposit. */
  deposit(wei: bigint): Promise<TransactionReceipt> {
    return this.#sender.send(this.arbiter.contract, "deposit", [], wei);
  }

  /**
   * Disputes another's signed transition by the own execution of its call. With `fuelOnly` the call is run only
   * until its fuel passes the declared total (§4.2); RangeError if it never does.
   */
  async challenge(signed: SignedTransition, fuelOnly = false): Promise<TransactionReceipt> {
    const execution = await this.#executionOf(signed.transition);
    if (execution === undefined) throw new RangeError("expected a call that this player knows");
    const opening = {
      transition: signed.transition,
      signature: signed.signature,
      beginWitness: await execution.beginWitness(),
      originProof: await execution.registerProof(execution.startStep),
    };
    if (fuelOnly) {
      const step = await execution.fuelStep(signed.transition.fuel);
      if (step === undefined)
        throw new RangeError("the call's fuel does not pass the declared total");
      return this.#sender.send(this.arbiter.contract, "openFuel", [opening, step]);
    }
    const claim = await execution.claim();
    const proof = await execution.registerProof(Number(claim.steps));
    return this.#sender.send(this.arbiter.contract, "open", [
      opening,
      { ...claim, standing: 0 },
      proof,
    ]);
  }

  /**
   * Looks at every open dispute that names this player and does what can be done now.
   * @returns whether anything was sent.
   */
  async tick(): Promise<boolean> {
    const me = await this.address();
    const block = await this.arbiter.provider.getBlockNumber();
    let sent = false;
    for (const opened of await this.arbiter.disputesOf(me)) {
      if (block - (this.#closed.get(opened.id) ?? block) > finalityBlocks) continue;
      try {
        sent = (await this.#answer(opened, me, block)) || sent;
      } catch (error) {
        // One dispute's trouble (a node that fails, a view between two blocks) must not hold up the others.
        this.#tell({ kind: "failed", id: opened.id, error });
      }
    }
    return sent;
  }

  /** Follows the chain until the signal is given. */
  async follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const sent = await this.tick().catch((error) => {
        this.#tell({ kind: "failed", id: 0n, error });
        return false;
      });
      if (!sent) await pause(this.#options.pollMs ?? 1000);
    }
  }

  async #answer(opened: OpenedEvent, me: Address, block: number): Promise<boolean> {
    const situation = await this.arbiter.situation(opened);
    if (situation === undefined) {
      if (!this.#closed.has(opened.id)) this.#tell({ kind: "settled", id: opened.id });
      this.#closed.set(opened.id, this.#closed.get(opened.id) ?? block);
      return false;
    }
    this.#closed.delete(opened.id);
    const { dispute } = situation;
    const side = sideOf(dispute, me);
    if (side === undefined) return false;
    const parameters = await this.arbiter.parameters();
    const deadline = deadlineBlock(dispute, parameters.graceBlocks);
    if (block > deadline) {
      const lost = isOnTurn(dispute, side);
      return lost ? false : this.#send(situation, "claimTimeout", []);
    }
    // A transaction sent now is mined in the next block at the earliest.
    if (block === deadline) return false;
    if (!isOnTurn(dispute, side)) return false;
    return this.#move(opened, situation, parameters);
  }

  async #move(opened: OpenedEvent, situation: Situation, p: Parameters): Promise<boolean> {
    const execution = await this.#executionOf(opened.transition);
    if (execution === undefined) {
      this.#tell({ kind: "unknown-call", id: opened.id });
      return false;
    }
    const side = sideOf(situation.dispute, await this.address());
    if (side === undefined) return false;
    const move = await this.#strategy(situation, side, execution, p.k);
    return move === undefined ? false : this.#send(situation, move.method, move.args);
  }

  async #send(situation: Situation, method: string, args: readonly unknown[]): Promise<boolean> {
    const { dispute } = situation;
    try {
      const { contract } = this.arbiter;
      const receipt = await this.#sender.send(contract, method, [dispute, ...args]);
      this.#tell({ kind: "moved", id: dispute.id, method, gas: receipt.gasUsed, dispute });
      return receipt.status === 1;
    } catch (error) {
      if (!(error instanceof RefusedError) && !isRevert(error)) throw error;
      const reason = error instanceof RefusedError ? error.reason : String(error);
      this.#tell({ kind: "refused", id: dispute.id, method, reason });
      return false;
    }
  }

  #executionOf(call: Call): Promise<Execution | undefined> {
    const key = [call.program, call.previousState, call.inputRoot, call.inputLength].join();
    let execution = this.#executions.get(key);
    if (execution === undefined) {
      execution = this.#options.execution(call);
      this.#executions.set(key, execution);
    }
    return execution;
  }

  #tell(event: PlayerEvent): void {
    this.#options.onEvent?.(event);
  }
}
