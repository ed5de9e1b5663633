/**
 * How a storage node keeps its deposit: it answers every challenge on chain that names it, from its store.
 *
 * Invariant: a challenge is answered once, and only with bytes of the root that the node has signed for; what cannot be
 * answered is told with every look until its time is over, since it costs the deposit.
 */
import type { Signer } from "ethers";
import { type Address, RefusedError, Sender } from "../../game/index.ts";
import { chunkProof, type OpenChallenge, StorageChallenges } from "../../history/index.ts";
import type { ContentStore } from "../content/contentStore.ts";

/** Where a node is challenged, and with what it answers. */
export interface ChallengeAnswersOptions {
  /** The contract Storage. */
  readonly storage: Address;
  /** Block of the contract's creation. */
  readonly fromBlock: number;
  /** The storage node that is challenged. */
  readonly node: Address;
  /** Account that sends the answers: the node's own or any other. */
  readonly signer: Signer;
  readonly store: ContentStore;
  /** Milliseconds between looks at a transaction that is not mined. */
  readonly pollMs: number;
}

/** What became of the challenges that were open. */
export interface Answered {
  readonly shown: readonly bigint[];
  /** Of contents that the store does not hold, or not whole. */
  readonly missing: readonly bigint[];
}

/** Answers one node's challenges. */
export class ChallengeAnswers {
  readonly #options: ChallengeAnswersOptions;
  readonly #challenges: StorageChallenges;
  readonly #sender: Sender;

  constructor(options: ChallengeAnswersOptions) {
    const { storage, signer, fromBlock, pollMs } = options;
    this.#options = options;
    this.#challenges = new StorageChallenges(storage, signer, fromBlock);
    this.#sender = new Sender(signer, { pollMs });
  }

  /** Answers what is open. Rejects with what the chain's node answers. */
  async answer(): Promise<Answered> {
    const newest = (await this.#options.signer.provider?.getBlockNumber()) ?? 0;
    const open = await this.#challenges.open(this.#options.node);
    const shown: bigint[] = [];
    const missing: bigint[] = [];
    for (const challenge of open.filter(({ deadlineBlock }) => newest < deadlineBlock)) {
      const bytes = await this.#bytesOf(challenge);
      if (bytes === undefined) missing.push(challenge.id);
      else if (await this.#show(challenge, bytes)) shown.push(challenge.id);
    }
    return { shown, missing };
  }

  async #bytesOf({ content }: OpenChallenge): Promise<Uint8Array | undefined> {
    // Whatever keeps one content back, the others' challenges are answered.
    return this.#options.store.get(content).catch(() => undefined);
  }

  /** Whether this node has answered; anyone else may have come first, or it was too late. */
  async #show({ id, chunk }: OpenChallenge, bytes: Uint8Array): Promise<boolean> {
    try {
      const args = [id, ...chunkProof(bytes, chunk)];
      await this.#sender.send(this.#challenges.contract, "show", args);
      return true;
    } catch (error) {
      if (error instanceof RefusedError) return false;
      throw error;
    }
  }
}
