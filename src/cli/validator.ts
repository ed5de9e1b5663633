/**
 * `validator`: a batch validator (docs/validation.md): enters the pool, replays the fragments that it is chosen for,
 * confirms or disputes them, and answers for what it has confirmed.
 *
 * Invariant: it is told where the contract Validation is, and takes all other addresses from that.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { isHexString, type JsonRpcProvider, Wallet } from "ethers";
import type { Address, Hash } from "../game/index.ts";
import { declaredBytes } from "../history/index.ts";
import type { ValidatorEvent } from "../node/validation/validatorNode.ts";
import { addressOption } from "./game/arbiterAt.ts";
import { gatewayProgram } from "./game/call.ts";
import { remoteChain } from "./session/chain.ts";
import { loadModules } from "./session/linkedProgram.ts";
import { nodePart } from "./session/nodePackages.ts";
import {
  addProgramOptions,
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
import { remark } from "./terminal/output.ts";

interface Options extends ProgramOptions, ProcessOptions {
  readonly validation?: string;
  readonly cluster?: string;
  readonly manifests?: string;
  readonly memoryMib: number;
}

const pollMs = 1000;
const mebibyte = 2 ** 20;

export function validatorCommand(): Command {
  const command = new Command("validator")
    .description(
      `Validate a cluster's history: enter the pool with the deposit, replay the fragments that this validator is chosen for, confirm them with a proof of independent execution or dispute them, and answer for what was confirmed. ${accountVariable} holds the private key of the account that pays. Every option is also an environment variable, WASM_ARBITER_ and its name in capitals, and may stand in a settings file.`,
    )
    .argument(...modulesArgument)
    .option("--validation <address>", "the contract Validation on the EVM chain")
    .option("--cluster <id>", "the cluster, 32 bytes in hex")
    .option("--manifests <url>", "gateway of the cluster, which has its manifests")
    .option("--memory-mib <count>", "MiB that replays side by side may take", count, 4096)
    .action(run);
  const texts = {
    folder: "validator",
    keeps: "how far its replays are",
    stores: "storage node for blocks and snapshots",
    chain: "EVM chain",
  };
  return addSettings(addProgramOptions(addProcessOptions(command, texts)));
}

async function run(files: readonly string[], _: unknown, command: Command): Promise<void> {
  await applySettings(command);
  const options = command.opts<Options>();
  if (files.length === 0) loadModules(files, options);
  const program = gatewayProgram(files, options);
  const { rpc, validation, cluster, manifests, storage, folder, fromBlock } = options;
  if (rpc === undefined || validation === undefined) {
    throw new UsageError("no network is named", "give --rpc and --validation");
  }
  if (!isHexString(cluster, 32) || manifests === undefined || storage.length === 0) {
    throw new UsageError("no cluster is named", "give --cluster, --manifests and --storage");
  }
  const key = accountKey();
  const { ValidatorNode } = await nodePart(() => import("../node/validation/validatorNode.ts"));
  const { NetworkSource, gatewayBlocks } = await import("../node/validation/networkSource.ts");
  const { ReplayStore } = await import("../node/validation/replayStore.ts");
  const { networkAt } = await import("../node/validation/networkAt.ts");
  const { StorageClient } = await nodePart(() => import("../node/storage/storageClient.ts"));
  const { openLog } = await nodePart(() => import("../node/log.ts"));
  const provider = (await remoteChain(rpc)).provider as JsonRpcProvider;
  const log = await openLog("validator", options.logLevel);
  mkdirSync(folder, { recursive: true });
  const store = new ReplayStore(join(folder, "validator.sqlite"));
  const address: Address = addressOption("--validation", validation);
  const node = new ValidatorNode({
    network: await networkAt(address, provider, fromBlock),
    signer: new Wallet(key, provider),
    rpc: provider,
    clusters: [
      {
        id: cluster as Hash,
        program,
        source: new NetworkSource({
          blocks: gatewayBlocks(manifests),
          storages: new Map(storage.map((url) => [url, new StorageClient(url)])),
        }),
        memoryBytes: Number(declaredBytes(program)),
      },
    ],
    store,
    memoryBytes: options.memoryMib * mebibyte,
    pollMs,
    onEvent: (event) => log[event.kind === "failed" ? "warn" : "info"](fieldsOf(event), event.kind),
  });
  await node.register();
  remark(`validator ${await node.address()}`);
  const stopped = new AbortController();
  const following = node.follow(stopped.signal);
  await untilStopped();
  stopped.abort();
  await following;
  store.close();
}

/** An event as a log has it. */
function fieldsOf(event: ValidatorEvent): object {
  const { kind: _, ...fields } = event;
  if (event.kind === "failed") return { err: event.error };
  const { fragment, ...rest } = fields as { readonly fragment?: { readonly id: Hash } };
  return JSON.parse(
    JSON.stringify({ fragment: fragment?.id, ...rest }, (_, value) =>
      typeof value === "bigint" ? value.toString() : value,
    ),
  );
}
