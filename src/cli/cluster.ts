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
import type { StagedValidation } from "./game/stagedValidation.ts";
import { readBytes, writeFile } from "./session/files.ts";
import { nodePart } from "./session/nodePackages.ts";
import { addJsonOption, count } from "./session/options.ts";
import { outputOption } from "./session/outputs.ts";
import { untilStopped } from "./session/untilStopped.ts";
import { UsageError } from "./terminal/failure.ts";
import { hex, remark, setExit, show } from "./terminal/output.ts";

interface Options {
  readonly cometbft: boolean;
  readonly transactions: number;
  readonly liars?: number;
  readonly validators: number;
  readonly page?: string;
  readonly json: boolean;
}

/** A validation is never repeated by the same one in a row, so one alone cannot go on; the chain has 20 accounts. */
const mostValidators = 8;
const example = fileURLToPath(new URL("../../examples/cluster/counters.wasm", import.meta.url));
/** The same keys in every run: nothing of it outlives the process. */
const keys = [0, 1, 2, 3].map((index) => new SigningKey(id(`demonstration worker ${index}`)));
const storage = storageAccount(new SigningKey(id("demonstration storage node")));

export function clusterCommand(): Command {
  const command = new Command("cluster")
    .description(
      "Run a cluster of four workers on this machine, registered and bonded at contracts on an embedded chain: blocks, receipts, manifests, a gateway, a client that checks the thirteen steps, and workers whose machines go wrong, which are accused and convicted by headers and votes alone. In one process one of four lies; with --cometbft three of four do, and the fourth convicts them. With --validators their history is validated too: fragments become final, a lazy validator is caught, and a cluster of which more than two thirds lie is convicted by whoever replays it.",
    )
    .option("--cometbft", "on four real CometBFT nodes", false)
    .option("--transactions <count>", "transactions before anyone lies", count, 40)
    .option(
      "--liars <count>",
      "workers whose machines go wrong, in one process: 1 unless given, or 3 or 4, whom validators convict",
      count,
    )
    .option(
      "--validators <count>",
      "batch validators; of three or more one is lazy, and has to be caught",
      count,
      0,
    )
    .addOption(outputOption("--page <file>", "draw what the validators did on an HTML page"))
    .action(cluster);
  return addJsonOption(command);
}

async function cluster(options: Options): Promise<void> {
  const { tellStory } = await nodePart(() => import("../node/cluster/demonstration.ts"));
  checkOptions(options);
  const start = performance.now();
  const folder = mkdtempSync(join(tmpdir(), "wasm-arbiter-cluster-"));
  const program = load(readBytes(example));
  const stage = await openClusterStage(program, keys, options.validators);
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
  let validating: StagedValidation | undefined;
  try {
    const { startEmbedded, startComet } = await import("./game/stagedCluster.ts");
    const { liars } = options;
    const made = { program, stage, genesis, keys, storage, folder, ...(liars && { liars }) };
    running = await (options.cometbft ? startComet(made) : startEmbedded(made));
    if (options.validators > 0) {
      const { stageValidation } = await import("./game/stagedValidation.ts");
      validating = await stageValidation({ ...made, running, count: options.validators });
    }
    const story = await Promise.race([
      tellStory(running, options.transactions, remark, validating?.beside),
      untilStopped().then(() => undefined),
    ]);
    if (story === undefined) return setExit("interrupted");
    // What is told and what is drawn are of one moment.
    await validating?.stop();
    const validated = await validating?.observed();
    if (options.page !== undefined && validating !== undefined) {
      writeFile(options.page, await validating.page());
    }
    const seconds = Math.round((performance.now() - start) / 100) / 10;
    const result = { ...story, ...validated, seconds };
    show(options.json, result, () => `${story.blocks} blocks in ${seconds} s`);
    const isHeld =
      story.client.steps.every(({ ok }) => ok) && validated?.lazyConvicted === validating?.lazy;
    if (!isHeld || story.liars.some((liar) => !story.convicted.includes(liar))) setExit("refused");
  } finally {
    await validating?.stop();
    clearInterval(clocks);
    await running?.close();
    await stage.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Throws a UsageError for numbers of liars with which the story waits minutes for a conviction that cannot come. */
function checkConviction(liars: number, validators: number): void {
  const isDecided = 3 * liars > 2 * keys.length;
  if (2 * liars >= keys.length && !isDecided) {
    throw new UsageError(
      `${liars} liars of ${keys.length}: neither side has more than two thirds, so no block is decided and nobody can be convicted`,
      "give 1, or 3 with --validators",
    );
  }
  if (isDecided && validators === 0) {
    throw new UsageError(
      `${liars} liars of ${keys.length} decide alone, and in one process only a validator convicts them`,
      "add --validators 3, or take --cometbft in place of --liars: there the fourth worker convicts three",
    );
  }
}

/** Throws a UsageError for what does not fit together. */
function checkOptions({ cometbft, transactions, liars, validators, page }: Options): void {
  if (transactions === 0) {
    throw new UsageError("0 transactions", "give 1 or more: the client checks one of them");
  }
  if (liars !== undefined && (liars === 0 || liars > keys.length)) {
    throw new UsageError(`${liars} liars`, `give 1 to ${keys.length}`);
  }
  if (cometbft && liars !== undefined) {
    throw new UsageError("three lie on CometBFT's nodes", "leave out --liars or --cometbft");
  }
  checkConviction(liars ?? 1, validators);
  if (validators === 1 || validators > mostValidators) {
    throw new UsageError(`${validators} validators`, `give 2 to ${mostValidators}`);
  }
  if (page !== undefined && validators === 0) {
    throw new UsageError("nobody validates: there is nothing to draw", "give --validators");
  }
}

/** EVM blocks pass, or the clock of whoever falls silent would stand still. */
function runClocks(stage: ClusterStage): NodeJS.Timeout {
  return setInterval(() => void stage.mine(1).catch(() => {}), 100);
}
