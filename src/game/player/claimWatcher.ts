/**
 * Claims that stand on chain until they are final (docs/game.md §12): reading and posting them, and the watcher that
 * opposes every false one and makes every true one final.
 *
 * Invariant: a watcher that looks once a grace leaves no false claim about a call that it knows unopposed, and needs
 * one stake for that, however many there are. With a second one it has the truth stand beside them: then those that come
 * at the last moment, more than there is time to oppose, are not final either.
 */
import { type EventLog, getBytes, hexlify, ZeroHash } from "ethers";
import { type ArbiterClient, decodeTransition } from "../chain/arbiterClient.ts";
import { EventPages, finalityBlocks } from "../chain/eventPages.ts";
import { RefusedError } from "../chain/sender.ts";
import {
  type Address,
  type Call,
  type Claim,
  claimOf,
  type Hash,
  sameClaim,
  type Transition,
  transitionOf,
} from "../claim/claim.ts";
import { inputKey, standingKey } from "../claim/keys.ts";
import type { Execution } from "../trace/execution.ts";
import type { Player } from "./player.ts";

/** What has become of a posted claim; the numbers are the contract's. */
export const claimStatus = { none: 0, standing: 1, final: 2, refuted: 3, void: 4 } as const;

/** A result that a party has posted. */
export interface PostedClaim {
  /** Names the claim; in the place of a signature it opens a dispute about it. */
  readonly key: Hash;
  readonly party: Address;
  readonly transition: Transition;
  /** Key of the claim that it goes on from; zero for a genesis. */
  readonly parent: Hash;
  /** Last block in which it can be disputed. */
  readonly windowEnd: number;
}

/** What a watcher did at a look. */
export interface Watched {
  /** Own claims that it has posted beside false ones. */
  readonly posted: readonly Hash[];
  /** Claims that it has opposed. */
  readonly opposed: readonly Hash[];
  /** Claims that it has made final. */
  readonly finalized: readonly Hash[];
  /** Own claims that cannot become final any more, which it has taken back with their stakes. */
  readonly takenBack: readonly Hash[];
  /** Claims at which looking failed (an execution or a node that throws); they are looked at again the next time. */
  readonly failed: readonly { readonly key: Hash; readonly error: unknown }[];
}

/**
 * Watches the posted claims of one Arbiter for a player, and posts its own. The player must play on (`tick`, `follow`):
 * it answers the disputes that are opened here.
 */
export class ClaimWatcher {
  readonly #player: Player;
  readonly #execution: (call: Call) => Promise<Execution | undefined>;
  readonly #events: EventPages;
  /** Claims seen final or refuted, with the block at that time: a reorganisation may undo it for a while. */
  readonly #closed = new Map<Hash, number>();

  /** @param execution The own execution of a call; undefined if the call is not known. */
  constructor(player: Player, execution: (call: Call) => Promise<Execution | undefined>) {
    this.#player = player;
    this.#execution = execution;
    const { arbiter } = player;
    this.#events = new EventPages(arbiter.contract, () => arbiter.provider);
  }

  /** All claims that were ever posted, in order. */
  async posted(): Promise<PostedClaim[]> {
    const { contract, fromBlock } = this.#player.arbiter;
    const logs = await this.#events.read(contract.filters.Posted(), "posted", fromBlock);
    return logs.map(decodePosted);
  }

  /**
   * Posts the own result of a call, with a stake of the player's deposit.
   *
   * @param input The call's input, which is published with the claim unless that has been done before.
   * @param parent Key of the claim whose next state the call begins with; of none for a genesis.
   * @returns the claim's key.
   * @throws RefusedError if the chain does not accept it.
   */
  async post(execution: Execution, input: Uint8Array, parent: Hash = ZeroHash): Promise<Hash> {
    const { arbiter } = this.#player;
    const { call, startStep } = execution;
    const claim = await execution.claim();
    const isPublished: boolean = await arbiter.contract.isPublished(inputKey(call));
    await this.#player.send("post", [
      {
        transition: transitionOf(call, claim),
        input: isPublished ? "0x" : hexlify(input),
        beginWitness: await execution.beginWitness(),
        originProof: await execution.registerProof(startStep),
        resultProof: await execution.registerProof(Number(claim.steps)),
        parent,
      },
    ]);
    return standingKey(await this.#player.address(), call, claim);
  }

  /**
   * Opposes every false claim whose window is open, has the truth stand beside it, and makes final what can be. The
   * window that ends first comes first, and trouble with one claim does not keep it from the others.
   */
  async tick(): Promise<Watched> {
    const did = {
      opposed: [] as Hash[],
      posted: [] as Hash[],
      finalized: [] as Hash[],
      takenBack: [] as Hash[],
    };
    const failed: { key: Hash; error: unknown }[] = [];
    const block = await this.#player.arbiter.provider.getBlockNumber();
    const me = await this.#player.address();
    const claims = (await this.posted()).sort((a, b) => a.windowEnd - b.windowEnd);
    const disproved: [PostedClaim, Execution][] = [];
    const proved = new Set<Hash>([ZeroHash]);
    const attempt = async (claim: PostedClaim, look: () => Promise<unknown>) => {
      await look().catch((error: unknown) => failed.push({ key: claim.key, error }));
    };
    const opposing: Promise<void>[] = [];
    for (const claim of claims) {
      await attempt(claim, async () => {
        const execution = await this.#executionOf(claim, block);
        if (execution === undefined) return;
        const isTrue = sameClaim(claimOf(claim.transition), await execution.claim());
        if (!isTrue) {
          disproved.push([claim, execution]);
          // Side by side: their transactions are in flight at a time.
          const oppose = async () => {
            if (await this.#oppose(claim)) did.opposed.push(claim.key);
          };
          opposing.push(attempt(claim, oppose));
          return;
        }
        if (proved.has(claim.parent)) proved.add(claim.key);
        if (await this.#finalize(claim)) did.finalized.push(claim.key);
        else if (claim.party === me && (await this.#takeBack(claim))) did.takenBack.push(claim.key);
      });
    }
    await Promise.all(opposing);
    // To oppose comes first: it is what a single stake is for.
    for (const [claim, execution] of disproved) {
      await attempt(claim, async () => {
        // In an invented line the own claim would be bound, and missing in the true one.
        const { parent } = claim;
        const isFinal = (await this.#statusOf(parent)) === claimStatus.final;
        if (!isFinal && !proved.has(parent)) return;
        const key = await this.#postBeside(claim, execution, block);
        if (key !== undefined) did.posted.push(key);
      });
    }
    return { ...did, failed };
  }

  /** The own execution of a claim that stands; undefined if it stands no more or its call is not known. */
  async #executionOf(
    { key, transition }: PostedClaim,
    block: number,
  ): Promise<Execution | undefined> {
    const seen = this.#closed.get(key);
    if (seen !== undefined && block - seen > finalityBlocks) return undefined;
    const status = await this.#statusOf(key);
    if (status === claimStatus.standing) this.#closed.delete(key);
    // A claim that was taken back can be posted again.
    else if (seen === undefined && status !== claimStatus.void) this.#closed.set(key, block);
    return status === claimStatus.standing ? this.#execution(transition) : undefined;
  }

  async #statusOf(key: Hash): Promise<number> {
    return Number((await this.#player.arbiter.contract.claims(key)).status);
  }

  /**
   * Posts the own result in the line of a false claim, if it does not stand there and there is a stake for it. As long
   * as it stands no other result of the call can be final.
   */
  async #postBeside(
    { parent, windowEnd }: PostedClaim,
    execution: Execution,
    block: number,
  ): Promise<Hash | undefined> {
    const { call } = execution;
    const own = standingKey(await this.#player.address(), call, await execution.claim());
    const { graceBlocks } = await this.#player.arbiter.parameters();
    if (block + graceBlocks >= windowEnd) return undefined;
    const status = await this.#statusOf(own);
    if (status !== claimStatus.none && status !== claimStatus.void) return undefined;
    // The input stands on chain with the false claim.
    const isPosted = await this.#attempt(() => this.post(execution, new Uint8Array(0), parent));
    return isPosted ? own : undefined;
  }

  async #finalize({ key }: PostedClaim): Promise<boolean> {
    return this.#attempt(() => this.#player.send("finalize", [key]));
  }

  async #takeBack({ key }: PostedClaim): Promise<boolean> {
    return this.#attempt(() => this.#player.send("takeBack", [key]));
  }

  async #oppose({ key, transition }: PostedClaim): Promise<boolean> {
    return this.#attempt(() => this.#player.challenge({ transition, signature: key }));
  }

  /** Whether the chain accepts; a refusal is an answer: too early, too late, or done already. */
  async #attempt(send: () => Promise<unknown>): Promise<boolean> {
    try {
      await send();
      return true;
    } catch (error) {
      if (error instanceof RefusedError) return false;
      throw error;
    }
  }
}

/** Whether a result is final: what other contracts ask. */
export async function isFinal(client: ArbiterClient, call: Call, next: Claim): Promise<boolean> {
  const { program, previousState } = call;
  return client.contract.isFinal(program, previousState, inputKey(call), next.state);
}

/** The bytes of an input that was published at an Arbiter; undefined if it was not. */
export async function publishedInput(
  client: ArbiterClient,
  call: Call,
): Promise<Uint8Array | undefined> {
  const { contract } = client;
  const pages = new EventPages(contract, () => client.provider);
  const filter = contract.filters.InputPublished(inputKey(call));
  const [log] = await pages.read(filter, inputKey(call), client.fromBlock);
  return log && getBytes(log.args.content);
}

function decodePosted(log: EventLog): PostedClaim {
  const { key, party, transition, parent, windowEnd } = log.args;
  return {
    key,
    party,
    transition: decodeTransition(transition),
    parent,
    windowEnd: Number(windowEnd),
  };
}
