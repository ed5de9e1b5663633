/**
 * `storage`: the process of a storage node (docs/cluster.md): keeps a cluster's transactions, signs receipts for them.
 *
 * Invariant: it ends only when it is told to; a receipt is signed only for what is in the store.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { isHexString, Wallet } from "ethers";
import type { Address } from "../game/index.ts";
import { receiptDomain } from "../history/index.ts";
import { addressOption } from "./game/arbiterAt.ts";
import { nodePart } from "./session/nodePackages.ts";
import { count } from "./session/options.ts";
import { addSettings, applySettings } from "./session/settings.ts";
import { untilStopped } from "./session/untilStopped.ts";
import { UsageError } from "./terminal/failure.ts";
import { remark } from "./terminal/output.ts";

interface Options {
  readonly folder: string;
  readonly cluster?: string;
  readonly chainId?: number;
  readonly contract?: string;
  readonly http: number;
  readonly kubo?: string;
}

/** Variable that holds the private key of the storage node's account. */
const keyVariable = "STORAGE_KEY";

export function storageCommand(): Command {
  const command = new Command("storage")
    .summary("run a storage node of a cluster")
    .description(
      `Keep a cluster's transactions and sign receipts for them, with the account whose key ${keyVariable} holds. Every option is also an environment variable, WASM_ARBITER_ and its name in capitals, and may stand in a settings file.`,
    )
    .option("--folder <path>", "where contents and their index are kept", "storage")
    .option("--cluster <id>", "the cluster: 32 bytes in hex")
    .option("--chain-id <number>", "EVM chain of the receipts", count)
    .option("--contract <address>", "Storage contract of the receipts")
    .option("--http <port>", "port to listen on", count, 0)
    .option("--kubo <url>", "keep contents in IPFS, through this Kubo node's RPC")
    .action(run);
  return addSettings(command);
}

async function run(_: unknown, command: Command): Promise<void> {
  await applySettings(command);
  const { folder, cluster, chainId, contract, http, kubo } = command.opts<Options>();
  const { IndexedStore } = await nodePart(() => import("../node/content/contentStore.ts"));
  const { folderKeeper } = await nodePart(() => import("../node/content/folderKeeper.ts"));
  const { kuboKeeper } = await nodePart(() => import("../node/content/kuboKeeper.ts"));
  const { StorageNode } = await nodePart(() => import("../node/storage/storageNode.ts"));
  const { serveHttp } = await nodePart(() => import("../node/http.ts"));
  if (!isHexString(cluster, 32) || chainId === undefined || contract === undefined) {
    throw new UsageError("no cluster is named", "give --cluster, --chain-id and --contract");
  }
  const key = process.env[keyVariable];
  if (!isHexString(key, 32)) {
    throw new UsageError("there is no account to sign with", `set ${keyVariable} to a private key`);
  }
  mkdirSync(folder, { recursive: true });
  const keeper = kubo === undefined ? await folderKeeper(join(folder, "blocks")) : kuboKeeper(kubo);
  const store = new IndexedStore(keeper, join(folder, "contents.sqlite"));
  const wallet = new Wallet(key);
  const node = new StorageNode({
    store,
    cluster: cluster as `0x${string}`,
    address: wallet.address as Address,
    signer: wallet,
    domain: receiptDomain(BigInt(chainId), addressOption("--contract", contract)),
  });
  const server = await serveHttp({ host: "127.0.0.1", port: http, routes: node.routes() });
  remark(`storage node ${wallet.address} at ${server.url}`);
  await untilStopped();
  await server.close();
  await store.close();
}
