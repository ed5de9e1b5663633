/**
 * Ten thousand transactions on four real CometBFT nodes, while every worker's processes are killed at random moments.
 * NOT RUN where CometBFT is missing.
 */
import { afterAll, describe, expect, test } from "vitest";
import { applicationHash } from "../../src/history/index.ts";
import { verifyMemory } from "../../src/merkle/index.ts";
import type { CometNetwork } from "../../src/node/cometbft/network.ts";
import { temporaryFolder } from "../cli/commandLine.ts";
import { layout } from "./counters.ts";
import { cometbft, startNetwork } from "./realNetwork.ts";
import { Decided, idle, killAtRandom, randomNumbers, sendAll } from "./realRun.ts";

const folder = temporaryFolder();
const transactions = 10_000;
/** Sent at a time, so that kills fall between all of them. */
const batch = 500;

describe.runIf(cometbft !== undefined)("ten thousand transactions under fire", () => {
  let network: CometNetwork | undefined;
  afterAll(async () => {
    await network?.stop();
    folder.end();
  });

  test("none is lost, all states are one, and the counters count what the blocks hold", async () => {
    network = await startNetwork(folder.file("network"), {
      workerArgs: () => ["--snapshot-blocks", "5", "--log-level", "warn"],
    });
    const random = randomNumbers(10_000);
    const decided = new Decided(network);
    const stop = new AbortController();
    const killing = killAtRandom(network, 1_000, random, stop.signal);
    const sent: string[] = [];
    for (let tag = 0; tag < transactions; tag += batch) {
      sent.push(...(await sendAll(network, decided, batch, tag, random)));
    }
    stop.abort();
    const kills = await killing;
    console.log(`killed ${kills.join(", ")} times`);
    expect(Math.min(...kills)).toBeGreaterThan(1);
    const height = await idle(network, 120_000);
    await decided.read();
    expect(new Set(sent).size).toBe(transactions);
    expect(sent.filter((name) => !decided.heights.has(name))).toEqual([]);
    const answers = await Promise.all(
      network.members.map(({ node }) => node.query({ kind: "application", height })),
    );
    expect(new Set(answers.map(({ application }) => applicationHash(application))).size).toBe(1);
    // A transaction that is sent again after a kill may stand in two blocks; the machine counts both.
    const inBlocks = [...decided.heights.values()].reduce(
      (sum, heights) => sum + heights.length,
      0,
    );
    const [{ node }] = network.members;
    const range = { memory: 0, address: layout.output, length: 8 };
    const { proof, application } = await node.query({ kind: "memory", height, range });
    const base = Buffer.from(application.base.slice(2), "hex");
    const accepted = verifyMemory(base, range, proof ?? new Uint8Array());
    const view = new DataView(accepted.buffer, accepted.byteOffset);
    expect(view.getBigUint64(0, true)).toBe(BigInt(inBlocks));
    expect(inBlocks).toBeGreaterThanOrEqual(transactions);
  });
});

test("CometBFT › is there for the deep run", () => {
  if (cometbft === undefined) console.error("NOT RUN: ten thousand transactions under fire");
});
