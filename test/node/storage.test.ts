/**
 * Content stores and storage nodes: what is kept comes back whole or not at all, and receipts are for what was kept.
 */
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Wallet } from "ethers";
import { CID } from "multiformats/cid";
import * as raw from "multiformats/codecs/raw";
import { sha256 } from "multiformats/hashes/sha2";
import { afterAll, describe, expect, test, vi } from "vitest";
import { contentOf, isReceiptSigned, receiptDomain } from "../../src/history/index.ts";
import { type BlockKeeper, IndexedStore } from "../../src/node/content/contentStore.ts";
import { folderKeeper } from "../../src/node/content/folderKeeper.ts";
import { heliaKeeper } from "../../src/node/content/heliaKeeper.ts";
import { kuboKeeper } from "../../src/node/content/kuboKeeper.ts";
import { type HttpServer, serveHttp } from "../../src/node/http.ts";
import { type Storage, StorageClient, Uploader } from "../../src/node/storage/storageClient.ts";
import { StorageNode } from "../../src/node/storage/storageNode.ts";
import { temporaryFolder } from "../cli/commandLine.ts";
import { clusterGenesis, storageKey } from "./clusterRun.ts";
import { counterTransaction } from "./counters.ts";
import { appState, chainId, memoryWorker } from "./network.ts";

const folder = temporaryFolder();
const servers: HttpServer[] = [];
afterAll(async () => {
  for (const server of servers) await server.close();
  folder.end();
});

const bytesOf = (length: number) => Uint8Array.from({ length }, (_, index) => (index * 7) & 255);

async function serve(routes: Parameters<typeof serveHttp>[0]["routes"]): Promise<string> {
  const server = await serveHttp({ host: "127.0.0.1", port: 0, routes });
  servers.push(server);
  return server.url;
}

/** What Kubo's RPC does with blocks: their names are CIDs of their SHA-256. */
async function kuboLike(blocks: Map<string, Uint8Array>): Promise<string> {
  return serve({
    "POST /api/v0/block/put": async ({ body }) => {
      // A form with one part: its bytes lie between the blank line and the closing boundary.
      const form = Buffer.from(body);
      const boundary = form.subarray(0, form.indexOf("\r\n"));
      const bytes = form.subarray(form.indexOf("\r\n\r\n") + 4, form.lastIndexOf(boundary) - 2);
      const name = CID.createV1(raw.code, await sha256.digest(bytes)).toString();
      blocks.set(name, new Uint8Array(bytes));
      return { json: { Key: name, Size: bytes.length } };
    },
    "POST /api/v0/block/get": ({ url }) => {
      const bytes = blocks.get(url.searchParams.get("arg") ?? "");
      if (bytes === undefined) return { status: 500, json: { Message: "not found" } };
      return { type: "application/octet-stream", bytes };
    },
    "POST /api/v0/pin/rm": () => ({ json: {} }),
    "POST /api/v0/block/rm": ({ url }) => {
      blocks.delete(url.searchParams.get("arg") ?? "");
      return { json: {} };
    },
  });
}

describe("content stores", () => {
  test("a folder › gives back what was put, also when it is opened again", async () => {
    const open = async () =>
      new IndexedStore(await folderKeeper(folder.file("blocks")), folder.file("index.sqlite"));
    const store = await open();
    for (const length of [0, 1, 127, 128, 129, 70_000]) {
      const content = await store.put(bytesOf(length));
      expect(content).toEqual(contentOf(bytesOf(length)));
      expect(await store.get(content)).toEqual(bytesOf(length));
    }
    await store.close();
    const again = await open();
    expect(await again.get(contentOf(bytesOf(129)))).toEqual(bytesOf(129));
    expect(await again.has(contentOf(bytesOf(130)))).toBe(false);
    await expect(again.get(contentOf(bytesOf(130)))).rejects.toThrow("does not hold");
    await again.close();
  });

  test.each([
    ["a folder", async () => folderKeeper(folder.file("released"))],
    ["Kubo", async () => kuboKeeper(await kuboLike(new Map()))],
    ["Helia", async () => heliaKeeper({ folder: folder.file("releasedHelia"), timeoutMs: 200 })],
  ] as const)("%s › drops what belongs below a height, and nothing else", async (name, open) => {
    const keeper = await open();
    const store = new IndexedStore(keeper, folder.file(`released ${name}.sqlite`));
    const contents = await Promise.all(
      [1n, 2n, 3n, 4n].map((height) => store.put(bytesOf(200 + Number(height)), height)),
    );
    const always = await store.put(bytesOf(300));
    // The same bytes for a later block.
    await store.put(bytesOf(201), 5n);
    const names = contents.map((content) => store.nameOf(content) ?? "");
    expect(await store.release(4n, [contents[2]])).toBe(1);
    expect(await keeper.get(names[1])).toBeUndefined();
    await expect(store.get(contents[1])).rejects.toMatchObject({ code: "content-missing" });
    for (const kept of [contents[0], contents[2], contents[3], always]) {
      expect(contentOf(await store.get(kept))).toEqual(kept);
    }
    expect(await store.release(4n)).toBe(1);
    expect(await store.release(4n)).toBe(0);
    await keeper.remove(names[1]);
    expect(await store.release(6n)).toBe(2);
    expect(await store.has(always)).toBe(true);
    await store.close();
  });

  test("what is put again while it is being released stays", async () => {
    const keeper = await folderKeeper(folder.file("race"));
    const removed: (() => void)[] = [];
    const slow: BlockKeeper = {
      ...keeper,
      async remove(name) {
        await new Promise<void>((done) => removed.push(done));
        await keeper.remove(name);
      },
    };
    const store = new IndexedStore(slow, ":memory:");
    const [first, second] = [bytesOf(10), bytesOf(20)];
    for (const bytes of [first, second]) await store.put(bytes, 3n);
    const releasing = store.release(5n);
    await vi.waitFor(() => expect(removed.length).toBe(1));
    const puts = [store.put(first, 9n), store.put(second, 9n)];
    while (removed.length > 0) {
      removed.shift()?.();
      await new Promise((done) => setTimeout(done, 20));
    }
    for (const content of await Promise.all(puts)) {
      expect((await store.get(content)).length).toBe(content.length);
    }
    expect(await releasing).toBe(1);
    expect(await store.storedBytes()).toBe(30);
    const last = store.release(10n);
    while (removed.length < 1) await new Promise((done) => setTimeout(done, 5));
    removed.shift()?.();
    while (removed.length < 1) await new Promise((done) => setTimeout(done, 5));
    removed.shift()?.();
    expect(await last).toBe(2);
    await store.close();
  });

  test("a damaged block › is told, not given out", async () => {
    const place = folder.file("damaged");
    const store = new IndexedStore(await folderKeeper(place), folder.file("damaged.sqlite"));
    const content = await store.put(bytesOf(500));
    const [file] = readdirSync(place, { recursive: true, encoding: "utf8" })
      .map((name) => join(place, name))
      .filter((path) => statSync(path).isFile());
    const kept = readFileSync(file);
    kept[100] ^= 1;
    writeFileSync(file, kept);
    await expect(store.get(content)).rejects.toThrow("another root");
    await store.close();
  });

  test("Kubo's RPC › keeps blocks under their CIDs; what it gives back is checked", async () => {
    const blocks = new Map<string, Uint8Array>();
    const keeper = kuboKeeper(await kuboLike(blocks));
    const store = new IndexedStore(keeper, folder.file("kubo.sqlite"));
    const content = await store.put(bytesOf(1000));
    expect(await store.get(content)).toEqual(bytesOf(1000));
    const [name] = blocks.keys();
    expect(name).toMatch(/^bafkrei/);
    blocks.set(name, bytesOf(999));
    await expect(store.get(content)).rejects.toThrow("another root");
    blocks.clear();
    await expect(store.get(content)).rejects.toThrow("does not hold");
    const away = new IndexedStore(kuboKeeper("http://127.0.0.1:9"), folder.file("away.sqlite"));
    await expect(away.put(bytesOf(1))).rejects.toThrow("Kubo");
    await store.close();
    await away.close();
  });
});

describe("two Helia nodes over libp2p", () => {
  test("one keeps a content by the other's CID; a liar's, a stranger's and an absent one's are refused", async () => {
    const open = async (name: string, peers: readonly string[] = []) => {
      const keeper = await heliaKeeper({ folder: folder.file(name), peers, timeoutMs: 2_000 });
      return { keeper, store: new IndexedStore(keeper, folder.file(`${name}.sqlite`)) };
    };
    const source = await open("helia-a");
    const replica = await open("helia-b", source.keeper.addresses);
    const content = await source.store.put(bytesOf(300_000));
    const name = source.store.nameOf(content) ?? "";
    expect(CID.parse(name).toString()).toBe(name);
    expect(await replica.store.has(content)).toBe(false);
    await replica.store.mirror(content, name);
    // The root decides, whatever the CID's bytes are.
    await expect(replica.store.mirror(contentOf(bytesOf(7)), name)).rejects.toThrow("another root");
    const nobodys = CID.createV1(raw.code, await sha256.digest(bytesOf(9))).toString();
    await expect(replica.store.mirror(contentOf(bytesOf(9)), nobodys)).rejects.toThrow(
      "does not hold",
    );
    const { addresses } = replica.keeper;
    await replica.store.close();
    await source.store.close();
    // The replica has it by itself, also after a restart, under the same identity.
    const again = await open("helia-b", source.keeper.addresses);
    expect(await again.store.get(content)).toEqual(bytesOf(300_000));
    const identity = (list: readonly string[]) => list[0].split("/p2p/")[1];
    expect(identity(again.keeper.addresses)).toBe(identity(addresses));
    await again.store.close();
  });
});

describe("a storage node", () => {
  const wallet = new Wallet(storageKey.privateKey);
  const { cluster, receipts: terms } = clusterGenesis;
  const domain = receiptDomain(terms.chainId, terms.contract);

  test("over HTTP › signs for what it keeps, shows it, and a worker takes its receipt", async () => {
    const store = new IndexedStore(
      await folderKeeper(folder.file("node")),
      folder.file("node.sqlite"),
    );
    const address = wallet.address as `0x${string}`;
    const node = new StorageNode({ store, cluster, address, signer: wallet, domain });
    const url = await serve(node.routes());
    const client = new StorageClient(url);
    const worker = memoryWorker();
    worker.initChain(chainId, 1n, appState(clusterGenesis));
    worker.finalize(1n, worker.propose(1n, [counterTransaction("add", 1, 1n, 1)], 2 ** 19));
    worker.commit();
    const uploader = new Uploader(worker, [new StorageClient("http://127.0.0.1:9"), client]);
    expect(await uploader.upload()).toBe(1);
    expect(await uploader.upload()).toBe(0);
    const [receipt] = worker.receipts?.forBlock(2n) ?? [];
    expect(isReceiptSigned(cluster, receipt, domain)).toBe(true);
    const shown = await client.show({ root: receipt.root, length: receipt.length });
    expect(shown).toEqual(new Uint8Array(worker.journal.block(1n)?.input ?? []));
    await expect(client.show(contentOf(bytesOf(77)))).rejects.toThrow("404");
    const named = await fetch(`${url}/names/${receipt.root}/${receipt.length}`);
    expect(CID.parse((await named.json()).name).code).toBe(raw.code);
    expect((await fetch(`${url}/names/${receipt.root}/1`)).status).toBe(404);
    expect((await fetch(`${url}/contents/x`, { method: "PUT" })).status).toBe(400);
    expect((await fetch(`${url}/contents/0x12/4`)).status).toBe(400);
    await store.close();
  });

  test("takes no more than it may hold, and for no height that is none", async () => {
    const store = new IndexedStore(await folderKeeper(folder.file("full")), ":memory:");
    const address = wallet.address as `0x${string}`;
    const bounds = { mostStoredBytes: 100, admits: (height: bigint) => height < 50n };
    const node = new StorageNode({ store, cluster, address, signer: wallet, domain, ...bounds });
    const refused = { reason: expect.objectContaining({ code: "content-refused" }) };
    await expect(node.keep(50n, bytesOf(1))).rejects.toMatchObject(refused.reason);
    const puts = await Promise.allSettled(
      [40, 41, 42].map((length) => node.keep(1n, bytesOf(length))),
    );
    expect(puts.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected"]);
    expect(puts[2]).toMatchObject(refused);
    // What is there already takes no room.
    expect((await node.keep(2n, bytesOf(41))).height).toBe(2n);
    const url = await serve(node.routes());
    const put = (height: number) =>
      fetch(`${url}/contents/${height}`, { method: "PUT", body: bytesOf(99) });
    expect((await put(3)).status).toBe(403);
    expect((await put(50)).status).toBe(403);
    await store.close();
  });

  test("that hangs keeps a worker's round no longer than two questions take", async () => {
    const worker = memoryWorker();
    worker.initChain(chainId, 1n, appState(clusterGenesis));
    for (let tag = 1; tag <= 5; tag++) {
      const height = worker.height + 1n;
      const block = worker.propose(height, [counterTransaction("add", 1, 1n, tag)], 2 ** 19);
      worker.finalize(height, block);
      worker.commit();
    }
    let nowMs = 0;
    vi.spyOn(performance, "now").mockImplementation(() => nowMs);
    const keep = vi.fn(async () => {
      nowMs += 10_000;
      throw new Error("no answer");
    });
    const hanging: Storage = { keep, show: keep };
    await new Uploader(worker, [hanging, hanging]).upload();
    expect(keep.mock.calls.length).toBeLessThanOrEqual(4);
    vi.restoreAllMocks();
  });
});
