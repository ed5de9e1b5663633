/**
 * The embedded engine's rules against CometBFT's own code (engineVectors/README.md): proposers, block times, bytes and
 * hashes of blocks and votes, room for transactions.
 */
import { readFileSync } from "node:fs";
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { describe, expect, test } from "vitest";
import {
  type Block,
  commitHash,
  dataHash,
  headerHash,
  treeRoot,
  voteBytes,
  voteTypes,
} from "../../src/history/index.ts";
import { partSetHeader } from "../../src/node/engine/blockParts.ts";
import {
  dataBytes,
  medianTime,
  nanosOf,
  noBlock,
  noCommit,
  timeOf,
} from "../../src/node/engine/headers.ts";
import { signatureOf } from "../../src/node/engine/precommits.ts";
import { orderedValidators, Proposers } from "../../src/node/engine/proposers.ts";

interface Vectors {
  readonly rotations: readonly {
    readonly validators: readonly { readonly key: string; readonly power: number }[];
    readonly order: readonly number[];
    /** Positions by height and round. */
    readonly rounds: readonly (readonly number[])[];
  }[];
  readonly medians: readonly {
    readonly votes: readonly {
      readonly flag: number;
      readonly nanos: string;
      readonly power: number;
    }[];
    readonly nanos: string;
  }[];
  readonly blocks: readonly {
    readonly transactions: readonly number[] | null;
    readonly flags: readonly number[] | null;
    readonly round: number;
    readonly height: number;
    readonly headerHash: string;
    readonly total: number;
    readonly partsHash: string;
    readonly signBytes: string;
  }[];
  readonly dataBytes: readonly (readonly [number, number])[];
}

const vectors: Vectors = JSON.parse(
  readFileSync(new URL("engineVectors/vectors.json", import.meta.url), "utf8"),
);

const filled = (length: number, byte: number) => new Uint8Array(length).fill(byte);

describe.each(vectors.rotations.map((each, index) => [index, each] as const))(
  "validator set %i",
  (_, { validators, order, rounds }) => {
    const given = validators.map(({ key, power }) => ({
      publicKey: hexToBytes(key),
      power: BigInt(power),
    }));
    const ordered = orderedValidators(given);

    test("stands in CometBFT's order", () => {
      expect(ordered.map((each) => given.indexOf(each))).toEqual(order);
    });

    test("each round of each height has CometBFT's proposer, however many rounds were asked for", () => {
      for (const asked of [3, 1, 0]) {
        const proposers = new Proposers(ordered);
        for (const expected of rounds) {
          const turns = expected.slice(0, asked).map((__, round) => proposers.at(round));
          expect(turns).toEqual(expected.slice(0, asked));
          proposers.nextHeight();
        }
      }
      expect(rounds.length).toBeGreaterThan(10);
    });
  },
);

test("block times are CometBFT's medians", () => {
  for (const { votes, nanos } of vectors.medians) {
    const validators = votes.map(({ power }, index) => ({
      publicKey: filled(33, index),
      power: BigInt(power),
    }));
    const signatures = votes.map(({ flag, nanos: at }) => ({
      flag,
      validatorAddress: filled(20, 1),
      time: timeOf(BigInt(at)),
      signature: filled(64, 1),
    }));
    const commit = { height: 1n, round: 0, blockId: noBlock, signatures };
    expect(nanosOf(medianTime(commit, validators)).toString()).toBe(nanos);
  }
  expect(vectors.medians.length).toBeGreaterThan(20);
});

/** The block that the Go program has made. */
function blockOf({ transactions, flags, round, height }: Vectors["blocks"][number]): Block {
  const parent = { hash: filled(32, 7), parts: { total: 3, hash: filled(32, 8) } };
  const signatures = (flags ?? []).map((flag, index) =>
    flag === 1
      ? signatureOf(undefined, filled(33, 0))
      : {
          flag,
          validatorAddress: filled(20, index + 1),
          time: { seconds: 1_800_000_000n + BigInt(index), nanos: index * 999 },
          signature: filled(64, index + 9),
        },
  );
  const isFirst = flags === null;
  const lastCommit = isFirst
    ? noCommit
    : { height: BigInt(height) - 1n, round, blockId: parent, signatures };
  const list = (transactions ?? []).map((length, index) => filled(length, index + 1));
  const header = {
    version: { block: 11n, app: 1n },
    chainId: "vectors",
    height: BigInt(height),
    time: { seconds: 1_800_000_000n, nanos: 5 },
    lastBlockId: isFirst ? noBlock : parent,
    lastCommitHash: commitHash(lastCommit),
    dataHash: dataHash(list),
    validatorsHash: filled(32, 1),
    nextValidatorsHash: filled(32, 2),
    consensusHash: filled(32, 3),
    appHash: filled(32, 4),
    lastResultsHash: filled(32, 5),
    evidenceHash: treeRoot([]),
    proposerAddress: filled(20, 6),
  };
  return { header, transactions: list, lastCommit };
}

test.each(vectors.blocks.map((each, index) => [index, each] as const))(
  "block %i has CometBFT's hash, parts and sign-bytes",
  (_, expected) => {
    const block = blockOf(expected);
    const { chainId, height } = block.header;
    const blockId = { hash: headerHash(block.header), parts: partSetHeader(block) };
    expect(bytesToHex(blockId.hash)).toBe(expected.headerHash);
    expect(blockId.parts.total).toBe(expected.total);
    expect(bytesToHex(blockId.parts.hash)).toBe(expected.partsHash);
    const vote = {
      type: voteTypes.precommit,
      chainId,
      height,
      round: expected.round,
      blockId,
      time: { seconds: 1_800_000_001n, nanos: 7 },
    };
    expect(bytesToHex(voteBytes(vote))).toBe(expected.signBytes);
  },
);

test("a block has CometBFT's room for transactions", () => {
  expect(vectors.dataBytes.map(([validators]) => dataBytes(2 ** 19, validators))).toEqual(
    vectors.dataBytes.map(([, bytes]) => bytes),
  );
});
