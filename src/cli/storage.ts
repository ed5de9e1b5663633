/**
 * `storage`: the process of a storage node (docs/cluster.md): keeps a cluster's transactions, signs receipts for them.
 *
 * Invariant: it ends only when it is told to; a receipt is signed only for what is in the store, and every challenge on
 * chain is answered from there (`--rpc`); what is verified for good is dropped, and no more is taken than there is room for.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { isHexString, Wallet } from "ethers";
import type { Address, Hash } from "../game/index.ts";
import { receiptDomain } from "../history/index.ts";
import type { BlockKeeper, ContentStore } from "../node/content/contentStore.ts";
import { addressOption } from "./game/arbiterAt.ts";
import { remoteChain } from "./session/chain.ts";
import { heliaPackages, nodePart } from "./session/nodePackages.ts";
import { collect, count } from "./session/options.ts";
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
  readonly helia: boolean;
  readonly listen: readonly string[];
  readonly peer: readonly string[];
  readonly rpc?: string;
  readonly fromBlock: number;
  readonly contentMib: number;
  readonly totalMib: number;
  readonly aheadBlocks: number;
}

/** Between two looks for challenges. */
const answerMs = 1_000;

/** Variable that holds the private key of the storage node's account. */
const keyVariable = "STORAGE_KEY";

export function storageCommand(): Command {
  const command = new Command("storage")
    .description(
      `Keep a cluster's transactions and sign receipts for them, with the account whose key ${keyVariable} holds. Every option is also an environment variable, WASM_ARBITER_ and its name in capitals, and may stand in a settings file.`,
    )
    .option("--folder <path>", "where contents and their index are kept", "storage")
    .option("--cluster <id>", "the cluster: 32 bytes in hex")
    .option("--chain-id <number>", "EVM chain of the receipts", count)
    .option("--contract <address>", "Storage contract of the receipts")
    .option("--http <port>", "port to listen on", count, 0)
    .option("--kubo <url>", "keep contents in IPFS, through this Kubo node's RPC")
    .option("--helia", "keep contents in IPFS, in a Helia node of this process", false)
    .option("--listen <multiaddr>", "where the Helia node listens; repeat", collect, [])
    .option("--peer <multiaddr>", "another Helia node of the cluster; repeat", collect, [])
    .option(
      "--rpc <url>",
      "EVM chain on which to answer challenges, and which says what is verified",
    )
    .option("--from-block <number>", "block of the contract's creation", count, 0)
    .option(
      "--content-mib <count>",
      "MiB of the longest content that is taken: a block's transactions, or a state that a validator leaves for the next one",
      count,
      256,
    )
    .option("--total-mib <count>", "MiB of all contents: a full node refuses", count, 65_536)
    .option(
      "--ahead-blocks <count>",
      "heights above the verified one for which contents are taken, with --rpc",
      count,
      67_108_864,
    )
    .action(run);
  return addSettings(command);
}

async function run(_: unknown, command: Command): Promise<void> {
  await applySettings(command);
  const options = command.opts<Options>();
  const { folder, cluster, chainId, contract, http } = options;
  const { IndexedStore } = await nodePart(() => import("../node/content/contentStore.ts"));
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
  const store = new IndexedStore(await keeperOf(options), join(folder, "contents.sqlite"));
  const wallet = new Wallet(key);
  const storage = addressOption("--contract", contract);
  const watched = await watching({ ...options, cluster: cluster as Hash }, storage, wallet, store);
  const node = new StorageNode({
    store,
    mostStoredBytes: options.totalMib * 2 ** 20,
    admits: watched.admits,
    cluster: cluster as `0x${string}`,
    address: wallet.address as Address,
    signer: wallet,
    domain: receiptDomain(BigInt(chainId), storage),
  });
  const mostBytes = options.contentMib * 2 ** 20;
  const routes = node.routes();
  const server = await serveHttp({ host: "127.0.0.1", port: http, routes, mostBytes });
  remark(`storage node ${wallet.address} at ${server.url}`);
  await untilStopped();
  await watched.stop();
  await server.close();
  await store.close();
}

/** Where contents are kept: a folder, unless an IPFS node is named. */
async function keeperOf({ folder, kubo, helia, listen, peer }: Options): Promise<BlockKeeper> {
  if (kubo !== undefined && helia) throw new UsageError("two keepers", "give --kubo or --helia");
  if (kubo !== undefined) {
    const { kuboKeeper } = await nodePart(() => import("../node/content/kuboKeeper.ts"));
    return kuboKeeper(kubo);
  }
  if (helia) {
    const { heliaKeeper } = await nodePart(() => import("../node/content/heliaKeeper.ts"));
    const places = { folder: join(folder, "helia"), peers: peer };
    const keeper = await nodePart(
      () => heliaKeeper(listen.length === 0 ? places : { ...places, listen }),
      heliaPackages,
    );
    for (const address of keeper.addresses) remark(`Helia at ${address}`);
    return keeper;
  }
  const { folderKeeper } = await nodePart(() => import("../node/content/folderKeeper.ts"));
  return folderKeeper(join(folder, "blocks"));
}

/** The chain as a storage node goes by it. */
interface Watched {
  /** For which heights contents are taken. */
  readonly admits: (height: bigint) => boolean;
  readonly stop: () => Promise<void>;
}

/** Answers challenges and drops what is verified, until it is stopped. */
async function watching(
  { rpc, fromBlock, aheadBlocks, cluster }: Options & { readonly cluster: Hash },
  storage: Address,
  wallet: Wallet,
  store: ContentStore,
): Promise<Watched> {
  if (rpc === undefined) return { admits: () => true, stop: async () => {} };
  const { ChallengeAnswers } = await import("../node/storage/challengeAnswers.ts");
  const { ReleasedContents } = await import("../node/storage/releasedContents.ts");
  const { repeated } = await import("../node/cluster/repeated.ts");
  const { provider } = await remoteChain(rpc);
  const node = wallet.address as Address;
  const shared = { storage, fromBlock, node, store };
  const signer = wallet.connect(provider);
  const answers = new ChallengeAnswers({ ...shared, signer, pollMs: answerMs });
  const released = new ReleasedContents({
    ...shared,
    cluster,
    runner: provider,
    aheadBlocks: BigInt(aheadBlocks),
  });
  const stop = repeated(async () => {
    try {
      const { shown, missing } = await answers.answer();
      for (const id of shown) remark(`answered challenge ${id}`);
      for (const id of missing) remark(`challenge ${id}: the content is not here`);
      const dropped = await released.release();
      if (dropped > 0) remark(`dropped ${dropped} contents of verified blocks`);
    } catch (error) {
      // The chain's node may be away; it is asked again.
      remark(`chain: ${(error as Error).message}`);
    }
  }, answerMs);
  return { admits: (height) => released.admits(height), stop };
}
