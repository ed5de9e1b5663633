/**
 * What a worker's process does beside its blocks, again and again: blocks are stored, votes that decided nothing and headers
 * are looked at, the handover is seen to. FinalizeBlock never waits for any of it.
 *
 * Invariant: what one of these fails with keeps none of the others from its turn, and each is tried again with the next
 * round until it is done: who is to be accused is not let off by a chain that did not answer for a moment.
 */
import { repeated } from "../cluster/repeated.ts";
import type { ConsensusNode } from "../consensus.ts";
import { Accuser } from "../disputes/accuser.ts";
import { Uploader } from "../storage/storageClient.ts";
import type { AgreementWatch } from "../watch/agreement.ts";
import type { Worker } from "./blockWorker.ts";
import type { WorkerSettings } from "./daemon.ts";
import { HandoverVotes } from "./handoverVotes.ts";

const defaultPollMs = 1_000;

/** Begins the rounds. Returns what ends them. */
export function besideTheBlocks(
  worker: Worker,
  watch: AgreementWatch,
  settings: WorkerSettings,
): () => Promise<void> {
  const { log, storages = [], own, chain, pollMs = defaultPollMs, signer, watched = [] } = settings;
  const uploader = new Uploader(worker, storages);
  const accuser = chain && new Accuser(worker, chain, watched);
  const strays = accuser && own && new Strays(worker, own, accuser);
  const isVoter = chain !== undefined && signer !== undefined && watched.length > 0;
  const handover = isVoter ? new HandoverVotes(worker, chain, signer.key, watched) : undefined;
  let isAccused = false;
  const duties: readonly (() => Promise<unknown>)[] = [
    () => keepLastState(worker),
    () => uploader.upload(),
    async () => {
      const accused = await strays?.look();
      if (accused?.length) log.warn({ accused }, "accused of an undecided vote");
    },
    async () => handover?.look(),
    async () => {
      const found = await watch.look();
      if (found === undefined) return;
      const facts = { height: found.height.toString(), own: found.own.result };
      log.error(facts, "the cluster voted another result");
    },
    async () => {
      if (watch.disagreement === undefined || isAccused) return;
      const accused = await accuser?.accuseDecided(watch.disagreement);
      isAccused = true;
      if (accused !== undefined) log.warn({ accused }, "accused");
    },
  ];
  return repeated(async () => {
    for (const duty of duties) {
      await duty().catch((err: unknown) => log.error({ err }, "failed beside the blocks"));
    }
  }, pollMs);
}

/**
 * Writes the state with which the generation ends, unless it is there: no later block has it written again, and without it the
 * next generation does not begin.
 */
export async function keepLastState(worker: Worker): Promise<void> {
  const { snapshots } = worker;
  if (worker.succession.successors === undefined || snapshots === undefined) return;
  await worker.quiet(0);
  if (!snapshots.heights().includes(worker.height)) worker.takeSnapshot();
}

/** Heights that are looked back, where many were decided since the last look. */
const mostHeights = 64n;

/** Looks for votes for headers that were not decided, which come in while a height stands. */
export class Strays {
  readonly #worker: Worker;
  readonly #node: ConsensusNode;
  readonly #accuser: Accuser;
  /** Height at the last look that came to its end. */
  #top: bigint;
  /** Rounds for which that height has stood. */
  #rounds = 0;

  constructor(worker: Worker, node: ConsensusNode, accuser: Accuser) {
    this.#worker = worker;
    this.#node = node;
    this.#accuser = accuser;
    this.#top = worker.height;
  }

  /** The workers that were accused now. */
  async look(): Promise<number[]> {
    const { height } = this.#worker;
    this.#rounds = height === this.#top ? this.#rounds + 1 : 0;
    // A log is long: after the first round with twice as many between each two looks.
    const isDue = (this.#rounds & (this.#rounds - 1)) === 0;
    if (!isDue) return [];
    // Blocks may come faster than looks, and an accusation takes some blocks of another chain.
    const last = this.#top - 1n;
    const accused: number[] = [];
    for (let at = last > height - mostHeights ? last : height - mostHeights; at <= height; at++) {
      accused.push(...(await this.#accuse(at)));
    }
    this.#top = height;
    return accused;
  }

  async #accuse(height: bigint): Promise<number[]> {
    const hasCall = this.#worker.journal.block(height) !== undefined;
    return hasCall ? this.#accuser.accuseStrays(this.#node, height) : [];
  }
}
