/**
 * Speed of the SDK's signature check, which is nearly all that a small transaction costs (`npm run -s bench:sdk --
 * --json`): signatures a second on the fast path, as a whole block of the ledger, beside the wrapper in the host's
 * engine, @noble/curves in JavaScript, and the wrapper's source as native code where cargo is; fuel and steps of a
 * transaction. Figures of one machine in one run: the ratios travel, the figures do not.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { encodeCommand } from "../examples/sdk/commands.ts";
import { frameTransactions } from "../src/history/index.ts";
import { load, Machine } from "../src/index.ts";
import {
  type ClientTransaction,
  hostSignatureCheck,
  readTransaction,
  signatureCheck,
  transactionDigest,
  workload,
  wrapApplication,
} from "../src/sdk/index.ts";

const chainId = "bench";
const count = 1000;
const height = 10n;
const runs = 5;

const transactions = [
  ...workload({
    chainId,
    transactions: count,
    clients: count,
    expiryHeight: height,
    session: 0n,
    payload: () => encodeCommand({ kind: "deposit", amount: 1n }),
  }),
];
const read = transactions.map((bytes) => readTransaction(bytes) as ClientTransaction);

/** Signatures a second of processor time, of the fastest of several runs over them all. */
function rate(work: () => void, times = runs): number {
  let fastest = Number.POSITIVE_INFINITY;
  for (let run = 0; run < times; run++) {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    fastest = Math.min(fastest, user + system);
  }
  return Math.round((count * 1e6) / fastest);
}

/** A block of the ledger whose transactions are of clients of their own. */
function fastPath() {
  const ledger = readFileSync(new URL("../examples/sdk/ledger.as.wasm", import.meta.url));
  const machine = new Machine(load(wrapApplication(ledger)));
  const input = frameTransactions({ chainId, height }, transactions);
  const genesis = machine.snapshot();
  const runBlock = () => {
    machine.restore(genesis);
    machine.begin(input);
    machine.run({ executor: "fast" });
    if (machine.results()[0] !== BigInt(count)) throw new Error("a transaction was refused");
  };
  const perSecond = rate(runBlock);
  const { stepCounter, fuelCounter } = machine.state;
  return {
    perSecond,
    fuel: Math.round(fuelCounter / count),
    steps: Math.round(stepCounter / count),
  };
}

function checkAll(isSigned: typeof signatureCheck): () => void {
  return () => {
    if (!read.every((transaction) => isSigned(transaction, chainId))) throw new Error("refused");
  };
}

/** Recoveries a second of the wrapper's source as native code; undefined without cargo or its crates. */
function native(): number | undefined {
  const source = fileURLToPath(new URL("../sdk/native/", import.meta.url));
  const folder = mkdtempSync(join(tmpdir(), "wasm-arbiter-native-"));
  try {
    execFileSync("cargo", ["build", "--quiet", "--release", "--locked"], {
      cwd: source,
      env: { ...process.env, CARGO_TARGET_DIR: folder },
      stdio: "ignore",
    });
    const [{ client, signature }] = read;
    const digest = transactionDigest(chainId, read[0]);
    const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
    const args = ["10000", hex(digest), hex(signature)];
    const [account, nanoseconds] = execFileSync(join(folder, "release/native"), args, {
      encoding: "utf8",
    }).split(" ");
    if (`0x${account}` !== client.toLowerCase()) throw new Error("native code recovers another");
    return Math.round(1e9 / Number(nanoseconds));
  } catch (error) {
    if (error instanceof Error && "status" in error) return undefined;
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const machine = fastPath();
const host = rate(checkAll(hostSignatureCheck()));
const javascript = rate(checkAll(signatureCheck), 2);
const nativeCode = native();
const ratio = (other: number) => Math.round((100 * other) / machine.perSecond) / 100;
const result = {
  signaturesPerSecond: {
    fastPath: machine.perSecond,
    hostEngine: host,
    javascript,
    native: nativeCode ?? null,
  },
  /** How many times as fast as the fast path. */
  ratios: {
    hostEngine: ratio(host),
    javascript: ratio(javascript),
    native: nativeCode === undefined ? null : ratio(nativeCode),
  },
  fuelPerTransaction: machine.fuel,
  stepsPerTransaction: machine.steps,
};
console.log(JSON.stringify(result, undefined, process.argv.includes("--json") ? 0 : 2));
