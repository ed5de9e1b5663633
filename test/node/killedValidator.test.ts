/**
 * `wasm-arbiter validator` as a process of its own, over HTTP, killed at any moments and started again: it publishes for
 * each of its turns the proof that an undisturbed replay has, once, and misses no turn.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { id, SigningKey } from "ethers";
import { afterAll, expect, test } from "vitest";
import {
  type ClusterStage,
  openClusterStage,
  storageAccount,
} from "../../src/cli/game/clusterStage.ts";
import { startEmbedded } from "../../src/cli/game/stagedCluster.ts";
import { Sender } from "../../src/game/index.ts";
import {
  CheckpointReader,
  type Confirmation,
  type Fragment,
  fragmentStatus,
  sampleHashes,
  ValidationReader,
  validationInterface,
  validatorStatus,
} from "../../src/history/index.ts";
import { repeated } from "../../src/node/cluster/repeated.ts";
import { serveHttp } from "../../src/node/http.ts";
import { StorageClient } from "../../src/node/storage/storageClient.ts";
import type { StorageNode } from "../../src/node/storage/storageNode.ts";
import { Checkpointer } from "../../src/node/validation/checkpointer.ts";
import { replayTask } from "../../src/node/validation/fragmentJob.ts";
import { FragmentTasks } from "../../src/node/validation/fragmentTasks.ts";
import { gatewayBlocks, NetworkSource } from "../../src/node/validation/networkSource.ts";
import { ReplayStore } from "../../src/node/validation/replayStore.ts";
import { ValidatorNode } from "../../src/node/validation/validatorNode.ts";
import { temporaryFolder } from "../cli/commandLine.ts";
import { seededPick } from "../game/random.ts";
import { counters, countersGenesis, counterTransaction } from "./counters.ts";

const isDeep = process.env.DEEP === "true";
const kills = isDeep ? 40 : 3;
/** Fragments that must be verified at the end. */
const honestFragments = isDeep ? 6 : 2;
/** Turns of the loop in each block's call: some hundredths of a second of replay. */
const turns = isDeep ? 3_000_000n : 300_000n;

const folder = temporaryFolder();
const keys = [0, 1, 2, 3].map((index) => new SigningKey(id(`killed validator's worker ${index}`)));
const storage = storageAccount(new SigningKey(id("killed validator's storage")));
const program = fileURLToPath(new URL("../../examples/cluster/counters.wasm", import.meta.url));
const start = fileURLToPath(new URL("../../src/cli/start.js", import.meta.url));

const ended: (() => Promise<unknown> | unknown)[] = [];
afterAll(async () => {
  for (const end of ended.reverse()) await end();
  folder.end();
});

/** A cluster that goes on as long as somebody validates it, and what it shows over HTTP. */
async function openCluster() {
  const stage = await openClusterStage(counters, keys, 2);
  ended.push(() => stage.close());
  const { cluster, evmChainId, addresses, generation } = stage;
  const receipts = {
    chainId: evmChainId,
    contract: addresses.storage,
    storageNodes: [storage.address],
  };
  const genesis = countersGenesis({ cluster, receipts, blockFuel: 1_000_000_000 });
  const staged = {
    program: counters,
    stage,
    genesis,
    keys,
    storage,
    folder: folder.file("cluster"),
  };
  const running = await startEmbedded(staged);
  ended.push(() => running.close());
  const routes = (running.storage as StorageNode).routes();
  const server = await serveHttp({ host: "127.0.0.1", port: 0, routes });
  ended.push(() => server.close());
  const [node] = running.nodes;
  const validations = new ValidationReader(
    addresses.validation,
    stage.checkpointer,
    addresses.fromBlock,
  );
  const checkpoints = new CheckpointReader(addresses.checkpoints, stage.checkpointer);
  const sender = new Sender(stage.checkpointer, { pollMs: 20 });
  const checkpointer = new Checkpointer(node, generation, checkpoints, sender);
  let tag = 0;
  const go = async () => {
    await stage.mine(1);
    await checkpointer.round();
    if ((await openFragments(validations)).length >= 2) return;
    await node.submit(counterTransaction("spin", 1, turns, ++tag));
  };
  ended.push(repeated(go, 200));
  const source = new NetworkSource({
    blocks: gatewayBlocks(running.gatewayUrl),
    storages: new Map([[storage.address, new StorageClient(server.url)]]),
  });
  const validated = { id: cluster, program: counters, source, memoryBytes: 2 ** 20 };
  return { stage, validations, validated, gatewayUrl: running.gatewayUrl, storageUrl: server.url };
}

async function fragments(validations: ValidationReader): Promise<Fragment[]> {
  const ids = await validations.begun();
  const found = await Promise.all(ids.map((each) => validations.fragment(each)));
  return found.filter((fragment) => fragment !== undefined);
}

const openFragments = async (validations: ValidationReader) =>
  (await fragments(validations)).filter(({ status }) => status < fragmentStatus.final);

/** The process, and the kinds of what it has told so far. */
function startProcess(args: readonly string[], key: string) {
  const env = { ...process.env, WASM_ARBITER_ACCOUNT_KEY: key };
  const child: ChildProcess = spawn(process.execPath, [start, "validator", program, ...args], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const told: string[] = [];
  const said: string[] = [];
  if (child.stdout === null || child.stderr === null) throw new Error("expected pipes");
  createInterface(child.stdout).on("line", (line) => {
    const { msg, err } = JSON.parse(line);
    told.push(msg);
    if (err !== undefined) said.push(err.message);
  });
  createInterface(child.stderr).on("line", (line) => said.push(line));
  const over = new Promise<number | null>((resolve) => child.once("exit", resolve));
  return {
    told,
    said,
    async kill() {
      child.kill("SIGKILL");
      await over;
    },
    async stop() {
      child.kill("SIGTERM");
      expect(await over, said.join("\n")).toBe(0);
    },
  };
}

/** What undisturbed replays publish under a confirmation's seed. */
async function expectTrue(
  tasks: FragmentTasks,
  { validated }: Awaited<ReturnType<typeof openCluster>>,
  fragment: Fragment,
  { seed, samples, snapshot }: Confirmation,
) {
  const task = await tasks.of(fragment, validated);
  const { replay, wrong } = await replayTask(task, [{ seed, period: fragment.period }]);
  expect(wrong).toBeUndefined();
  expect(samples).toEqual(sampleHashes(replay.samples(0)));
  // What it names is there.
  expect((await validated.source.content(snapshot, [])).length).toBe(snapshot.length);
}

/** Calls of `confirm` by an account: how many held, and how many the chain refused. */
async function confirmsOf({ rpc, addresses }: ClusterStage, account: string) {
  const { getFunction } = validationInterface;
  const selector = getFunction.call(validationInterface, "confirm")?.selector ?? "";
  const top = Number(await rpc.send("eth_blockNumber", []));
  const counts = { held: 0, refused: 0 };
  for (let block = addresses.fromBlock; block <= top; block++) {
    const args = [`0x${block.toString(16)}`, true];
    const { transactions } = (await rpc.send("eth_getBlockByNumber", args)) as {
      transactions: readonly { from: string; input: string; hash: string }[];
    };
    for (const { from, input, hash } of transactions) {
      if (from !== account.toLowerCase() || !input.startsWith(selector)) continue;
      const receipt = (await rpc.send("eth_getTransactionReceipt", [hash])) as { status: string };
      if (receipt.status === "0x1") counts.held++;
      else counts.refused++;
    }
  }
  return counts;
}

test(`killed ${kills} times, it confirms each turn once, as if it had never been`, async () => {
  const cluster = await openCluster();
  const { stage, validations, validated, gatewayUrl, storageUrl } = cluster;
  const other = new ValidatorNode({
    network: stage.addresses,
    signer: stage.validators[1],
    rpc: stage.rpc,
    clusters: [validated],
    store: new ReplayStore(":memory:"),
    memoryBytes: 2 ** 28,
    pollMs: 100,
  });
  await other.register();
  const stopped = new AbortController();
  const following = other.follow(stopped.signal);
  const { addresses } = stage;
  const args = ["--no-project", "--folder", folder.file("validator"), "--rpc", await stage.serve()];
  args.push("--validation", addresses.validation, "--from-block", String(addresses.fromBlock));
  args.push("--cluster", stage.cluster, "--manifests", gatewayUrl, "--storage", storageUrl);
  const pick = seededPick(16);
  let resumed = 0;
  const run = () => startProcess(args, stage.validatorKeys[0]);
  for (let kill = 0; kill < kills; kill++) {
    const validator = run();
    // Half of them when it works on a turn, the others at any time of its life.
    const anchor = pick(0, 1) === 0 ? "chosen" : undefined;
    for (let wait = 0; anchor && wait < 400 && !validator.told.includes(anchor); wait++) {
      await sleep(25);
    }
    await sleep(pick(0, anchor === undefined ? 4000 : 600));
    await validator.kill();
    resumed += validator.told.filter((kind) => kind === "resumed").length;
  }
  const last = run();
  const account = await stage.validators[0].getAddress();
  const done = async () => {
    const all = await fragments(validations);
    const final = all.filter(({ status }) => status === fragmentStatus.final);
    const confirmed = (
      await Promise.all(final.map((each) => validations.confirmations(each.id)))
    ).flat();
    return (
      final.length >= honestFragments && confirmed.some(({ validator }) => validator === account)
    );
  };
  while (!(await done())) await sleep(200);
  await last.stop();
  stopped.abort();
  await following;
  resumed += last.told.filter((kind) => kind === "resumed").length;
  if (isDeep) expect(resumed).toBeGreaterThan(0);
  const tasks = new FragmentTasks(validations, [validated], new Map());
  let own = 0;
  for (const fragment of await fragments(validations)) {
    expect(await validations.missed(fragment.id)).toBe(0);
    const confirmations = await validations.confirmations(fragment.id);
    const seeds = new Set(confirmations.map(({ seed }) => seed));
    expect(seeds.size).toBe(confirmations.length);
    for (const confirmation of confirmations) {
      expect(confirmation.isRefuted).toBe(false);
      await expectTrue(tasks, cluster, fragment, confirmation);
      if (confirmation.validator === account) own++;
    }
  }
  expect(await confirmsOf(stage, account)).toEqual({ held: own, refused: 0 });
  const { status, misses, deposit } = await validations.validator(account as `0x${string}`);
  const parameters = await validations.parameters();
  expect({ status, misses, deposit }).toEqual({
    status: validatorStatus.active,
    misses: 0,
    deposit: parameters.deposit,
  });
}, 1_800_000);
