/**
 * What every cluster that is started on one machine has beside its engine: a storage node over a folder, and a gateway
 * with its manifests.
 *
 * Invariant: what stands beside the blocks reaches a cluster through one of its nodes only.
 */
import { join } from "node:path";
import { Wallet } from "ethers";
import type { Hash } from "../../game/index.ts";
import { receiptDomain } from "../../history/index.ts";
import type { GenerationText } from "../client/generationText.ts";
import type { ConsensusNode } from "../consensus.ts";
import { IndexedStore } from "../content/contentStore.ts";
import { folderKeeper } from "../content/folderKeeper.ts";
import type { ClusterChain } from "../disputes/clusterChain.ts";
import { Gateway } from "../gateway/clusterGateway.ts";
import type { ClientPage } from "../gateway/gatewayPage.ts";
import { serveHttp } from "../http.ts";
import { OwnManifests } from "../manifests/manifestStore.ts";
import { ManifestWriter } from "../manifests/manifestWriter.ts";
import { StorageNode } from "../storage/storageNode.ts";
import type { ClusterGenesis } from "../worker/workerGenesis.ts";

/** What all of them are made of. */
export interface ClusterPlaces {
  readonly folder: string;
  readonly genesis: ClusterGenesis;
  /** Of the storage node, whose address the genesis names. */
  readonly storageKey: string;
  readonly page?: ClientPage;
}

/** Whose receipts count, as clients are told. */
export function termsOf({
  cluster,
  receipts,
}: ClusterGenesis): NonNullable<GenerationText["receipts"]> {
  return { ...receipts, cluster, chainId: receipts.chainId.toString() };
}

/** The storage node, with its store. */
export async function openStorage({ folder, genesis, storageKey }: ClusterPlaces) {
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
  return { node, store };
}

/** Manifests are written from one node, and a gateway answers from one. */
export async function openGateway(
  { folder, genesis, page }: ClusterPlaces,
  nodes: { readonly written: ConsensusNode; readonly asked: ConsensusNode },
  chain: ClusterChain,
  genesisState: Hash,
) {
  const { generation } = chain;
  const manifests = new OwnManifests(join(folder, "manifests.sqlite"), generation);
  const writer = new ManifestWriter(nodes.written, manifests, { genesisState, initialHeight: 1n });
  const contract = await chain.contract();
  const gateway = new Gateway({
    node: nodes.asked,
    generation,
    manifests,
    receipts: termsOf(genesis),
    deposits: () => chain.deposits(),
    stakes: (blockHash) => chain.stakes(blockHash),
    ...(contract === undefined ? {} : { contract }),
    ...(page === undefined ? {} : { page }),
  });
  const http = await serveHttp({ host: "127.0.0.1", port: 0, routes: gateway.routes() });
  return {
    url: http.url,
    writer,
    known: { generation, receipts: termsOf(genesis), contract },
    async close(): Promise<void> {
      await http.close();
      await manifests.close();
    },
  };
}
