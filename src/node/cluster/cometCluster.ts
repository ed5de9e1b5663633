/**
 * A cluster of four real CometBFT nodes with a worker's process each, for the demonstration: storage node, manifests and
 * gateway run here and reach the cluster through its RPC only.
 *
 * Three of the four workers lie when they are told to: then they decide, and the fourth, which halts, accuses them.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { getBytes, type SigningKey, Wallet } from "ethers";
import type { Hash } from "../../game/index.ts";
import {
  applicationHash,
  type Generation,
  initialApplicationState,
  receiptDomain,
} from "../../history/index.ts";
import { CometNetwork, type MemberPlaces, type WorkerCommand } from "../cometbft/network.ts";
import type { ConsensusNode } from "../consensus.ts";
import { IndexedStore } from "../content/contentStore.ts";
import { folderKeeper } from "../content/folderKeeper.ts";
import type { ClusterChain } from "../disputes/clusterChain.ts";
import { orderedValidators } from "../engine/proposers.ts";
import { Gateway } from "../gateway/clusterGateway.ts";
import { serveHttp } from "../http.ts";
import { OwnManifests } from "../manifests/manifestStore.ts";
import { ManifestWriter } from "../manifests/manifestWriter.ts";
import { StorageNode } from "../storage/storageNode.ts";
import { type ClusterGenesis, encodeGenesis } from "../worker/workerGenesis.ts";
import type { RunningCluster } from "./demonstration.ts";
import { repeated } from "./repeated.ts";

/** What the cluster is made of. */
export interface CometClusterOptions {
  /** The executable of CometBFT. */
  readonly executable: string;
  readonly folder: string;
  readonly chainId: string;
  readonly genesis: ClusterGenesis;
  /** State hash of the package's genesis. */
  readonly genesisState: Hash;
  readonly keys: readonly SigningKey[];
  readonly storageKey: string;
  /** How a worker's process is started; a liar's machine goes wrong at the height that stands in `lieFile`. */
  readonly worker: (
    places: MemberPlaces,
    more: { readonly storageUrl: string; readonly lieFile: string | undefined },
  ) => WorkerCommand;
  readonly openChain: (generation: Generation) => Promise<ClusterChain>;
}

const besideMs = 200;
/** Blocks from the order to lie until the lie: nobody may have executed that block yet. */
const noticeBlocks = 3n;

/** Starts the cluster. */
export async function startCometCluster(options: CometClusterOptions): Promise<RunningCluster> {
  const { folder, genesis, chainId, keys, genesisState } = options;
  mkdirSync(folder, { recursive: true });
  const validators = orderedValidators(
    keys.map((key) => ({ publicKey: getBytes(key.compressedPublicKey), power: 1n })),
  );
  const generation: Generation = {
    chainId,
    validators,
    initialHeight: 1n,
    initialApplicationHash: applicationHash(initialApplicationState(genesisState)),
  };
  const chain = await options.openChain(generation);
  const storage = await startStorage(options);
  const lieFile = join(folder, "lie");
  const network = await CometNetwork.start({
    folder,
    executable: options.executable,
    chainId,
    appState: encodeGenesis(genesis),
    keys,
    worker: (places) =>
      options.worker(places, {
        storageUrl: storage.url,
        lieFile: places.index === 0 ? undefined : lieFile,
      }),
  });
  const nodes = network.members.map(({ node }) => node);
  const beside = await besideTheNetwork(options, nodes, chain);
  const positionOf = (key: SigningKey) =>
    validators.findIndex(({ publicKey }) =>
      Buffer.from(publicKey).equals(getBytes(key.compressedPublicKey)),
    );
  return {
    engine: "cometbft",
    nodes,
    gatewayUrl: beside.url,
    storage: storage.node,
    chain,
    known: { generation, receipts: termsOf(genesis) },
    liars: keys
      .slice(1)
      .map(positionOf)
      .sort((a, b) => a - b),
    async beginLying() {
      const { height } = await nodes[1].status();
      writeFileSync(lieFile, (height + noticeBlocks).toString());
    },
    async close() {
      await beside.close();
      await network.stop();
      await storage.close();
      await chain.close();
    },
  };
}

/** Manifests and a gateway, which reach the cluster through its RPC only. */
async function besideTheNetwork(
  { folder, genesis, genesisState }: CometClusterOptions,
  nodes: readonly ConsensusNode[],
  chain: ClusterChain,
) {
  const { generation } = chain;
  const manifests = new OwnManifests(join(folder, "manifests.sqlite"), generation);
  const writer = new ManifestWriter(nodes[0], manifests, { genesisState, initialHeight: 1n });
  const gateway = new Gateway({
    // The honest worker will halt; the liars' node goes on, and is asked.
    node: nodes[1],
    generation,
    manifests,
    receipts: termsOf(genesis),
    deposits: () => chain.deposits(),
  });
  const http = await serveHttp({ host: "127.0.0.1", port: 0, routes: gateway.routes() });
  // A node that is slow to answer is asked again.
  const round = () =>
    writer.write().then(
      () => {},
      () => {},
    );
  const stop = repeated(round, besideMs);
  return {
    url: http.url,
    async close() {
      await stop();
      await http.close();
      await manifests.close();
    },
  };
}

function termsOf({ cluster, receipts }: ClusterGenesis) {
  return { ...receipts, cluster, chainId: receipts.chainId.toString() };
}

/** The storage node, behind HTTP. */
async function startStorage({ folder, genesis, storageKey }: CometClusterOptions) {
  const wallet = new Wallet(storageKey);
  const keeper = await folderKeeper(join(folder, "contents"));
  const store = new IndexedStore(keeper, join(folder, "contents.sqlite"));
  const { cluster, receipts: terms } = genesis;
  const node = new StorageNode({
    store,
    cluster,
    address: wallet.address as `0x${string}`,
    signer: wallet,
    domain: receiptDomain(terms.chainId, terms.contract),
  });
  const http = await serveHttp({ host: "127.0.0.1", port: 0, routes: node.routes() });
  return {
    url: http.url,
    node,
    async close() {
      await http.close();
      await store.close();
    },
  };
}
