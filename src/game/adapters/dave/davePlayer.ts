/**
 * Plays a single-level tournament of Cartesi's Dave over our machine (docs/adapters.md section 4): joins with a
 * commitment to the party's states, plays every match of it, and wins by the one transition that is left.
 *
 * Invariant: of two commitments only the one with the true state at the first leaf where they differ wins their match; so
 * a true one wins all of its matches, however many there are.
 */
import { AbiCoder, Contract, keccak256, type Signer, type TransactionReceipt } from "ethers";
import { checkOptionNames } from "../../../interpreter/optionNames.ts";
import { EventPages } from "../../chain/eventPages.ts";
import { RefusedError, Sender, type SenderOptions, senderDefaults } from "../../chain/sender.ts";
import type { Address, Hash } from "../../claim/claim.ts";
import type { DaveTrace } from "./daveTrace.ts";

/** Who plays in which tournament. */
export interface DavePlayerOptions {
  /** The tournament, of one level. */
  readonly tournament: Address;
  readonly signer: Signer;
  /** The states that the player has computed, and goes by. */
  readonly trace: DaveTrace;
  readonly sender?: Partial<SenderOptions>;
  /** Told of every transaction that was mined. */
  readonly onMoved?: (method: string, receipt: TransactionReceipt) => void;
  /** Told of every last transition that the tournament did not accept: the player's view is false. */
  readonly onRefused?: (error: RefusedError) => void;
}

/** Functions and events of a tournament, re-declared from its public repository (March 2026). */
const matchId = "tuple(bytes32 one, bytes32 two)";
const tournamentAbi = [
  "function bondValue() view returns (uint256)",
  "function tournamentLevelConstants() view returns (uint64 maxLevel, uint64 level, uint64 log2step, uint64 height)",
  "function getMatch(bytes32 id) view returns (tuple(bytes32 otherParent, bytes32 leftNode, bytes32 rightNode, uint256 runningLeafPosition, uint64 currentHeight, bool isInit))",
  "function joinTournament(bytes32 finalState, bytes32[] proof, bytes32 left, bytes32 right) payable",
  `function advanceMatch(${matchId} id, bytes32 left, bytes32 right, bytes32 newLeft, bytes32 newRight)`,
  `function sealLeafMatch(${matchId} id, bytes32 left, bytes32 right, bytes32 agreed, bytes32[] proof)`,
  `function winLeafMatch(${matchId} id, bytes32 left, bytes32 right, bytes proofs)`,
  "event MatchCreated(bytes32 indexed id, bytes32 indexed one, bytes32 indexed two, bytes32 leftOfTwo)",
];

interface Match {
  readonly one: Hash;
  readonly two: Hash;
}

/** A side of a tournament. Call `join` once, then `tick` as often as others may have moved. */
export class DavePlayer {
  readonly tournament: Contract;
  readonly #options: DavePlayerOptions;
  readonly #sender: Sender;
  /** Matches whose last transition the tournament did not accept: told once, tried again, for the node may have lagged behind. */
  readonly #refused = new Set<Hash>();
  readonly #matches: EventPages;
  #height = 0;

  constructor(options: DavePlayerOptions) {
    checkOptionNames("sender", options.sender ?? {}, Object.keys(senderDefaults));
    this.#options = options;
    this.#sender = new Sender(options.signer, options.sender);
    this.tournament = new Contract(options.tournament, tournamentAbi, options.signer);
    this.#matches = new EventPages(this.tournament, () => {
      const { provider } = options.signer;
      if (provider === null) throw new TypeError("expected a signer with a provider");
      return provider;
    });
  }

  /** Root of the tree over the player's states. */
  async commitment(): Promise<Hash> {
    return this.#options.trace.node(await this.#readHeight(), 0);
  }

  /** Joins the tournament. RangeError if it has several levels. */
  async join(): Promise<void> {
    const height = await this.#readHeight();
    const { trace } = this.#options;
    const last = 2 ** height - 1;
    const bond: bigint = await this.tournament.getFunction("bondValue")();
    const siblings = trace.siblings(last, height);
    await this.#send(
      "joinTournament",
      [trace.node(0, last), siblings, ...this.#children(height, 0)],
      bond,
    );
  }

  /** Makes every move that is due. Whether there was one. */
  async tick(): Promise<boolean> {
    const own = await this.commitment();
    const { MatchCreated } = this.tournament.filters;
    const filters = { one: MatchCreated(null, own), two: MatchCreated(null, null, own) };
    let hasMoved = false;
    for (const [key, filter] of Object.entries(filters)) {
      for (const event of await this.#matches.read(filter, key, 0)) {
        const { one, two } = event.args;
        hasMoved = (await this.#move({ one, two })) || hasMoved;
      }
    }
    return hasMoved;
  }

  async #move(match: Match): Promise<boolean> {
    const id = keccak256(
      AbiCoder.defaultAbiCoder().encode(["bytes32", "bytes32"], [match.one, match.two]),
    );
    const state = await this.tournament.getFunction("getMatch")(id);
    if (!state.isInit) return false;
    const level = Number(state.currentHeight);
    const position = Number(state.runningLeafPosition);
    if (level === 0) return this.#win(match, id, position);
    const index = position / 2 ** level;
    if (this.#options.trace.node(level, index) !== state.otherParent) return false;
    const [left, right] = this.#children(level, index);
    const isLeft = left !== state.leftNode;
    if (level > 1) {
      const below = this.#children(level - 1, 2 * index + (isLeft ? 0 : 1));
      await this.#send("advanceMatch", [match, left, right, ...below]);
      return true;
    }
    const leaf = position + (isLeft ? 0 : 1);
    const { trace } = this.#options;
    const agreed =
      leaf === 0
        ? [trace.initial, []]
        : [trace.node(0, leaf - 1), trace.siblings(leaf - 1, await this.#readHeight())];
    await this.#send("sealLeafMatch", [match, left, right, ...agreed]);
    return true;
  }

  async #win(match: Match, id: Hash, leaf: number): Promise<boolean> {
    const proofs = await this.#options.trace.proofs(leaf);
    const children = this.#children(await this.#readHeight(), 0);
    try {
      await this.#send("winLeafMatch", [match, ...children, proofs]);
      return true;
    } catch (error) {
      // A false state follows from none.
      if (!(error instanceof RefusedError)) throw error;
      if (!this.#refused.has(id)) this.#options.onRefused?.(error);
      this.#refused.add(id);
      return false;
    }
  }

  #children(level: number, index: number): [Hash, Hash] {
    const { trace } = this.#options;
    return [trace.node(level - 1, 2 * index), trace.node(level - 1, 2 * index + 1)];
  }

  async #readHeight(): Promise<number> {
    if (this.#height > 0) return this.#height;
    const constants = await this.tournament.getFunction("tournamentLevelConstants")();
    if (Number(constants.maxLevel) !== 1) {
      throw new RangeError(`expected a tournament of one level, got ${constants.maxLevel}`);
    }
    this.#height = Number(constants.height);
    return this.#height;
  }

  async #send(method: string, args: readonly unknown[], value = 0n): Promise<void> {
    const receipt = await this.#sender.send(this.tournament, method, args, value);
    this.#options.onMoved?.(method, receipt);
  }
}
