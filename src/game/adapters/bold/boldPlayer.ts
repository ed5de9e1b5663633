/**
 * Plays a challenge of Arbitrum BoLD over our machine (docs/adapters.md section 3): commits to the party's states, bisects
 * every edge that has a rival, proves the one step that is left, and confirms the assertion.
 *
 * Invariant: each of its edges holds the true states of the call, so of rivals it is the only one that can be proven;
 * it answers every rival, however many identities there are, and again should a reorganisation undo an answer.
 */
import { AbiCoder, Contract, type Signer, type TransactionReceipt, ZeroHash } from "ethers";
import { checkOptionNames } from "../../../interpreter/optionNames.ts";
import { finalityBlocks } from "../../chain/eventPages.ts";
import { RefusedError, Sender, type SenderOptions, senderDefaults } from "../../chain/sender.ts";
import type { Address, Hash } from "../../claim/claim.ts";
import type { CallChain } from "../callChain.ts";
import { assertionHash, type BoldAssertion, type BoldConfig } from "./boldAssertion.ts";
import type { History } from "./boldHistory.ts";
import { BoldLevels, levelCount } from "./boldLevels.ts";
import { assertionType, managerAbi } from "./managerAbi.ts";

/** Who plays in which challenge. */
export interface BoldPlayerOptions {
  /** The EdgeChallengeManager; its big steps must be one a block, or steps of 3.2.0 cannot be proven. */
  readonly manager: Address;
  readonly signer: Signer;
  /** The calls that the player has run, and goes by. */
  readonly chain: CallChain;
  /** The assertion that rivals go on from, and its configuration. */
  readonly predecessor: BoldAssertion;
  readonly config: BoldConfig;
  readonly sender?: Partial<SenderOptions>;
  /** Told of every transaction that was mined. */
  readonly onMoved?: (method: string, receipt: TransactionReceipt) => void;
  /** Told of every proof that the manager did not accept: the player's view is false. */
  readonly onRefused?: (error: RefusedError) => void;
}

/** An edge that the player holds: states [low, high] of a history. */
interface OwnEdge {
  readonly id: Hash;
  readonly level: number;
  readonly low: number;
  readonly high: number;
  readonly history: History;
  /** The block that an edge below the first level lies in. */
  readonly block: number;
  /** Edge of the next level that stands for this one. */
  claimedBy?: Hash;
}

const coder = AbiCoder.defaultAbiCoder();
const forever = 2n ** 256n - 1n;

/**
 * A side of a challenge. Post `assertion()` on the rollup, then `enter`; call `tick` as often as rivals may have moved,
 * `confirm` once the challenge period has run out.
 */
export class BoldPlayer {
  readonly manager: Contract;
  readonly #options: BoldPlayerOptions;
  readonly #sender: Sender;
  readonly #levels: BoldLevels;
  readonly #edges: OwnEdge[] = [];
  readonly #open = new Set<OwnEdge>();
  /** Open edges whose rivals are answered, with the block in which that was seen first. */
  readonly #answered = new Map<OwnEdge, number>();
  /** Edges whose proof the manager did not accept: told once, tried again, for the node may have lagged behind. */
  readonly #refused = new Set<Hash>();
  #sent = 0;
  /** Edges over a whole level, on which somebody has staked. */
  readonly #staked = new Set<Hash>();

  constructor(options: BoldPlayerOptions) {
    checkOptionNames("sender", options.sender ?? {}, Object.keys(senderDefaults));
    this.#options = options;
    this.#sender = new Sender(options.signer, options.sender);
    this.manager = new Contract(options.manager, managerAbi, options.signer);
    this.#levels = new BoldLevels(this.manager, options);
  }

  /**
   * The assertion that the player stands for. RangeError if the manager has several big steps a block, or the player has
   * run other calls than the chain's.
   */
  async assertion(): Promise<BoldAssertion> {
    const [blocks] = await this.#levels.heights();
    const trace = await this.#levels.trace();
    const state = await trace.stateBefore(blocks);
    const calls = trace.callsBefore(blocks);
    return {
      assertionState: {
        globalState: { bytes32Vals: [state, ZeroHash], u64Vals: [calls, 0] },
        machineStatus: 1,
        endHistoryRoot: (await this.#levels.history(0, 0)).root(blocks + 1),
      },
      prevAssertionHash: assertionHash(this.#options.predecessor),
      inboxAcc: ZeroHash,
    };
  }

  /** Enters the challenge with an edge over all blocks; the rollup must know the assertion, and a rival of it. */
  async enter(): Promise<void> {
    const [blocks] = await this.#levels.heights();
    const assertion = await this.assertion();
    const inclusion = (await this.#levels.history(0, 0)).inclusion(blocks, blocks + 1);
    const proof = coder.encode(
      ["bytes32[]", assertionType, assertionType],
      [inclusion, this.#options.predecessor, assertion],
    );
    const origin = assertion.prevAssertionHash;
    await this.#create(0, 0, { claim: assertionHash(assertion), origin, proof });
  }

  /** Makes every move that is due. Whether there was one. */
  async tick(): Promise<boolean> {
    const block = (await this.#options.signer.provider?.getBlockNumber()) ?? 0;
    const done = () => this.#sent + this.#edges.length;
    const before = done();
    for (const edge of [...this.#open]) {
      if (!(await this.manager.getFunction("hasRival")(edge.id))) continue;
      const beforeEdge = done();
      const isAnswered = await this.#answerRival(edge);
      if (!isAnswered || done() > beforeEdge) this.#answered.delete(edge);
      if (!isAnswered) continue;
      const since = this.#answered.get(edge) ?? block;
      this.#answered.set(edge, since);
      if (block - since <= finalityBlocks) continue;
      this.#answered.delete(edge);
      this.#open.delete(edge);
    }
    return done() > before;
  }

  /** Whether the rivals of an edge are answered now. What throws, as when the node is away, is done again: each looks first what is there. */
  async #answerRival(edge: OwnEdge): Promise<boolean> {
    if (edge.high - edge.low > 1) await this.#bisect(edge);
    else if (edge.level + 1 < levelCount) await this.#descend(edge);
    else return this.#prove(edge);
    return true;
  }

  /** Carries the time that edges had no rival up to the first, and confirms it. Rejects while that is too little. */
  async confirm(): Promise<void> {
    const update = async (ids: Hash[]) => {
      if (ids.length > 0) await this.#send("multiUpdateTimeCacheByChildren", [ids, forever]);
      ids.length = 0;
    };
    const pending: Hash[] = [];
    // An edge's children, and the edge that stands for it, were made after it.
    for (const edge of [...this.#edges].reverse()) {
      const { status } = await this.manager.getFunction("getEdge")(edge.id);
      if (Number(status) !== 0) continue;
      if (edge.claimedBy === undefined) {
        pending.push(edge.id);
        continue;
      }
      await update(pending);
      await this.#send("updateTimerCacheByClaim", [edge.id, edge.claimedBy, forever]);
    }
    await update(pending);
    await this.#send("confirmEdgeByTime", [this.#edges[0].id, await this.assertion()]);
  }

  /** Confirms what can be of the edges that the party has staked on, and takes their stakes back. How many it got. */
  async refund(): Promise<number> {
    const own = await this.#options.signer.getAddress();
    const assertion = await this.assertion();
    let count = 0;
    for (const id of [...this.#staked].reverse()) {
      const read = async () => this.manager.getFunction("getEdge")(id);
      const { staker, refunded, status } = await read();
      if (staker !== own || refunded) continue;
      try {
        if (Number(status) === 0) await this.#send("confirmEdgeByTime", [id, assertion]);
        await this.#send("refundStake", [id]);
        count++;
      } catch (error) {
        // Its rivals have had too much time, or what it stood for is settled already.
        if (!(error instanceof RefusedError)) throw error;
      }
    }
    return count;
  }

  /** Whether the player's assertion is confirmed. */
  async isConfirmed(): Promise<boolean> {
    if (this.#edges.length === 0) return false;
    return Number((await this.manager.getFunction("getEdge")(this.#edges[0].id)).status) === 1;
  }

  async #bisect(edge: OwnEdge): Promise<void> {
    const { low, high, history, id } = edge;
    const middle = middleOf(low, high);
    const args = [id, history.root(middle + 1), history.prefix(middle + 1, high + 1)];
    const read = async () => this.manager.getFunction("getEdge")(id);
    // Who holds the same states has the same edge.
    if ((await read()).lowerChildId === ZeroHash) await this.#send("bisectEdge", args);
    const { lowerChildId, upperChildId } = await read();
    this.#hold({ ...edge, id: lowerChildId, high: middle });
    this.#hold({ ...edge, id: upperChildId, low: middle });
  }

  /** Stands for an edge of length one with an edge of the next level, over the states in between. */
  async #descend(edge: OwnEdge): Promise<void> {
    const { low, history } = edge;
    const level = edge.level + 1;
    const block = level === 1 ? low : edge.block;
    const height = (await this.#levels.heights())[level];
    const states = await this.#levels.states(level, block);
    const inner = await this.#levels.history(level, block);
    const end = states[Math.min(height, states.length - 1)];
    const proof = coder.encode(
      ["bytes32", "bytes32", "bytes32[]", "bytes32[]", "bytes32[]"],
      [
        states[0],
        end,
        history.inclusion(low, low + 1),
        history.inclusion(low + 1, low + 2),
        inner.inclusion(height, height + 1),
      ],
    );
    const root = history.root(low + 1);
    const { originId } = await this.manager.getFunction("getEdge")(edge.id);
    const mutual = [edge.level, originId, low, root, low + 1];
    const origin: Hash = await this.manager.getFunction("calculateMutualId")(...mutual);
    edge.claimedBy = await this.#create(level, block, { claim: edge.id, origin, proof });
  }

  async #prove({ id, low, history, block }: OwnEdge): Promise<boolean> {
    if (Number((await this.manager.getFunction("getEdge")(id)).status) === 1) return true;
    const states = await this.#levels.states(2, block);
    const beforeHash = states[Math.min(low, states.length - 1)];
    const proof = await (await this.#levels.trace()).proof(block, low);
    try {
      await this.#send("confirmEdgeByOneStepProof", [
        id,
        { beforeHash, proof },
        this.#options.config,
        history.inclusion(low, low + 1),
        history.inclusion(low + 1, low + 2),
      ]);
      return true;
    } catch (error) {
      // A false state has no proof.
      if (!(error instanceof RefusedError)) throw error;
      if (!this.#refused.has(id)) this.#options.onRefused?.(error);
      this.#refused.add(id);
      return false;
    }
  }

  async #create(
    level: number,
    block: number,
    { claim, origin, proof }: { claim: Hash; origin: Hash; proof: string },
  ): Promise<Hash> {
    const history = await this.#levels.history(level, block);
    const height = (await this.#levels.heights())[level];
    const [startRoot, endRoot] = [history.root(1), history.root(height + 1)];
    const identity = [level, origin, 0, startRoot, height, endRoot];
    const id: Hash = await this.manager.getFunction("calculateEdgeId")(...identity);
    if (!(await this.manager.getFunction("edgeExists")(id))) {
      const prefixProof = history.prefix(1, height + 1);
      const args = { level, endHistoryRoot: endRoot, endHeight: height, claimId: claim };
      await this.#send("createLayerZeroEdge", [{ ...args, prefixProof, proof }]);
    }
    this.#staked.add(id);
    this.#hold({ id, level, low: 0, high: height, history, block });
    return id;
  }

  #hold(edge: OwnEdge): void {
    if (this.#edges.some(({ id }) => id === edge.id)) return;
    const held = { ...edge };
    this.#edges.push(held);
    this.#open.add(held);
  }

  async #send(method: string, args: readonly unknown[]): Promise<void> {
    const receipt = await this.#sender.send(this.manager, method, args);
    this.#sent++;
    this.#options.onMoved?.(method, receipt);
  }
}

/** Where the manager wants an edge bisected: at the multiple of the largest power of two inside. */
function middleOf(low: number, high: number): number {
  if (high - low === 2) return low + 1;
  const bit = Math.floor(Math.log2((high - 1) ^ low));
  return Math.floor((high - 1) / 2 ** bit) * 2 ** bit;
}
