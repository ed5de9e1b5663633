/**
 * `cluster`: the whole story of a cluster on one machine, in one process or on four real CometBFT nodes.
 *
 * Invariant: what it prints was observed (node/cluster/demonstration.ts); exit code 1 if a liar went free or a step of
 * the client was refused.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { id } from "ethers";
import { load, programRoot } from "../index.ts";
import type { RunningCluster } from "../node/cluster/demonstration.ts";
import type { ClusterGenesis } from "../node/worker/workerGenesis.ts";
import { flipMemory } from "./game/faultyExecution.ts";
import { readBytes } from "./session/files.ts";
import { nodePart } from "./session/nodePackages.ts";
import { addJsonOption, count } from "./session/options.ts";
import { hex, remark, setExit, show } from "./terminal/output.ts";

interface Options {
  readonly cometbft: boolean;
  readonly transactions: number;
  readonly json: boolean;
}

const example = fileURLToPath(new URL("../../examples/cluster/counters.wasm", import.meta.url));
const workers = 4;

export function clusterCommand(): Command {
  const command = new Command("cluster")
    .summary("run a whole cluster, with a liar")
    .description(
      "Run a cluster of four workers on this machine: blocks, receipts, manifests, a gateway, a client that checks the thirteen steps, and a worker whose machine goes wrong and that is accused for it.",
    )
    .option("--cometbft", "on four real CometBFT nodes", false)
    .option("--transactions <count>", "transactions before anyone lies", count, 40)
    .action(cluster);
  return addJsonOption(command);
}

async function cluster(options: Options): Promise<void> {
  const { tellStory } = await nodePart(() => import("../node/cluster/demonstration.ts"));
  const folder = mkdtempSync(join(tmpdir(), "wasm-arbiter-cluster-"));
  const running = await start(folder);
  try {
    const story = await tellStory(running, options.transactions, remark);
    show(options.json, story, () => `${story.blocks} blocks in ${story.seconds} s`);
    const isHeld = story.client.steps.every(({ ok }) => ok);
    if (!isHeld || story.liars.some((liar) => !story.convicted.includes(liar))) setExit("refused");
  } finally {
    await running.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function start(folder: string): Promise<RunningCluster> {
  const { demonstrationKey, startEmbeddedCluster } = await nodePart(
    () => import("../node/cluster/embeddedCluster.ts"),
  );
  const { OwnRecord } = await nodePart(() => import("../node/disputes/clusterChain.ts"));
  const program = load(readBytes(example));
  const storageKey = demonstrationKey("storage node");
  const { Wallet } = await import("ethers");
  const genesis: ClusterGenesis = {
    program: hex(programRoot(program)) as `0x${string}`,
    cluster: id("demonstration") as `0x${string}`,
    blockFuel: 50_000_000,
    transactionBytes: 2 ** 16,
    receipts: {
      chainId: 31337n,
      contract: "0x00000000000000000000000000000000000000A1",
      storageNodes: [new Wallet(storageKey).address as `0x${string}`],
    },
  };
  return startEmbeddedCluster({
    program,
    folder,
    chainId: "demonstration-0",
    genesis,
    keys: Array.from({ length: workers }, (_, index) => demonstrationKey(`worker ${index}`)),
    spoil: (state) => flipMemory(state),
    storageKey: storageKey.privateKey,
    openChain: async (generation) => new OwnRecord(generation),
  });
}
