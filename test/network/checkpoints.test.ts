/** Checkpoints.sol: every ρ-th header with its votes, stale tails, refusals, and what a recovery makes void. */
import { hexlify, ZeroHash } from "ethers";
import { beforeEach, describe, expect, test } from "vitest";
import type { Hash } from "../../src/game/index.ts";
import {
  CheckpointReader,
  type ClusterGeneration,
  clusterStatus,
  commitCalldata,
  type Header,
  headerHash,
  type Manifest,
  precommitFor,
  shownVotes,
  signerAmong,
} from "../../src/history/index.ts";
import { transactions } from "../history/chainMaker.ts";
import {
  failure,
  fromOneState,
  inOrder,
  joinAll,
  keysOf,
  runningCluster,
  type runningGeneration,
  send,
  type TestNetwork,
} from "./network.ts";

const keys = keysOf("worker");

let network: TestNetwork;
let cluster: string;
let generation: ClusterGeneration;
let blocks: Awaited<ReturnType<typeof runningGeneration>>["blocks"];
let chain: Manifest[];
let line: CheckpointReader;
const begin = fromOneState(() => runningCluster(keys));
beforeEach(async () => {
  ({ network, cluster, generation, blocks } = await begin());
  // Heights 1 to 13; each other block is empty.
  chain = blocks.makeChain(
    Array.from({ length: 13 }, (_, index) => (index % 2 === 0 ? { transactions } : {})),
  );
  line = new CheckpointReader(network.addresses.checkpoints, network.provider);
});

const commitOf = (header: Header, voters: readonly number[] = [0, 1, 2]) =>
  commitCalldata(header, blocks.votesFor(header, voters), blocks.generation.validators);
const submit = (height: number, commit: object = commitOf(chain[height - 1].header)) =>
  failure(send(network.checkpoints, network.signers[6], "submit", [generation.id, commit]));

test("every fourth header, with its votes", async () => {
  expect(await submit(4)).toBe("done");
  expect(await submit(8)).toBe("done");
  const newest = await line.newest(cluster);
  const { header } = chain[7];
  expect(newest).toMatchObject({
    generation: generation.id,
    height: 8n,
    headerHash: hexlify(headerHash(header)),
    applicationHash: hexlify(header.appHash),
    time: header.time.seconds,
  });
  expect(await line.count(cluster)).toBe(2);
  expect(await line.lastBelow(cluster, 8n)).toBe(0);
  expect(await line.lastBelow(cluster, undefined)).toBe(1);
  expect(await line.lastBelow(cluster, 4n)).toBeUndefined();
});

test("the votes with which it was shown stand on the chain, each of the worker that gave it", async () => {
  const voters = [0, 1, 3];
  const { header } = chain[3];
  expect(await submit(4, commitOf(header, voters))).toBe("done");
  const shown = await shownVotes(line.contract, cluster as Hash, await line.at(cluster, 0));
  const publicKeys = generation.workers.map(({ publicKey }) => publicKey);
  const signers = shown.map((precommit) =>
    signerAmong(precommitFor(header, precommit), precommit.signature, publicKeys),
  );
  expect([...signers].sort()).toEqual(voters);
  const { signatures, blockId } = blocks.votesFor(header, voters);
  for (const [place, worker] of signers.entries()) {
    const { time, signature } = signatures[worker];
    expect(shown[place]).toMatchObject({
      round: 0,
      time,
      signature,
      blockId: { hash: blockId.hash },
    });
  }
  // Of another header at this height there are none, nor is a signature another vote's or a torn one.
  const other = { ...(await line.at(cluster, 0)), headerHash: ZeroHash as Hash };
  expect(await shownVotes(line.contract, cluster as Hash, other)).toEqual([]);
  const later = precommitFor(header, { ...shown[0], round: 1 });
  expect(signerAmong(later, shown[0].signature, publicKeys)).toBe(-1);
  expect(signerAmong(later, shown[0].signature.subarray(1), publicKeys)).toBe(-1);
});

test("a stale tail can be checkpointed at any height", async () => {
  expect(await submit(4)).toBe("done");
  expect(await submit(6)).toBe("NotStale");
  await network.mine(30);
  expect(await submit(6)).toBe("done");
  expect(await submit(8)).toBe("done");
});

describe("refusals", () => {
  test("heights that are left out, known or before the chain", async () => {
    expect(await submit(8)).toBe("NotNext");
    expect(await submit(1)).toBe("NotNext");
    expect(await submit(4)).toBe("done");
    expect(await submit(4)).toBe("NotNext");
    expect(await submit(9)).toBe("NotNext");
    expect(await failure(line.at(cluster, 1))).toBe("NoCheckpoint");
  });

  test("too few votes, other chains, other workers, another header", async () => {
    const { header } = chain[3];
    const whole = commitOf(header);
    expect(await submit(4, { ...whole, votes: whole.votes.slice(1) })).toBe("NoQuorum");
    const other = { ...whole, header: { ...whole.header, chainId: "another" } };
    expect(await submit(4, other)).toBe("WrongChain");
    const foreign = { ...whole, header: { ...whole.header, validatorsHash: ZeroHash } };
    expect(await submit(4, foreign)).toBe("WrongValidators");
    const changed = { ...whole, header: { ...whole.header, evidenceHash: ZeroHash } };
    expect(await submit(4, changed)).toBe("UnknownSigner");
    expect(await submit(4, { ...whole, partsTotal: 2 })).toBe("UnknownSigner");
    const [vote] = whole.votes;
    const half = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a1n;
    const high = { ...vote, s: `0x${half.toString(16)}` };
    expect(await submit(4, { ...whole, votes: [high] })).toBe("InvalidVote");
    expect(await submit(4, { ...whole, votes: [{ ...vote, v: 29 }] })).toBe("InvalidVote");
  });

  test("a chain that does not run", async () => {
    await send(network.clusters, network.signers[0], "halt", [cluster]);
    expect(await submit(4)).toBe("ChainNotRunning");
  });

  test("only the clusters end and cut a line; a spacing of nothing", async () => {
    const of = (method: string, args: unknown[]) =>
      failure(send(network.checkpoints, network.signers[6], method, args));
    expect(await of("cut", [cluster, 0n])).toBe("NotClusters");
    const checkpoint = [1n, 1n, 1n, 1n, ZeroHash, ZeroHash];
    expect(await of("append", [cluster, checkpoint])).toBe("NotClusters");
    const { connection, addresses } = network;
    const args = [addresses.clusters, 0, 1];
    expect(await failure(connection.ethers.deployContract("Checkpoints", args))).toBe("NotNext");
  });
});

test("a fork › the next generation begins at the last checkpoint below it, the rest is void", async () => {
  for (const height of [4, 8, 12]) expect(await submit(height)).toBe("done");
  const { header } = chain[9];
  const twin = { ...header, evidenceHash: headerHash(header) };
  const forks = [commitOf(header), commitOf(twin)];
  const args = [generation.id, ...forks];
  await send(network.misbehaviour, network.signers[6], "reportFork", args);
  expect(await network.reader.cluster(cluster)).toMatchObject({
    status: clusterStatus.halted,
    refutedHeight: 11n,
  });
  const second = keysOf("second");
  await joinAll(network, cluster, second);
  await send(network.clusters, network.signers[5], "seal", [cluster, inOrder(second)]);
  await network.mine(150);
  const recover = (position: bigint) =>
    failure(send(network.clusters, network.signers[5], "recover", [cluster, position]));
  expect(await recover(0n)).toBe("WrongOrder");
  expect(await recover(2n)).toBe("WrongOrder");
  expect(await recover(2n ** 256n - 1n)).toBe("WrongOrder");
  expect(await line.lastBelow(cluster, 11n)).toBe(1);
  expect(await recover(1n)).toBe("done");
  expect(await network.reader.running(cluster)).toMatchObject({
    number: 1,
    initialHeight: 8n,
    initialApplicationHash: hexlify(chain[7].header.appHash),
  });
  expect(await line.count(cluster)).toBe(2);
  // What is refuted of the old chain above its end halts nobody any more.
  await send(network.misbehaviour, network.signers[6], "reportFork", args);
  expect((await network.reader.cluster(cluster))?.status).toBe(clusterStatus.running);
  // Below it, it does.
  const low = chain[6].header;
  const lower = [commitOf(low), commitOf({ ...low, evidenceHash: headerHash(low) })];
  await send(network.misbehaviour, network.signers[6], "reportFork", [generation.id, ...lower]);
  expect(await network.reader.cluster(cluster)).toMatchObject({
    status: clusterStatus.halted,
    refutedHeight: 8n,
  });
});
