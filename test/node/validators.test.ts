/**
 * Validators against a real cluster's history on chain: honest fragments become final, each by the snapshot that the one
 * before has left; clusters of which all four lie, about a result or about fuel, are convicted by the first validator.
 */
import type { EventLog } from "ethers";
import { beforeEach, describe, expect, test } from "vitest";
import { flipMemory } from "../../src/cli/game/faultyExecution.ts";
import { declaredBytes, fragmentStatus, workerStatus } from "../../src/history/index.ts";
import type { MachineState } from "../../src/interpreter/index.ts";
import type { FragmentSource } from "../../src/node/validation/fragmentData.ts";
import { Worker } from "../../src/node/worker/blockWorker.ts";
import { type ValidatedNetwork, validatedNetworks } from "../network/fragments.ts";
import { order, send } from "../network/network.ts";
import { counters } from "./counters.ts";
import { until, validatedCluster, validatorOf } from "./validatedCluster.ts";

let network: ValidatedNetwork;
const begin = validatedNetworks("real", {
  leastValidations: 1,
  turnBlocks: 200,
  windowBlocks: 3,
});

beforeEach(async () => {
  network = await begin();
});

type Spoil = (state: MachineState, height: bigint) => void;

test("honest fragments become final one after the other; the second starts from the first one's snapshot", async () => {
  const made = await validatedCluster(network);
  const validators = await Promise.all([0, 1].map((index) => validatorOf(network, made, index)));
  await made.advance(10n);
  const { reader } = network;
  await until(
    network,
    validators,
    async () => (await reader.cluster(made.cluster))?.finalHeight === 8n,
  );
  const [one, two] = await network.validations.begun();
  for (const id of [one, two]) {
    expect((await network.validations.fragment(id))?.status).toBe(fragmentStatus.final);
    const [{ snapshot }] = await network.validations.confirmations(id);
    expect(snapshot.length).toBeGreaterThan(100);
  }
  const failures = validators.flatMap(({ events }) =>
    events.filter(({ kind }) => kind === "failed" || kind === "disputed" || kind === "accused"),
  );
  expect(failures).toEqual([]);
});

test("what a program declares is shown by whoever validates it, where the order names less", async () => {
  const { cluster } = await validatedCluster(network);
  const source = {} as FragmentSource;
  const [first, second] = await Promise.all(
    [0, 1].map((index) => validatorOf(network, { cluster, source }, index)),
  );
  const { rewards, clusters, signers } = network;
  const declared = declaredBytes(counters);
  const adjust = (memoryBytes: bigint) =>
    send(clusters, signers[0], "adjust", [cluster, { ...order, memoryBytes }]);
  const shows = async () =>
    (await network.programMemory.queryFilter(network.programMemory.filters.Declared())).length;
  await first.node.tick();
  expect(await shows()).toBe(0);
  // The developer changes the order when nobody looks any more.
  await adjust(declared - 1n);
  expect(await rewards.memoryBytesOf(cluster)).toBe(declared - 1n);
  for (const { node } of [first, second, first]) await node.tick();
  expect(await rewards.memoryBytesOf(cluster)).toBe(declared);
  expect(await shows()).toBe(1);
  await adjust(declared + 1n);
  expect(await rewards.memoryBytesOf(cluster)).toBe(declared + 1n);
});

describe("a cluster of which all four lie", () => {
  /** Step counters before the lie. */
  const counters = new WeakMap<MachineState, number>();
  const lies: readonly (readonly [string, Spoil])[] = [
    [
      "a result",
      (state, height) => {
        if (height === 3n) flipMemory(state);
      },
    ],
    [
      "fuel",
      (state, height) => {
        if (height === 3n) state.fuelCounter -= 40;
      },
    ],
    [
      "steps, as no call can leave them",
      (state, height) => {
        if (height < 3n) counters.set(state, state.stepCounter);
        else if (height === 3n) state.stepCounter = counters.get(state) ?? 0;
      },
    ],
  ];
  test.each(lies)("about %s › is convicted by the first honest validator", async (_, spoil) => {
    const made = await validatedCluster(network, (options) => new Worker({ ...options, spoil }));
    const validators = await Promise.all([0, 1].map((index) => validatorOf(network, made, index)));
    await made.advance(10n);
    const { reader } = network;
    await until(network, validators, async () => {
      const members = (await reader.generation(made.generation.id))?.workers ?? [];
      return members.every(({ status }) => status === workerStatus.slashed);
    });
    const accused = validators.flatMap(({ events }) =>
      events.filter((event) => event.kind === "accused"),
    );
    expect(accused.length).toBeGreaterThan(0);
    expect(accused[0]).toMatchObject({ height: 3n, workers: [0, 1, 2, 3] });
    await expectWithinTurn(made.cluster);
    const cluster = await reader.cluster(made.cluster);
    expect(cluster?.refutedHeight).toBe(4n);
    expect(cluster?.finalHeight).toBe(0n);
  });
});

/** Every accusation came before the first turn over the cluster's first fragment was over (t_π). */
async function expectWithinTurn(cluster: string) {
  const { validation, blockArbiter } = network;
  const id = await validation.fragmentAt(cluster, 0);
  const [turn] = (await validation.queryFilter(validation.filters.Chosen(id), 0)) as EventLog[];
  const accusations = await blockArbiter.queryFilter(blockArbiter.filters.Accused(), 0);
  expect(accusations.length).toBe(4);
  for (const { blockNumber } of accusations) {
    expect(blockNumber).toBeLessThanOrEqual(Number(turn.args.deadline));
  }
}
