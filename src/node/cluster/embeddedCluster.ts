/**
 * A whole cluster in one process: four workers on the embedded engine, a storage node, manifests, a gateway, and the
 * worker among them that lies when it is told to.
 *
 * Invariant: every part is the one that runs in processes of its own elsewhere; only the network between them is missing.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { id, SigningKey, Wallet } from "ethers";
import type { Hash } from "../../game/index.ts";
import {
  applicationHash,
  type Generation,
  initialApplicationState,
  receiptDomain,
} from "../../history/index.ts";
import type { MachineState, Program } from "../../interpreter/index.ts";
import { IndexedStore } from "../content/contentStore.ts";
import { folderKeeper } from "../content/folderKeeper.ts";
import { Accuser } from "../disputes/accuser.ts";
import type { ClusterChain } from "../disputes/clusterChain.ts";
import { EmbeddedEngine } from "../engine/embeddedEngine.ts";
import { EmbeddedNode } from "../engine/embeddedNode.ts";
import { Gateway } from "../gateway/clusterGateway.ts";
import type { ClientPage } from "../gateway/gatewayPage.ts";
import { serveHttp } from "../http.ts";
import { OwnManifests } from "../manifests/manifestStore.ts";
import { ManifestWriter } from "../manifests/manifestWriter.ts";
import { Uploader } from "../storage/storageClient.ts";
import { StorageNode } from "../storage/storageNode.ts";
import { Worker } from "../worker/blockWorker.ts";
import { BlockJournal } from "../worker/journal.ts";
import { SnapshotFolder } from "../worker/snapshots.ts";
import { type ClusterGenesis, encodeGenesis } from "../worker/workerGenesis.ts";
import type { RunningCluster } from "./demonstration.ts";
import { repeated } from "./repeated.ts";

/** What the cluster is made of. */
export interface EmbeddedClusterOptions {
  readonly program: Program;
  readonly folder: string;
  readonly chainId: string;
  readonly genesis: ClusterGenesis;
  /** Consensus keys of the workers; the machines of the last ones go wrong when they are told to. */
  readonly keys: readonly SigningKey[];
  /** How many of them, 1 unless given. */
  readonly liars?: number;
  /** What goes wrong with it after a call. */
  readonly spoil: (state: MachineState) => void;
  /** Of the storage node, whose address the genesis names. */
  readonly storageKey: string;
  /** The chain as the honest worker uses it; the liars answer there by their own machines. */
  readonly openChain: (generation: Generation, liars: readonly Worker[]) => Promise<ClusterChain>;
  readonly page?: ClientPage;
}

/** Between two rounds of what is done beside the blocks. */
const besideMs = 50;

/** From which height on the liars' machines go wrong. */
interface Lie {
  from: bigint | undefined;
}

/** The workers, the last ones liars. */
function membersOf(options: EmbeddedClusterOptions, lie: Lie, liarCount: number) {
  const { folder, program, keys } = options;
  return keys.map((key, index) => {
    const isLiar = index >= keys.length - liarCount;
    const worker = new Worker({
      program,
      journal: new BlockJournal(join(folder, `worker${index}.sqlite`)),
      snapshots: new SnapshotFolder(join(folder, `snapshots${index}`), 4),
      ...(isLiar
        ? {
            spoil: (state, height) => {
              if (lie.from !== undefined && height >= lie.from) options.spoil(state);
            },
          }
        : {}),
    });
    return { key, power: 1n, worker, precommitsAlone: isLiar };
  });
}

/** Starts the cluster. */
export async function startEmbeddedCluster(
  options: EmbeddedClusterOptions,
): Promise<RunningCluster> {
  const { genesis, chainId, folder, keys } = options;
  mkdirSync(folder, { recursive: true });
  const lie: Lie = { from: undefined };
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
  const beside = await besideTheBlocks(options, {
    generation,
    genesisState,
    nodes,
    members,
    chain,
  });
  const stopped = new AbortController();
  const running = engine.follow(stopped.signal);
  const { cluster, receipts: terms } = genesis;
  return {
    engine: "embedded",
    nodes,
    gatewayUrl: beside.url,
    storage: beside.storage,
    chain,
    known: {
      generation,
      receipts: { ...terms, cluster, chainId: terms.chainId.toString() },
    },
    liars: liars.map((worker) => engine.positionOf(worker)).sort((a, b) => a - b),
    async beginLying() {
      lie.from = engine.height + 1n;
    },
    async close() {
      stopped.abort();
      await running;
      await beside.close();
      await chain.close();
      for (const { worker } of members) worker.journal.close();
    },
  };
}

interface Made {
  readonly generation: Generation;
  readonly genesisState: Hash;
  readonly nodes: readonly EmbeddedNode[];
  readonly members: readonly { readonly worker: Worker }[];
  readonly chain: ClusterChain;
}

/** Storage, manifests, gateway, accusations: what FinalizeBlock never waits for. */
async function besideTheBlocks(options: EmbeddedClusterOptions, made: Made) {
  const { folder, genesis, storageKey, page } = options;
  const { generation, genesisState, nodes, members, chain } = made;
  const wallet = new Wallet(storageKey);
  const store = new IndexedStore(
    await folderKeeper(join(folder, "contents")),
    join(folder, "contents.sqlite"),
  );
  const { cluster, receipts: terms } = genesis;
  const storage = new StorageNode({
    store,
    cluster,
    address: wallet.address as `0x${string}`,
    signer: wallet,
    domain: receiptDomain(terms.chainId, terms.contract),
  });
  const manifests = new OwnManifests(join(folder, "manifests.sqlite"), generation);
  const start = { genesisState, initialHeight: 1n };
  const writer = new ManifestWriter(nodes[0], manifests, start);
  const gateway = new Gateway({
    node: nodes[0],
    generation,
    manifests,
    receipts: { ...terms, cluster, chainId: terms.chainId.toString() },
    deposits: () => chain.deposits(),
    ...(page === undefined ? {} : { page }),
  });
  const http = await serveHttp({ host: "127.0.0.1", port: 0, routes: gateway.routes() });
  const uploaders = members.map(({ worker }) => new Uploader(worker, [storage]));
  const accuser = new Accuser(members[0].worker, chain);
  const seen = { height: 0n };
  const round = async () => {
    for (const uploader of uploaders) await uploader.upload();
    await writer.write();
    for (; seen.height < members[0].worker.height; seen.height++) {
      const looked = seen.height;
      if (looked > 0n && members[0].worker.journal.block(looked) !== undefined) {
        await accuser.accuseStrays(nodes[0], looked);
      }
    }
  };
  const stop = repeated(round, besideMs);
  return {
    url: http.url,
    storage,
    async close() {
      await stop();
      await http.close();
      await manifests.close();
      await store.close();
    },
  };
}

/** A key that is the same wherever the demonstration runs. */
export const demonstrationKey = (name: string): SigningKey => new SigningKey(id(name));
