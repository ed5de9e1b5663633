/**
 * A whole embedded cluster for tests: the counters program, a storage node, a gateway with the client's page.
 */
import { Wallet } from "ethers";
import { incrementMemory } from "../../src/cli/game/faultyExecution.ts";
import { demonstrationKey, startEmbeddedCluster } from "../../src/node/cluster/embeddedCluster.ts";
import { OwnRecord } from "../../src/node/disputes/clusterChain.ts";
import type { ClientPage } from "../../src/node/gateway/gatewayPage.ts";
import { counters, countersGenesis } from "./counters.ts";

export const storageKey = demonstrationKey("storage node");

/** What its workers agree on. */
export const clusterGenesis = countersGenesis({
  receipts: {
    ...countersGenesis().receipts,
    storageNodes: [new Wallet(storageKey.privateKey).address as `0x${string}`],
  },
});

export function startCluster(folder: string, page?: ClientPage) {
  return startEmbeddedCluster({
    program: counters,
    folder,
    chainId: "31337-gateway-0",
    genesis: clusterGenesis,
    keys: [0, 1, 2, 3].map((index) => demonstrationKey(`worker ${index}`)),
    storageKey: storageKey.privateKey,
    spoil: incrementMemory,
    openChain: async (generation) => new OwnRecord(generation),
    ...(page === undefined ? {} : { page }),
  });
}
