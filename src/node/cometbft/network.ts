/**
 * A cluster of real processes on one machine: for each worker a CometBFT node and a worker's process, all kept running.
 *
 * Invariant: everything lies below one folder; ports are asked of the system, so that clusters do not meet.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { getBytes, type SigningKey } from "ethers";
import type { Validator } from "../../history/index.ts";
import { orderedValidators } from "../engine/proposers.ts";
import { NodeError } from "../nodeError.ts";
import { CometNode } from "./cometbftNode.ts";
import {
  type ChainGenesis,
  type HomeOptions,
  initHome,
  writeConfig,
  writeGenesis,
  writeKey,
} from "./home.ts";
import { KeptProcess } from "./process.ts";

/** How a worker's process is started. */
export interface WorkerCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Paths and URLs that a worker's process is told. */
export interface MemberPlaces {
  readonly index: number;
  /** The worker's own folder. */
  readonly folder: string;
  readonly abciSocket: string;
  readonly signerSocket: string;
  /** CometBFT's genesis. */
  readonly genesis: string;
  /** CometBFT's write-ahead log. */
  readonly logFolder: string;
  /** RPC of every node of the network, its own first. */
  readonly rpcUrls: readonly string[];
}

/** What the network is made of. */
export interface NetworkOptions {
  readonly folder: string;
  /** The executable of CometBFT. */
  readonly executable: string;
  readonly chainId: string;
  readonly appState: string;
  /** One a worker; each has power 1. */
  readonly keys: readonly SigningKey[];
  /** Without it the nodes run CometBFT's own kvstore, for comparison. */
  readonly worker?: (places: MemberPlaces) => WorkerCommand;
  readonly commitMs?: number;
  /** Height of the first block, 1 unless the generation goes on from another one. */
  readonly initialHeight?: bigint;
}

/** One worker of the network with its engine. */
export interface NetworkMember {
  readonly places: MemberPlaces;
  readonly node: CometNode;
  /** Missing where CometBFT's own application runs. */
  readonly worker: KeptProcess | undefined;
  readonly engine: KeptProcess;
}

const startMs = 110_000;

/** A running network. */
export class CometNetwork {
  readonly members: NetworkMember[];
  readonly validators: readonly Validator[];
  readonly #options: NetworkOptions;
  readonly #ids: string[];
  readonly #p2pPorts: number[];

  private constructor(options: NetworkOptions, ids: string[], p2pPorts: number[]) {
    this.#options = options;
    this.#ids = ids;
    this.#p2pPorts = p2pPorts;
    this.members = [];
    this.validators = validatorsOf(options.keys);
  }

  /** Makes folders and starts everything; resolves once every node has a first block. Throws `process-failed`. */
  static async start(options: NetworkOptions): Promise<CometNetwork> {
    const { folder, executable, keys } = options;
    mkdirSync(folder, { recursive: true });
    const ids = keys.map((_, index) =>
      initHome({ folder: join(folder, `node${index}`), executable }),
    );
    const ports = await freePorts(2 * keys.length);
    const network = new CometNetwork(options, ids, ports.slice(keys.length));
    const rpcUrls = ports.slice(0, keys.length).map((port) => `http://127.0.0.1:${port}`);
    for (const index of keys.keys()) network.#startMember(index, ports[index], rpcUrls);
    try {
      const first = options.initialHeight ?? 1n;
      await Promise.all(network.members.map(({ node }) => reached(node, first)));
    } catch (error) {
      const logs = network.members.map(({ places }) => tailOf(join(places.folder, "worker.log")));
      await network.stop();
      throw new NodeError("process-failed", `${(error as Error).message}; ${logs.join(" | ")}`);
    }
    return network;
  }

  /** Starts one more node, which joins by state sync and votes for nobody; resolves once it has caught up. */
  async join(trusted: { readonly height: bigint; readonly hash: string }): Promise<NetworkMember> {
    const index = this.members.length;
    const { folder, executable } = this.#options;
    const home = join(folder, `node${index}`);
    this.#ids.push(initHome({ folder: home, executable }));
    const [rpcPort, p2pPort] = await freePorts(2);
    this.#p2pPorts.push(p2pPort);
    const rpcUrls = this.members.map(({ node }) => node.url);
    const member = this.#startMember(index, rpcPort, [...rpcUrls, `http://127.0.0.1:${rpcPort}`], {
      rpcServers: rpcUrls.slice(0, 2),
      trustHeight: trusted.height,
      trustHash: trusted.hash,
    });
    await reached(member.node, trusted.height);
    return member;
  }

  /** Ends all processes. */
  async stop(): Promise<void> {
    await Promise.all(
      this.members.flatMap(({ worker, engine }) => [engine.stop(), worker?.stop()]),
    );
  }

  #startMember(
    index: number,
    rpcPort: number,
    rpcUrls: readonly string[],
    stateSync?: HomeOptions["stateSync"],
  ): NetworkMember {
    const { folder, executable, keys, worker, commitMs } = this.#options;
    const home = join(folder, `node${index}`);
    const own = join(folder, `worker${index}`);
    mkdirSync(own, { recursive: true });
    const abciSocket = join(own, "abci.sock");
    const signerSocket = join(own, "signer.sock");
    writeGenesis(home, this.#genesis());
    if (worker === undefined) writeKey(home, keys[index]);
    writeConfig({
      folder: home,
      executable,
      rpcPort,
      p2pPort: this.#p2pPorts[index],
      abciSocket,
      peers: this.#ids
        .map((id, peer) => `${id}@127.0.0.1:${this.#p2pPorts[peer]}`)
        .filter((_, peer) => peer !== index),
      isLocal: true,
      ...(worker === undefined ? { builtIn: "kvstore" as const } : {}),
      ...(index < keys.length && worker !== undefined ? { signerSocket } : {}),
      ...(commitMs === undefined ? {} : { commitMs }),
      ...(stateSync === undefined ? {} : { stateSync }),
    });
    const url = `http://127.0.0.1:${rpcPort}`;
    const places: MemberPlaces = {
      index,
      folder: own,
      abciSocket,
      signerSocket,
      genesis: join(home, "config", "genesis.json"),
      logFolder: join(home, "data", "cs.wal"),
      rpcUrls: [url, ...rpcUrls.filter((other) => other !== url)],
    };
    const member: NetworkMember = {
      places,
      node: new CometNode(url),
      worker: worker && new KeptProcess({ ...worker(places), log: join(own, "worker.log") }),
      engine: new KeptProcess({
        command: executable,
        args: ["node", "--home", home],
        log: join(own, "cometbft.log"),
        leftovers: [signerSocket],
      }),
    };
    this.members.push(member);
    writeFileSync(join(own, "node-url"), url);
    return member;
  }

  #genesis(): ChainGenesis {
    const { chainId, appState, initialHeight = 1n } = this.#options;
    return { chainId, appState, validators: this.validators, time: genesisTime, initialHeight };
  }
}

/** A time in the past, the same in every genesis of a network. */
const genesisTime = new Date("2026-01-01T00:00:00Z");

function validatorsOf(keys: readonly SigningKey[]): readonly Validator[] {
  return orderedValidators(
    keys.map((key) => ({ publicKey: getBytes(key.compressedPublicKey), power: 1n })),
  );
}

/** Resolves once a node has a block at a height. Throws `process-failed`. */
export async function reached(node: CometNode, height: bigint): Promise<void> {
  const end = Date.now() + startMs;
  while (Date.now() < end) {
    const status = await node.status().catch(() => undefined);
    if (status !== undefined && status.height >= height) return;
    await sleep(100);
  }
  throw new NodeError("process-failed", `${node.url} has no block ${height}`);
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}

function tailOf(path: string): string {
  try {
    return readFileSync(path, "utf8").split("\n").slice(-4).join(" ").slice(-400);
  } catch {
    return `no ${path}`;
  }
}
