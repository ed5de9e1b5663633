/**
 * Clusters of which all four sign headers that are wrong by their bytes, or withhold what it takes to replay a block: the
 * validators do by themselves what there is to be done, and whoever has confirmed it loses.
 */
import { getBytes, id as nameOf } from "ethers";
import { beforeEach, describe, expect, test } from "vitest";
import { flipMemory } from "../../src/cli/game/faultyExecution.ts";
import type { Hash } from "../../src/game/index.ts";
import {
  clusterStatus,
  type Header,
  type Manifest,
  validatorStatus,
  workerStatus,
} from "../../src/history/index.ts";
import { NodeError } from "../../src/node/nodeError.ts";
import type { FragmentSource } from "../../src/node/validation/fragmentData.ts";
import { Worker, type WorkerOptions } from "../../src/node/worker/blockWorker.ts";
import type { BlockPlan } from "../history/chainMaker.ts";
import { checkpoint, type ValidatedNetwork, validatedNetworks } from "../network/fragments.ts";
import {
  joinedCluster,
  shortTurns,
  type TestValidator,
  until,
  type ValidatedCluster,
  validatedCluster,
  validatorOf,
  workerStatuses,
} from "./validatedCluster.ts";

let network: ValidatedNetwork;

const begin = validatedNetworks("real", { ...shortTurns, leastValidations: 2 });
const longTurns = { ...shortTurns, turnBlocks: 200 };
/** Whose fragments one validation makes final, and two. */
const beginWithOne = validatedNetworks("real", { ...longTurns, leastValidations: 1 });
const beginWithTwo = validatedNetworks("real", { ...longTurns, leastValidations: 2 });

beforeEach(async () => {
  network = await begin();
});

/** Headers as a gateway shows them that has nothing else. */
function sourceOf(chain: readonly Manifest[]): FragmentSource {
  const missing = async () => {
    throw new NodeError("content-missing", "a chain of headers has no contents");
  };
  const keep = async () => ({ root: nameOf("nothing") as Hash, length: 0 });
  const manifest = async (height: bigint) => {
    const found = chain[Number(height) - 1];
    if (found === undefined) throw new NodeError("content-missing", `manifest ${height}`);
    return found;
  };
  return { manifest, content: missing, block: missing, keep };
}

const statusesOf = (generation: bigint) => workerStatuses(network, generation);
const isSlashed = async ({ node }: TestValidator) =>
  (await network.validations.validator(await node.address())).status === validatorStatus.slashed;
const convictedBy = ({ events }: TestValidator) =>
  events.filter(({ kind }) => kind === "convicted");

/** A validator that has confirmed a fragment without having looked at it. */
async function lazyConfirmation(made: Parameters<typeof validatorOf>[1], position = 0) {
  const lazy = await validatorOf(network, made, 0, { laziness: "copies" });
  await until(network, [lazy], async () => {
    const [id] = await network.validations.begunAt(made.cluster, position);
    return id !== undefined && (await network.validations.confirmations(id)).length > 0;
  });
  return lazy;
}

/** All four workers and the lazy validator have lost their deposits, and the cluster stands below the refuted height. */
async function expectAllSlashed(
  cluster: Hash,
  generation: bigint,
  lazy: TestValidator,
  refutedHeight: bigint,
) {
  expect(await isSlashed(lazy)).toBe(true);
  expect(await statusesOf(generation)).toEqual(Array(4).fill(workerStatus.slashed));
  expect(await network.reader.cluster(cluster)).toMatchObject({
    status: clusterStatus.halted,
    refutedHeight,
    finalHeight: 0n,
  });
}

describe("a header that is wrong by its bytes", () => {
  const other = getBytes(nameOf("another state"));
  const headerOf = (change: Partial<Header>): BlockPlan => ({
    header: (made) => ({ ...made, ...change }),
  });
  const lies: readonly (readonly [string, readonly BlockPlan[], bigint, bigint])[] = [
    [
      "another state behind an empty block",
      [{}, { after: (state) => ({ ...state, base: state.receiptsHash }) }],
      2n,
      3n,
    ],
    ["another state than the chain begins with", [headerOf({ appHash: other })], 1n, 1n],
    ["another chain id", [{}, headerOf({ chainId: "another" })], 2n, 2n],
    ["other workers", [{}, headerOf({ validatorsHash: other })], 2n, 2n],
    ["a height left out", [{}, headerOf({ height: 7n })], 7n, 3n],
  ];

  test.each(lies)(
    "%s › convicts whoever has confirmed it and all who voted for it",
    async (_, plans, height, refuted) => {
      const { cluster, generation, blocks } = await joinedCluster(network);
      const chain = blocks.makeChain([...plans, {}, {}, {}, {}].slice(0, 5));
      await checkpoint(network, generation.id, blocks, chain[3]);
      const made = { cluster, source: sourceOf(chain) };
      const lazy = await lazyConfirmation(made);
      const honest = await validatorOf(network, made, 1);
      await until(network, [honest], async () => convictedBy(honest).length > 0);
      expect(convictedBy(honest)).toMatchObject([
        { height, workers: [0, 1, 2, 3], confirmations: [1n] },
      ]);
      await expectAllSlashed(cluster, generation.id, lazy, refuted);
      // Its turn ends with the cluster, without a fee.
      await until(network, [honest], async () => {
        const { turns } = await network.validations.validator(await honest.node.address());
        return turns === 0;
      });
      const { deposit } = network.parameters.validation;
      const { deposit: left, misses } = await network.validations.validator(
        await honest.node.address(),
      );
      expect([left, misses]).toEqual([deposit, 0]);
    },
  );

  test("of the checkpoint itself › its voters are those with which it was shown, whatever is withheld behind it", async () => {
    const { cluster, generation, blocks } = await joinedCluster(network);
    const wrong: BlockPlan = { after: (state) => ({ ...state, base: state.receiptsHash }) };
    const chain = blocks.makeChain([{}, {}, wrong, {}]);
    await checkpoint(network, generation.id, blocks, chain[3]);
    // Nothing behind the checkpoint is shown, where its votes would stand.
    const made = { cluster, source: sourceOf(chain) };
    const lazy = await lazyConfirmation(made);
    const honest = await validatorOf(network, made, 1);
    await until(network, [honest], async () => convictedBy(honest).length > 0);
    expect(convictedBy(honest)).toMatchObject([
      { height: 3n, workers: [0, 1, 2, 3], confirmations: [1n] },
    ]);
    await expectAllSlashed(cluster, generation.id, lazy, 4n);
  });

  test("votes that somebody has made up in a manifest accuse nobody, and hide no true ones", async () => {
    const { cluster, generation, blocks } = await joinedCluster(network);
    const wrong: BlockPlan = { after: (state) => ({ ...state, base: state.receiptsHash }) };
    const chain = blocks.makeChain([{}, {}, wrong, {}, {}]);
    await checkpoint(network, generation.id, blocks, chain[3]);
    const forged = chain.with(4, { ...chain[4], votes: chain[3].votes });
    const made = { cluster, source: sourceOf(forged) };
    const honest = await validatorOf(network, made, 1);
    await validatorOf(network, made, 0, { laziness: "copies" });
    await until(network, [honest], async () => convictedBy(honest).length > 0);
    expect(convictedBy(honest)).toMatchObject([{ height: 3n, workers: [0, 1, 2, 3] }]);
  });

  test("a checkpoint that goes on from another one than that before it freezes the cluster", async () => {
    const { cluster, generation, blocks } = await joinedCluster(network);
    const later = (header: Header) => ({ ...header, time: { seconds: 2_000_000_000n, nanos: 1 } });
    const lower = blocks.makeChain(Array(4).fill({}));
    const upper = blocks.makeChain(Array(9).fill({ header: later }));
    await checkpoint(network, generation.id, blocks, lower[3]);
    await checkpoint(network, generation.id, blocks, upper[7]);
    // What the upper line has at height 4 nobody shows.
    const made = { cluster, source: sourceOf([...lower, ...upper.slice(4)]) };
    const lazy = await lazyConfirmation(made, 1);
    const honest = await validatorOf(network, made, 1);
    await until(network, [honest], async () => convictedBy(honest).length > 0);
    expect(convictedBy(honest)).toMatchObject([{ height: 4n, workers: [] }]);
    expect(await isSlashed(lazy)).toBe(true);
    expect(await network.reader.cluster(cluster)).toMatchObject({
      status: clusterStatus.halted,
      refutedHeight: 5n,
    });
  });
});

describe("a state in the middle of a fragment that nobody shows", () => {
  /** Manifests of which one says nothing true of the state before its block. */
  function hiding(made: ValidatedCluster, hidden: bigint): ValidatedCluster {
    const { source } = made;
    const manifest: FragmentSource["manifest"] = async (height) => {
      const shown = await source.manifest(height);
      if (height !== hidden) return shown;
      return { ...shown, application: { ...shown.application, fuel: 0n, steps: 0n } };
    };
    return { ...made, source: { ...source, manifest } };
  }

  beforeEach(async () => {
    network = await beginWithOne();
  });

  test("is made by the replay, and the fragment becomes final", async () => {
    const made = hiding(await validatedCluster(network), 3n);
    await made.advance(6n);
    const validators = [await validatorOf(network, made, 0), await validatorOf(network, made, 1)];
    await until(network, validators, async () => {
      const cluster = await network.reader.cluster(made.cluster);
      return cluster?.finalHeight === 4n;
    });
  });

  test("behind a checkpoint whose votes are withheld › its voters lose by those with which it was shown", async () => {
    const spoil: WorkerOptions["spoil"] = (state, height) => {
      if (height === 3n) flipMemory(state);
    };
    const cluster = await validatedCluster(network, (options) => new Worker({ ...options, spoil }));
    const { source } = cluster;
    const manifest: FragmentSource["manifest"] = async (height) => {
      if (height > 4n) throw new NodeError("content-missing", `manifest ${height}`);
      return source.manifest(height);
    };
    const made = { ...cluster, source: { ...source, manifest } };
    await made.advance(6n);
    const honest = await validatorOf(network, made, 1);
    await until(network, [honest], async () => {
      const statuses = await statusesOf(made.generation.id);
      return statuses.filter((status) => status === workerStatus.slashed).length >= 3;
    });
    const accused = honest.events.filter(({ kind }) => kind === "accused");
    expect(accused).toMatchObject([{ height: 3n }]);
    expect(await network.reader.cluster(made.cluster)).toMatchObject({
      status: clusterStatus.halted,
      refutedHeight: 4n,
    });
  });

  test("convicts whoever has voted for it, who cannot open it, and whoever has confirmed it", async () => {
    network = await beginWithTwo();
    const spoil: WorkerOptions["spoil"] = (state, height) => {
      if (height === 1n) flipMemory(state);
    };
    const cluster = await validatedCluster(network, (options) => new Worker({ ...options, spoil }));
    const made = hiding(cluster, 2n);
    await made.advance(6n);
    const lazy = await lazyConfirmation(made);
    const honest = await validatorOf(network, made, 1);
    await until(network, [honest], async () => {
      const statuses = await statusesOf(made.generation.id);
      return statuses.every((status) => status === workerStatus.slashed) && isSlashed(lazy);
    });
    const accused = honest.events.filter(({ kind }) => kind === "accused");
    expect(accused).toMatchObject([{ height: 1n, workers: [0, 1, 2, 3], confirmations: [1n] }]);
    expect(await network.reader.cluster(made.cluster)).toMatchObject({
      status: clusterStatus.halted,
      refutedHeight: 2n,
    });
  });
});
