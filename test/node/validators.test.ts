/**
 * Validators against a real cluster's history on chain: honest fragments become final, each by the snapshot that the one
 * before has left; clusters of which all four lie, about a result or about fuel, are convicted by the first validator.
 */
import { hexlify, SigningKey } from "ethers";
import { beforeEach, describe, expect, test } from "vitest";
import { flipMemory } from "../../src/cli/game/faultyExecution.ts";
import { type Hash, Sender } from "../../src/game/index.ts";
import {
  applicationHash,
  CheckpointReader,
  type Content,
  contentOf,
  fragmentStatus,
  initialApplicationState,
  workerStatus,
} from "../../src/history/index.ts";
import { Machine, type MachineState } from "../../src/interpreter/index.ts";
import { genesisWitness, StateTree } from "../../src/merkle/index.ts";
import { EmbeddedEngine } from "../../src/node/engine/embeddedEngine.ts";
import { EmbeddedNode } from "../../src/node/engine/embeddedNode.ts";
import { OwnManifests } from "../../src/node/manifests/manifestStore.ts";
import { ManifestWriter } from "../../src/node/manifests/manifestWriter.ts";
import { NodeError } from "../../src/node/nodeError.ts";
import { Checkpointer } from "../../src/node/validation/checkpointer.ts";
import type { FragmentSource } from "../../src/node/validation/fragmentData.ts";
import { ReplayStore } from "../../src/node/validation/replayStore.ts";
import { type ValidatorEvent, ValidatorNode } from "../../src/node/validation/validatorNode.ts";
import { Worker } from "../../src/node/worker/blockWorker.ts";
import { BlockJournal } from "../../src/node/worker/journal.ts";
import { encodeGenesis } from "../../src/node/worker/workerGenesis.ts";
import { startValidation, type ValidatedNetwork } from "../network/fragments.ts";
import { keysOf, order, runningGeneration, send } from "../network/network.ts";
import { counters, countersGenesis, counterTransaction } from "./counters.ts";

let network: ValidatedNetwork;
let made = 0;
const first = 9;
const short = { leastValidations: 1, turnBlocks: 200, windowBlocks: 3 };

beforeEach(async () => {
  network = await startValidation("real", short);
});

type Spoil = (state: MachineState, height: bigint) => void;

/** A cluster of four equal workers, its manifests and contents, and what brings its checkpoints. */
async function clusterWith(spoil: Spoil = () => {}) {
  const genesis = new StateTree(new Machine(counters).state);
  const args = [order, hexlify(genesisWitness(counters)), hexlify(genesis.registerProof())];
  const creator = network.clusters.connect(network.signers[0]) as typeof network.clusters;
  const cluster: Hash = await creator.create.staticCall(...args);
  await send(network.clusters, network.signers[0], "create", args);
  await send(network.rewards, network.signers[0], "fund", [cluster], 10n ** 18n);
  const application = initialApplicationState(hexlify(genesis.stateHash()) as Hash);
  const keys = keysOf(`cluster ${++made}`).map((key) => new SigningKey(key.privateKey));
  const { generation } = await runningGeneration(network, cluster, keys, application);
  const workers = keys.map(
    () => new Worker({ program: counters, journal: new BlockJournal(":memory:"), spoil }),
  );
  const engine = new EmbeddedEngine({
    chainId: generation.chainId,
    members: keys.map((key, index) => ({ key, power: 1n, worker: workers[index] })),
    appState: new TextEncoder().encode(encodeGenesis(countersGenesis({ cluster }))),
  });
  const node = new EmbeddedNode(engine, workers[0]);
  const manifests = new OwnManifests(":memory:", {
    chainId: generation.chainId,
    validators: engine.validators,
    initialHeight: 1n,
    initialApplicationHash: applicationHash(application),
  });
  const start = { genesisState: application.base, initialHeight: 1n };
  const writer = new ManifestWriter(node, manifests, start);
  const contents = new Map<string, Uint8Array>();
  const source: FragmentSource = {
    async manifest(height) {
      const manifest = await manifests.get(height);
      if (manifest === undefined) throw new NodeError("content-missing", `${height}`);
      return manifest;
    },
    async content({ root }) {
      const bytes = contents.get(root);
      if (bytes === undefined) throw new NodeError("content-missing", root);
      return bytes;
    },
    async keep(_, bytes) {
      const content: Content = contentOf(bytes);
      contents.set(content.root, bytes);
      return content;
    },
  };
  const reader = new CheckpointReader(network.addresses.checkpoints, network.provider);
  const sender = new Sender(network.signers[8], { pollMs: 5 });
  const checkpointer = new Checkpointer(node, generation, reader, sender);
  let tag = 0;
  return {
    cluster,
    generation,
    source,
    /** Decides blocks up to a height, and shows what is to be checkpointed. */
    async advance(to: bigint) {
      while (engine.height < to) {
        engine.submit(workers[0], counterTransaction("add", 3, 1n, ++tag));
        engine.work();
      }
      for (const { input } of workers[0].journal.blocks(0n, engine.height)) {
        contents.set(contentOf(input).root, input);
      }
      await writer.write();
      await checkpointer.round();
    },
  };
}

type Made = Awaited<ReturnType<typeof clusterWith>>;

async function validatorOf({ cluster, source }: Made, index: number) {
  const events: ValidatorEvent[] = [];
  const node = new ValidatorNode({
    network: network.addresses,
    signer: network.signers[index],
    rpc: network.provider,
    clusters: [{ id: cluster, program: counters, source, memoryBytes: 2 ** 20 }],
    store: new ReplayStore(":memory:"),
    memoryBytes: 2 ** 24,
    pollMs: 5,
    onEvent: (event) => events.push(event),
  });
  await node.register();
  return { node, events };
}

/** Lets everybody act until something holds. */
async function until(
  validators: readonly { readonly node: ValidatorNode }[],
  holds: () => Promise<boolean>,
) {
  for (let round = 0; round < 300; round++) {
    if (await holds()) return;
    for (const { node } of validators) {
      await node.tick();
      await node.settle();
    }
    await network.mine(2);
  }
  throw new Error("expected it to hold within 300 rounds");
}

test("honest fragments become final one after the other; the second starts from the first one's snapshot", async () => {
  const made = await clusterWith();
  const validators = [await validatorOf(made, first), await validatorOf(made, first + 1)];
  await made.advance(10n);
  const { reader } = network;
  await until(validators, async () => (await reader.cluster(made.cluster))?.finalHeight === 8n);
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

test("a block whose transactions are not those of its record is not confirmed, nor what stands before it", async () => {
  const made = await clusterWith();
  let earliest: Uint8Array | undefined;
  const content: FragmentSource["content"] = async (named, receipts) => {
    earliest ??= await made.source.content(named, receipts);
    return earliest;
  };
  const validator = await validatorOf({ ...made, source: { ...made.source, content } }, first);
  await made.advance(10n);
  const failures = () =>
    validator.events.flatMap((event) => (event.kind === "failed" ? [event.error] : []));
  await until([validator], async () => failures().length > 0);
  expect(failures()[0]).toMatchObject({ code: "manifest-refused" });
  const [begun] = await network.validations.begun();
  expect(await network.validations.confirmations(begun)).toEqual([]);
});

describe("a cluster of which all four lie", () => {
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
  ];
  test.each(lies)("about %s › is convicted by the first honest validator", async (_, spoil) => {
    const made = await clusterWith(spoil);
    const validators = [await validatorOf(made, first), await validatorOf(made, first + 1)];
    await made.advance(10n);
    const { reader } = network;
    await until(validators, async () => {
      const members = (await reader.generation(made.generation.id))?.workers ?? [];
      return members.every(({ status }) => status === workerStatus.slashed);
    });
    const accused = validators.flatMap(({ events }) =>
      events.filter((event) => event.kind === "accused"),
    );
    expect(accused.length).toBeGreaterThan(0);
    expect(accused[0]).toMatchObject({ height: 3n, workers: [0, 1, 2, 3] });
    const cluster = await reader.cluster(made.cluster);
    expect(cluster?.refutedHeight).toBe(4n);
    expect(cluster?.finalHeight).toBe(0n);
  });
});
