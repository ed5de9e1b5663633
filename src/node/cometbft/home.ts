/**
 * The folder of a CometBFT node (0.38): its configuration and genesis for a cluster of ours.
 *
 * Invariant: validators have secp256k1 keys that CometBFT never sees (a remote signer signs); blocks are made only
 * when there is something to decide.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bytesToHex } from "@noble/hashes/utils.js";
import { encodeBase64, getBytes, type SigningKey } from "ethers";
import { parse, stringify, type TomlTable } from "smol-toml";
import { type Validator, validatorAddress } from "../../history/index.ts";

/** Most bytes of a block: one transaction on chain can then carry an eighth of it. */
export const blockBytes = 2 ** 19;

/** Requests that one RPC batch may hold; CometBFT's default is 10. */
const mostRpcBatch = 100;

/** Ports and sockets of one node. */
export interface HomeOptions {
  readonly folder: string;
  /** The executable, as `cometbft`. */
  readonly executable: string;
  readonly rpcPort: number;
  readonly p2pPort: number;
  /** Unix sockets of the worker: it listens for ABCI, and dials the signer's. */
  readonly abciSocket: string;
  /** Without it the node signs with the key in its folder. */
  readonly signerSocket?: string;
  /** CometBFT's own application instead of a worker, for comparison. */
  readonly builtIn?: "kvstore";
  /** As `id@host:port`. */
  readonly peers: readonly string[];
  /** Whether all nodes are on this machine. */
  readonly isLocal?: boolean;
  /** Milliseconds after a block before the next may begin, 200 unless given. */
  readonly commitMs?: number;
  /** Where the node finds a trusted header, if it is to join by state sync. */
  readonly stateSync?: {
    readonly rpcServers: readonly string[];
    readonly trustHeight: bigint;
    /** 64 hex digits. */
    readonly trustHash: string;
  };
}

/** What all nodes of a chain have in common. */
export interface ChainGenesis {
  readonly chainId: string;
  readonly validators: readonly Validator[];
  readonly appState: string;
  readonly time: Date;
  /** Height of the first block, 1 unless the generation goes on from another one. */
  readonly initialHeight?: bigint;
}

/** Makes a node's folder with a network key of its own; returns the node's id. */
export function initHome({
  folder,
  executable,
}: Pick<HomeOptions, "folder" | "executable">): string {
  mkdirSync(folder, { recursive: true });
  execFileSync(executable, ["init", "--home", folder], { stdio: "ignore" });
  const said = execFileSync(executable, ["show-node-id", "--home", folder], { encoding: "utf8" });
  return said.trim().split("\n").at(-1) ?? "";
}

/** Writes the key with which a node without signer votes. */
export function writeKey(folder: string, key: SigningKey): void {
  const publicKey = getBytes(key.compressedPublicKey);
  const document = {
    address: bytesToHex(validatorAddress(publicKey)).toUpperCase(),
    pub_key: { type: keyTypes.public, value: encodeBase64(publicKey) },
    priv_key: { type: keyTypes.private, value: encodeBase64(key.privateKey) },
  };
  writeFileSync(join(folder, "config", "priv_validator_key.json"), JSON.stringify(document));
}

/** Names of secp256k1 keys in CometBFT's files. */
const keyTypes = { public: "tendermint/PubKeySecp256k1", private: "tendermint/PrivKeySecp256k1" };

/** Writes a node's genesis. */
export function writeGenesis(folder: string, genesis: ChainGenesis): void {
  const path = join(folder, "config", "genesis.json");
  const document = JSON.parse(readFileSync(path, "utf8"));
  const { consensus_params: params } = document;
  params.block.max_bytes = blockBytes.toString();
  params.evidence.max_bytes = (blockBytes / 8).toString();
  params.validator.pub_key_types = ["secp256k1"];
  document.chain_id = genesis.chainId;
  document.genesis_time = genesis.time.toISOString();
  document.initial_height = (genesis.initialHeight ?? 1n).toString();
  document.app_state = JSON.parse(genesis.appState);
  document.validators = genesis.validators.map(({ publicKey, power }, index) => ({
    address: bytesToHex(validatorAddress(publicKey)).toUpperCase(),
    pub_key: { type: keyTypes.public, value: encodeBase64(publicKey) },
    power: power.toString(),
    name: `worker-${index}`,
  }));
  writeFileSync(path, JSON.stringify(document, null, 2));
}

/** Writes a node's configuration. */
export function writeConfig(options: HomeOptions): void {
  const path = join(options.folder, "config", "config.toml");
  const config = parse(readFileSync(path, "utf8"));
  const section = (name: string) => config[name] as TomlTable;
  Object.assign(config, {
    proxy_app: options.builtIn ?? `unix://${options.abciSocket}`,
    abci: "socket",
    log_level: "error",
    log_format: "json",
    filter_peers: false,
    ...(options.signerSocket === undefined
      ? {}
      : { priv_validator_laddr: `unix://${options.signerSocket}` }),
  });
  Object.assign(section("rpc"), {
    laddr: `tcp://127.0.0.1:${options.rpcPort}`,
    max_request_batch_size: mostRpcBatch,
  });
  Object.assign(section("p2p"), {
    laddr: `tcp://127.0.0.1:${options.p2pPort}`,
    persistent_peers: options.peers.join(","),
    pex: !options.isLocal,
    addr_book_strict: !options.isLocal,
    allow_duplicate_ip: options.isLocal ?? false,
    flush_throttle_timeout: "10ms",
  });
  Object.assign(section("mempool"), {
    size: 20_000,
    max_tx_bytes: 2 ** 16,
    recheck: true,
    // A worker that was killed brings what it had not yet passed on.
    wal_dir: "data/mempool.wal",
  });
  Object.assign(section("consensus"), {
    create_empty_blocks: false,
    timeout_commit: `${options.commitMs ?? 200}ms`,
    peer_gossip_sleep_duration: "10ms",
  });
  const { stateSync } = options;
  if (stateSync !== undefined) {
    Object.assign(section("statesync"), {
      enable: true,
      rpc_servers: stateSync.rpcServers.join(","),
      trust_height: Number(stateSync.trustHeight),
      trust_hash: stateSync.trustHash,
      trust_period: "168h0m0s",
      discovery_time: "5s",
    });
  }
  writeFileSync(path, stringify(config));
}
