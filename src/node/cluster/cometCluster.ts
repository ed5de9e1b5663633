/**
 * A cluster of four real CometBFT nodes with a worker's process each, for the demonstration: storage node, manifests and
 * gateway run here and reach the cluster through its RPC only.
 *
 * Three of the four workers lie when they are told to: then they decide, and the fourth, which halts, accuses them.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { getBytes, type SigningKey } from "ethers";
import type { Hash } from "../../game/index.ts";
import { applicationHash, type Generation, initialApplicationState } from "../../history/index.ts";
import { CometNetwork, type MemberPlaces, type WorkerCommand } from "../cometbft/network.ts";
import type { ClusterChain } from "../disputes/clusterChain.ts";
import { orderedValidators } from "../engine/proposers.ts";
import { serveHttp } from "../http.ts";
import { encodeGenesis } from "../worker/workerGenesis.ts";
import { type ClusterPlaces, openGateway, openStorage } from "./clusterParts.ts";
import type { RunningCluster } from "./demonstration.ts";
import { repeated } from "./repeated.ts";

/** What the cluster is made of. */
export interface CometClusterOptions extends ClusterPlaces {
  /** The executable of CometBFT. */
  readonly executable: string;
  readonly chainId: string;
  /** State hash of the package's genesis. */
  readonly genesisState: Hash;
  readonly keys: readonly SigningKey[];
  /** How a worker's process is started; a liar's machine goes wrong at the height that stands in `lieFile`. */
  readonly worker: (
    places: MemberPlaces,
    more: { readonly storageUrl: string; readonly lieFile: string | undefined },
  ) => WorkerCommand;
  readonly openChain: (generation: Generation) => Promise<ClusterChain>;
}

const besideMs = 200;
const nothing = (): void => {};
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
  const { node: storageNode, store } = await openStorage(options);
  const storage = await serveHttp({ host: "127.0.0.1", port: 0, routes: storageNode.routes() });
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
  // The honest worker will halt; the liars' node goes on, and is asked.
  const gateway = await openGateway(
    options,
    { written: nodes[0], asked: nodes[1] },
    chain,
    genesisState,
  );
  // A node that is slow to answer is asked again.
  const stopWriting = repeated(() => gateway.writer.write().then(nothing, nothing), besideMs);
  const positionOf = (key: SigningKey) =>
    validators.findIndex(({ publicKey }) =>
      Buffer.from(publicKey).equals(getBytes(key.compressedPublicKey)),
    );
  return {
    engine: "cometbft",
    nodes,
    gatewayUrl: gateway.url,
    storage: storageNode,
    chain,
    known: gateway.known,
    liars: keys
      .slice(1)
      .map(positionOf)
      .sort((a, b) => a - b),
    async beginLying() {
      const { height } = await nodes[1].status();
      writeFileSync(lieFile, (height + noticeBlocks).toString());
    },
    async close() {
      await stopWriting();
      await gateway.close();
      await network.stop();
      await storage.close();
      await store.close();
      await chain.close();
    },
  };
}
