/**
 * A cluster of four CometBFT nodes on this machine: blocks and transactions a second, the application's share of a block's
 * time, with the counters program and with the ledger on the SDK, whose transactions are signed, beside CometBFT's own
 * kvstore on the same nodes in the same run; gas of verifying a header; the client's time.
 *
 * The application's time is what a worker spends in PrepareProposal, ProcessProposal, FinalizeBlock and Commit, the mean
 * of the four; CheckTx happens beside the blocks. Everything runs on this machine, so its processes share the cores.
 *
 *   node bench/cluster.ts [--json] [--transactions N]
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Contract, encodeBase64, hexlify } from "ethers";
import hre from "hardhat";
import { encodeCommand } from "../examples/sdk/commands.ts";
import { headerCalldata, verifyCommit } from "../src/history/index.ts";
import { load, programRoot } from "../src/index.ts";
import type { CometNetwork } from "../src/node/cometbft/network.ts";
import { clientPage } from "../src/node/gateway/gatewayPage.ts";
import { applicationModules, workload, wrapApplication } from "../src/sdk/index.ts";
import { network as recordedNetwork } from "../test/history/vectors.ts";
import { chromium, evaluateOn } from "../test/node/chromium.ts";
import { startCluster } from "../test/node/clusterRun.ts";
import { countersGenesis, counterTransaction, layout } from "../test/node/counters.ts";
import { chainId } from "../test/node/network.ts";
import { cometbft, startNetwork } from "../test/node/realNetwork.ts";

const { values: options } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    transactions: { type: "string", default: "8000" },
  },
});
const transactions = Number(options.transactions);
/** Each has a signature, which costs the machine most of a millisecond. */
const ledgerTransactions = Math.ceil(transactions / 4);
const goals = { applicationShare: 0.2, clientMs: 50 };
/** Transactions of a request, and requests at a time a node. */
const batch = 100;
/** After so long without a block that holds anything, something is wrong. */
const patienceMs = 60_000;

interface Rates {
  readonly blocksPerSecond: number;
  readonly transactionsPerSecond: number;
}

/** Sends transactions to all nodes and waits until they are in blocks. */
async function send(
  network: CometNetwork,
  make: (tag: number) => Uint8Array,
  transactions: number,
): Promise<Rates> {
  const [{ node: first }] = network.members;
  const before = (await first.status()).height;
  const start = performance.now();
  let next = 0;
  const feed = async (url: string) => {
    while (next < transactions) {
      const from = next;
      next = Math.min(next + batch, transactions);
      const calls = Array.from({ length: next - from }, (_, index) => ({
        jsonrpc: "2.0",
        id: index,
        method: "broadcast_tx_async",
        params: { tx: encodeBase64(make(from + index)) },
      }));
      const headers = { "content-type": "application/json" };
      const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(calls) });
      const answers = (await response.json()) as readonly { readonly error?: unknown }[];
      const refused = Array.isArray(answers) ? answers.find(({ error }) => error) : answers;
      if (refused !== undefined) throw new Error(`a node refused: ${JSON.stringify(refused)}`);
    }
  };
  await Promise.all(network.members.map(({ node }) => feed(node.url)));
  let seen = 0;
  let progressed = performance.now();
  let height = before;
  let blocks = 0;
  while (seen < transactions) {
    const { height: top } = await first.status();
    for (; height < top; height++) {
      const { transactions: held } = await first.block(height + 1n);
      if (held.length === 0) continue;
      blocks++;
      // A record is a transaction of the cluster's, none of the kvstore's.
      seen += held.length - (network.members[0].worker === undefined ? 0 : 1);
      progressed = performance.now();
    }
    if (performance.now() - progressed > patienceMs) {
      throw new Error(`${transactions - seen} transactions of ${transactions} come into no block`);
    }
    if (seen < transactions) await sleep(50);
  }
  const seconds = (performance.now() - start) / 1000;
  return {
    blocksPerSecond: rounded(blocks / seconds),
    transactionsPerSecond: Math.round(transactions / seconds),
  };
}

const rounded = (value: number): number => Math.round(value * 100) / 100;

const consensusKinds = ["prepareProposal", "processProposal", "finalizeBlock", "commit"];

/** Milliseconds that a worker has spent in blocks, by its metrics. */
async function applicationMs(port: number): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return consensusKinds.reduce((sum, kind) => {
    const name = `wasm_arbiter_request_milliseconds_sum{kind="${kind}"}`;
    const line = text.split("\n").find((candidate) => candidate.startsWith(name));
    return sum + Number(line?.split(" ")[1] ?? 0);
  }, 0);
}

/** A program that the workers run, and what its clients send. */
interface Load {
  readonly program?: NonNullable<Parameters<typeof startNetwork>[1]>["program"];
  /** Transaction `tag` of a run; those of two runs are all different. */
  readonly make: (run: string, tag: number) => Uint8Array;
}

const countersLoad: Load = {
  make: (run, tag) =>
    counterTransaction("add", tag % 64, 1n, (run === "warm" ? 10_000_000 : 0) + tag),
};

/** The ledger on the SDK: each transaction is of a client of its own, signed beforehand. */
function ledgerLoad(count: number): Load {
  const path = fileURLToPath(new URL("../examples/sdk/ledger.as.wasm", import.meta.url));
  const wrapper = fileURLToPath(new URL("../sdk/wrapper.wasm", import.meta.url));
  const root = programRoot(load(wrapApplication(readFileSync(path))));
  const { application, wrapper: wrapperName } = applicationModules;
  const signed = new Map<string, readonly Uint8Array[]>();
  const sign = (run: string) => [
    ...workload({
      chainId,
      transactions: count,
      clients: count,
      seed: run,
      session: 0n,
      expiryHeight: 4_000n,
      payload: () => encodeCommand({ kind: "deposit", amount: 1n }),
    }),
  ];
  for (const run of ["warm", "run"]) signed.set(run, sign(run));
  return {
    program: {
      modules: [`${application}=${path}`, `${wrapperName}=${wrapper}`],
      genesis: countersGenesis({
        program: hexlify(root) as `0x${string}`,
        blockFuel: 2_000_000_000,
      }),
    },
    make: (run, tag) => signed.get(run)?.[tag] ?? new Uint8Array(),
  };
}

async function measureCluster(folder: string, { program, make }: Load, count: number) {
  const firstPort = 20_000 + Math.floor(Math.random() * 20_000);
  const ports = [0, 1, 2, 3].map((index) => firstPort + index);
  const workerArgs = (index: number) => ["--http", String(ports[index]), "--log-level", "warn"];
  const more = program === undefined ? {} : { program };
  const network = await startNetwork(folder, { workerArgs, ...more });
  try {
    // Once to warm up: modules are compiled, connections made.
    await send(network, (tag) => make("warm", tag), count);
    const before = await Promise.all(ports.map(applicationMs));
    const start = performance.now();
    const rates = await send(network, (tag) => make("run", tag), count);
    const elapsed = performance.now() - start;
    const after = await Promise.all(ports.map(applicationMs));
    const spent = after.reduce((sum, value, index) => sum + value - before[index], 0) / 4;
    return { ...rates, applicationShare: rounded(spent / elapsed) };
  } finally {
    await network.stop();
  }
}

async function measureKvstore(folder: string): Promise<Rates> {
  const network = await startNetwork(join(folder, "kvstore"), { builtIn: true });
  const transaction = (run: string) => (tag: number) =>
    new TextEncoder().encode(`k${tag}=${run}`.padEnd(24, "."));
  try {
    await send(network, transaction("warm"), transactions);
    return await send(network, transaction("run"), transactions);
  } finally {
    await network.stop();
  }
}

async function measureGas() {
  const { ethers } = await hre.network.create();
  const harness = (await ethers.deployContract("CommitHarness")) as unknown as Contract;
  const gas = async (name: string, count: number) => {
    const { header, commit, validators } = recordedNetwork(name);
    const { votes } = verifyCommit(header, commit, validators);
    const { parts } = commit.blockId;
    const given = votes.slice(0, count).map(({ time, signature }) => ({
      time: { secs: time.seconds, nanos: time.nanos },
      ...signature,
    }));
    const args = [headerCalldata(header), commit.round, parts.total, hexlify(parts.hash), given];
    return Number(await harness.verify.estimateGas(...args));
  };
  return { header3of4: await gas("round1", 3), header11of16: await gas("sixteen-workers", 11) };
}

/** Median milliseconds of checking one response in Chromium; null where there is none. */
async function measureClient(folder: string): Promise<number | null> {
  if (chromium === undefined) return null;
  const cluster = await startCluster(join(folder, "client"), await clientPage());
  try {
    const transaction = hexlify(counterTransaction("add", 9, 41n, 1));
    const query = `transaction=${transaction}&address=${layout.counters}&length=32`;
    const expression = "document.getElementById('said').dataset.medianMs ?? ''";
    return Number(await evaluateOn(`${cluster.gatewayUrl}/?${query}#run`, expression, 120_000));
  } finally {
    await cluster.close();
  }
}

const folder = mkdtempSync(join(tmpdir(), "wasm-arbiter-bench-"));
try {
  if (cometbft === undefined) console.error("NOT RUN: CometBFT is not installed");
  if (chromium === undefined) console.error("NOT RUN: the client's time: no Chromium");
  const nothing = { blocksPerSecond: null, transactionsPerSecond: null };
  const unmeasured = { ...nothing, applicationShare: null };
  const missing = cometbft === undefined;
  const result = {
    ...(missing ? unmeasured : await measureCluster(join(folder, "c"), countersLoad, transactions)),
    ledger: missing
      ? unmeasured
      : await measureCluster(join(folder, "l"), ledgerLoad(ledgerTransactions), ledgerTransactions),
    kvstore: missing ? nothing : await measureKvstore(folder),
    gas: await measureGas(),
    clientMs: await measureClient(folder),
  };
  if (options.json) console.log(JSON.stringify(result));
  else {
    const { kvstore, gas: _, ledger, clientMs: __, ...counters } = result;
    console.table({ counters, ledger, kvstore });
    console.log(`a client's check in Chromium: ${result.clientMs} ms`);
    console.log(result.gas);
    console.log(
      `goals: application share ≤ ${goals.applicationShare}, client ≤ ${goals.clientMs} ms`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
