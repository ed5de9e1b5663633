/**
 * A cluster of four real CometBFT nodes: poison stops nobody, an idle cluster makes no blocks, workers that are killed
 * lose nothing, a fifth joins by state sync, and a client checks all of it. NOT RUN where CometBFT is missing.
 */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { hexlify } from "ethers";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import {
  applicationHash,
  type Generation,
  initialApplicationState,
  precommitFor,
  transactionHash,
  validatorsHash,
  verifyResponse,
} from "../../src/history/index.ts";
import { recoverable } from "../../src/history/vote.ts";
import { verifyMemory } from "../../src/merkle/index.ts";
import type { CometNetwork } from "../../src/node/cometbft/network.ts";
import { reached } from "../../src/node/cometbft/network.ts";
import { precommitsInLog } from "../../src/node/cometbft/writeAheadLog.ts";
import type { ConsensusNode } from "../../src/node/consensus.ts";
import { Gateway } from "../../src/node/gateway/clusterGateway.ts";
import { clientPage } from "../../src/node/gateway/gatewayPage.ts";
import { serveHttp } from "../../src/node/http.ts";
import { encodeGenesis } from "../../src/node/worker/workerGenesis.ts";
import { temporaryFolder } from "../cli/commandLine.ts";
import { chromium, evaluateOn } from "./chromium.ts";
import { countersGenesis, counterTransaction, layout } from "./counters.ts";
import { handoverBy, keysOf, validatorsOf } from "./handovers.ts";
import { chainId, memoryWorker } from "./network.ts";
import { cometbft, startNetwork } from "./realNetwork.ts";
import { Decided, idle, killAtRandom, randomNumbers, sendAll } from "./realRun.ts";

const folder = temporaryFolder();
let network: CometNetwork | undefined;

test("CometBFT › is there in CI", () => {
  if (cometbft === undefined) {
    console.error(
      "NOT RUN: a cluster of real CometBFT nodes: no cometbft here (go install github.com/cometbft/cometbft/cmd/cometbft@v0.38.26)",
    );
  }
});

describe.runIf(cometbft !== undefined)("four real nodes", () => {
  const random = randomNumbers(20261129);
  let decided: Decided;
  const net = () => network as CometNetwork;

  beforeAll(async () => {
    network = await startNetwork(folder.file("network"), {
      workerArgs: () => ["--snapshot-blocks", "4", "--log-level", "warn"],
    });
    decided = new Decided(net());
  }, 180_000);

  afterAll(async () => {
    await network?.stop();
    folder.end();
  }, 120_000);

  test("a client checks a response of theirs", async () => {
    const { node } = net().members[1];
    const transaction = counterTransaction("add", 7, 9n, 1);
    expect(await node.submit(transaction)).toEqual({ code: 0, reason: "" });
    const generation = generationOf(net());
    const range = { memory: 0, address: layout.counters + 56, length: 8 };
    const gateway = new Gateway({ node, generation });
    const response = await gateway.respond(transactionHash(transaction), range, 180_000);
    const report = verifyResponse(response, generation);
    expect(report.isAccepted).toBe(true);
    expect(report.bytes?.[0]).toBe(9);
    // The node's write-ahead log has the precommits of all workers, with the header that they are for.
    const { logFolder } = net().members[0].places;
    const { height } = response.header;
    const heard = precommitsInLog(logFolder, height);
    expect(new Set(heard.map(({ worker }) => worker)).size).toBeGreaterThan(2);
    for (const { header, worker, precommit } of heard) {
      const vote = precommitFor(header, precommit);
      const { publicKey } = generation.validators[worker];
      expect(recoverable(vote, vote.signature, publicKey).v).toBeGreaterThan(26);
      expect(header).toEqual(response.header);
    }
    expect(precommitsInLog(logFolder, height + 1_000_000n)).toEqual([]);
    expect(precommitsInLog(`${logFolder}/none`, height)).toEqual([]);
  }, 240_000);

  test.runIf(chromium !== undefined)(
    "the client's page in Chromium checks all steps of a response of theirs",
    async () => {
      const { node } = net().members[2];
      const generation = generationOf(net());
      const gateway = new Gateway({ node, generation, page: await clientPage() });
      const { url, close } = await serveHttp({
        host: "127.0.0.1",
        port: 0,
        routes: gateway.routes(),
      });
      const transaction = hexlify(counterTransaction("add", 9, 33n, 77));
      const query = `transaction=${transaction}&address=${layout.counters + 72}&length=8`;
      const shown = await evaluateOn(
        `${url}/?${query}#run`,
        "document.getElementById('said').dataset.medianMs === undefined ? '' : document.documentElement.outerHTML",
        180_000,
      ).finally(close);
      expect(shown).toMatch(/id="said"[^>]*>accepted</);
      expect(shown).toContain("0x2100000000000000");
      expect([...shown.matchAll(/<tr class="verified">/g)].length).toBe(7);
    },
    240_000,
  );

  test("poison stops nobody, and is gone; an idle cluster makes no blocks", async () => {
    const { node } = net().members[0];
    const trap = counterTransaction("trap", 1, 0n, 5);
    expect((await node.submit(trap)).code).toBe(0);
    await sendAll(net(), decided, 20, 100, random);
    const height = await idle(net(), 180_000);
    await sleep(3_000);
    expect((await node.status()).height).toBe(height);
    expect(decided.heights.has(Buffer.from(transactionHash(trap)).toString("hex"))).toBe(false);
  }, 240_000);

  test("every worker is killed at random moments › no transaction is lost, all states are one", async () => {
    const stop = new AbortController();
    const killing = killAtRandom(net(), 300, random, stop.signal);
    let tag = 1_000;
    const sent: string[] = [];
    // Everybody was killed once, and is back.
    while (
      net().members.some(({ engine, worker }) => engine.starts < 2 || (worker?.starts ?? 0) < 2)
    ) {
      sent.push(...(await sendAll(net(), decided, 100, tag, random)));
      tag += 100;
    }
    stop.abort();
    const kills = await killing;
    expect(Math.min(...kills)).toBeGreaterThan(0);
    const height = await idle(net(), 180_000);
    await decided.read();
    expect(sent.filter((name) => !decided.heights.has(name))).toEqual([]);
    const answers = await Promise.all(
      net().members.map(({ node }) => node.query({ kind: "application", height })),
    );
    expect(new Set(answers.map(({ application }) => applicationHash(application))).size).toBe(1);
  }, 600_000);

  test("a fifth worker joins by state sync, in the state that is voted for", async () => {
    // State sync needs a snapshot and headers behind it.
    await sendAll(net(), decided, 40, 50_000, random);
    const { node } = net().members[0];
    const trusted = { height: 2n, hash: "" };
    const { commit } = await node.signedHeader(trusted.height);
    const hash = Buffer.from(commit.blockId.hash).toString("hex").toUpperCase();
    const joining = net().join({ height: trusted.height, hash });
    const sending = sendAll(net(), decided, 40, 60_000, random);
    const member = await joining;
    await sending;
    const { height } = await node.status();
    await reached(member.node, height);
    // A node names a height before its worker has committed it.
    const applicationOf = (of: ConsensusNode) =>
      vi.waitFor(() => of.query({ kind: "application", height }), { timeout: 60_000 });
    const joined = await applicationOf(member.node);
    const other = await applicationOf(node);
    expect(applicationHash(joined.application)).toBe(applicationHash(other.application));
    await expect(member.node.query({ kind: "application", height: 1n })).rejects.toThrow(
      "state sync",
    );
  }, 400_000);

  test("hands over to four others, who go on in its state under another chain id", async () => {
    const secondKeys = keysOf("real");
    const successors = validatorsOf(secondKeys);
    const { node } = net().members[1];
    const { height: from } = await node.status();
    expect(await node.submit(handoverBy([0, 1, 3], successors))).toEqual({ code: 0, reason: "" });
    // The block with the handover, and the empty one whose header names the successors.
    await reached(node, from + 2n);
    const before = await idle(net(), 180_000);
    const { header } = await node.signedHeader(before - 1n);
    expect(header.nextValidatorsHash).toEqual(header.validatorsHash);
    const { header: last } = await node.signedHeader(before);
    expect(last.nextValidatorsHash).toEqual(validatorsHash(successors));
    expect((await node.block(before)).transactions).toEqual([]);
    expect((await node.submit(counterTransaction("add", 1, 1n, 91_000))).code).toBe(6);
    await sleep(1_000);
    expect((await node.status()).height).toBe(before);
    const sum = await outputOf(node, before);
    const snapshot = join(net().members[0].places.folder, "state", "snapshots");
    await network?.stop();

    network = await startNetwork(folder.file("second"), {
      keys: secondKeys,
      chainId: `${chainId}-next`,
      initialHeight: before + 1n,
      appState: encodeGenesis(
        countersGenesis({
          initialApplicationHash: `0x${Buffer.from(last.appHash).toString("hex")}`,
        }),
      ),
      workerArgs: () => ["--inherit", join(snapshot, `${before}.snapshot`), "--log-level", "warn"],
    });
    const [first, second] = network.members;
    const { header: begun } = await first.node.signedHeader(before + 1n).catch(async () => {
      await reached(first.node, before + 2n);
      return first.node.signedHeader(before + 1n);
    });
    expect(begun.appHash).toEqual(last.appHash);
    // Killed before its first block of the new chain, a worker begins again.
    second.worker?.kill();
    const transaction = counterTransaction("add", 1, 1n, 92_000);
    await first.node.submit(transaction);
    while ((await first.node.heightOf(transactionHash(transaction))) === undefined)
      await sleep(100);
    const height = await idle(network, 180_000);
    for (const member of network.members)
      expect(await outputOf(member.node, height)).toBe(sum + 1n);
  }, 400_000);
});

/** The generation of a network that begins with the program's genesis. */
function generationOf({ validators }: CometNetwork): Generation {
  const { base } = memoryWorker().application;
  const initialApplicationHash = applicationHash(initialApplicationState(base));
  return { chainId, validators, initialHeight: 1n, initialApplicationHash };
}

/** How many transactions the program has counted, proven against the base at a height. */
async function outputOf(node: ConsensusNode, height: bigint): Promise<bigint> {
  const range = { memory: 0, address: layout.output, length: 8 };
  const { proof, application } = await node.query({ kind: "memory", height, range });
  const base = Buffer.from(application.base.slice(2), "hex");
  const bytes = verifyMemory(base, range, proof ?? new Uint8Array());
  return new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
}
