/**
 * Headers, votes and validator sets of real CometBFT networks, rebuilt from their bytes; every byte of them changed.
 */
import { bytesToHex } from "@noble/hashes/utils.js";
import { describe, expect, test } from "vitest";
import {
  type Commit,
  commitHash,
  dataHash,
  type Header,
  HistoryError,
  headerHash,
  isQuorum,
  readBlock,
  readSignedHeader,
  readValidators,
  verifyCommit,
  voteBytes,
  voteDigest,
  voteTypes,
} from "../../src/history/index.ts";
import { mutations } from "./mutations.ts";
import { network, networks, recorded, recordedNetworks } from "./vectors.ts";

const hex = (bytes: Uint8Array) => `0x${bytesToHex(bytes)}`;

function refusal(verify: () => unknown): string {
  try {
    verify();
  } catch (error) {
    if (error instanceof HistoryError) return error.code;
    throw error;
  }
  return "accepted";
}

describe("real networks", () => {
  test("every recorded folder is used", () => {
    expect(recordedNetworks().sort()).toEqual([...networks, "secp256k1eth"].sort());
  });

  test.each(networks)("%s › header, set, votes and powers", (name) => {
    const { header, commit, validators, expected } = network(name);
    expect(hex(headerHash(header))).toBe(expected.headerHash.toLowerCase());
    const verified = verifyCommit(header, commit, validators);
    expect(verified.votes.length).toBe(expected.votes.length);
    expect(verified.votes.length).toBeGreaterThan(2);
    verified.votes.forEach((vote, index) => {
      const { chainId, height } = header;
      const { round, blockId } = commit;
      const { time } = vote;
      const content = { type: voteTypes.precommit, chainId, height, round, blockId, time };
      const { signBytes, digest, v, r, s, address } = expected.votes[index];
      expect(hex(voteBytes(content))).toBe(signBytes);
      expect(hex(voteDigest(content))).toBe(digest);
      expect({ ...vote.signature, account: vote.account }).toEqual({ v, r, s, account: address });
    });
    expect(verified.total).toBe(10n * BigInt(validators.length));
    expect(verified.power).toBe(10n * BigInt(verified.votes.length));
  });

  test.each(["commit1", "commit2", "commit3"])("four-workers › %s of another node", (file) => {
    const { header, commit } = readSignedHeader(recorded(`four-workers/${file}`));
    const validators = readValidators(recorded("four-workers/validators"));
    expect(verifyCommit(header, commit, validators).power).toBeGreaterThan(26n);
  });

  test.each([...networks, "secp256k1eth"])("%s › block, data hash and last commit", (name) => {
    const { header, transactions, lastCommit } = readBlock(recorded(`${name}/block`));
    expect(hex(dataHash(transactions))).toBe(hex(header.dataHash));
    expect(lastCommit.height).toBe(header.height - 1n);
    expect(lastCommit.blockId).toEqual(header.lastBlockId);
    expect(hex(commitHash(lastCommit))).toBe(hex(header.lastCommitHash));
  });

  test("secp256k1eth keys are refused, by name", () => {
    expect(() => readValidators(recorded("secp256k1eth/validators"))).toThrow(
      "expected tendermint/PubKeySecp256k1 at validators.validators[0].pub_key.type",
    );
    const { header, commit } = readSignedHeader(recorded("secp256k1eth/commit0"));
    expect(hex(headerHash(header))).toBe(hex(commit.blockId.hash));
  });
});

describe("every byte changed is refused", () => {
  test("in the header", () => {
    const { header, commit, validators } = network("round1");
    const codes = [...mutations(header)].map(([place, mutated]) => [
      place,
      refusal(() => verifyCommit(mutated as Header, commit, validators)),
    ]);
    expect(codes.length).toBeGreaterThan(300);
    expect(codes.filter(([, code]) => code !== "header-mismatch")).toEqual([]);
  });

  test("in the validator set", () => {
    const { header, commit, validators } = network("round1");
    const codes = [...mutations(validators)].map(([place, mutated]) => [
      place,
      refusal(() => verifyCommit(header, commit, mutated as typeof validators)),
    ]);
    expect(codes.length).toBeGreaterThan(130);
    expect(codes.filter(([, code]) => code !== "validators-mismatch")).toEqual([]);
  });

  test("in the commit, whose votes are just enough", () => {
    const { header, commit, validators } = network("round1");
    const enough: Commit = { ...commit, signatures: commit.signatures.slice(0, 4) };
    expect(verifyCommit(header, enough, validators).power).toBe(30n);
    const ofAbsent = /^\.signatures\.0\.(?!flag)/;
    const codes = [...mutations(enough)].map(([place, mutated]) => [
      place,
      refusal(() => verifyCommit(header, mutated as Commit, validators)),
    ]);
    expect(codes.length).toBeGreaterThan(340);
    const accepted = codes.filter(([, code]) => code === "accepted").map(([place]) => place);
    // Of an absent validator nothing is read.
    expect(accepted.filter((place) => !ofAbsent.test(place))).toEqual([]);
    expect(accepted.length).toBeGreaterThan(0);
  });

  test("a validator that votes twice counts once", () => {
    const { header, commit, validators } = network("round1");
    const [, one] = commit.signatures;
    const twice = { ...commit, signatures: [one, one, ...commit.signatures.slice(2)] };
    expect(refusal(() => verifyCommit(header, twice, validators))).toBe("unknown-signer");
  });

  test("two of four are too few", () => {
    const { header, commit, validators } = network("round1");
    const two = { ...commit, signatures: commit.signatures.slice(0, 3) };
    expect(refusal(() => verifyCommit(header, two, validators))).toBe("insufficient-power");
  });

  test.each([
    [20n, 30n, false],
    [21n, 30n, true],
    [30n, 40n, true],
    [26n, 40n, false],
    [0n, 0n, false],
  ])("%d of %d is a quorum: %s", (power, total, expected) => {
    expect(isQuorum(power, total)).toBe(expected);
  });
});

describe("answers that are not CometBFT's", () => {
  const answer = recorded("round1/commit0") as { signed_header: Record<string, object> };
  const changed = (part: string, fields: object) => ({
    signed_header: {
      ...answer.signed_header,
      [part]: { ...answer.signed_header[part], ...fields },
    },
  });

  test.each([
    ["nothing", undefined, "an object at commit"],
    ["a list", [], "an object at commit"],
    ["no header", { signed_header: {} }, "an object at commit.signed_header.header"],
    ["height as a number", changed("header", { height: 13 }), "header.height"],
    ["height with a zero in front", changed("header", { height: "013" }), "header.height"],
    ["hash in lower case", changed("header", { data_hash: "e3" }), "header.data_hash"],
    ["hash too short", changed("header", { data_hash: "E3" }), "0 or 32 bytes"],
    ["no time", changed("header", { time: "2026-13-29T07:52:37Z" }), "header.time"],
    ["round as a text", changed("commit", { round: "1" }), "commit.round"],
    ["signatures missing", changed("commit", { signatures: {} }), "commit.signatures"],
  ])("%s", (_name, value, text) => {
    expect(() => readSignedHeader(value)).toThrow(text);
    expect(refusal(() => readSignedHeader(value))).toBe("malformed-answer");
  });

  test("base64 with bits left over", () => {
    const { validators } = recorded("round1/validators") as { validators: object[] };
    const key = (value: string) => ({
      validators: [{ ...validators[0], pub_key: { type: "tendermint/PubKeySecp256k1", value } }],
    });
    expect(refusal(() => readValidators(key("AjC=")))).toBe("malformed-answer");
    expect(refusal(() => readValidators(key("AjC9H4930OZm")))).toBe("malformed-answer");
    expect(refusal(() => readValidators(key("not base64")))).toBe("malformed-answer");
  });
});
