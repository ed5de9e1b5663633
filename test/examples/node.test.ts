/**
 * The example node: killed at random moments it loses nothing that it acknowledged, and ends where one ends that was
 * left alone; a counterpart that signs something else is found, with its signature as evidence.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { Wallet, ZeroAddress } from "ethers";
import { afterAll, describe, expect, test } from "vitest";
import { randomBlock, randomWords } from "../../examples/ledger/block.ts";
import { exampleNamed, wasmOf } from "../../examples/manifest.ts";
import { FolderInUseError } from "../../examples/node/folderLock.ts";
import { Journal, JournalError } from "../../examples/node/journal.ts";
import { LedgerNode, OtherProgramError, toJson } from "../../examples/node/ledgerNode.ts";
import { compare } from "../../examples/node/watch.ts";
import { evidenceDomain, type SignedTransition, signTransition } from "../../src/game/index.ts";
import { load } from "../../src/index.ts";
import { temporaryFolder } from "../cli/commandLine.ts";

const folder = temporaryFolder();
const wallet = new Wallet(`0x${"11".repeat(32)}`);
const domain = evidenceDomain(31337n, ZeroAddress);
const program = load(wasmOf(exampleNamed("ledger")));
const main = fileURLToPath(new URL("../../examples/node/main.ts", import.meta.url));
const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill("SIGKILL");
  folder.end();
});

const blocks = Array.from({ length: 24 }, (_, i) => randomBlock(20, i + 1));

async function openNode(name: string): Promise<LedgerNode> {
  mkdirSync(folder.file(name), { recursive: true });
  const options = { folder: folder.file(name), program, signer: wallet, domain, snapshotEvery: 4 };
  return LedgerNode.open(options);
}

/** What the process is started with, unless a test says otherwise. */
const environment = {
  ...process.env,
  NODE_KEY: wallet.privateKey,
  CHAIN_ID: "31337",
  ARBITER: ZeroAddress,
};

/** Starts the process and waits until it listens. */
async function start(name: string, port: number): Promise<ChildProcess> {
  const child = spawn(process.execPath, [main, folder.file(name), String(port)], {
    env: environment,
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  await new Promise<void>((resolve, reject) => {
    child.stdout?.once("data", () => resolve());
    child.once("exit", () => reject(new Error("the node ended")));
  });
  return child;
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

describe("journal", () => {
  test("a torn last line › is cut off, and writing goes on", async () => {
    const path = folder.file("torn");
    const first = await Journal.open<number>(path);
    await first.journal.append(1);
    await first.journal.append(2);
    await first.journal.close();
    appendFileSync(path, "0123456789abcdef 3");
    const second = await Journal.open<number>(path);
    expect(second.entries).toEqual([1, 2]);
    await second.journal.append(4);
    await second.journal.close();
    const third = await Journal.open<number>(path);
    expect(third.entries).toEqual([1, 2, 4]);
    await third.journal.close();
  });

  test("damage elsewhere › is an error", async () => {
    const path = folder.file("damaged");
    const { journal } = await Journal.open<string>(path);
    await journal.append("one");
    await journal.append("two");
    await journal.close();
    writeFileSync(path, readFileSync(path, "utf8").replace("one", "eno"));
    await expect(Journal.open(path)).rejects.toThrow(JournalError);
  });
});

describe("node", () => {
  test("opened again › goes on from its snapshot, with the same transitions", async () => {
    const alone = await openNode("alone");
    const signed: SignedTransition[] = [];
    for (const block of blocks) signed.push(await alone.apply(block));
    await alone.close();
    const again = await openNode("alone");
    expect(again.height).toBe(blocks.length);
    for (const [i, one] of signed.entries()) expect(await again.transition(i)).toEqual(one);
    await again.close();
    // A damaged snapshot is passed over: the journal has everything.
    writeFileSync(folder.file(`alone/state-${blocks.length}`), "damaged");
    const third = await openNode("alone");
    const more = await third.apply(blocks[0]);
    expect(more.transition.previousState).toBe(signed.at(-1)?.transition.nextState);
    await third.close();
  });

  test("kill -9 at random moments › nothing acknowledged is lost", async () => {
    const random = randomWords(7);
    const port = await freePort();
    const acknowledged: string[] = [];
    for (let kills = 0; acknowledged.length < blocks.length; kills++) {
      const child = await start("killed", port);
      const status = await (await fetch(`http://127.0.0.1:${port}/status`)).json();
      // A block may have been journalled whose answer never arrived.
      expect([acknowledged.length, acknowledged.length + 1]).toContain(status.height);
      for (let i = 0; i < status.height; i++) {
        const known = await (await fetch(`http://127.0.0.1:${port}/transitions/${i}`)).text();
        acknowledged[i] ??= known;
        expect(known).toBe(acknowledged[i]);
      }
      if (kills < 5) setTimeout(() => child.kill("SIGKILL"), random() % 120);
      const ended = new Promise((resolve) => child.once("exit", resolve));
      while (acknowledged.length < blocks.length) {
        const body = blocks[acknowledged.length] as Uint8Array<ArrayBuffer>;
        const answer = await fetch(`http://127.0.0.1:${port}/blocks`, { method: "POST", body })
          .then((response) => response.text())
          .catch(() => undefined);
        if (answer === undefined) break;
        acknowledged.push(answer);
      }
      child.kill("SIGKILL");
      await ended;
    }
    const alone = await openNode("uninterrupted");
    for (const [i, block] of blocks.entries()) {
      const { transition, signature } = await alone.apply(block);
      expect(JSON.parse(acknowledged[i])).toEqual({ transition: toJson(transition), signature });
    }
    await alone.close();
  });
});

describe("a full disk", () => {
  test("in the middle of a block › nothing acknowledged is lost, nothing follows the torn line", async () => {
    const port = await freePort();
    mkdirSync(folder.file("full"));
    // The journal may grow to 8 KiB.
    const command = `ulimit -f 8; exec "$0" "$@"`;
    const words = [process.execPath, main, folder.file("full"), String(port)];
    const child = spawn("bash", ["-c", command, ...words], {
      env: environment,
      stdio: ["ignore", "pipe", "inherit"],
    });
    children.push(child);
    await new Promise((resolve) => child.stdout?.once("data", resolve));
    const statuses: number[] = [];
    const said: string[] = [];
    for (const block of blocks) {
      const body = block as Uint8Array<ArrayBuffer>;
      const answer = await fetch(`http://127.0.0.1:${port}/blocks`, { method: "POST", body });
      statuses.push(answer.status);
      said.push(await answer.text());
    }
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await ended;
    const acknowledged = statuses.filter((status) => status === 200).length;
    expect(acknowledged).toBeGreaterThan(1);
    expect(statuses.slice(acknowledged).every((status) => status === 500)).toBe(true);
    expect(said.at(-1)).toMatch(/start the node again/);
    const again = await openNode("full");
    expect(again.height).toBe(acknowledged);
    for (const [i, block] of blocks.slice(acknowledged).entries()) {
      expect((await again.apply(block)).transition, `block ${acknowledged + i}`).toBeDefined();
    }
    await again.close();
    await (await openNode("full")).close();
  });
});

describe("folder", () => {
  test("of a node that runs › is refused, also in this process, and free again after kill -9", async () => {
    const port = await freePort();
    const holder = await start("held", port);
    const journal = () => readFileSync(folder.file("held/journal"), "utf8");
    const body = blocks[0] as Uint8Array<ArrayBuffer>;
    await fetch(`http://127.0.0.1:${port}/blocks`, { method: "POST", body });
    const before = journal();
    const second = refused([folder.file("held"), String(await freePort())]);
    expect(second).toMatch(/is in use by another node; stop that one/);
    await expect(openNode("held")).rejects.toThrow(FolderInUseError);
    expect(journal()).toBe(before);
    const ended = new Promise((resolve) => holder.once("exit", resolve));
    holder.kill("SIGKILL");
    await ended;
    const again = await openNode("held");
    expect(again.height).toBe(1);
    await expect(openNode("held")).rejects.toThrow(FolderInUseError);
    await again.close();
    await (await openNode("held")).close();
  });

  test("of another program › is an error that names the block", async () => {
    const node = await openNode("other");
    await node.apply(blocks[0]);
    await node.close();
    const wasm = wasmOf(exampleNamed("sha256"));
    const options = { folder: folder.file("other"), program: load(wasm), signer: wallet, domain };
    await expect(LedgerNode.open(options)).rejects.toThrow(OtherProgramError);
    await expect(LedgerNode.open(options)).rejects.toThrow(/block 0 of the journal/);
    await (await openNode("other")).close();
  });
});

/** What the process says when it refuses to start: one line, no stack trace, exit code 2. */
function refused(words: readonly string[], changed: Record<string, string> = {}): string {
  const env = { ...environment, ...changed };
  const { status, stderr } = spawnSync(process.execPath, [main, ...words], {
    env,
    encoding: "utf8",
    timeout: 100_000,
  });
  expect(stderr.trim().split("\n"), stderr).toHaveLength(1);
  expect(status).toBe(2);
  return stderr;
}

describe("starting", () => {
  test("wrong settings › one line each", () => {
    expect(refused([])).toMatch(/^usage: /);
    expect(refused(["x", "0"], { NODE_KEY: "" })).toMatch(/^NODE_KEY is not set; usage: /);
    expect(refused(["x", "0"], { ARBITER: "" })).toMatch(/^ARBITER is not set/);
    const key = refused(["x", "0"], { NODE_KEY: "0x1234secret" });
    expect(key).toMatch(/^NODE_KEY holds no private key/);
    expect(key).not.toContain("secret");
    expect(refused(["x", "70000"])).toMatch(/^expected a port .* got 70000/);
    expect(refused(["x", "0"], { CHAIN_ID: "main" })).toMatch(/in CHAIN_ID, got main/);
    expect(refused(["x", "0"], { ARBITER: "0x12" })).toMatch(/in ARBITER.* got 0x12/);
    expect(refused(["x", "0", "nowhere"])).toMatch(/counterpart's URL.* got nowhere/);
    expect(refused(["x", "0", "http://127.0.0.1:1"])).toMatch(/account after its URL/);
    expect(existsSync("x")).toBe(false);
  });

  test("a folder or port that cannot be used › one line", async () => {
    writeFileSync(folder.file("file"), "");
    expect(refused([folder.file("file"), "0"])).toMatch(/is not a folder/);
    mkdirSync(folder.file("locked/lock"), { recursive: true });
    expect(refused([folder.file("locked"), "0"])).toMatch(/"lock" cannot be used/);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    expect(refused([folder.file("busy"), String(port)])).toMatch(`port ${port} is in use`);
    server.close();
  });
});

describe("watch", () => {
  test("a counterpart › agrees, is silent, contradicts with evidence", async () => {
    const node = await openNode("watching");
    const other = new Wallet(`0x${"22".repeat(32)}`);
    const theirs: SignedTransition[] = [];
    for (const block of blocks.slice(0, 5)) {
      const { transition } = await node.apply(block);
      theirs.push(await signTransition(transition, domain, other));
    }
    const server = createServer((request, response) => {
      const signed = theirs[Number(/\d+$/.exec(request.url ?? "")?.[0])];
      response.statusCode = signed === undefined ? 404 : 200;
      response.end(signed && JSON.stringify({ ...signed, transition: toJson(signed.transition) }));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const look = (account: string) => compare(node, { url, account }, domain, 0);
    expect(await look(other.address)).toEqual({ kind: "agrees", height: 5 });
    expect(await look(wallet.address)).toEqual({ kind: "silent", height: 0 });
    const wrong = { ...theirs[3].transition, nextState: `0x${"ab".repeat(32)}` };
    theirs[3] = await signTransition(wrong, domain, other);
    expect(await look(other.address)).toEqual({
      kind: "contradicts",
      height: 3,
      signed: theirs[3],
    });
    theirs[3] = await signTransition({ ...wrong, inputLength: 1 }, domain, other);
    expect(await look(other.address)).toEqual({ kind: "diverged", height: 3 });
    server.close();
    expect(await look(other.address)).toEqual({ kind: "silent", height: 0 });
    await node.close();
  });

  test("the process › writes what contradicts to claims.json", async () => {
    expect(existsSync(main)).toBe(true);
    const other = new Wallet(`0x${"22".repeat(32)}`);
    const node = await openNode("model");
    const { transition } = await node.apply(blocks[0]);
    await node.close();
    const wrong = { ...transition, steps: transition.steps + 1n };
    const signed = await signTransition(wrong, domain, other);
    const server = createServer((_request, response) =>
      response.end(JSON.stringify({ ...signed, transition: toJson(signed.transition) })),
    );
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const child = spawn(
      process.execPath,
      [main, folder.file("model"), String(await freePort()), url, other.address],
      {
        env: environment,
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    children.push(child);
    let said = "";
    for await (const text of child.stdout) {
      said += text;
      if (said.includes("contradicts")) break;
    }
    child.kill("SIGKILL");
    server.close();
    expect(said).toContain("block 0: the counterpart contradicts");
  });
});
