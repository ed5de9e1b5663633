/**
 * The whole story of a cluster, for `npm run cluster`: transactions through a gateway, blocks, receipts, manifests, a
 * client that checks the thirteen steps, and liars that are accused by the workers whom they contradict.
 *
 * Invariant: the story is the same whatever engine orders the blocks; what it reports was observed, never assumed.
 */
import { bytesToHex } from "@noble/hashes/utils.js";
import type { Hash } from "../../game/index.ts";
import { type ClientReport, transactionHash } from "../../history/index.ts";
import {
  type CheckedResponse,
  GatewayClient,
  type KnownGeneration,
} from "../client/gatewayClient.ts";
import type { ConsensusNode } from "../consensus.ts";
import type { ClusterChain } from "../disputes/clusterChain.ts";
import type { Storage } from "../storage/storageClient.ts";

/** Transactions of the counters program (examples/cluster). */
export function counterTransaction(counter: number, amount: bigint, tag: bigint): Uint8Array {
  const bytes = new Uint8Array(24);
  const view = new DataView(bytes.buffer);
  const add = 1;
  view.setUint32(0, add, true);
  view.setUint32(4, counter, true);
  view.setBigUint64(8, amount, true);
  view.setBigUint64(16, tag, true);
  return bytes;
}

/** Where the program keeps its counters. */
const countersAddress = 1056;
const counterBytes = 8;

/** A cluster that runs, of any engine. */
export interface RunningCluster {
  readonly engine: "embedded" | "cometbft";
  readonly nodes: readonly ConsensusNode[];
  readonly gatewayUrl: string;
  /** The storage node. */
  readonly storage: Storage;
  readonly chain: ClusterChain;
  readonly known: KnownGeneration;
  /** Hash of an EVM block that the client has seen for itself; without one deposits are what a node says. */
  readonly trustedBlock?: Hash;
  /** Lets the machines of the liars go wrong from the next block on. */
  beginLying(): Promise<void>;
  /** Positions of the workers that lie. */
  readonly liars: readonly number[];
  close(): Promise<void>;
}

/** What was observed. */
export interface Story {
  readonly engine: "embedded" | "cometbft";
  readonly blocks: number;
  readonly transactions: number;
  readonly liars: readonly number[];
  readonly convicted: readonly number[];
  readonly client: { readonly steps: readonly { readonly name: string; readonly ok: boolean }[] };
  readonly seconds: number;
}

/** What goes on beside the story. */
export interface Beside {
  /** Between the transactions and the lie. */
  readonly interlude: () => Promise<void>;
  /** Time that it takes until liars are convicted, at most, and between transactions meanwhile. */
  readonly accusationMs: number;
  readonly pauseMs: number;
}

/** Told what happens, for people. */
export type Narrator = (line: string) => void;

const alone: Beside = { interlude: async () => {}, accusationMs: 180_000, pauseMs: 300 };

/** Tells the story; the cluster is closed by who opened it. */
export async function tellStory(
  cluster: RunningCluster,
  transactions: number,
  narrate: Narrator,
  beside: Beside = alone,
): Promise<Story> {
  const start = performance.now();
  const client = new GatewayClient(cluster.gatewayUrl, cluster.known, cluster.trustedBlock);
  narrate(
    `${cluster.nodes.length} workers on the ${cluster.engine} engine; ${transactions} transactions`,
  );
  const report = await sendAndCheck(client, cluster, transactions, narrate);
  await beside.interlude();
  await cluster.beginLying();
  const before = await cluster.chain.convicted();
  const lie = counterTransaction(7, 1n, BigInt(transactions) + 1n);
  await client.send(lie);
  narrate(`the machines of workers ${cluster.liars.join(", ")} go wrong`);
  const expected = before.length + cluster.liars.length;
  const convicted = await convictions(cluster, client, expected, beside);
  narrate(`convicted: ${convicted.join(", ") || "nobody"}`);
  const { height } = await highest(cluster.nodes);
  return {
    engine: cluster.engine,
    blocks: Number(height),
    transactions: await countTransactions(cluster.nodes, height),
    liars: cluster.liars,
    convicted,
    client: {
      steps: report.steps.map(({ name, status }) => ({ name, ok: status !== "refused" })),
    },
    seconds: Math.round((performance.now() - start) / 100) / 10,
  };
}

async function sendAndCheck(
  client: GatewayClient,
  { known }: RunningCluster,
  transactions: number,
  narrate: Narrator,
): Promise<ClientReport> {
  const counter = 5;
  let last = "";
  let sum = 0n;
  for (let tag = 1; tag <= transactions; tag++) {
    const sent = await client.send(counterTransaction(counter, BigInt(tag), BigInt(tag)));
    if (sent.code !== 0) throw new Error(`the cluster refused a transaction: ${sent.reason}`);
    sum += BigInt(tag);
    last = sent.hash;
  }
  const range = { memory: 0, address: countersAddress + counterBytes * counter, length: 8 };
  let checked = await client.response(last, range);
  // Receipts are agreed on in a later block, and manifests are written behind the blocks: transactions carry them.
  for (let tries = 0; tries < mostCarriers && !isAnswered(checked, known); tries++) {
    await new Promise((done) => setTimeout(done, besideWaitMs));
    const carrier = counterTransaction(counter + 1, 1n, BigInt(transactions + 2 + tries));
    await client.send(carrier);
    await client.response(bytesToHex(transactionHash(carrier)), range);
    checked = await client.response(last, range);
  }
  const { report, checkMs } = checked;
  for (const { number, name, status, basis, reason } of report.steps) {
    narrate(`  ${number}. ${name}: ${status}${reason ? ` (${reason})` : `; rests on ${basis}`}`);
  }
  const bytes = report.bytes;
  if (bytes === undefined) throw new Error("the client did not accept the response");
  const value = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (value !== sum) throw new Error(`the counter is ${value}, not ${sum}`);
  narrate(`the counter is ${value}, proven in ${checkMs.toFixed(0)} ms`);
  return report;
}

/** Time for what is done beside the blocks. */
const besideWaitMs = 300;
const mostCarriers = 20;

/** Whether storage and metadata nodes have answered, as far as there are any. */
function isAnswered({ report }: CheckedResponse, { receipts }: KnownGeneration): boolean {
  const [stored, uploaded] = [report.steps[2], report.steps[3]];
  return uploaded.status !== "unchecked" && (!receipts || stored.status !== "unchecked");
}

/** Waits until so many workers are convicted, or the time is up; sends a transaction now and then, so that blocks come. */
async function convictions(
  { chain, liars }: RunningCluster,
  client: GatewayClient,
  expected: number,
  { accusationMs, pauseMs }: Beside,
): Promise<readonly number[]> {
  const end = Date.now() + accusationMs;
  let tag = 1_000_000n;
  for (;;) {
    const convicted = await chain.convicted();
    if (convicted.length >= expected || liars.length === 0 || Date.now() > end) return convicted;
    // A cluster in which too few agree takes transactions and decides nothing.
    await client.send(counterTransaction(8, 1n, tag++)).catch(() => undefined);
    await new Promise((done) => setTimeout(done, pauseMs));
  }
}

async function highest(nodes: readonly ConsensusNode[]) {
  const found = await Promise.all(nodes.map((node) => node.status().catch(() => undefined)));
  const present = found.filter((status) => status !== undefined);
  return present.reduce((a, b) => (b.height > a.height ? b : a));
}

/** Transactions of clients in decided blocks. */
async function countTransactions(nodes: readonly ConsensusNode[], top: bigint): Promise<number> {
  let count = 0;
  for (let height = 1n; height <= top; height++) {
    const { transactions } = await firstAnswer(nodes, (node) => node.block(height));
    count += Math.max(0, transactions.length - 1);
  }
  return count;
}

async function firstAnswer<T>(
  nodes: readonly ConsensusNode[],
  ask: (node: ConsensusNode) => Promise<T>,
): Promise<T> {
  let failure: unknown;
  for (const node of nodes) {
    try {
      return await ask(node);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}
