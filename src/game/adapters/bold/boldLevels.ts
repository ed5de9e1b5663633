/**
 * The histories that a party stands for in a BoLD challenge (docs/adapters.md section 3): over the blocks of an assertion,
 * over the one big step of a block, over the steps of a block.
 *
 * Invariant: a level's history is computed once, and holds the states of the calls that the party has run, after the
 * manager's inbox and the predecessor were held against them.
 */
import type { Contract, Signer } from "ethers";
import type { Hash } from "../../claim/claim.ts";
import { type CallChain, checkedChain, inboxOf } from "../callChain.ts";
import type { BoldAssertion, BoldConfig } from "./boldAssertion.ts";
import { History } from "./boldHistory.ts";
import { BoldTrace } from "./boldTrace.ts";

/** Blocks, big steps, steps. */
export const levelCount = 3;

/** What the histories are of. */
export interface BoldSource {
  readonly signer: Signer;
  readonly chain: CallChain;
  readonly predecessor: BoldAssertion;
  readonly config: BoldConfig;
}

/** States and histories of every level. */
export class BoldLevels {
  readonly #manager: Contract;
  readonly #source: BoldSource;
  #trace: BoldTrace | undefined;
  #heights: readonly number[] | undefined;
  readonly #blocks = new Map<number, Promise<Hash[]>>();
  readonly #histories = new Map<string, Promise<History>>();

  constructor(manager: Contract, source: BoldSource) {
    this.#manager = manager;
    this.#source = source;
  }

  /** The states of a level: before each block, before and after the one big step of a block, or before each step. */
  async states(level: number, block: number): Promise<Hash[]> {
    const blocks = await this.trace();
    const heights = await this.heights();
    if (level === 0) {
      const count = heights[0] + 1;
      return Promise.all(Array.from({ length: count }, (_, i) => blocks.blockState(i)));
    }
    const trace = this.#blocks.get(block) ?? blocks.blockTrace(block);
    this.#blocks.set(block, trace);
    const states = await trace;
    if (states.length > heights[2] + 1) {
      throw new RangeError(`expected at most ${heights[2]} steps, got ${states.length - 1}`);
    }
    return level === 1 ? [states[0], states[states.length - 1]] : states;
  }

  /** The history over the states of a level. */
  history(level: number, block: number): Promise<History> {
    const key = `${level} ${block}`;
    const known = this.#histories.get(key);
    if (known !== undefined) return known;
    const history = this.states(level, block).then((states) => new History(states));
    this.#histories.set(key, history);
    return history;
  }

  /** The party's calls as the manager counts them. RangeError if they are others than the chain's. */
  async trace(): Promise<BoldTrace> {
    if (this.#trace !== undefined) return this.#trace;
    const { chain, config, predecessor, signer } = this.#source;
    const { bytes32Vals, u64Vals } = predecessor.assertionState.globalState;
    const inbox = await inboxOf(await this.#manager.getFunction("oneStepProofEntry")(), signer);
    const checked = checkedChain(chain, inbox, { calls: u64Vals[0], state: bytes32Vals[0] });
    this.#trace = new BoldTrace(checked, u64Vals[0], config.nextInboxPosition);
    return this.#trace;
  }

  /** How many states after the first an edge over a whole level spans. RangeError for several big steps a block. */
  async heights(): Promise<readonly number[]> {
    if (this.#heights !== undefined) return this.#heights;
    const height = async (kind: number) =>
      Number(await this.#manager.getFunction("getLayerZeroEndHeight")(kind));
    const heights = await Promise.all([height(0), height(1), height(2)]);
    if (heights[1] !== 1) throw new RangeError(`expected one big step a block, got ${heights[1]}`);
    this.#heights = heights;
    return heights;
  }
}
