/**
 * A whole cluster in one process: four workers on the embedded engine, a storage node, manifests, a gateway, and the
 * worker among them that lies when it is told to.
 *
 * Invariant: every part is the one that runs in processes of its own elsewhere; only the network between them is missing.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { id, SigningKey } from "ethers";
import { applicationHash, type Generation, initialApplicationState } from "../../history/index.ts";
import type { MachineState, Program } from "../../interpreter/index.ts";
import { Accuser } from "../disputes/accuser.ts";
import type { ClusterChain } from "../disputes/clusterChain.ts";
import { EmbeddedEngine } from "../engine/embeddedEngine.ts";
import { EmbeddedNode } from "../engine/embeddedNode.ts";
import type { ManifestWriter } from "../manifests/manifestWriter.ts";
import { Uploader } from "../storage/storageClient.ts";
import type { StorageNode } from "../storage/storageNode.ts";
import { Worker } from "../worker/blockWorker.ts";
import { BlockJournal } from "../worker/journal.ts";
import { SnapshotFolder } from "../worker/snapshots.ts";
import { encodeGenesis } from "../worker/workerGenesis.ts";
import { type ClusterPlaces, openGateway, openStorage } from "./clusterParts.ts";
import type { RunningCluster } from "./demonstration.ts";
import { repeated } from "./repeated.ts";

/** What the cluster is made of. */
export interface EmbeddedClusterOptions extends ClusterPlaces {
  readonly program: Program;
  readonly chainId: string;
  /** Consensus keys of the workers; the machines of the last ones go wrong when they are told to. */
  readonly keys: readonly SigningKey[];
  /** How many of them, 1 unless given. */
  readonly liars?: number;
  /** What goes wrong with it after a call. */
  readonly spoil: (state: MachineState) => void;
  /** The chain as the honest worker uses it; the liars answer there by their own machines. */
  readonly openChain: (generation: Generation, liars: readonly Worker[]) => Promise<ClusterChain>;
}

/** Between two rounds of what is done beside the blocks. */
const besideMs = 50;

/** Starts the cluster. */
export async function startEmbeddedCluster(
  options: EmbeddedClusterOptions,
): Promise<RunningCluster> {
  const { genesis, chainId, folder, keys } = options;
  mkdirSync(folder, { recursive: true });
  const lie = { from: undefined as bigint | undefined };
  const liarCount = options.liars ?? 1;
  const members = membersOf(options, lie, liarCount);
  const genesisState = members[0].worker.application.base;
  const engine = new EmbeddedEngine({
    chainId,
    members,
    appState: new TextEncoder().encode(encodeGenesis(genesis)),
  });
  const generation: Generation = {
    chainId,
    validators: engine.validators,
    initialHeight: 1n,
    initialApplicationHash: applicationHash(initialApplicationState(genesisState)),
  };
  const liars = members.slice(keys.length - liarCount).map(({ worker }) => worker);
  const chain = await options.openChain(generation, liars);
  const ownNodes = members.map(({ worker }) => new EmbeddedNode(engine, worker));
  // Whom more than two thirds outvote halts: what the network serves is what the others hold.
  const nodes = 3 * liarCount > 2 * keys.length ? [...ownNodes].reverse() : ownNodes;
  const storage = await openStorage(options);
  const asked = { written: nodes[0], asked: nodes[0] };
  const gateway = await openGateway(options, asked, chain, genesisState);
  const workers = members.map(({ worker }) => worker);
  const round = roundOf(
    workers,
    storage.node,
    gateway.writer,
    new Accuser(workers[0], chain),
    nodes,
  );
  const stopRounds = repeated(round, besideMs);
  const stopped = new AbortController();
  const running = engine.follow(stopped.signal);
  // What stops the engine comes out where the cluster is closed, as what stops the rounds does.
  running.catch(() => {});
  return {
    engine: "embedded",
    nodes,
    gatewayUrl: gateway.url,
    storage: storage.node,
    chain,
    known: gateway.known,
    liars: liars.map((worker) => engine.positionOf(worker)).sort((a, b) => a - b),
    async beginLying() {
      lie.from = engine.height + 1n;
    },
    async close() {
      stopped.abort();
      const ended = await Promise.allSettled([running, stopRounds()]);
      await gateway.close();
      await storage.store.close();
      await chain.close();
      for (const worker of workers) {
        await worker.snapshots?.written;
        worker.journal.close();
      }
      for (const each of ended) if (each.status === "rejected") throw each.reason;
    },
  };
}

/** The workers; the machines of the last ones go wrong from a height on. */
function membersOf(
  { keys, program, folder, spoil }: EmbeddedClusterOptions,
  lie: { readonly from: bigint | undefined },
  liarCount: number,
) {
  const spoilFrom = (state: MachineState, height: bigint) => {
    if (lie.from !== undefined && height >= lie.from) spoil(state);
  };
  return keys.map((key, index) => {
    const isLiar = index >= keys.length - liarCount;
    const worker = new Worker({
      program,
      journal: new BlockJournal(join(folder, `worker${index}.sqlite`)),
      snapshots: new SnapshotFolder(join(folder, `snapshots${index}`), 4),
      ...(isLiar ? { spoil: spoilFrom } : {}),
    });
    return { key, power: 1n, worker, precommitsAlone: isLiar };
  });
}

/** Storage, manifests, accusations by the first worker: what FinalizeBlock never waits for. */
function roundOf(
  workers: readonly Worker[],
  storage: StorageNode,
  writer: ManifestWriter,
  accuser: Accuser,
  nodes: readonly EmbeddedNode[],
): () => Promise<void> {
  const uploaders = workers.map((worker) => new Uploader(worker, [storage]));
  const [first] = workers;
  let seen = 0n;
  return async () => {
    for (const uploader of uploaders) await uploader.upload();
    await writer.write();
    for (; seen < first.height; seen++) {
      const isCall = seen > 0n && first.journal.block(seen) !== undefined;
      if (isCall) await accuser.accuseStrays(nodes[0], seen);
    }
  };
}

/** A key that is the same wherever the demonstration runs. */
export const demonstrationKey = (name: string): SigningKey => new SigningKey(id(name));
