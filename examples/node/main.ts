/**
 * The node as a process. `POST /blocks` applies a block and answers with the signed transition, `GET
 * /transitions/N` gives an old one, `GET /status` height and account. With a counterpart it compares every block and writes
 * what contradicts to `claims.json`, which `wasm-arbiter serve --claims` disputes. README.md says how it is started.
 *
 * Invariant: listens on this machine only. What the operator can put right ends in one line and exit code 2.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { SignedTransition } from "../../src/game/index.ts";
import { load } from "../../src/index.ts";
import { FolderInUseError } from "./folderLock.ts";
import { JournalError } from "./journal.ts";
import { LedgerNode, OtherProgramError, toJson } from "./ledgerNode.ts";
import { readSettings, SettingError, type Settings } from "./settings.ts";
import { type Counterpart, compare } from "./watch.ts";

const mostBlockBytes = 1 << 20;
const watchMs = 1000;

async function bodyOf(request: IncomingMessage): Promise<Uint8Array> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request) {
    length += part.length;
    if (length > mostBlockBytes) throw new RangeError(`expected at most ${mostBlockBytes} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

const asJson = ({ transition, signature }: SignedTransition) => ({
  transition: toJson(transition),
  signature,
});

async function answer(
  node: LedgerNode,
  account: string,
  request: IncomingMessage,
): Promise<object | undefined> {
  const { method, url = "" } = request;
  const height = /^\/transitions\/(\d+)$/.exec(url)?.[1];
  if (method === "POST" && url === "/blocks")
    return asJson(await node.apply(await bodyOf(request)));
  if (method === "GET" && url === "/status") return { height: node.height, account };
  if (method !== "GET" || height === undefined) return undefined;
  const signed = await node.transition(Number(height));
  return signed && asJson(signed);
}

function send(response: ServerResponse, status: number, value: object): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(`${JSON.stringify(value)}\n`);
}

/** Answers requests on this machine; the promise is fulfilled with the URL once it listens. */
function listen(node: LedgerNode, account: string, port: number): Promise<string> {
  const server = createServer((request, response) => {
    answer(node, account, request).then(
      (value) => send(response, value === undefined ? 404 : 200, value ?? { error: "not here" }),
      (error) => send(response, error instanceof RangeError ? 400 : 500, { error: error.message }),
    );
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    });
  });
}

/** Compares from where the last look ended; a contradiction is kept on disk and told once. */
async function watch(node: LedgerNode, counterpart: Counterpart, settings: Settings) {
  let height = 0;
  for (;;) {
    const found = await compare(node, counterpart, settings.domain, height);
    height = found.height;
    if (found.kind === "contradicts" || found.kind === "diverged") {
      console.log(`block ${found.height}: the counterpart ${found.kind}`);
    }
    if (found.kind === "contradicts") {
      const path = join(settings.folder, "claims.json");
      writeFileSync(`${path}.tmp`, JSON.stringify({ claims: [asJson(found.signed)] }));
      renameSync(`${path}.tmp`, path);
    }
    if (found.kind === "contradicts" || found.kind === "diverged") return;
    await new Promise((resolve) => setTimeout(resolve, watchMs));
  }
}

async function main(): Promise<void> {
  const settings = readSettings(process.argv.slice(2), process.env);
  const { folder, wallet, domain, counterpart } = settings;
  const wasm = readFileSync(new URL("../wasm/ledger.wasm", import.meta.url));
  mkdirSync(folder, { recursive: true });
  const node = await LedgerNode.open({ folder, program: load(wasm), signer: wallet, domain });
  const url = await listen(node, wallet.address, settings.port);
  console.log(`node of ${wallet.address}, height ${node.height}, at ${url}`);
  if (counterpart !== undefined) await watch(node, counterpart, settings);
}

/** One line for what the operator can put right; undefined for a fault of this program, whose trace is wanted. */
function lineFor(error: unknown): string | undefined {
  const own = [SettingError, FolderInUseError, JournalError, OtherProgramError];
  if (own.some((kind) => error instanceof kind)) return (error as Error).message;
  const { code, path, port, syscall, message } = error as NodeJS.ErrnoException & { port?: number };
  if (code === "EADDRINUSE")
    return `port ${port} is in use; stop what listens there or take another`;
  if (code === "EEXIST") return `${path} is not a folder; give another`;
  if (code === "ERR_SQLITE_ERROR") return `the folder's file "lock" cannot be used: ${message}`;
  // The operating system's: no permission, disk full.
  return syscall === undefined ? undefined : message;
}

main().catch((error: unknown) => {
  console.error(lineFor(error) ?? error);
  process.exit(2);
});
