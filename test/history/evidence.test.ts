/**
 * Pairs of votes: what is slashed, what is not, and every legal situation of an honest worker.
 */
import { getBytes, id } from "ethers";
import { describe, expect, test } from "vitest";
import {
  type BlockId,
  conflictOf,
  type Header,
  HistoryError,
  headerHash,
  precommitFor,
  type SignedVote,
  type StateField,
  stateFields,
  voteTypes,
} from "../../src/history/index.ts";
import { generation, makeChain, voteOf, votesFor } from "./chainMaker.ts";

const [{ header }] = makeChain([{}]).slice(-1);
const [, worker] = generation.validators;
const other = getBytes(id("other"));
const time = { seconds: 5n, nanos: 6 };
const noBlock: BlockId = { hash: new Uint8Array(), parts: { total: 0, hash: new Uint8Array() } };
const idOf = (of: Header): BlockId => ({ hash: headerHash(of), parts: { total: 1, hash: other } });

interface Cast {
  readonly block?: BlockId;
  readonly round?: number;
  readonly type?: bigint;
  readonly height?: bigint;
  readonly by?: number;
}

function cast({ block = idOf(header), round = 0, type, height, by = 1 }: Cast = {}): SignedVote {
  return voteOf(by, {
    type: type ?? voteTypes.precommit,
    height: height ?? header.height,
    round,
    blockId: block,
    time,
  });
}

const changedField: Readonly<Record<StateField, (header: Header) => Header>> = {
  version: (h) => ({ ...h, version: { ...h.version, app: 2n } }),
  lastBlockId: (h) => ({ ...h, lastBlockId: { ...h.lastBlockId, hash: other } }),
  validatorsHash: (h) => ({ ...h, validatorsHash: other }),
  nextValidatorsHash: (h) => ({ ...h, nextValidatorsHash: other }),
  consensusHash: (h) => ({ ...h, consensusHash: other }),
  appHash: (h) => ({ ...h, appHash: other }),
  lastResultsHash: (h) => ({ ...h, lastResultsHash: other }),
};

/** What a proposer of another round may choose. */
const chosen: readonly ((header: Header) => Header)[] = [
  (h) => ({ ...h, dataHash: other }),
  (h) => ({ ...h, time: { seconds: 99n, nanos: 0 } }),
  (h) => ({ ...h, lastCommitHash: other }),
  (h) => ({ ...h, evidenceHash: other }),
  (h) => ({ ...h, proposerAddress: other.subarray(0, 20) }),
];

describe("slashed", () => {
  test.each([
    ["precommits for two blocks", cast(), cast({ block: idOf(chosen[0](header)) })],
    ["a precommit for a block and one for nil", cast(), cast({ block: noBlock })],
    ["prevotes for two blocks", cast({ type: 1n }), cast({ type: 1n, block: noBlock })],
    [
      "precommits for one header in other parts",
      cast(),
      cast({ block: { hash: headerHash(header), parts: { total: 2, hash: other } } }),
    ],
  ])("in one round › %s", (_what, one, two) => {
    expect(conflictOf({ votes: [one, two] }, worker)).toEqual({ kind: "double-vote" });
    expect(conflictOf({ votes: [two, one] }, worker)).toEqual({ kind: "double-vote" });
  });

  test.each(stateFields)("in two rounds › headers that differ in %s", (field) => {
    const another = changedField[field](header);
    const votes = [cast(), cast({ round: 3, block: idOf(another) })] as const;
    expect(conflictOf({ votes, headers: [header, another] }, worker)).toEqual({
      kind: "contradicting-headers",
      field,
    });
  });
});

describe("not slashed", () => {
  test("a lock that changes: all that a proposer chooses is another", () => {
    for (const change of chosen) {
      const another = change(header);
      const votes = [cast(), cast({ round: 1, block: idOf(another) })] as const;
      expect(conflictOf({ votes, headers: [header, another] }, worker)).toEqual({
        kind: "lock-change",
      });
    }
  });

  test("every field of a header is either the state's or the proposer's choice", () => {
    const fields = [...stateFields, "dataHash", "time", "lastCommitHash", "evidenceHash"];
    const named = [...fields, "proposerAddress", "chainId", "height"];
    expect(Object.keys(header).sort()).toEqual(named.sort());
  });

  test.each([
    [
      "a round that ends without a decision: nil, then a block",
      cast({ block: noBlock }),
      cast({ round: 1 }),
    ],
    ["nil in two rounds", cast({ block: noBlock }), cast({ round: 1, block: noBlock })],
    ["one block in two rounds", cast(), cast({ round: 1 })],
    ["the same vote twice, as a node repeats it after a restart", cast(), cast()],
    ["prevote and precommit", cast({ type: 1n, block: noBlock }), cast()],
    ["prevotes of two rounds", cast({ type: 1n }), cast({ type: 1n, round: 1, block: noBlock })],
    ["two heights", cast(), cast({ height: 2n, block: noBlock })],
  ])("%s", (_what, one, two) => {
    expect(conflictOf({ votes: [one, two] }, worker)).toBeUndefined();
  });
});

describe("refused", () => {
  const code = (call: () => unknown): string => {
    try {
      call();
    } catch (error) {
      if (error instanceof HistoryError) return error.code;
      throw error;
    }
    return "none";
  };
  const another = changedField.appHash(header);
  const pair = [cast(), cast({ round: 1, block: idOf(another) })] as const;

  test("a vote of another worker, or with another content", () => {
    const strange = cast({ by: 2, block: noBlock });
    expect(code(() => conflictOf({ votes: [cast(), strange] }, worker))).toBe("invalid-signature");
    const forged = { ...cast(), round: 1 };
    expect(code(() => conflictOf({ votes: [cast(), forged] }, worker))).toBe("invalid-signature");
  });

  test("headers that are missing or are not the votes'", () => {
    expect(code(() => conflictOf({ votes: pair }, worker))).toBe("commit-mismatch");
    expect(code(() => conflictOf({ votes: pair, headers: [header, header] }, worker))).toBe(
      "header-mismatch",
    );
    expect(code(() => conflictOf({ votes: pair, headers: [another, header] }, worker))).toBe(
      "header-mismatch",
    );
  });

  test("a precommit of a commit is the signed vote; of another block it is not", () => {
    const { round, blockId, signatures } = votesFor(header, [0, 1, 2]);
    const precommit = { round, blockId, ...signatures[1] };
    const vote = precommitFor(header, precommit);
    expect(conflictOf({ votes: [vote, cast({ round: 1, block: blockId })] }, worker)).toBe(
      undefined,
    );
    expect(code(() => precommitFor(another, precommit))).toBe("header-mismatch");
  });
});
