/**
 * The node as a process. `POST /blocks` applies a block and answers with the signed transition, `GET
 * /transitions/N` gives an old one, `GET /status` height and account. With a counterpart it compares every block and writes
 * what contradicts to `claims.json`, which `wasm-arbiter serve --claims` disputes.
 *
 *     NODE_KEY=0x… node examples/node/main.ts FOLDER PORT [COUNTERPART_URL COUNTERPART_ACCOUNT]
 *
 * Listens on this machine only; CHAIN_ID and ARBITER say which chain the signatures are for.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { join } from "node:path";
import { Wallet, ZeroAddress } from "ethers";
import { evidenceDomain, type SignedTransition } from "../../src/game/index.ts";
import { load } from "../../src/index.ts";
import { LedgerNode, toJson } from "./ledgerNode.ts";
import { type Counterpart, compare } from "./watch.ts";

const [folder, port, counterpartUrl, counterpartAccount] = process.argv.slice(2);
const key = process.env.NODE_KEY;
if (folder === undefined || port === undefined || key === undefined) {
  console.error("usage: NODE_KEY=0x… main.ts FOLDER PORT [COUNTERPART_URL COUNTERPART_ACCOUNT]");
  process.exit(2);
}

const mostBlockBytes = 1 << 20;
const watchMs = 1000;
const wallet = new Wallet(key);
const domain = evidenceDomain(
  BigInt(process.env.CHAIN_ID ?? 31337),
  process.env.ARBITER ?? ZeroAddress,
);
const wasm = readFileSync(new URL("../wasm/ledger.wasm", import.meta.url));
mkdirSync(folder, { recursive: true });
const node = await LedgerNode.open({ folder, program: load(wasm), signer: wallet, domain });

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

async function answer(request: IncomingMessage): Promise<object | undefined> {
  const { method, url = "" } = request;
  const height = /^\/transitions\/(\d+)$/.exec(url)?.[1];
  if (method === "POST" && url === "/blocks")
    return asJson(await node.apply(await bodyOf(request)));
  if (method === "GET" && url === "/status") {
    return { height: node.height, account: wallet.address };
  }
  if (method !== "GET" || height === undefined) return undefined;
  const signed = await node.transition(Number(height));
  return signed && asJson(signed);
}

function send(response: ServerResponse, status: number, value: object): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(`${JSON.stringify(value)}\n`);
}

const server = createServer((request, response) => {
  answer(request).then(
    (value) => send(response, value === undefined ? 404 : 200, value ?? { error: "not here" }),
    (error) => send(response, error instanceof RangeError ? 400 : 500, { error: error.message }),
  );
});
server.listen(Number(port), "127.0.0.1", () => {
  console.log(`node of ${wallet.address}, height ${node.height}`);
});

/** Compares from where the last look ended; a contradiction is kept on disk and told once. */
async function watch(counterpart: Counterpart): Promise<void> {
  let height = 0;
  for (;;) {
    const found = await compare(node, counterpart, domain, height);
    height = found.height;
    if (found.kind === "contradicts" || found.kind === "diverged") {
      console.log(`block ${found.height}: the counterpart ${found.kind}`);
    }
    if (found.kind === "contradicts") {
      const path = join(folder, "claims.json");
      writeFileSync(`${path}.tmp`, JSON.stringify({ claims: [asJson(found.signed)] }));
      renameSync(`${path}.tmp`, path);
    }
    if (found.kind === "contradicts" || found.kind === "diverged") return;
    await new Promise((resolve) => setTimeout(resolve, watchMs));
  }
}

if (counterpartUrl !== undefined && counterpartAccount !== undefined) {
  void watch({ url: counterpartUrl, account: counterpartAccount });
}
