/**
 * `cluster`: the whole story of a cluster on one machine, in one process or on four real CometBFT nodes, with the
 * network's contracts on an embedded chain.
 *
 * Invariant: what it prints was observed (node/cluster/demonstration.ts); exit code 1 if a liar went free or a step of
 * the client was refused.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { id, SigningKey } from "ethers";
import { load, programRoot } from "../index.ts";
import type { RunningCluster } from "../node/cluster/demonstration.ts";
import type { ClusterGenesis } from "../node/worker/workerGenesis.ts";
import { type ClusterStage, openClusterStage, storageAccount } from "./game/clusterStage.ts";
import { readBytes } from "./session/files.ts";
import { nodePart } from "./session/nodePackages.ts";
import { addJsonOption, count } from "./session/options.ts";
import { untilStopped } from "./session/untilStopped.ts";
import { hex, remark, setExit, show } from "./terminal/output.ts";

interface Options {
  readonly cometbft: boolean;
  readonly transactions: number;
  readonly json: boolean;
}

const example = fileURLToPath(new URL("../../examples/cluster/counters.wasm", import.meta.url));
/** The same keys in every run: nothing of it outlives the process. */
const keys = [0, 1, 2, 3].map((index) => new SigningKey(id(`demonstration worker ${index}`)));
const storage = storageAccount(new SigningKey(id("demonstration storage node")));

export function clusterCommand(): Command {
  const command = new Command("cluster")
    .summary("run a whole cluster, with a liar")
    .description(
      "Run a cluster of four workers on this machine, registered and bonded at contracts on an embedded chain: blocks, receipts, manifests, a gateway, a client that checks the thirteen steps, and workers whose machines go wrong, which are accused and convicted by headers and votes alone. In one process one of four lies; with --cometbft three of four do, and the fourth convicts them.",
    )
    .option("--cometbft", "on four real CometBFT nodes", false)
    .option("--transactions <count>", "transactions before anyone lies", count, 40)
    .action(cluster);
  return addJsonOption(command);
}

async function cluster(options: Options): Promise<void> {
  const { tellStory } = await nodePart(() => import("../node/cluster/demonstration.ts"));
  const start = performance.now();
  const folder = mkdtempSync(join(tmpdir(), "wasm-arbiter-cluster-"));
  const program = load(readBytes(example));
  const stage = await openClusterStage(program, keys);
  remark(`cluster ${stage.cluster} is sealed at ${stage.addresses.clusters}`);
  const genesis: ClusterGenesis = {
    program: hex(programRoot(program)) as `0x${string}`,
    cluster: stage.cluster,
    blockFuel: 50_000_000,
    transactionBytes: 2 ** 16,
    receipts: {
      chainId: stage.evmChainId,
      contract: stage.addresses.storage,
      storageNodes: [storage.address],
    },
  };
  const clocks = runClocks(stage);
  let running: RunningCluster | undefined;
  try {
    const { startEmbedded, startComet } = await import("./game/stagedCluster.ts");
    const made = { program, stage, genesis, keys, storage, folder };
    running = await (options.cometbft ? startComet(made) : startEmbedded(made));
    const story = await Promise.race([
      tellStory(running, options.transactions, remark),
      untilStopped().then(() => undefined),
    ]);
    if (story === undefined) return setExit("interrupted");
    const seconds = Math.round((performance.now() - start) / 100) / 10;
    const result = { ...story, seconds };
    show(options.json, result, () => `${story.blocks} blocks in ${seconds} s`);
    const isHeld = story.client.steps.every(({ ok }) => ok);
    if (!isHeld || story.liars.some((liar) => !story.convicted.includes(liar))) setExit("refused");
  } finally {
    clearInterval(clocks);
    await running?.close();
    await stage.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** EVM blocks pass, or the clock of whoever falls silent would stand still. */
function runClocks(stage: ClusterStage): NodeJS.Timeout {
  return setInterval(() => void stage.mine(1).catch(() => {}), 100);
}
