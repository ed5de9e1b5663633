/**
 * Everything that an honest worker can be brought to sign, against everything that is slashed: CometBFT's rules of
 * prevotes, precommits and locks (0.38, consensus/state.go) in an environment that chooses proposals, polkas, restarts
 * and gaps at will. No pair of its votes is reported by the library, and none that is forced is taken by the contract.
 */
import { getBytes, id } from "ethers";
import { beforeAll, expect, test } from "vitest";
import {
  type BlockId,
  type ClusterGeneration,
  conflictOf,
  dataHash,
  type Header,
  headerCalldata,
  headerHash,
  precommitCalldata,
  type SignedVote,
  voteTypes,
  workerStatus,
} from "../../src/history/index.ts";
import { seededPick } from "../game/random.ts";
import {
  failure,
  keysOf,
  runningCluster,
  type runningGeneration,
  send,
  type TestNetwork,
} from "./network.ts";

const noHash = new Uint8Array();
const nil: BlockId = { hash: noHash, parts: { total: 0, hash: noHash } };
const keys = keysOf("worker");

let network: TestNetwork;
let generation: ClusterGeneration;
let blocks: Awaited<ReturnType<typeof runningGeneration>>["blocks"];
beforeAll(async () => {
  ({ network, generation, blocks } = await runningCluster(keys));
});

/** A vote with the header that it is for; without one if it is for none. */
interface Cast {
  readonly vote: SignedVote;
  readonly header: Header | undefined;
}

const blockIdOf = (header: Header | undefined): BlockId =>
  header === undefined
    ? nil
    : { hash: headerHash(header), parts: { total: 1, hash: getBytes(id("parts")) } };

/** All votes of a worker over some heights, by its own rules and an environment's whims. */
class HonestWorker {
  readonly cast: Cast[] = [];
  readonly #pick: (from: number, to: number) => number;
  #locked: Header | undefined;

  constructor(seed: number) {
    this.#pick = seededPick(seed);
  }

  #vote(type: bigint, height: bigint, round: number, header: Header | undefined): void {
    const sign = () => {
      const time = { seconds: 1_800_000_000n, nanos: this.#pick(1, 999_999_999) };
      const at = { type, height, round, blockId: blockIdOf(header), time };
      this.cast.push({ vote: blocks.voteOf(0, at), header });
    };
    sign();
    // A restart in the middle of a round: the same vote at another time.
    if (this.#pick(0, 5) === 0) sign();
  }

  /** What proposers of one height can choose; everything else follows from the chain. */
  #proposals(parent: Header): readonly Header[] {
    return [0, 1, 2].map((index) => ({
      ...parent,
      height: parent.height + 1n,
      lastBlockId: blockIdOf(parent),
      appHash: getBytes(id(`state ${parent.height}`)),
      dataHash: dataHash([Uint8Array.of(index, 1)]),
      time: { seconds: parent.time.seconds + 1n, nanos: index },
      lastCommitHash: getBytes(id(`commit ${index}`)),
      evidenceHash: getBytes(id(`evidence ${index}`)),
      proposerAddress: new Uint8Array(20).fill(index),
    }));
  }

  /** One height; the block that the others decide. */
  height(parent: Header): Header {
    const proposals = this.#proposals(parent);
    const height = parent.height + 1n;
    const some = (list: readonly Header[]): Header | undefined => list[this.#pick(0, list.length)];
    this.#locked = undefined;
    const rounds = this.#pick(1, 5);
    for (let round = 0; round < rounds; round++) {
      // Seen in time, or not at all: then a round is skipped.
      const seen = some(proposals);
      const prevoted = this.#locked ?? seen;
      if (this.#pick(0, 6) > 0) this.#vote(voteTypes.prevote, height, round, prevoted);
      if (this.#pick(0, 6) === 0) continue;
      this.#precommit(height, round, seen, some([...proposals, ...proposals]));
    }
    return some(proposals) ?? proposals[0];
  }

  /** `polka`: what more than two thirds have prevoted, as far as the worker sees. */
  #precommit(
    height: bigint,
    round: number,
    seen: Header | undefined,
    polka: Header | undefined,
  ): void {
    const isKnown = polka !== undefined && (polka === this.#locked || polka === seen);
    // A polka for nothing, or for a block that it does not have, unlocks; none leaves the lock.
    if (polka !== undefined || this.#pick(0, 1) === 0) this.#locked = isKnown ? polka : undefined;
    this.#vote(voteTypes.precommit, height, round, isKnown ? polka : undefined);
  }
}

test("no two votes of an honest worker are slashable, in any order of rounds, locks and restarts", async () => {
  const [{ header: first }] = blocks.makeChain([{}]);
  let pairs = 0;
  const changes: [Cast, Cast][] = [];
  for (let seed = 1; seed <= 25; seed++) {
    const worker = new HonestWorker(seed);
    // A gap of heights, as after a state sync.
    let parent: Header = { ...first, height: BigInt(10 * seed) };
    for (let height = 0; height < 3; height++) parent = worker.height(parent);
    for (const [index, one] of worker.cast.entries()) {
      for (const other of worker.cast.slice(index + 1)) {
        const { vote } = one;
        if (vote.height !== other.vote.height || vote.type !== other.vote.type) continue;
        pairs++;
        const headers: [Header, Header] = [one.header ?? first, other.header ?? first];
        const votes: [SignedVote, SignedVote] = [vote, other.vote];
        const conflict = conflictOf({ votes, headers }, generation.workers[0]);
        expect([undefined, "lock-change"]).toContain(conflict?.kind);
        if (conflict !== undefined) changes.push([one, other]);
      }
    }
  }
  expect(pairs).toBeGreaterThan(300);
  // Locks do change, or nothing is shown.
  expect(changes.length).toBeGreaterThan(5);
  for (const [one, other] of changes.slice(0, 12)) await refuse(one, other);
  const { status } = await network.clusters.workerOf(generation.workers[0].account);
  expect(Number(status)).toBe(workerStatus.bonded);
}, 240_000);

/** The contract takes a change of lock neither for (a), nor for (b), nor one of its headers for (d). */
async function refuse(...casts: readonly [Cast, Cast]): Promise<void> {
  const report = (method: string, args: readonly unknown[]) =>
    failure(send(network.misbehaviour, network.signers[6], method, args));
  const sides = casts.map(({ vote, header }) => {
    if (header === undefined) throw new Error("expected a vote for a block");
    return [
      headerCalldata(header),
      precommitCalldata(header, vote, generation.workers[0]),
    ] as const;
  });
  const [one, other] = sides;
  expect(await report("reportContradiction", [generation.id, ...one, ...other])).toBe(
    "NoContradiction",
  );
  const voteFor = ([header, precommit]: (typeof sides)[number], cast: Cast) => ({
    round: precommit.round,
    blockId: {
      hash: blockHash(cast),
      total: precommit.partsTotal,
      partsHash: precommit.partsHash,
    },
    vote: precommit.vote,
    header,
  });
  const { height } = casts[0].vote;
  const pair = [voteFor(one, casts[0]), voteFor(other, casts[1])];
  const doubled = [generation.id, voteTypes.precommit, height, ...pair];
  expect(await report("reportDoubleVote", doubled)).toBe("DifferentRounds");
  for (const side of sides) {
    expect(await report("reportHeader", [generation.id, ...side])).toBe("NoRuleBroken");
  }
}

const blockHash = ({ vote }: Cast): Uint8Array => vote.blockId.hash;
