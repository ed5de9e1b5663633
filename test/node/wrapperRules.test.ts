/**
 * Workers over an application with the SDK's wrapper: CheckTx refuses what the wrapper would, a block's codes say what
 * it refused, both also after a restart; the chain's hash of results carries the codes.
 */
import { id } from "ethers";
import { describe, expect, test } from "vitest";
import { encodeCommand } from "../../examples/sdk/commands.ts";
import { treeRoot } from "../../src/history/index.ts";
import { load, programRoot } from "../../src/index.ts";
import { resultsHash } from "../../src/node/engine/headers.ts";
import { Worker } from "../../src/node/worker/blockWorker.ts";
import { BlockJournal } from "../../src/node/worker/journal.ts";
import type { ClusterGenesis } from "../../src/node/worker/workerGenesis.ts";
import {
  ClientKey,
  ClientSession,
  lastResults,
  statusCode,
  type TransactionStatus,
  wrapApplication,
  wrapperMemory,
} from "../../src/sdk/index.ts";
import { temporaryFolder } from "../cli/commandLine.ts";
import { ledgerBytes } from "../sdk/application.ts";
import { countersGenesis } from "./counters.ts";
import { appState, chainId, memoryWorker, network } from "./network.ts";

const program = load(wrapApplication(ledgerBytes("as")));
const genesis: ClusterGenesis = countersGenesis({
  program: `0x${Buffer.from(programRoot(program)).toString("hex")}`,
  cluster: id("cluster of the ledger") as `0x${string}`,
  blockFuel: 2_000_000_000,
});
const deposit = encodeCommand({ kind: "deposit", amount: 5n });
const codeOf = (status: TransactionStatus) => 16 + statusCode(status);

let sessions = 0n;
function newSession(client = 1): ClientSession {
  return new ClientSession(new ClientKey(new Uint8Array(32).fill(client)), chainId, sessions++);
}

function begun(worker = memoryWorker({ program })): Worker {
  worker.initChain(chainId, 1n, appState(genesis));
  return worker;
}

function decide(worker: Worker, waiting: readonly Uint8Array[]): readonly number[] {
  const height = worker.height + 1n;
  const block = worker.propose(height, waiting, 2 ** 19);
  expect(worker.isValid(height, block)).toBe(true);
  worker.finalize(height, block);
  const { codes } = worker;
  worker.commit();
  return codes;
}

describe("CheckTx", () => {
  test("counts what it has taken, and begins anew after a commit", () => {
    const worker = begun();
    const own = newSession();
    const [zero, one, two] = [0, 1, 2].map(() => own.sign(deposit, 20n));
    const code = (bytes: Uint8Array, isRechecked = false) => worker.check(bytes, isRechecked).code;
    expect(code(one)).toBe(codeOf("nonce-gap"));
    expect([zero, one].map((each) => code(each))).toEqual([0, 0]);
    expect(code(zero)).toBe(codeOf("nonce-used"));
    expect(worker.check(zero.subarray(1)).reason).toBe("malformed");
    const forged = Uint8Array.from(two);
    forged[45] ^= 1;
    expect(code(forged)).toBe(codeOf("bad-signature"));
    expect(decide(worker, [zero])).toEqual([0, 0]);
    expect([zero, one].map((each) => code(each, true))).toEqual([codeOf("nonce-used"), 0]);
    expect(code(two)).toBe(0);
    expect(code(newSession().sign(deposit, 1n))).toBe(codeOf("expired"));
  });

  test("other programs have no such rules", () => {
    const worker = memoryWorker();
    worker.initChain(chainId, 1n, appState());
    expect(worker.check(Uint8Array.of(1)).code).toBe(0);
  });
});

describe("a block's codes", () => {
  test("are those of what the wrapper has refused; the record's is 0", () => {
    const worker = begun();
    const own = newSession();
    const [zero, one, two] = [0, 1, 2].map(() => own.sign(deposit, 20n));
    expect(decide(worker, [one, zero, zero, Uint8Array.of(9)])).toEqual([
      0,
      0,
      0,
      codeOf("nonce-used"),
      codeOf("malformed"),
    ]);
    expect(decide(worker, [two])).toEqual([0, 0]);
    worker.finalize(3n, []);
    expect(worker.codes).toEqual([]);
  });

  test("after a restart a worker checks as before it", () => {
    const folder = temporaryFolder();
    const open = () => new Worker({ program, journal: new BlockJournal(folder.file("w.sqlite")) });
    const worker = begun(open());
    const own = newSession();
    const zero = own.sign(deposit, 20n);
    decide(worker, [zero]);
    worker.journal.close();
    const again = open();
    expect(again.check(zero).code).toBe(codeOf("nonce-used"));
    expect(again.check(own.sign(deposit, 20n)).code).toBe(0);
    again.journal.close();
    folder.end();
  });
});

test("a network of four executes what was handed to any of them, in the order of nonces", () => {
  const options = { program };
  const { engine, workers } = network({ 0: options, 1: options, 2: options, 3: options }, genesis);
  const own = newSession();
  const other = newSession(2);
  const list = [own, other, own, own].map((session) => session.sign(deposit, 20n));
  // Each of one session to the same worker, which counts it; gossip is the engine's.
  list.forEach((bytes, index) => {
    expect(engine.submit(workers[index === 1 ? 2 : 0], bytes).code).toBe(0);
  });
  expect(engine.submit(workers[3], list[0].subarray(2)).code).toBe(codeOf("malformed"));
  engine.work();
  const memory = workers[1].machine.state.memories[wrapperMemory(program)].bytes;
  expect(lastResults(memory, 4).map(({ status }) => status)).toEqual(list.map(() => "executed"));
  expect(new Set(workers.map((worker) => worker.machine.base())).size).toBe(1);
  expect(engine.submit(workers[1], list[0]).code).toBe(codeOf("nonce-used"));
});

test("the hash of results says which transactions were refused", () => {
  // RFC 6962 over the results' messages, `08 15` for code 21.
  const leaves = [[], [0x08, 21]].map((leaf) => Uint8Array.from(leaf));
  expect(resultsHash([0, 21])).toEqual(treeRoot(leaves));
  expect(resultsHash([0, 0])).not.toEqual(resultsHash([0, 21]));
});
