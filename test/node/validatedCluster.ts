/**
 * A cluster of four equal workers over the counters program whose headers stand on chain, and validators of its history:
 * for the tests of validation.
 */
import { hexlify, SigningKey } from "ethers";
import { type Hash, Sender } from "../../src/game/index.ts";
import {
  applicationHash,
  CheckpointReader,
  type Content,
  contentOf,
  initialApplicationState,
} from "../../src/history/index.ts";
import { Machine } from "../../src/interpreter/index.ts";
import { genesisWitness, StateTree } from "../../src/merkle/index.ts";
import { EmbeddedEngine } from "../../src/node/engine/embeddedEngine.ts";
import { EmbeddedNode } from "../../src/node/engine/embeddedNode.ts";
import { OwnManifests } from "../../src/node/manifests/manifestStore.ts";
import { ManifestWriter } from "../../src/node/manifests/manifestWriter.ts";
import { NodeError } from "../../src/node/nodeError.ts";
import { Checkpointer } from "../../src/node/validation/checkpointer.ts";
import type { FragmentSource } from "../../src/node/validation/fragmentData.ts";
import { ReplayStore } from "../../src/node/validation/replayStore.ts";
import {
  type ValidatorEvent,
  ValidatorNode,
  type ValidatorOptions,
} from "../../src/node/validation/validatorNode.ts";
import { Worker, type WorkerOptions } from "../../src/node/worker/blockWorker.ts";
import { BlockJournal } from "../../src/node/worker/journal.ts";
import { encodeGenesis } from "../../src/node/worker/workerGenesis.ts";
import type { ValidatedNetwork } from "../network/fragments.ts";
import { keysOf, order, runningGeneration, send } from "../network/network.ts";
import { counters, countersGenesis, counterTransaction } from "./counters.ts";

let made = 0;

/** Parameters of Validation for fragments whose turns pass, or that are given up. */
export const shortTurns = { turnBlocks: 60, windowBlocks: 3, mostUnconfirmed: 2 };

export type ValidatedCluster = Awaited<ReturnType<typeof validatedCluster>>;

/** A cluster of the counters program that four workers have joined, and what makes blocks of them by hand. */
export async function joinedCluster(network: ValidatedNetwork, program = counters) {
  const genesis = new StateTree(new Machine(program).state);
  const args = [order, hexlify(genesisWitness(program)), hexlify(genesis.registerProof())];
  const creator = network.clusters.connect(network.signers[0]) as typeof network.clusters;
  const cluster: Hash = await creator.create.staticCall(...args);
  await send(network.clusters, network.signers[0], "create", args);
  await send(network.rewards, network.signers[0], "fund", [cluster], 10n ** 18n);
  const application = initialApplicationState(hexlify(genesis.stateHash()) as Hash);
  const keys = keysOf(`cluster ${++made}`).map((key) => new SigningKey(key.privateKey));
  const { generation, blocks } = await runningGeneration(network, cluster, keys, application);
  return { cluster, application, keys, generation, blocks };
}

/** A cluster, its manifests and contents, and what brings its checkpoints; all workers are made alike. */
export async function validatedCluster(
  network: ValidatedNetwork,
  workerOf: (options: WorkerOptions) => Worker = (options) => new Worker(options),
  program = counters,
) {
  const { cluster, application, keys, generation } = await joinedCluster(network, program);
  const workers = keys.map(() => workerOf({ program, journal: new BlockJournal(":memory:") }));
  const engine = new EmbeddedEngine({
    chainId: generation.chainId,
    members: keys.map((key, index) => ({ key, power: 1n, worker: workers[index] })),
    appState: new TextEncoder().encode(encodeGenesis(countersGenesis({ cluster }, program))),
  });
  const node = new EmbeddedNode(engine, workers[0]);
  const of = {
    chainId: generation.chainId,
    validators: engine.validators,
    initialHeight: 1n,
    initialApplicationHash: applicationHash(application),
  };
  const manifests = new OwnManifests(":memory:", of);
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
    block: async (height) => (await node.block(height)).transactions,
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
    program,
    generation,
    source,
    contents,
    /** Decides blocks up to a height, and shows what is to be checkpointed. */
    async advance(to: bigint) {
      while (engine.height < to) {
        engine.submit(workers[0], counterTransaction("add", 3, 1n, ++tag));
        // Its block and the one that carries its state: a machine that takes no more calls would have work for ever.
        for (let blocks = 0; blocks < 2 && engine.hasWork; blocks++) engine.decide();
      }
      for (const { input } of workers[0].journal.blocks(0n, engine.height)) {
        contents.set(contentOf(input).root, input);
      }
      await writer.write();
      await checkpointer.round();
    },
  };
}

/** Account 9 and those behind it are validators. */
const firstValidator = 9;

export interface TestValidator {
  readonly node: ValidatorNode;
  readonly events: readonly ValidatorEvent[];
}

/** A validator that has entered the pool. */
export async function validatorOf(
  network: ValidatedNetwork,
  made: Pick<ValidatedCluster, "cluster" | "source"> & Partial<ValidatedCluster>,
  index: number,
  changes: Partial<ValidatorOptions> = {},
): Promise<TestValidator> {
  const { cluster, source, program = counters } = made;
  const events: ValidatorEvent[] = [];
  const node = new ValidatorNode({
    network: network.addresses,
    signer: network.signers[firstValidator + index],
    rpc: network.provider,
    clusters: [{ id: cluster, program, source, memoryBytes: 2 ** 20 }],
    store: new ReplayStore(":memory:"),
    memoryBytes: 2 ** 24,
    pollMs: 5,
    onEvent: (event) => events.push(event),
    ...changes,
  });
  await node.register();
  return { node, events };
}

/** Lets everybody act until something holds. */
export async function until(
  network: ValidatedNetwork,
  validators: readonly TestValidator[],
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
  const failures = validators.flatMap(({ events }) =>
    events.flatMap((event) => (event.kind === "failed" ? [String(event.error)] : [])),
  );
  throw new Error(`expected it to hold within 300 rounds; ${failures.at(-1) ?? "nothing failed"}`);
}

/** Statuses of a generation's workers, by their numbers. */
export const workerStatuses = async ({ reader }: ValidatedNetwork, generation: bigint) =>
  ((await reader.generation(generation))?.workers ?? []).map(({ status }) => status);
