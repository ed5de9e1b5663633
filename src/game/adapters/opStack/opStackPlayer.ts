/**
 * Plays a fault dispute game of the OP Stack over our machine (docs/adapters.md section 2): counters what is false, on
 * whichever side it stands, and settles the game.
 *
 * Invariant: every claim that it makes is true, and it answers every claim against one of these, so that none of them
 * is ever countered, however many identities move.
 */
import { Contract, type Signer, type TransactionReceipt } from "ethers";
import { checkOptionNames } from "../../../interpreter/optionNames.ts";
import { finalityBlocks } from "../../chain/eventPages.ts";
import { RefusedError, Sender, type SenderOptions, senderDefaults } from "../../chain/sender.ts";
import type { Address, Hash } from "../../claim/claim.ts";
import { type CallChain, checkedChain, inboxOf } from "../callChain.ts";
import { gameAbi } from "./gameAbi.ts";
import {
  contextOf,
  contextOfClaim,
  type OpStackClaim,
  type OpStackGameParameters,
  readClaims,
  readParameters,
} from "./opStackClaims.ts";
import { OpStackTruth } from "./opStackTrace.ts";
import { leafOf, moved } from "./position.ts";

/** Who plays which game. */
export interface OpStackPlayerOptions {
  /** The game, a FaultDisputeGame over an OpStackStepper. */
  readonly game: Address;
  readonly signer: Signer;
  /** The calls that the player has run, and goes by. */
  readonly chain: CallChain;
  readonly sender?: Partial<SenderOptions>;
  /** Told of every transaction that was mined. */
  readonly onMoved?: (method: string, receipt: TransactionReceipt) => void;
  /** Told of every move that the game did not accept: the clock has run out, or the player's view is false. */
  readonly onRefused?: (error: RefusedError) => void;
}

/** A side of one game. Call `tick` as often as new claims may have come, `settle` once the clocks have run out. */
export class OpStackPlayer {
  readonly game: Contract;
  readonly #options: OpStackPlayerOptions;
  readonly #sender: Sender;
  readonly #claims: OpStackClaim[] = [];
  /** How many claims there were in which block, as far as a reorganisation reaches. */
  readonly #looks: { readonly block: number; readonly count: number }[] = [];
  /** Claims that no reorganisation replaces. */
  #finalClaims = 0;
  #parameters: OpStackGameParameters | undefined;
  #truth: OpStackTruth | undefined;

  constructor(options: OpStackPlayerOptions) {
    checkOptionNames("sender", options.sender ?? {}, Object.keys(senderDefaults));
    this.#options = options;
    this.#sender = new Sender(options.signer, options.sender);
    this.game = new Contract(options.game, gameAbi, options.signer);
  }

  /** Makes every move that is due. Whether there was one. RangeError if the player has run other calls than the game's. */
  async tick(): Promise<boolean> {
    const { truth, parameters } = await this.#open();
    await this.#readClaims();
    const [root] = this.#claims;
    const isRootTrue =
      truth.isRootInReach && root.claim === (await truth.output(2 ** parameters.splitDepth - 1));
    const known = this.#claims.length;
    const own = new Set<OpStackClaim | undefined>(isRootTrue ? [root] : []);
    let hasMoved = false;
    for (const claim of this.#claims.slice(0, known)) {
      const isAgainst = claim === root ? !isRootTrue : own.has(claim.parent);
      if (!isAgainst) continue;
      const answer = await this.#answer(claim, truth, parameters);
      if (answer === undefined) continue;
      const same = this.#claims.find(
        ({ parent, position, claim: said }) =>
          parent === claim && position === answer.position && said === answer.claim,
      );
      if (same === undefined) hasMoved = (await this.#send(claim, answer)) || hasMoved;
      else own.add(same);
    }
    return hasMoved;
  }

  async #readClaims(): Promise<void> {
    const block = (await this.#options.signer.provider?.getBlockNumber()) ?? 0;
    while (this.#looks.length > 0 && block - this.#looks[0].block > finalityBlocks) {
      this.#finalClaims = this.#looks.shift()?.count ?? 0;
    }
    await readClaims(this.game, this.#claims, this.#finalClaims);
    if (this.#looks.at(-1)?.block !== block)
      this.#looks.push({ block, count: this.#claims.length });
  }

  /** Resolves the game from its last claim to its first; its status, 1 if the root claim fell and 2 if it stands. */
  async settle(): Promise<number> {
    await this.#readClaims();
    for (const { index } of [...this.#claims].reverse()) {
      if (await this.game.getFunction("resolvedSubgames")(index)) continue;
      await this.#resolve("resolveClaim", [index, 0]);
    }
    if (Number(await this.game.getFunction("status")()) === 0) {
      await this.#resolve("resolve", []);
    }
    return Number(await this.game.getFunction("status")());
  }

  /** Collects bonds and rewards, once the delay of the game's vault has passed since `settle`. Whether there were any. */
  async collect(): Promise<boolean> {
    const own = await this.#options.signer.getAddress();
    if ((await this.game.getFunction("credit")(own)) === 0n) return false;
    await this.#resolve("claimCredit", [own]);
    return true;
  }

  /** What is true against a claim: where, and what; a position below the last level for a step. */
  async #answer(
    claim: OpStackClaim,
    truth: OpStackTruth,
    parameters: OpStackGameParameters,
  ): Promise<Answer | undefined> {
    const { splitDepth, maxDepth } = parameters;
    if (claim.depth < splitDepth) {
      const leaf = (position: bigint) => Number(leafOf(position, splitDepth));
      const isFalse = claim.claim !== (await truth.output(leaf(claim.position)));
      // A root claim that is out of reach is false whatever it says.
      const isAttack = isFalse || claim.parent === undefined;
      const position = moved(claim.position, isAttack);
      return { isAttack, position, claim: await truth.output(leaf(position)) };
    }
    const index = (position: bigint) =>
      leafOf(position, maxDepth) % (1n << BigInt(maxDepth - splitDepth - 1));
    if (claim.depth === splitDepth) {
      const leaf = Number(leafOf(claim.position, splitDepth));
      const isAttack = claim.claim !== (await truth.output(leaf));
      const trace = await truth.trace(contextOf(claim, isAttack, parameters));
      const position = moved(claim.position, isAttack);
      return trace && { isAttack, position, claim: await trace.claim(index(position)) };
    }
    const trace = await truth.trace(contextOfClaim(claim, parameters));
    if (trace === undefined) return undefined;
    const at = index(claim.position);
    const isAttack = claim.claim !== (await trace.claim(at));
    const position = moved(claim.position, isAttack);
    if (claim.depth < maxDepth) {
      return { isAttack, position, claim: await trace.claim(index(position)) };
    }
    const { stateData, proof } = await trace.stepTo(isAttack ? at : at + 1n);
    return { isAttack, position, claim: "", step: [claim.index, isAttack, stateData, proof] };
  }

  async #send(claim: OpStackClaim, { step, position, ...answer }: Answer): Promise<boolean> {
    const read = (name: string, argument: unknown) => this.game.getFunction(name)(argument);
    if (step !== undefined && BigInt((await read("claimData", claim.index)).counteredBy) !== 0n) {
      return false;
    }
    const method = step === undefined ? "move" : "step";
    const args = step ?? [claim.claim, claim.index, answer.claim, answer.isAttack];
    const bond: bigint = step === undefined ? await read("getRequiredBond", position) : 0n;
    try {
      const receipt = await this.#sender.send(this.game, method, args, bond);
      this.#options.onMoved?.(method, receipt);
      return true;
    } catch (error) {
      // Out of time, or a false trace, which has no step.
      if (!(error instanceof RefusedError)) throw error;
      this.#options.onRefused?.(error);
      return false;
    }
  }

  async #resolve(
    method: "resolveClaim" | "resolve" | "claimCredit",
    args: readonly unknown[],
  ): Promise<void> {
    const receipt = await this.#sender.send(this.game, method, args);
    this.#options.onMoved?.(method, receipt);
  }

  async #open() {
    this.#parameters ??= await readParameters(this.game);
    const parameters = this.#parameters;
    if (this.#truth === undefined) {
      const { chain, signer } = this.#options;
      const inbox = await inboxOf(await this.game.getFunction("vm")(), signer);
      const anchor = { calls: parameters.anchorCalls, state: parameters.anchor };
      const given = await inputsBefore(inbox, parameters.createdAt);
      const checked = checkedChain(chain, inbox, anchor);
      // Before the first claim that could be about other calls.
      await checked.execution(anchor.calls);
      this.#truth = new OpStackTruth(parameters, checked, given);
    }
    return { truth: this.#truth, parameters };
  }
}

/** Inputs that an inbox had before a time. */
async function inputsBefore(inbox: Contract, time: bigint): Promise<number> {
  let [low, high] = [0, Number(await inbox.getFunction("count")())];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const input = await inbox.getFunction("inputAt")(middle);
    if (input.time < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

interface Answer {
  readonly isAttack: boolean;
  readonly position: bigint;
  readonly claim: Hash;
  readonly step?: readonly unknown[];
}
