/**
 * What storage nodes and gateways answer is taken for what it is, within bounds: one that lies, stalls or floods costs its
 * asker a bounded time and nothing else.
 */
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { getAddress, id, Wallet } from "ethers";
import { afterAll, describe, expect, test } from "vitest";
import {
  contentOf,
  HistoryError,
  type Receipt,
  readReceipt,
  receiptDomain,
  receiptFields,
  signReceipt,
} from "../../src/history/index.ts";
import { asked } from "../../src/node/answers.ts";
import { readGeneration } from "../../src/node/client/generationText.ts";
import { type Storage, StorageClient, Uploader } from "../../src/node/storage/storageClient.ts";
import { gatewayBlocks, NetworkSource } from "../../src/node/validation/networkSource.ts";
import { encodeGenesis, readGenesis } from "../../src/node/worker/workerGenesis.ts";
import { clusterGenesis, storageKey } from "./clusterRun.ts";
import { countersGenesis } from "./counters.ts";
import { memoryWorker } from "./network.ts";
import { add, begun, decide } from "./oneWorker.ts";

const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) server.close().closeAllConnections();
});

async function answering(answer: (response: ServerResponse) => void): Promise<string> {
  const server = createServer((_, response) => answer(response));
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe("an answer is whole, within its bounds, or none", () => {
  const bounds = { timeoutMs: 300, mostBytes: 1000 };
  test.each<[string, (response: ServerResponse) => void, RegExp]>([
    ["that never begins", () => {}, /timeout/],
    ["that never ends", (response) => response.write("a"), /timeout/],
    ["that is too long", (response) => response.end("a".repeat(1001)), /more than 1000 bytes/],
    [
      "that breaks off",
      (response) => {
        response.writeHead(200, { "content-length": 10 });
        response.write("a", () => response.destroy());
      },
      /closed|terminated|aborted/,
    ],
  ])("one %s", async (_, answer, reason) => {
    await expect(asked(await answering(answer), {}, bounds)).rejects.toThrow(reason);
  });

  test("one as long as may be", async () => {
    const url = await answering((response) => response.end("a".repeat(1000)));
    expect(await asked(url, {}, bounds)).toMatchObject({ ok: true, status: 200 });
  });
});

describe("a validator's sources", () => {
  test("a storage node whose answers break off is as one that has nothing", async () => {
    const content = contentOf(new Uint8Array(100));
    const url = await answering((response) => {
      response.writeHead(200, { "content-length": 100 });
      response.write("a", () => response.destroy());
    });
    const blocks = gatewayBlocks(url);
    const source = new NetworkSource({
      blocks,
      storages: new Map([["a", new StorageClient(url)]]),
    });
    const missing = { code: "content-missing" };
    await expect(source.content(content, [])).rejects.toMatchObject(missing);
    await expect(source.manifest(1n)).rejects.toMatchObject(missing);
    await expect(source.block(1n)).rejects.toMatchObject(missing);
  });

  test.each([
    "null",
    "[]",
    '{"manifest":5,"transactions":5}',
    '{"transactions":["zz"]}',
    "no JSON",
  ])("a gateway that answers %s has nothing", async (text) => {
    const blocks = gatewayBlocks(await answering((response) => response.end(text)));
    const missing = { code: "content-missing" };
    await expect(blocks.manifest(1n)).rejects.toMatchObject(missing);
    await expect(blocks.transactions(1n)).rejects.toMatchObject(missing);
  });

  test("a snapshot is named by what was sent, whatever a storage node calls it", async () => {
    const bytes = new Uint8Array(100).fill(7);
    const liar: Storage = {
      keep: async (height) => ({ ...receipt, height, root: id("another") as `0x${string}` }),
      show: async () => bytes,
    };
    const honest: Storage = { ...liar, keep: async (height) => ({ ...receipt, height }) };
    const receipt = {
      ...contentOf(bytes),
      height: 1n,
      storageNode: "0x" as const,
      signature: "0x",
    };
    const blocks = gatewayBlocks("http://127.0.0.1:1");
    const of = (...storages: Storage[]) =>
      new NetworkSource({ blocks, storages: new Map(storages.map((each, i) => [`${i}`, each])) });
    expect(await of(honest, liar).keep(1n, bytes)).toEqual(contentOf(bytes));
    await expect(of(liar).keep(1n, bytes)).rejects.toMatchObject({ code: "content-missing" });
  });
});

describe("receipts", () => {
  const wallet = new Wallet(storageKey.privateKey);
  const genesis = clusterGenesis;
  const { chainId, contract } = genesis.receipts;
  const domain = receiptDomain(chainId, contract);

  test("for other bytes than those that were sent are none, also where nobody knows the block", async () => {
    const made = begun(memoryWorker(), genesis);
    for (let tag = 1; tag <= 3; tag++) decide(made, [add(tag)]);
    // As if it had joined behind block 2: what was in the blocks before it cannot tell.
    made.journal.keepFacts({ syncedAt: "2" });
    const forged = { height: 1n, root: id("nothing") as `0x${string}`, length: 5 };
    const address = wallet.address as `0x${string}`;
    const liar: Storage = {
      keep: () => signReceipt(genesis.cluster, forged, address, domain, wallet),
      show: async () => new Uint8Array(),
    };
    await new Uploader(made, [liar]).upload();
    expect(made.receipts?.forBlock(4n)).toEqual([]);
  });

  test("and genesis name a storage node in one way, whatever case its hex has", () => {
    const lower = wallet.address.toLowerCase() as `0x${string}`;
    const receipts = { ...countersGenesis().receipts, storageNodes: [lower] };
    const text = encodeGenesis({ ...countersGenesis(), receipts });
    const read = readGenesis(new TextEncoder().encode(text));
    expect(read.receipts.storageNodes).toEqual([getAddress(lower)]);
    const receipt: Receipt = {
      height: 1n,
      root: id("root") as `0x${string}`,
      length: 5,
      storageNode: lower,
      signature: `0x${"11".repeat(65)}`,
    };
    expect(readReceipt(receiptFields(receipt)).storageNode).toBe(getAddress(lower));
  });
});

test.each([
  {},
  { chainId: "a", validators: [null] },
  { chainId: "a", validators: [{ publicKey: `0x${"02".repeat(33)}`, power: ["1"] }] },
  { chainId: "a", validators: [], initialHeight: 1 },
])("a generation of another form is refused by its code: %j", (value) => {
  expect(() => readGeneration(value)).toThrow(HistoryError);
});
