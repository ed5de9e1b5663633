/**
 * Misbehaviour.sol: every condition broken once and slashed, and every legal situation of an honest worker accepted by
 * none: lock changes, skipped rounds, nil votes, restarts, state sync, idle blocks.
 */
import { getBytes, hexlify, id } from "ethers";
import { beforeEach, describe, expect, test } from "vitest";
import {
  type BlockId,
  brokenVoteRule,
  clusterStatus,
  dataHash,
  type Header,
  HistoryError,
  type MisbehaviourReport,
  reportOfFork,
  reportOfHeader,
  reportOfVotes,
  type SignedVote,
  stateFields,
  validatorsHash,
  voteTypes,
  workerStatus,
} from "../../src/history/index.ts";
import { transactions } from "../history/chainMaker.ts";
import { networks, network as recorded } from "../history/vectors.ts";
import { gaps, toyBefore } from "./disputes.ts";
import { begin, blockIdOf, handsOn, nil, reporter, type Suspected } from "./suspect.ts";

let network: Suspected["network"];
let cluster: string;
let generation: Suspected["generation"];
let blocks: Suspected["blocks"];
let worker: Suspected["worker"];
beforeEach(async () => {
  ({ network, cluster, generation, blocks, worker } = await begin());
});
const { statusOf, report, vote, headerWith } = handsOn(() => ({
  ...{ network, cluster, generation, blocks, worker },
}));

describe("(a) two votes of one round", () => {
  const [one, other] = [id("one"), id("other")].map((hash) => getBytes(hash));
  const blockOf = (hash: Uint8Array): BlockId => ({ hash, parts: { total: 1, hash } });

  test.each([
    ["precommits for two blocks", voteTypes.precommit, blockOf(one), blockOf(other)],
    ["prevotes for two blocks", voteTypes.prevote, blockOf(one), blockOf(other)],
    ["a precommit for a block and for none", voteTypes.precommit, blockOf(one), nil],
    [
      "precommits for one header in two sets of parts",
      voteTypes.precommit,
      blockOf(one),
      { hash: one, parts: { total: 2, hash: other } },
    ],
  ])("%s › slashed", async (_what, type, first, second) => {
    const votes = [vote(first, { type, round: 3 }), vote(second, { type, round: 3 })] as const;
    const made = reportOfVotes({ votes: [...votes] }, worker, generation);
    expect(made?.method).toBe("reportDoubleVote");
    expect(await report(made as MisbehaviourReport)).toBe("done");
    expect(await statusOf()).toBe(workerStatus.slashed);
    expect(await network.clusters.credits(network.accounts[reporter])).toBe(5n * 10n ** 18n);
    expect(await report(made as MisbehaviourReport)).toBe("NotBonded");
    expect(await gaps(network)).toEqual([0n, 0n]);
  });

  test.each([
    ["the same vote again, at another time", { time: { seconds: 1n, nanos: 2 } }, one],
    ["another round", { round: 1 }, other],
    ["another height", { height: 6n }, other],
    ["a prevote and a precommit", { type: voteTypes.prevote }, other],
  ])("%s › legal", async (_what, at, hash) => {
    const first = vote(blockOf(one));
    const second = vote(blockOf(hash), at);
    const headers = [headerWith(), headerWith()] as const;
    const pair = { votes: [first, second] as const, headers };
    // Either the library sees no conflict, or (for another round) it wants the headers of these votes.
    const made = () => reportOfVotes(pair, worker, generation);
    if ("round" in at) expect(made).toThrow(HistoryError);
    else expect(made()).toBeUndefined();
  });

  /** What the contract says to a pair that the library would not report. */
  async function forced(first: SignedVote, second: SignedVote, height = first.height) {
    const made = reportOfVotes(
      { votes: [vote(blockOf(one)), vote(blockOf(other))] },
      worker,
      generation,
    );
    const [number, , , a] = made?.args ?? [];
    const voteFor = (each: SignedVote) => {
      const pair = [
        each,
        vote(each.blockId.hash.length === 0 ? blockOf(one) : nil, {
          type: each.type,
          height: each.height,
          round: each.round,
        }),
      ] as const;
      return (reportOfVotes({ votes: pair }, worker, generation)?.args ?? [])[3] ?? a;
    };
    const args = [number, first.type, height, voteFor(first), voteFor(second)];
    return report({ method: "reportDoubleVote", args });
  }

  test("the contract refuses pairs that are legal or not proven", async () => {
    const first = vote(blockOf(one));
    const inRound = vote(blockOf(other), { round: 1 });
    expect(await forced(first, inRound)).toBe("DifferentRounds");
    expect(await forced(first, vote(blockOf(one), { time: { seconds: 1n, nanos: 2 } }))).toBe(
      "SameBlock",
    );
    expect(await forced(first, vote(blockOf(other), { height: 6n }))).toBe("DifferentSigners");
    expect(await forced(first, vote(blockOf(other)), 6n)).not.toBe("done");
    const made = reportOfVotes({ votes: [first, vote(blockOf(other))] }, worker, generation);
    const args = [...(made?.args ?? [])];
    args[1] = 32;
    expect(await report({ method: "reportDoubleVote", args })).toBe("UnknownVoteType");
    args[1] = voteTypes.precommit;
    args[0] = 99n;
    expect(await report({ method: "reportDoubleVote", args })).not.toBe("done");
    expect(await statusOf()).toBe(workerStatus.bonded);
  });
});

describe("(b) precommits for headers that contradict each other", () => {
  const changes: Record<(typeof stateFields)[number], Partial<Header>> = {
    version: { version: { block: 11n, app: 2n } },
    lastBlockId: {
      lastBlockId: { hash: getBytes(id("other")), parts: { total: 1, hash: getBytes(id("p")) } },
    },
    validatorsHash: { validatorsHash: getBytes(id("v")) },
    nextValidatorsHash: { nextValidatorsHash: getBytes(id("n")) },
    consensusHash: { consensusHash: getBytes(id("c")) },
    appHash: { appHash: getBytes(id("a")) },
    lastResultsHash: { lastResultsHash: getBytes(id("r")) },
  };

  test.each(stateFields)("%s › slashed, in any rounds", async (field) => {
    const headers = [headerWith(), headerWith(changes[field])] as const;
    const votes = [vote(blockIdOf(headers[0])), vote(blockIdOf(headers[1]), { round: 4 })] as const;
    const made = reportOfVotes({ votes, headers }, worker, generation);
    expect(made?.method).toBe("reportContradiction");
    expect(await report(made as MisbehaviourReport)).toBe("done");
    expect(await statusOf()).toBe(workerStatus.slashed);
  });

  test("a change of lock › legal: headers that differ in what proposers choose", async () => {
    const changed = {
      dataHash: dataHash([Uint8Array.of(1)]),
      time: { seconds: 9n, nanos: 9 },
      lastCommitHash: getBytes(id("l")),
      evidenceHash: getBytes(id("e")),
      proposerAddress: new Uint8Array(20).fill(7),
    };
    for (const [field, value] of Object.entries(changed)) {
      const headers = [headerWith(), headerWith({ [field]: value })] as const;
      const votes = [
        vote(blockIdOf(headers[0])),
        vote(blockIdOf(headers[1]), { round: 1 }),
      ] as const;
      expect(reportOfVotes({ votes, headers }, worker, generation), field).toBeUndefined();
      // By force: the calldata of a report that holds, with these headers in it.
      const lie = [headers[0], headerWith({ appHash: getBytes(id("a")) })] as const;
      const made = reportOfVotes(
        { votes: [votes[0], vote(blockIdOf(lie[1]), { round: 1 })], headers: lie },
        worker,
        generation,
      );
      const honest = reportOfHeader(headers[1], undefined, votes[1], worker, generation);
      const args = [...(made?.args ?? [])];
      args[3] = honest.args[1];
      args[4] = honest.args[2];
      expect(await report({ method: "reportContradiction", args }), field).toBe("NoContradiction");
    }
  });

  test("headers of two heights, votes of two workers", async () => {
    const headers = [headerWith(), headerWith({ appHash: getBytes(id("a")) })] as const;
    const votes = [vote(blockIdOf(headers[0])), vote(blockIdOf(headers[1]), { round: 1 })] as const;
    const made = reportOfVotes({ votes, headers }, worker, generation);
    const [number, one, oneVote, other, otherVote] = (made?.args ?? []) as readonly object[];
    const refuse = (...args: unknown[]) => report({ method: "reportContradiction", args });
    expect(await refuse(number, one, oneVote, { ...other, height: 6n }, otherVote)).toBe(
      "DifferentHeights",
    );
    expect(await refuse(number, one, otherVote, other, otherVote)).toBe("DifferentSigners");
  });
});

describe("(c) a fork", () => {
  const fork = (voters: readonly number[], round = 1) => {
    const headers = [headerWith(), headerWith({ dataHash: dataHash([Uint8Array.of(1)]) })];
    const [one, other] = headers.map((header, index) => ({
      header,
      commit: blocks.votesFor(header, voters, index * round),
    }));
    return [one, other] as const;
  };

  test("two committed headers of one height › frozen, and nobody slashed", async () => {
    expect(await report(reportOfFork(fork([0, 1, 2]), generation))).toBe("done");
    const state = await network.reader.cluster(cluster);
    // Both agree on the state before their blocks.
    expect(state).toMatchObject({ status: clusterStatus.halted, refutedHeight: 6n });
    for (const { account } of generation.workers) {
      expect((await network.reader.worker(account))?.status).toBe(workerStatus.bonded);
    }
    expect(await network.clusters.burned()).toBe(0n);
  });

  test("one header twice, two heights, half of the votes", async () => {
    const [one, other] = fork([0, 1, 2]);
    expect(await report(reportOfFork([one, one], generation))).toBe("SameBlock");
    const later = headerWith({ height: 6n });
    const commit = blocks.votesFor(later, [0, 1, 2]);
    const heights = reportOfFork([one, { header: later, commit }], generation);
    expect(await report(heights)).toBe("DifferentHeights");
    const { method, args } = reportOfFork([one, other], generation);
    const [number, first, second] = args as readonly [bigint, object, { votes: object[] }];
    const half = { ...second, votes: second.votes.slice(1) };
    expect(await report({ method, args: [number, first, half] })).toBe("NoQuorum");
    expect((await network.reader.cluster(cluster))?.status).toBe(clusterStatus.running);
  });
});

describe("(d) a header that breaks a rule", () => {
  const rules = (header: Header, parent?: Header) =>
    brokenVoteRule(header, parent, generation, validatorsHash(generation.validators));
  const reported = (header: Header, parent?: Header) => {
    // The vote names the generation's chain, whatever the header says.
    const cast = vote(blockIdOf(header), { height: header.height });
    return report(reportOfHeader(header, parent, cast, worker, generation));
  };

  test.each([
    ["chain-id", { chainId: "another" }],
    ["validators", { validatorsHash: getBytes(id("v")) }],
    ["height", { height: 0n }],
    ["initial-state", { height: 1n, appHash: getBytes(id("a")) }],
  ])("%s › slashed", async (rule, change) => {
    const header = headerWith(change);
    expect(rules(header)).toBe(rule);
    expect(await reported(header)).toBe("done");
    expect(await statusOf()).toBe(workerStatus.slashed);
  });

  test.each([
    ["height", { height: 7n }],
    ["empty-block", { height: 6n, appHash: getBytes(id("a")) }],
  ])("%s, behind its parent › slashed", async (rule, change) => {
    const parent = headerWith({ dataHash: dataHash([]) });
    const header = headerWith({ ...change, lastBlockId: blockIdOf(parent) });
    expect(rules(header, parent)).toBe(rule);
    expect(await reported(header, parent)).toBe("done");
    expect(await statusOf()).toBe(workerStatus.slashed);
  });

  test("honest chains › no rule is broken, alone or behind a parent", async () => {
    const chain = blocks.makeChain([
      { transactions },
      {},
      {},
      { transactions, isTrapped: true },
      {},
    ]);
    for (const [index, { header }] of chain.entries()) {
      const parent = chain[index - 1]?.header;
      expect(rules(header)).toBeUndefined();
      expect(await reported(header)).toBe("NoRuleBroken");
      if (parent === undefined) continue;
      expect(rules(header, parent)).toBeUndefined();
      expect(await reported(header, parent)).toBe("NoRuleBroken");
    }
    expect(await statusOf()).toBe(workerStatus.bonded);
    expect(toyBefore.fuel).toBe(0n);
  });

  test.each(networks)("recorded from a real network: %s › no rule is broken", (name) => {
    const { header, validators } = recorded(name);
    const real = {
      ...generation,
      chainId: header.chainId,
      initialApplicationHash: hexlify(header.appHash),
    };
    expect(brokenVoteRule(header, undefined, real, validatorsHash(validators))).toBeUndefined();
  });

  test("recorded: two blocks in a row", () => {
    const [one, two] = [recorded("h1").header, recorded("h2").header];
    expect(rules(two, one)).toBeUndefined();
    const changed = { ...two, appHash: Uint8Array.of(1) };
    expect(rules(changed, one)).toBe("empty-block");
  });

  test("a header behind another parent, and the vote of nobody", async () => {
    const parent = headerWith();
    const header = headerWith({ height: 9n });
    expect(await reported(header, parent)).toBe("NotParent");
    const made = reportOfHeader(
      headerWith({ chainId: "another" }),
      undefined,
      vote(blockIdOf(headerWith({ chainId: "another" }))),
      worker,
      generation,
    );
    const [number, broken, precommit] = made.args as readonly [bigint, object, object];
    const args = [number, broken, { ...precommit, round: 1 }];
    expect(await report({ method: "reportHeader", args })).toBe("UnknownSigner");
  });
});

test("evidence against a generation that has not begun is refused", async () => {
  const [one, other] = [id("one"), id("other")].map((hash) => getBytes(hash));
  const made = reportOfVotes(
    {
      votes: [
        vote({ hash: one, parts: { total: 1, hash: one } }),
        vote({ hash: other, parts: { total: 1, hash: other } }),
      ],
    },
    worker,
    generation,
  );
  const args = [...(made?.args ?? [])];
  args[0] = generation.id + 1n;
  expect(await report({ method: "reportDoubleVote", args })).not.toBe("done");
  expect(await statusOf()).toBe(workerStatus.bonded);
});
