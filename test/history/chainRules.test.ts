/**
 * Chains of manifests: true ones break no rule, and every rule is broken once, by name, at its height.
 */
import { readFileSync } from "node:fs";
import { getBytes, id, Wallet } from "ethers";
import { describe, expect, test } from "vitest";
import {
  applicationHash,
  brokenRule,
  type ChainRule,
  chainRules,
  commitHash,
  encodeManifest,
  firstBreach,
  HistoryError,
  isReceiptSigned,
  type Manifest,
  type Receipt,
  readManifest,
  receiptDomain,
  recordOf,
  signReceipt,
  workersRules,
} from "../../src/history/index.ts";
import { type BlockPlan, generation, makeChain, transactions, votesFor } from "./chainMaker.ts";
import { mutations } from "./mutations.ts";

const wallet = new Wallet(id("storage node"));
const domain = receiptDomain(31337n, wallet.address);
const cluster = id("cluster");
const receipt: Receipt = await signReceipt(
  cluster,
  { height: 2n, root: id("content"), length: 99 },
  wallet.address,
  domain,
  wallet,
);

const busy: BlockPlan = { transactions };
const plans: readonly BlockPlan[] = [
  {},
  busy,
  { ...busy, receipts: [receipt] },
  { ...busy, isTrapped: true },
  {},
  { ...busy, voters: [0, 2, 3] },
  {},
];

const breachOf = (chain: readonly Manifest[]) => firstBreach(chain, undefined, generation);

/** The chain with one block made in another way. */
function changed(index: number, plan: BlockPlan): Manifest[] {
  return makeChain(plans.map((same, at) => (at === index ? { ...same, ...plan } : same)));
}

const other = getBytes(id("other"));
const wrong: readonly (readonly [ChainRule, string, number, Manifest[]])[] = [
  ["chain-id", "another chain", 2, changed(2, { header: (h) => ({ ...h, chainId: "other" }) })],
  [
    "validators",
    "other workers",
    2,
    changed(2, { header: (h) => ({ ...h, validatorsHash: other }) }),
  ],
  [
    "validators",
    "other workers next",
    2,
    changed(2, { header: (h) => ({ ...h, nextValidatorsHash: other }) }),
  ],
  [
    "application-hash",
    "a hash without a preimage",
    3,
    changed(3, { header: (h) => ({ ...h, appHash: other }) }),
  ],
  [
    "block-record",
    "no record of a block with transactions",
    1,
    changed(1, {
      manifest: (m) => ({ ...m, record: { transaction: new Uint8Array(), siblings: [] } }),
    }),
  ],
  [
    "block-record",
    "a record of an empty block",
    4,
    changed(4, { manifest: (m) => ({ ...m, record: { transaction: other, siblings: [] } }) }),
  ],
  [
    "block-record",
    "another transaction as the record",
    1,
    changed(1, {
      manifest: (m) => ({ ...m, record: { ...m.record, transaction: transactions[0] } }),
    }),
  ],
  ["height", "a gap", 3, changed(3, { header: (h) => ({ ...h, height: 9n }) })],
  ["height", "a chain that begins later", 0, makeChain(plans).slice(1)],
  [
    "previous-manifest",
    "another content",
    3,
    changed(3, { manifest: (m) => ({ ...m, previous: { ...m.previous, root: id("other") } }) }),
  ],
  [
    "previous-manifest",
    "another length",
    3,
    changed(3, { manifest: (m) => ({ ...m, previous: { ...m.previous, length: 1 } }) }),
  ],
  [
    "previous-header",
    "another parent",
    3,
    changed(3, {
      header: (h) => ({ ...h, lastBlockId: { ...h.lastBlockId, hash: other } }),
    }),
  ],
  [
    "votes-hash",
    "other votes than the header's",
    3,
    changed(3, { header: (h) => ({ ...h, lastCommitHash: other }) }),
  ],
  [
    "votes",
    "a vote for another round",
    3,
    changed(3, { votes: (votes) => ({ ...votes, round: 1 }) }),
  ],
  [
    "votes",
    "votes for another block",
    3,
    changed(3, { votes: () => votesFor(makeChain(plans)[1].header, [0, 1, 2, 3]) }),
  ],
  ["quorum", "two of four", 4, changed(3, { voters: [0, 1] })],
  [
    "application-state",
    "an empty block that changes something",
    5,
    changed(4, { after: (state) => ({ ...state, fuel: state.fuel + 1n }) }),
  ],
  [
    "application-state",
    "fuel that falls",
    3,
    changed(2, { after: (state) => ({ ...state, fuel: 1n }) }),
  ],
  [
    "application-state",
    "steps that stand still",
    3,
    changed(2, { after: (state, before) => ({ ...state, steps: before.steps }) }),
  ],
  [
    "application-state",
    "a base from nowhere",
    3,
    changed(2, { after: (state) => ({ ...state, base: id("nowhere") }) }),
  ],
  [
    "application-state",
    "a receipt left out",
    3,
    changed(2, { after: (state, before) => ({ ...state, receiptsHash: before.receiptsHash }) }),
  ],
  [
    "application-state",
    "a chain that begins in another state",
    0,
    makeChain(plans).map((manifest, index) => {
      if (index > 0) return manifest;
      const application = { ...manifest.application, fuel: 5n };
      const appHash = getBytes(applicationHash(application));
      return { ...manifest, application, header: { ...manifest.header, appHash } };
    }),
  ],
];

describe("chains of manifests", () => {
  test("a true one breaks no rule: empty, with receipts, trapped, with three of four votes", () => {
    const chain = makeChain(plans);
    expect(breachOf(chain)).toBeUndefined();
    expect(chain.map((manifest) => recordOf(manifest)?.count)).toEqual([
      undefined,
      3,
      3,
      3,
      undefined,
      3,
      undefined,
    ]);
    expect(recordOf(chain[2])?.receipts).toEqual([receipt]);
    // The trapped call's state is shown, and the next call begins from the one before.
    expect(chain[4].application.base).toBe(chain[3].application.result);
    expect(chain[4].application.result).not.toBe(chain[4].application.base);
    expect(firstBreach(chain.slice(3), chain[2], generation)).toBeUndefined();
  });

  test.each(wrong)("%s › %s", (rule, _what, index, chain) => {
    expect(breachOf(chain)).toMatchObject({ rule, index });
  });

  test.each(wrong)("%s › %s › is passed over only where votes cover it", (rule, what, _, chain) => {
    const broken = chain
      .map((each, at) => brokenRule(each, chain[at - 1], generation, workersRules))
      .find((found) => found !== undefined);
    const isPassed =
      rule === "application-state" && what !== "a chain that begins in another state";
    expect(broken).toBe(isPassed ? undefined : rule);
  });

  test("every rule is broken above", () => {
    expect([...new Set(wrong.map(([rule]) => rule))].sort()).toEqual(
      Object.keys(chainRules).sort(),
    );
  });

  test("docs/network.md says of every rule whether the chain punishes it", () => {
    const document = readFileSync(new URL("../../docs/network.md", import.meta.url), "utf8");
    const table = document.split("| rule | on chain | |\n")[1]?.split("\n\n")[0] ?? "";
    const named = table
      .split("\n")
      .flatMap((line) => line.split("|")[1]?.match(/[a-z-]{4,}/g) ?? []);
    expect(named.filter((name) => !/^-+$/.test(name)).sort()).toEqual(
      Object.keys(chainRules).sort(),
    );
  });

  test("votes changed after they were cast break the header's hash of them", () => {
    const chain = makeChain(plans);
    const { votes } = chain[3];
    const [first, ...rest] = votes.signatures;
    const time = { ...first.time, nanos: 77 };
    const signatures = [{ ...first, time }, ...rest];
    chain[3] = { ...chain[3], votes: { ...votes, signatures } };
    expect(breachOf(chain)?.rule).toBe("votes-hash");
    const lastCommitHash = commitHash(chain[3].votes);
    chain[3] = { ...chain[3], header: { ...chain[3].header, lastCommitHash } };
    expect(breachOf(chain)?.rule).toBe("votes");
  });
});

describe("manifests", () => {
  test("are read as what was written", () => {
    for (const manifest of makeChain(plans)) {
      expect(readManifest(encodeManifest(manifest))).toEqual(manifest);
    }
  });

  test("have one encoding: changed bytes are another manifest, whole, or refused", () => {
    const [first, , third] = makeChain(plans);
    const changes = [
      ...mutations(encodeManifest(first)),
      ...[...mutations(encodeManifest(third))].filter((_, index) => index % 16 === 0),
    ];
    let refused = 0;
    for (const [, mutated] of changes) {
      try {
        const again = encodeManifest(readManifest(mutated as Uint8Array));
        expect(Buffer.compare(again, mutated as Uint8Array)).toBe(0);
      } catch (error) {
        expect(error).toBeInstanceOf(HistoryError);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(500);
    expect(changes.length - refused).toBeGreaterThan(500);
  });
});

describe("receipts", () => {
  test("are their storage node's, for one cluster, height and content", () => {
    expect(isReceiptSigned(cluster, receipt, domain)).toBe(true);
    expect(isReceiptSigned(id("other"), receipt, domain)).toBe(false);
    const wrong: readonly Partial<Receipt>[] = [
      { height: 3n },
      { root: id("other") },
      { length: 98 },
      { storageNode: `0x${"11".repeat(20)}` },
      { signature: "0x" },
    ];
    for (const fields of wrong) {
      expect(isReceiptSigned(cluster, { ...receipt, ...fields }, domain)).toBe(false);
    }
    expect(isReceiptSigned(cluster, receipt, receiptDomain(1n, wallet.address))).toBe(false);
  });
});
