/**
 * Blocks in IPFS through a Helia node of one's own: kept in a folder, pinned, and given to any peer by Bitswap.
 *
 * Invariant: the node dials whom it is told and nobody else (no bootstrap list, no public routing); what a peer gives is
 * checked against the CID by Bitswap and against the root by the store; a block that nobody has in a bounded time is
 * not there.
 */
import { join } from "node:path";
import type { BlockKeeper } from "./contentStore.ts";

const answerTimeoutMs = 10_000;
const loopback = "/ip4/127.0.0.1/tcp/0";

/** Where a Helia node keeps its blocks, and whom it knows. */
export interface HeliaOptions {
  readonly folder: string;
  /** Multiaddrs to listen on; any port of loopback unless given. */
  readonly listen?: readonly string[];
  /** Multiaddrs of other nodes of the cluster, with their ids. */
  readonly peers?: readonly string[];
  /** From the question to the end of the wait for a block, in ms. */
  readonly timeoutMs?: number;
}

/** A Helia node as a keeper of blocks. */
export interface HeliaKeeper extends BlockKeeper {
  /** Multiaddrs on which others reach it. */
  readonly addresses: readonly string[];
}

/** Starts a Helia node. */
export async function heliaKeeper(options: HeliaOptions): Promise<HeliaKeeper> {
  const { timeoutMs = answerTimeoutMs } = options;
  const { CID } = await import("multiformats/cid");
  const { sha256 } = await import("multiformats/hashes/sha2");
  const raw = await import("multiformats/codecs/raw");
  const { node, blockstore, connect } = await startNode(options);
  return {
    addresses: node.libp2p.getMultiaddrs().map(String),
    async put(bytes) {
      const cid = CID.createV1(raw.code, await sha256.digest(bytes));
      await node.blockstore.put(cid, bytes);
      if (!(await node.pins.isPinned(cid))) {
        for await (const _ of node.pins.add(cid));
      }
      return cid.toString();
    },
    async get(name) {
      const pieces: Uint8Array[] = [];
      const cid = CID.parse(name);
      try {
        if (!(await node.blockstore.has(cid))) await connect();
        const signal = AbortSignal.timeout(timeoutMs);
        for await (const piece of node.blockstore.get(cid, { signal })) {
          pieces.push(piece);
        }
      } catch {
        return undefined;
      }
      return new Uint8Array(Buffer.concat(pieces));
    },
    async remove(name) {
      const cid = CID.parse(name);
      if (await node.pins.isPinned(cid)) {
        for await (const _ of node.pins.rm(cid));
      }
      // Helia's own way tells the network's routers, and this node has none.
      if (await blockstore.has(cid)) await blockstore.delete(cid);
    },
    close: async () => {
      await node.stop();
    },
  };
}

async function startNode({ folder, listen = [loopback], peers = [] }: HeliaOptions) {
  const { createHeliaLight } = await import("helia");
  const { withLibp2pLight } = await import("@helia/libp2p");
  const { withBitswap } = await import("@helia/bitswap");
  const { FsBlockstore } = await import("blockstore-fs");
  const { FsDatastore } = await import("datastore-fs");
  const { tcp } = await import("@libp2p/tcp");
  const { noise } = await import("@chainsafe/libp2p-noise");
  const { yamux } = await import("@chainsafe/libp2p-yamux");
  const { identify } = await import("@libp2p/identify");
  const { multiaddr } = await import("@multiformats/multiaddr");
  const blockstore = new FsBlockstore(join(folder, "blocks"));
  const datastore = new FsDatastore(join(folder, "data"));
  await blockstore.open();
  await datastore.open();
  const plain = withLibp2pLight(createHeliaLight({ blockstore, datastore }), {
    addresses: { listen: [...listen] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify() },
  });
  const node = withBitswap(plain);
  await node.start();
  const addresses = peers.map((peer) => multiaddr(peer));
  /** Dials peers without a connection; who is away is dialled again with the next question. */
  const connect = async (): Promise<void> => {
    await Promise.allSettled(addresses.map((address) => node.libp2p.dial(address)));
  };
  await connect();
  return { node, blockstore, connect };
}
