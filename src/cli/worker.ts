/**
 * `worker`: the process of a cluster's worker (docs/cluster.md): the application of a CometBFT node, its signer, its
 * metrics.
 *
 * Invariant: it ends only when it is told to; everything that it knows is in its folder.
 */
import { existsSync, readFileSync } from "node:fs";
import { Command } from "commander";
import { isHexString, SigningKey, Wallet } from "ethers";
import type { WorkerSettings } from "../node/worker/daemon.ts";
import { addressOption } from "./game/arbiterAt.ts";
import { gatewayProgram } from "./game/call.ts";
import { incrementMemory } from "./game/faultyExecution.ts";
import { chainIn } from "./game/genesisFile.ts";
import { narrator } from "./game/narration.ts";
import { remoteChain } from "./session/chain.ts";
import { readBytes } from "./session/files.ts";
import { loadModules } from "./session/linkedProgram.ts";
import { nodePart } from "./session/nodePackages.ts";
import {
  addProgramOptions,
  collect,
  count,
  modulesArgument,
  type ProgramOptions,
} from "./session/options.ts";
import {
  accountKey,
  accountVariable,
  addProcessOptions,
  type ProcessOptions,
} from "./session/processOptions.ts";
import { addSettings, applySettings } from "./session/settings.ts";
import { untilStopped } from "./session/untilStopped.ts";
import { UsageError } from "./terminal/failure.ts";

interface Options extends ProgramOptions, ProcessOptions {
  readonly abci: string;
  readonly genesis?: string;
  readonly key?: string;
  readonly signer?: string;
  readonly http?: number;
  readonly watch: readonly string[];
  readonly snapshotBlocks?: number;
  readonly inherit?: string;
  readonly spoilFile?: string;
  readonly wal?: string;
  readonly clusters?: string;
  readonly blockArbiter?: string;
  readonly generation?: number;
}

export function workerCommand(): Command {
  const command = new Command("worker")
    .description(
      "Run the worker of a CometBFT node: its ABCI application over the machine, and the remote signer that holds its consensus key. Every option is also an environment variable, WASM_ARBITER_ and its name in capitals, and may stand in a settings file.",
    )
    .argument(...modulesArgument)
    .option("--abci <path>", "unix socket on which CometBFT finds it", "abci.sock")
    .option("--genesis <file>", "CometBFT's genesis.json")
    .option("--key <file>", "the consensus key: 32 bytes in hex")
    .option("--signer <path>", "unix socket of CometBFT's priv_validator_laddr")
    .option("--http <port>", "serve /metrics and /healthz on this port", count)
    .option("--watch <url>", "RPC of a node whose headers to compare; repeat", collect, [])
    .option("--wal <folder>", "write-ahead log of the first node to watch: its data/cs.wal")
    .option("--snapshot-blocks <count>", "blocks from one snapshot to the next", count)
    .option("--inherit <file>", "snapshot with which the generation before has ended")
    .option("--clusters <address>", "the contract Clusters on the EVM chain")
    .option("--block-arbiter <address>", "the contract BlockArbiter there")
    .option("--generation <number>", "the generation's number at Clusters", count)
    .option(
      "--spoil-file <path>",
      "spoil the machine from the height on that this file holds, to try a dispute",
    )
    .action(run);
  const texts = {
    folder: "worker",
    keeps: "its journal and snapshots",
    stores: "storage node to bring blocks to",
    chain: "EVM chain on which to accuse whoever voted for another result",
  };
  return addSettings(addProgramOptions(addProcessOptions(command, texts)));
}

async function run(files: readonly string[], _: unknown, command: Command): Promise<void> {
  await applySettings(command);
  const options = command.opts<Options>();
  const { CometNode } = await nodePart(() => import("../node/cometbft/cometbftNode.ts"));
  const { genesisIn, startWorker } = await nodePart(() => import("../node/worker/daemon.ts"));
  const { StorageClient } = await nodePart(() => import("../node/storage/storageClient.ts"));
  const { openLog } = await nodePart(() => import("../node/log.ts"));
  // The ledger example stands for nobody's package here.
  if (files.length === 0) loadModules(files, options);
  const program = gatewayProgram(files, options);
  if (options.genesis === undefined) {
    throw new UsageError("no genesis is named", "give --genesis with CometBFT's genesis.json");
  }
  const { chainId, validators } = chainIn(options.genesis);
  const chain = options.rpc === undefined ? undefined : await chainOf(options, options.rpc);
  const settings: WorkerSettings = {
    program,
    folder: options.folder,
    abci: { path: options.abci },
    chainId,
    validators,
    genesis: genesisIn(options.genesis),
    watched: options.watch.map((url) => new CometNode(url)),
    log: await openLog("worker", options.logLevel),
    ...signerOf(options),
    ...(options.wal === undefined || options.watch.length === 0
      ? {}
      : { own: new CometNode(options.watch[0], options.wal) }),
    ...accountOf(),
    ...(chain === undefined ? {} : { chain }),
    ...(options.http === undefined ? {} : { http: { host: "127.0.0.1", port: options.http } }),
    ...(options.snapshotBlocks === undefined ? {} : { snapshotBlocks: options.snapshotBlocks }),
    ...(options.inherit === undefined ? {} : { inherited: readBytes(options.inherit) }),
    storages: options.storage.map((url) => new StorageClient(url)),
    ...(options.spoilFile === undefined ? {} : { spoil: spoiling(options.spoilFile) }),
  };
  const worker = await startWorker(settings);
  const stopped = new AbortController();
  const playing = chain?.follow(stopped.signal);
  await untilStopped();
  stopped.abort();
  await playing;
  await worker.stop();
}

const chainPollMs = 200;

/** The account that signs results and accuses, if the environment holds its key. */
function accountOf(): Pick<WorkerSettings, "account"> {
  const key = process.env[accountVariable];
  return key === undefined ? {} : { account: new Wallet(key) };
}

/** The contracts, for the account whose key the environment holds. */
async function chainOf(options: Options, url: string) {
  const { ContractChain } = await nodePart(() => import("../node/disputes/contractChain.ts"));
  const { clusters, blockArbiter, generation } = options;
  if (clusters === undefined || blockArbiter === undefined || generation === undefined) {
    throw new UsageError(
      "--rpc alone names no cluster",
      "add --clusters, --block-arbiter, --generation",
    );
  }
  const key = accountKey();
  const { provider } = await remoteChain(url);
  return ContractChain.connect({
    clusters: addressOption("--clusters", clusters),
    blockArbiter: addressOption("--block-arbiter", blockArbiter),
    generation: BigInt(generation),
    fromBlock: options.fromBlock,
    signer: new Wallet(key, provider),
    pollMs: chainPollMs,
    onEvent: narrator("worker"),
  });
}

/** A machine that goes wrong in every block from a height on, once somebody has written it down. */
function spoiling(path: string): NonNullable<WorkerSettings["spoil"]> {
  return (state, height) => {
    if (existsSync(path) && height >= BigInt(readFileSync(path, "utf8"))) incrementMemory(state);
  };
}

function signerOf({ key, signer }: Options): Pick<WorkerSettings, "signer"> {
  if (key === undefined && signer === undefined) return {};
  if (key === undefined || signer === undefined) {
    throw new UsageError("a signer needs a key and a socket", "give --key and --signer together");
  }
  const text = `0x${readFileSync(key, "utf8").trim().replace(/^0x/, "")}`;
  if (!isHexString(text, 32)) {
    throw new UsageError(`${key} holds no key`, "write 64 hex digits into it");
  }
  return { signer: { key: new SigningKey(text), socket: signer } };
}
