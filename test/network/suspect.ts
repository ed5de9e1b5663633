/** A running toy cluster of which one worker is suspected, and what is signed and reported of it. */
import type { SigningKey } from "ethers";
import { getBytes, id } from "ethers";
import {
  type BlockId,
  type Header,
  headerHash,
  type MisbehaviourReport,
  type SignedVote,
  voteTypes,
} from "../../src/history/index.ts";
import { failure, fromOneState, keysOf, runningCluster, send } from "./network.ts";

export const keys: readonly SigningKey[] = keysOf("worker");
/** A vote for no block. */
export const nil: BlockId = {
  hash: new Uint8Array(),
  parts: { total: 0, hash: new Uint8Array() },
};
/** Account of who reports. */
export const reporter = 6;

export const begin = fromOneState(async () => {
  const running = await runningCluster(keys);
  /** The worker that is suspected: the first in CometBFT's order. */
  const [worker] = running.generation.workers;
  return { ...running, worker };
});

export type Suspected = Awaited<ReturnType<typeof begin>>;

export const blockIdOf = (header: Header): BlockId => ({
  hash: headerHash(header),
  parts: { total: 1, hash: getBytes(id("parts")) },
});

/** What is signed, made up and reported in the cluster at hand. */
export function handsOn(at: () => Suspected) {
  return {
    statusOf: async () => (await at().network.reader.worker(at().worker.account))?.status,
    report: ({ method, args }: MisbehaviourReport) =>
      failure(send(at().network.misbehaviour, at().network.signers[reporter], method, args)),

    /** A vote of the suspect. */
    vote(blockId: BlockId, change: Partial<SignedVote> = {}): SignedVote {
      const time = { seconds: 1_800_000_000n, nanos: 1 };
      const content = { type: voteTypes.precommit, height: 5n, round: 0, blockId, time, ...change };
      return at().blocks.voteOf(0, content);
    },

    /** A header of height 5. */
    headerWith(change: Partial<Header> = {}): Header {
      const [{ header }] = at().blocks.makeChain([{}]);
      const lastBlockId = {
        hash: getBytes(id("parent")),
        parts: { total: 1, hash: getBytes(id("p")) },
      };
      return { ...header, height: 5n, lastBlockId, ...change };
    },
  };
}
