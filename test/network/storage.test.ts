/** Storage.sol: nodes, challenges shown and not shown, refusals, and sums to the wei. */
import type { Signer } from "ethers";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import type { Address, Hash } from "../../src/game/index.ts";
import {
  challengeArguments,
  chunkProof,
  type Receipt,
  storedChunkBytes,
} from "../../src/history/index.ts";
import { IndexedStore } from "../../src/node/content/contentStore.ts";
import { folderKeeper } from "../../src/node/content/folderKeeper.ts";
import { ChallengeAnswers } from "../../src/node/storage/challengeAnswers.ts";
import { ReleasedContents } from "../../src/node/storage/releasedContents.ts";
import { temporaryFolder } from "../cli/commandLine.ts";
import {
  createToyCluster,
  failure,
  fromOneState,
  send,
  startNetwork,
  type TestNetwork,
} from "./network.ts";
import { receiptBy } from "./receipts.ts";

const deposit = 10n ** 18n;
const halfPrice = 10n ** 15n;
const node = 3;
const owner = 4;
const challenger = 5;
/** Three chunks, the last one short. */
const content = Uint8Array.from(
  { length: 2 * storedChunkBytes + 100 },
  (_, i) => ((i >> 8) * 31 + i * 13) & 0xff,
);

let network: TestNetwork;
let cluster: string;
let receipt: Receipt;
const begin = fromOneState(async () => {
  const network = await startNetwork();
  const cluster = await createToyCluster(network);
  const args = [network.accounts[owner]];
  await send(network.storage, network.signers[node], "register", args, deposit);
  return { network, cluster };
});
beforeEach(async () => {
  ({ network, cluster } = await begin());
  receipt = await receiptOf(network.signers[node]);
});

const receiptOf = (signer: Signer, height?: bigint) =>
  receiptBy(network, signer, cluster as Hash, content, height);

const call = (signer: number, method: string, args: readonly unknown[], value = 0n) =>
  failure(send(network.storage, network.signers[signer], method, args, value));

function challenge(chunk: number, of = receipt, value = halfPrice, by = challenger) {
  return call(by, "challenge", challengeArguments(cluster as Hash, of, chunk), value);
}

/** What an account has, with what it can collect and what it has put down. */
async function wealth(account: number): Promise<bigint> {
  const address = network.accounts[account];
  const { status } = await network.storage.nodes(address);
  const there = Number(status) === 1 ? deposit : 0n;
  const credit: bigint = await network.storage.credits(address);
  return (await network.provider.getBalance(address)) + credit + there;
}

/** Balance − deposits − prices of open challenges − credits − burned. */
async function gap(nodes: number): Promise<bigint> {
  let owed = BigInt(nodes) * deposit;
  const made: bigint = await network.storage.challengeCount();
  for (let id = 1n; id <= made; id++) owed += (await network.storage.challenges(id)).price;
  owed += await network.storage.burned();
  for (const account of network.accounts.slice(0, 10))
    owed += await network.storage.credits(account);
  return (await network.provider.getBalance(network.addresses.storage)) - owed;
}

describe("a challenge", () => {
  test.each([0, 1, 2])("chunk %d shown › half of the price is the node's", async (chunk) => {
    expect(await challenge(chunk)).toBe("done");
    expect(await gap(1)).toBe(0n);
    const [bytes, siblings] = chunkProof(content, chunk);
    expect(await call(6, "show", [1n, bytes, siblings])).toBe("done");
    expect(await network.storage.credits(network.accounts[owner])).toBe(halfPrice);
    expect(await gap(1)).toBe(0n);
    expect(await call(6, "show", [1n, bytes, siblings])).toBe("NoSuchChallenge");
    expect(await call(6, "expire", [1n])).toBe("NoSuchChallenge");
    expect(await call(owner, "collect", [])).toBe("done");
    expect(await network.storage.credits(network.accounts[owner])).toBe(0n);
  });

  test("not shown in time › the deposit is lost, to the challenger and to the fire", async () => {
    expect(await challenge(0)).toBe("done");
    // Twice the price, while the node has the first one open.
    expect(await challenge(1, receipt, 2n * halfPrice, 6)).toBe("done");
    expect(await call(6, "expire", [1n])).toBe("AnswerNotDue");
    await network.mine(20);
    const [bytes, siblings] = chunkProof(content, 0);
    expect(await call(node, "show", [1n, bytes, siblings])).toBe("AnswerTooLate");
    expect(await call(6, "expire", [1n])).toBe("done");
    const credit: bigint = await network.storage.credits(network.accounts[challenger]);
    expect(credit).toBe(deposit / 2n + halfPrice);
    expect(await network.storage.burned()).toBe(deposit / 2n);
    // The second one finds nothing left but what it has paid.
    await network.mine(1);
    expect(await call(challenger, "expire", [2n])).toBe("done");
    expect(await network.storage.credits(network.accounts[6])).toBe(2n * halfPrice);
    expect(await gap(0)).toBe(0n);
    expect(await challenge(0)).toBe("NodeNotBonded");
    expect(await call(owner, "giveNotice", [network.accounts[node]])).toBe("NodeNotBonded");
  });

  test("another chunk, another length, other siblings are refused", async () => {
    await challenge(1);
    const [bytes, siblings] = chunkProof(content, 1);
    const [first] = chunkProof(content, 0);
    const show = (shown: string, path: readonly string[]) => call(node, "show", [1n, shown, path]);
    expect(await show(first, siblings)).toBe("ChunkNotShown");
    expect(await show(bytes.slice(0, -2), siblings)).toBe("ChunkNotShown");
    expect(await show(bytes, siblings.slice(1))).toBe("ChunkNotShown");
    expect(await show(bytes, [...siblings.slice(1), siblings[0]])).toBe("ChunkNotShown");
    expect(await show(bytes, siblings)).toBe("done");
    expect(() => chunkProof(content, 3)).toThrow(RangeError);
  });

  test("refusals", async () => {
    expect(await challenge(0, receipt, halfPrice - 1n)).toBe("WrongAmount");
    expect(await challenge(3)).toBe("NoSuchChunk");
    expect(await challenge(0, { ...receipt, height: 8n })).toBe("NodeNotBonded");
    expect(await challenge(0, { ...receipt, signature: "0x" })).toBe("ECDSAInvalidSignatureLength");
    const stranger = await receiptOf(network.signers[6]);
    expect(await challenge(0, stranger)).toBe("NodeNotBonded");
    expect(await challenge(0)).toBe("done");
    expect(await challenge(0)).toBe("WrongAmount");
  });

  test("each open one doubles the price of the next; what is sent beyond it comes back", async () => {
    const price = () => network.storage.priceOf(network.accounts[node]) as Promise<bigint>;
    for (const open of [0n, 1n, 2n, 3n, 4n]) {
      expect(await price()).toBe(halfPrice << open);
      expect(await challenge(1, receipt, (halfPrice << open) - 1n)).toBe("WrongAmount");
      expect(await challenge(1, receipt, (halfPrice << open) + 7n)).toBe("done");
      expect(await gap(1)).toBe(0n);
    }
    expect(await network.storage.credits(network.accounts[challenger])).toBe(5n * 7n);
    // The node has the same for each, the rest of the price nobody.
    const [bytes, siblings] = chunkProof(content, 1);
    for (const id of [4n, 1n, 5n, 2n, 3n]) {
      expect(await call(node, "show", [id, bytes, siblings])).toBe("done");
      expect(await gap(1)).toBe(0n);
    }
    expect(await network.storage.credits(network.accounts[owner])).toBe(5n * halfPrice);
    expect(await network.storage.burned()).toBe(31n * halfPrice - 5n * halfPrice);
    expect(await price()).toBe(halfPrice);
  });

  test("of a node that challenges itself › it pays for each, and is convicted all the same", async () => {
    const opened = 8n;
    const before = (await Promise.all([node, owner, 6].map(wealth))).reduce((sum, x) => sum + x);
    for (let id = 0n; id < opened; id++) {
      expect(await challenge(1, receipt, halfPrice << id, 6)).toBe("done");
    }
    // Of chunk 0 it has nothing; nobody is kept from asking for it.
    expect(await challenge(0, receipt, halfPrice << opened)).toBe("done");
    const [bytes, siblings] = chunkProof(content, 1);
    for (let id = 1n; id <= opened; id++) {
      expect(await call(6, "show", [id, bytes, siblings])).toBe("done");
    }
    await network.mine(20);
    expect(await call(challenger, "expire", [opened + 1n])).toBe("done");
    const credit: bigint = await network.storage.credits(network.accounts[challenger]);
    expect(credit).toBe(deposit / 2n + (halfPrice << opened));
    expect(await gap(0)).toBe(0n);
    const after = (await Promise.all([node, owner, 6].map(wealth))).reduce((sum, x) => sum + x);
    // Its deposit, and (2^n − 1 − n) of the prices; gas is beside that.
    expect(before - after).toBeGreaterThanOrEqual(
      deposit + ((1n << opened) - 1n - opened) * halfPrice,
    );
  });

  test("whoever comes first cannot have one refused that was sent with enough", async () => {
    // The price that was asked for is not the one that is due any more.
    expect(await challenge(1, receipt, halfPrice, 6)).toBe("done");
    expect(await challenge(0, receipt, 4n * halfPrice)).toBe("done");
    expect(await network.storage.credits(network.accounts[challenger])).toBe(2n * halfPrice);
    expect(await gap(1)).toBe(0n);
  });

  test("refused when the state behind the height is verified", async () => {
    await send(network.clusters, network.signers[8], "makeFinal", [cluster, 9n]);
    expect(await challenge(0)).toBe("done");
    await send(network.clusters, network.signers[8], "makeFinal", [cluster, 10n]);
    expect(await challenge(0)).toBe("DataReleased");
  });
});

describe("a node's process", () => {
  const folder = temporaryFolder();
  afterAll(() => folder.end());

  test("answers each challenge that names it, once, from its store; what it has lost it tells", async () => {
    const store = new IndexedStore(await folderKeeper(folder.file("c")), folder.file("c.sqlite"));
    const [account, stranger] = [network.accounts[node], network.accounts[6]];
    const answers = new ChallengeAnswers({
      storage: network.addresses.storage,
      fromBlock: network.addresses.fromBlock,
      node: account as Address,
      signer: network.signers[node],
      store,
      pollMs: 10,
    });
    expect(await answers.answer()).toEqual({ shown: [], missing: [] });
    await send(network.storage, network.signers[6], "register", [stranger], deposit);
    expect(await challenge(0, await receiptOf(network.signers[6]))).toBe("done");
    expect(await challenge(2)).toBe("done");
    // Lost, then found again: nothing is forgotten meanwhile.
    expect(await answers.answer()).toEqual({ shown: [], missing: [2n] });
    await store.put(content);
    expect(await challenge(0, receipt, 2n * halfPrice)).toBe("done");
    expect(await answers.answer()).toEqual({ shown: [2n, 3n], missing: [] });
    expect(await answers.answer()).toEqual({ shown: [], missing: [] });
    expect(await network.storage.credits(network.accounts[owner])).toBe(2n * halfPrice);
    // Too late to answer: nothing is sent.
    expect(await challenge(1)).toBe("done");
    await network.mine(20);
    expect(await answers.answer()).toEqual({ shown: [], missing: [] });
    await store.close();
  });
});

describe("a node's process when a height is verified", () => {
  const folder = temporaryFolder();
  afterAll(() => folder.end());

  test("drops what lies below it, but for what an open challenge asks for", async () => {
    const store = new IndexedStore(await folderKeeper(folder.file("c")), folder.file("c.sqlite"));
    const shared = {
      storage: network.addresses.storage,
      fromBlock: network.addresses.fromBlock,
      node: network.accounts[node] as Address,
      store,
    };
    const runner = network.provider;
    const released = new ReleasedContents({
      ...shared,
      cluster: cluster as Hash,
      runner,
      aheadBlocks: 1000n,
    });
    const signer = network.signers[node];
    const answers = new ChallengeAnswers({ ...shared, signer, pollMs: 10 });
    const below = await store.put(new Uint8Array(10), 8n);
    const asked = await store.put(content, 9n);
    const at = await store.put(new Uint8Array(11), 10n);
    const held = async () => Promise.all([below, asked, at].map((each) => store.has(each)));
    expect(await released.release()).toBe(0);
    expect(await challenge(1)).toBe("done");
    await send(network.clusters, network.signers[8], "makeFinal", [cluster, 10n]);
    expect(await released.release()).toBe(1);
    expect(await held()).toEqual([false, true, true]);
    expect(await answers.answer()).toEqual({ shown: [1n], missing: [] });
    expect(await released.release()).toBe(1);
    expect(await held()).toEqual([false, false, true]);
    expect(await challenge(0)).toBe("DataReleased");
    expect(await released.release()).toBe(0);
    await store.close();
  });
});

describe("a node", () => {
  test("puts down its deposit once", async () => {
    const args = [network.accounts[owner]];
    expect(await call(6, "register", args, deposit - 1n)).toBe("WrongAmount");
    expect(await call(node, "register", args, deposit)).toBe("NodeKnown");
    const nobody = `0x${"00".repeat(20)}`;
    expect(await call(6, "register", [nobody], deposit)).toBe("NotNodeOwner");
  });

  test("leaves after notice, not while it is challenged; its owner has the deposit", async () => {
    const account = network.accounts[node];
    expect(await call(owner, "withdraw", [account])).toBe("NodeNotFree");
    expect(await call(node, "giveNotice", [account])).toBe("NotNodeOwner");
    expect(await call(owner, "giveNotice", [account])).toBe("done");
    await network.mine(1090);
    expect(await challenge(2)).toBe("done");
    await network.mine(15);
    expect(await challenge(2)).toBe("NodeNotBonded");
    expect(await call(owner, "withdraw", [account])).toBe("NodeNotFree");
    const [bytes, siblings] = chunkProof(content, 2);
    expect(await call(node, "show", [1n, bytes, siblings])).toBe("done");
    expect(await call(owner, "withdraw", [account])).toBe("done");
    expect(await call(owner, "withdraw", [account])).toBe("NodeNotBonded");
    expect(await gap(0)).toBe(0n);
    expect(await network.storage.credits(network.accounts[owner])).toBe(deposit + halfPrice);
  });

  test("parameters out of their range", async () => {
    const { connection, addresses, parameters } = network;
    const deploy = (change: object) =>
      failure(
        connection.ethers.deployContract("Storage", [
          addresses.clusters,
          { ...parameters.storage, ...change },
        ]),
      );
    expect(await deploy({})).toBe("done");
    for (const change of [
      { deposit: 0n },
      { rewardBps: 9001 },
      { halfPrice: 0n },
      { answerBlocks: 0 },
      { leaveBlocks: 20 },
    ]) {
      expect(await deploy(change)).toBe("InvalidStorage");
    }
  });
});
