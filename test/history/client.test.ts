/**
 * The client against a chain whose states are a real machine's: a true response passes every step, and each wrong part
 * is refused at its step.
 */
import { id, Wallet } from "ethers";
import { describe, expect, test } from "vitest";
import {
  type ClientAnswers,
  type ClientResponse,
  clientSteps,
  contentOf,
  describeReport,
  encodeBlockRecord,
  encodeManifest,
  frameTransactions,
  readBlockRecord,
  receiptDomain,
  recordOf,
  signReceipt,
  transactionHash,
  treePath,
  verifyResponse,
} from "../../src/history/index.ts";
import { proveMemory, StateTree } from "../../src/merkle/index.ts";
import { call, instantiate, load } from "../../src/verbs.ts";
import { binaryOf } from "../merkle/program.ts";
import { type BlockPlan, generation, makeChain, transactions, votesFor } from "./chainMaker.ts";
import { mutations } from "./mutations.ts";

/** Adds up the input's lengths in memory; traps on an input of more than 100 bytes. */
const machine = instantiate(
  load(
    binaryOf(`(module (import "arbiter" "input_size" (func $size (result i32))) (memory 1)
      (func (export "gateway")
        (i32.store (i32.const 8) (i32.add (i32.load (i32.const 8)) (call $size)))
        (if (i32.gt_u (call $size) (i32.const 100)) (then unreachable))))`),
  ),
);
const tree = new StateTree(machine.state);
const hex = (bytes: Uint8Array) => `0x${Buffer.from(bytes).toString("hex")}`;
const input = frameTransactions({ chainId: generation.chainId, height: 2n }, transactions);
call(machine, input);
const stateHash = hex(tree.stateHash());
const range = { memory: 0, address: 8, length: 4 };
const proof = proveMemory(tree, range);

const first: BlockPlan = {
  transactions,
  after: (state) => ({ ...state, result: stateHash, base: stateHash }),
};
const chain = makeChain([{}, first, { transactions }, {}]);
const all = [chain[1].record.transaction, ...transactions];

function response(made = chain): ClientResponse {
  const [, manifest, next, last] = made;
  return {
    transaction: transactions[1],
    transactionPath: treePath(all.map(transactionHash), 2),
    record: manifest.record,
    header: manifest.header,
    commit: next.votes,
    nextHeader: next.header,
    nextCommit: last.votes,
    application: next.application,
    range,
    proof,
  };
}

const wallet = new Wallet(id("storage node"));
const cluster = id("cluster");
const domain = receiptDomain(31337n, wallet.address);
const content = { ...contentOf(input), height: 2n };
const receipt = await signReceipt(cluster, content, wallet.address, domain, wallet);
const storageNodes = [wallet.address];
const answers: ClientAnswers = {
  metadata: [
    [chain[1], chain[2]],
    [chain[1], chain[2]],
  ],
  receipts: { cluster, domain, storageNodes, signed: [receipt] },
  deposits: { basis: "rpc", ofWorkers: [5n, 5n, 5n, 5n], least: 5n },
};

/** Numbers of the refused steps. */
function refused(given: ClientResponse, others: ClientAnswers = answers): number[] {
  const { steps, isAccepted } = verifyResponse(given, generation, others);
  const found = steps.filter(({ status }) => status === "refused").map(({ number }) => number);
  expect(isAccepted).toBe(found.length === 0);
  return found;
}

describe("a true response", () => {
  test("passes every step; what rests on a word is not called verified", () => {
    const report = verifyResponse(response(), generation, answers);
    expect(report.isAccepted).toBe(true);
    expect(report.isRolledBack).toBe(false);
    expect(new DataView(report.bytes?.slice().buffer ?? new ArrayBuffer(4)).getInt32(0, true)).toBe(
      input.length,
    );
    const numbers = (status: string) =>
      report.steps.filter((step) => step.status === status).map(({ number }) => number);
    expect(numbers("verified")).toEqual([1, 5, 6, 8, 10, 11, 12]);
    expect(numbers("answered")).toEqual([3, 4, 7, 9, 13]);
    expect(numbers("unchecked")).toEqual([2]);
    expect(describeReport(report)).toHaveLength(13);
  });

  test("without others' answers leaves their steps unchecked", () => {
    const { steps, isAccepted } = verifyResponse(response(), generation);
    expect(isAccepted).toBe(true);
    expect(
      steps.filter(({ status }) => status === "unchecked").map(({ number }) => number),
    ).toEqual([2, 3, 4, 7, 9, 13]);
  });

  test("a trapped call is shown as rolled back, with the state before it", () => {
    const trapped: BlockPlan = {
      transactions,
      after: (state) => ({ ...state, result: id("trapped"), base: stateHash }),
    };
    const made = makeChain([{}, trapped, { transactions }, {}]);
    const report = verifyResponse(response(made), generation, {});
    expect(report.isRolledBack).toBe(true);
  });
});

describe("refused at its step", () => {
  const honest = response();
  const liars = makeChain([{}, { ...first, voters: [0, 1, 2] }, { transactions }, {}]);
  const two = makeChain([{}, { ...first, voters: [0, 1] }, { transactions }, {}]);
  const elsewhere = { ...honest.application, base: id("elsewhere") };
  const cases: readonly (readonly [string, number[], ClientResponse, ClientAnswers?])[] = [
    ["another transaction", [10], { ...honest, transaction: transactions[0] }],
    ["another state", [5, 11], { ...honest, application: elsewhere }],
    ["another range", [11], { ...honest, range: { ...range, address: 256 } }],
    ["a range that no memory has", [11], { ...honest, range: { ...range, address: -1 } }],
    ["a proof cut short", [11], { ...honest, proof: proof.slice(1) }],
    ["another height", [6, 12], { ...honest, header: { ...honest.header, height: 9n } }],
    ["two of four votes", [12], response(two)],
    ["votes for another block", [12], { ...honest, commit: votesFor(chain[0].header, [0, 1, 2]) }],
    [
      "a grandchild",
      [5, 6],
      { ...honest, nextHeader: chain[3].header, nextCommit: votesFor(chain[3].header, [0, 1, 2]) },
    ],
    [
      "a receipt for another content",
      [3],
      honest,
      {
        ...answers,
        receipts: { cluster, domain, storageNodes, signed: [{ ...receipt, length: 1 }] },
      },
    ],
    [
      "a receipt of a stranger",
      [3],
      honest,
      { ...answers, receipts: { cluster, domain, storageNodes: [], signed: [receipt] } },
    ],
    [
      "no receipt",
      [3],
      honest,
      { ...answers, receipts: { cluster, domain, storageNodes, signed: [] } },
    ],
    [
      "another manifest",
      [4, 7, 9],
      honest,
      {
        ...answers,
        metadata: [
          [chain[1], chain[2]],
          [chain[2], chain[3]],
        ],
      },
    ],
    [
      "a manifest with a wrong application state",
      [4, 7, 9],
      honest,
      { ...answers, metadata: [[chain[1], { ...chain[2], application: elsewhere }]] },
    ],
    [
      "a deposit that is too small",
      [13],
      honest,
      { ...answers, deposits: { basis: "rpc", ofWorkers: [5n, 4n, 5n, 5n], least: 5n } },
    ],
    [
      "a proof of deposits that is of another EVM block",
      [13],
      honest,
      {
        ...answers,
        deposits: {
          basis: "storage-proof",
          least: 5n,
          proof: { header: "0xc0", account: [], slots: {} },
          trusted: {
            evmChainId: 31337n,
            blockHash: id("block"),
            clusters: wallet.address,
            generation: 1n,
            deposit: 5n,
          },
        },
      },
    ],
  ];

  test.each(cases)("%s › steps %j", (_what, numbers, given, others) => {
    expect(refused(given as ClientResponse, (others as ClientAnswers) ?? {})).toEqual(numbers);
  });

  test("every step that checks something is refused above", () => {
    const found = new Set(cases.flatMap(([, numbers]) => numbers));
    expect([...found].sort((a, b) => a - b)).toEqual([3, 4, 5, 6, 7, 9, 10, 11, 12, 13]);
    expect(clientSteps).toHaveLength(13);
  });

  test("a worker without a vote needs no deposit", () => {
    const deposits = { basis: "rpc", ofWorkers: [5n, 5n, 5n, 5n], least: 5n } as const;
    expect(refused(response(liars), { deposits })).toEqual([]);
  });

  test("no byte of headers, votes, state or proof can be another", () => {
    const { transactionPath, transaction, header, nextHeader, application } = honest;
    const parts = { transactionPath, transaction, header, nextHeader, application, proof };
    let count = 0;
    const accepted: string[] = [];
    for (const [place, mutated] of mutations(parts)) {
      if (count++ % 7 !== 0) continue;
      const given = { ...honest, ...(mutated as typeof parts) };
      if (refused(given, {}).length === 0) accepted.push(place);
    }
    expect(count).toBeGreaterThan(1000);
    expect(accepted).toEqual([]);
  }, 120_000);

  test("a record is read from its canonical bytes alone", () => {
    const record = recordOf(chain[1]);
    const encoded = record && encodeBlockRecord(record);
    expect(encoded).toEqual(chain[1].record.transaction);
    expect(encoded && readBlockRecord(encoded)).toEqual(record);
    expect(encodeManifest(chain[1]).length).toBeGreaterThan(1000);
  });
});
