/**
 * One faulty worker among four real CometBFT nodes: its node votes for no header with another application hash than its
 * own, and none with its own is decided; so nothing that could convict it leaves it, and the others go on (docs/cluster.md
 * §8). A single liar that votes has another engine than this one: test/node/engine.test.ts.
 * NOT RUN where CometBFT is missing; real.test.ts says so.
 */
import { writeFileSync } from "node:fs";
import { getBytes } from "ethers";
import { afterAll, describe, expect, test } from "vitest";
import type { CometNetwork } from "../../src/node/cometbft/network.ts";
import { precommitsInLog } from "../../src/node/cometbft/writeAheadLog.ts";
import { orderedValidators } from "../../src/node/engine/proposers.ts";
import { temporaryFolder } from "../cli/commandLine.ts";
import { workerKeys } from "./network.ts";
import { cometbft, startNetwork } from "./realNetwork.ts";
import { Decided, idle, randomNumbers, sendAll } from "./realRun.ts";

const folder = temporaryFolder();
const liar = 2;
/** Blocks that all four decide before. */
const honestBlocks = 3n;
let network: CometNetwork | undefined;

afterAll(async () => {
  await network?.stop();
  folder.end();
}, 30_000);

/** Position of a worker in the validator set, which votes name. */
function positionOf(index: number): number {
  const publicKeys = workerKeys.map((key) => getBytes(key.compressedPublicKey));
  const ordered = orderedValidators(publicKeys.map((publicKey) => ({ publicKey, power: 1n })));
  return ordered.findIndex(({ publicKey }) => Buffer.from(publicKey).equals(publicKeys[index]));
}

describe.runIf(cometbft !== undefined)("a single faulty worker", () => {
  test("votes for nothing behind its fault, and stops nobody", async () => {
    const spoilFile = folder.file("spoil");
    network = await startNetwork(folder.file("network"), {
      workerArgs: (index) => [
        ...["--log-level", "error"],
        ...(index === liar ? ["--spoil-file", spoilFile] : []),
      ],
    });
    const decided = new Decided(network);
    const random = randomNumbers(15);
    const [{ node }] = network.members;
    let tag = 0;
    const go = async (height: bigint) => {
      while ((await node.status()).height < height) {
        await sendAll(network as CometNetwork, decided, 5, tag, random);
        tag += 5;
      }
    };
    await go(honestBlocks);
    const fault = (await node.status()).height + 2n;
    writeFileSync(spoilFile, fault.toString());
    await go(fault + 4n);
    const members = network.members.filter((_, index) => index !== liar);
    const top = await idle({ members }, 60_000);
    const voters = (height: bigint) => {
      const folders = (network as CometNetwork).members.map(({ places }) => places.logFolder);
      const heard = folders.flatMap((logFolder) => precommitsInLog(logFolder, height));
      return new Set(heard.map(({ worker }) => worker));
    };
    expect(voters(honestBlocks).has(positionOf(liar))).toBe(true);
    // The first block behind which the liar has another state than the others: an empty one changes nothing.
    let wrong = fault;
    while ((await node.block(wrong)).transactions.length === 0) wrong++;
    expect(wrong).toBeLessThan(top);
    for (let height = wrong + 1n; height <= top; height++) {
      expect(voters(height).size).toBe(3);
      expect(voters(height).has(positionOf(liar))).toBe(false);
    }
  }, 180_000);
});
