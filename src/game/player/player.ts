/**
 * A party's representative on chain (docs/game.md §7): follows the disputes that name it and answers each move in
 * time from its own execution.
 *
 * Invariant: a player keeps nothing that it cannot rebuild: which disputes are open and what they ask for is read
 * from the chain, what to answer is computed. Killing it loses at most the present computation.
 */
import type { Interface, Signer, TransactionReceipt } from "ethers";
import { checkOptionNames, optionNames } from "../../interpreter/optionNames.ts";
import { ArbiterClient, type OpenedEvent, type Parameters } from "../chain/arbiterClient.ts";
import { finalityBlocks } from "../chain/eventPages.ts";
import { pause, RefusedError, Sender, type SenderOptions } from "../chain/sender.ts";
import type { Address, Call, Hash, SignedTransition } from "../claim/claim.ts";
import { type Dispute, deadlineBlock, isOnTurn, sideOf } from "../search/disputeState.ts";
import { honestMove, type Situation, type Strategy } from "../search/strategy.ts";
import type { Execution } from "../trace/execution.ts";
import { callKey, ExecutionsInUse } from "./executionsInUse.ts";
import { OpeningWatch } from "./openingWatch.ts";

/** Who plays, where, and by which execution. */
export interface PlayerOptions {
  /** The Arbiter to play at. */
  readonly arbiter: Address;
  /** Block of the Arbiter's creation. */
  readonly fromBlock?: number;
  /** ABI of the contract, if it is another one than Arbiter with the same moves and events. */
  readonly abi?: Interface;
  /** Account that plays; needs a provider. */
  readonly signer: Signer;
  /** Whom the account moves for, as its delegate (`setDelegate`): a watchtower's party. Itself unless given. */
  readonly party?: Address;
  /** The party's execution of a call; undefined if it does not know the call. */
  readonly execution: (call: Call) => Promise<Execution | undefined>;
  /** How it answers; `honestMove` unless given. */
  readonly strategy?: Strategy;
  /** How patiently transactions are sent (`SenderOptions`); or who sends them, where others send for the account too. */
  readonly sender?: Partial<SenderOptions> | Sender;
  /** Time between looks at the chain while following it; 1000 unless given. */
  readonly pollMs?: number;
  /** Told of every move, refusal and failure; must not throw. */
  readonly onEvent?: (event: PlayerEvent) => void;
}

const playerOptionNames = optionNames<PlayerOptions>({
  arbiter: true,
  fromBlock: true,
  abi: true,
  signer: true,
  party: true,
  execution: true,
  strategy: true,
  sender: true,
  pollMs: true,
  onEvent: true,
});

/** What a player tells its owner. */
export type PlayerEvent =
  | { kind: "moved"; id: bigint; method: string; gas: bigint; dispute: Dispute }
  | { kind: "refused"; id: bigint; method: string; reason: string }
  | { kind: "unknown-call"; id: bigint }
  | { kind: "settled"; id: bigint }
  | { kind: "reopened"; id: bigint }
  | { kind: "failed"; id: bigint; error: unknown };

/** An open dispute, what it asks for, and until when. */
interface Asked {
  readonly opened: OpenedEvent;
  readonly situation: Situation;
  readonly deadline: number;
  /** Mask of the sides whose stake is lost in another dispute. */
  readonly lost: number;
}

/**
 * Plays for one account at one Arbiter (docs/game.md §7). `follow` runs until it is stopped and answers every
 * dispute that names the account; `tick` does so once; `challenge` opens a dispute. Two players of one account get
 * in each other's way: run one. The account needs ether for gas, and a free deposit of a stake for each statement that
 * is disputed, in however many disputes.
 */
export class Player {
  /** The Arbiter, for reading. */
  readonly arbiter: ArbiterClient;
  readonly #options: PlayerOptions;
  /** Sends all that the account sends, in one order. */
  readonly sender: Sender;
  readonly #strategy: Strategy;
  readonly #executions: ExecutionsInUse;
  /** Disputes seen settled, with the block at that time. */
  readonly #closed = new Map<bigint, number>();
  readonly #openings: OpeningWatch;
  /** Disputes that are being answered. */
  readonly #atWork = new Map<bigint, Promise<boolean>>();

  constructor(options: PlayerOptions) {
    checkOptionNames("play", options, playerOptionNames);
    this.#options = options;
    const { arbiter, signer, fromBlock, abi, sender } = options;
    this.arbiter = new ArbiterClient(arbiter, signer, fromBlock, abi);
    this.sender = sender instanceof Sender ? sender : new Sender(signer, sender ?? {});
    this.#strategy = options.strategy ?? honestMove;
    this.#executions = new ExecutionsInUse(options.execution);
    this.#openings = new OpeningWatch(this.arbiter);
  }

  /** The account that plays. */
  address(): Promise<Address> {
    return this.#options.signer.getAddress();
  }

  /** The party that it plays for. */
  async party(): Promise<Address> {
    return this.#options.party ?? this.address();
  }

  /** Adds to the deposit. */
  deposit(wei: bigint): Promise<TransactionReceipt> {
    return this.sender.send(this.arbiter.contract, "deposit", [], wei);
  }

  /** Calls the Arbiter from the player's account. RefusedError if the chain does not accept it. */
  send(method: string, args: readonly unknown[]): Promise<TransactionReceipt> {
    return this.sender.send(this.arbiter.contract, method, args);
  }

  /**
   * Disputes another's signed transition, or a standing claim whose key is given for a signature, by the own execution
   * of its call. With `fuelOnly` the call is run only until its fuel passes the declared total (§4.2); RangeError if it
   * never does. RefusedError if the chain does not accept it, also when another transaction has come first: it can be
   * tried again.
   */
  async challenge(signed: SignedTransition, fuelOnly = false): Promise<TransactionReceipt> {
    if (this.#options.party !== undefined) {
      throw new TypeError(
        "expected a player of its own account: a delegate moves, it opens nothing",
      );
    }
    const { contract } = this.arbiter;
    const execution = await this.#executions.of(signed.transition);
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
      const receipt = await this.sender.send(contract, "openFuel", [opening, step]);
      return this.#open(signed, fuelOnly, receipt);
    }
    const claim = await execution.claim();
    const proof = await execution.registerProof(Number(claim.steps));
    const args = [opening, { ...claim, standing: 0 }, proof];
    return this.#open(signed, fuelOnly, await this.sender.send(contract, "open", args));
  }

  /**
   * Takes care of an opening that was mined in a block, by this player or the one that it replaces: should a
   * reorganisation undo it, it is repeated. `challenge` does so by itself.
   */
  async watchOpening(signed: SignedTransition, blockNumber: number, fuelOnly = false) {
    const again = () => this.challenge(signed, fuelOnly);
    await this.#openings.watchSigned(signed, again, blockNumber);
  }

  /**
   * Opens a dispute by a call of the contract, and again should a reorganisation undo it; `backing` is the key of what
   * the accused has at stake. RefusedError if the chain does not accept it.
   */
  async open(method: string, args: readonly unknown[], backing: Hash): Promise<TransactionReceipt> {
    const receipt = await this.send(method, args);
    const again = () => this.open(method, args, backing);
    this.#openings.watch({ again, backing, blockNumber: receipt.blockNumber });
    return receipt;
  }

  async #open(signed: SignedTransition, fuelOnly: boolean, receipt: TransactionReceipt) {
    await this.watchOpening(signed, receipt.blockNumber, fuelOnly);
    return receipt;
  }

  /**
   * Looks at every open dispute that names this player and does what can be done now.
   * @returns whether anything was sent.
   */
  async tick(): Promise<boolean> {
    const answers = await Promise.all(await this.#answerAll());
    await this.#openings.settled();
    return answers.includes(true);
  }

  /** Follows the chain until the signal is given. A long answer in one dispute does not hold up the others. */
  async follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const answers = await this.#answerAll().catch((error) => {
        this.#tell({ kind: "failed", id: 0n, error });
        return [];
      });
      const idle = pause(this.#options.pollMs ?? 1000);
      const sent = answers.map((answer) => answer.then((isSent) => isSent || Promise.reject()));
      await Promise.race([idle, Promise.any(sent).catch(() => idle)]);
    }
    await Promise.all([...this.#atWork.values(), this.#openings.settled()]);
  }

  /** Begins to answer every dispute in which that is not under way, the most urgent one first. */
  async #answerAll(): Promise<Promise<boolean>[]> {
    const me = await this.party();
    const block = await this.arbiter.provider.getBlockNumber();
    const { graceBlocks } = await this.arbiter.parameters();
    const asked: Asked[] = [];
    const inUse = new Set<string>();
    const disputes = await this.arbiter.disputesOf(me);
    this.#openings.repeatLost(disputes, me, block, (found) => this.#tell(found));
    for (const call of this.#openings.calls) inUse.add(callKey(call));
    for (const opened of disputes) {
      const { id } = opened;
      if (this.#atWork.has(id)) inUse.add(callKey(opened.transition));
      if (this.#atWork.has(id) || block - (this.#closed.get(id) ?? block) > finalityBlocks)
        continue;
      try {
        const situation = await this.arbiter.situation(opened);
        if (situation === undefined) {
          this.#close(id, block);
          continue;
        }
        inUse.add(callKey(opened.transition));
        this.#closed.delete(id);
        const { dispute } = situation;
        const deadline = deadlineBlock(dispute, graceBlocks);
        asked.push({ opened, situation, deadline, lost: await this.arbiter.lostSides(dispute) });
      } catch (error) {
        // One dispute's trouble (a node that fails, a view between two blocks) must not hold up the others.
        this.#tell({ kind: "failed", id, error });
      }
    }
    this.#executions.releaseOthers(inUse);
    asked.sort((a, b) => a.deadline - b.deadline);
    return asked.map((each) => this.#work(each, me, block));
  }

  #close(id: bigint, block: number): void {
    const seen = this.#closed.get(id);
    if (seen !== undefined && block - seen >= finalityBlocks) this.arbiter.forget(id);
    if (seen !== undefined) return;
    this.#tell({ kind: "settled", id });
    this.#closed.set(id, block);
  }

  #work(asked: Asked, me: Address, block: number): Promise<boolean> {
    const { id } = asked.opened;
    const answer = this.#answer(asked, me, block)
      .catch((error) => {
        this.#tell({ kind: "failed", id, error });
        return false;
      })
      .finally(() => this.#atWork.delete(id));
    this.#atWork.set(id, answer);
    return answer;
  }

  async #answer(
    { opened, situation, deadline, lost }: Asked,
    me: Address,
    block: number,
  ): Promise<boolean> {
    const { dispute } = situation;
    const side = sideOf(dispute, me);
    if (side === undefined) return false;
    // The first loss of a statement decides all its disputes.
    if (lost !== 0) return lost === 1 << side ? false : this.#send(situation, "claimTimeout", []);
    if (block > deadline) {
      const lost = isOnTurn(dispute, side);
      return lost ? false : this.#send(situation, "claimTimeout", []);
    }
    // A transaction sent now is mined in the next block at the earliest.
    if (block === deadline) return false;
    if (!isOnTurn(dispute, side)) return false;
    return this.#move(opened, situation, await this.arbiter.parameters());
  }

  async #move(opened: OpenedEvent, situation: Situation, p: Parameters): Promise<boolean> {
    const execution = await this.#executions.of(opened.transition);
    if (execution === undefined) {
      this.#tell({ kind: "unknown-call", id: opened.id });
      return false;
    }
    const side = sideOf(situation.dispute, await this.party());
    if (side === undefined) return false;
    const move = await this.#strategy(situation, side, execution, p.k);
    return move === undefined ? false : this.#send(situation, move.method, move.args);
  }

  async #send(situation: Situation, method: string, args: readonly unknown[]): Promise<boolean> {
    const { dispute } = situation;
    try {
      const { contract } = this.arbiter;
      const receipt = await this.sender.send(contract, method, [dispute, ...args]);
      this.#tell({ kind: "moved", id: dispute.id, method, gas: receipt.gasUsed, dispute });
      return true;
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      const reason = error.detail;
      this.#tell({ kind: "refused", id: dispute.id, method, reason });
      return false;
    }
  }

  #tell(event: PlayerEvent): void {
    this.#options.onEvent?.(event);
  }
}
