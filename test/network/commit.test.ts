/**
 * Headers.sol and Precommits.sol against src/history, on blocks of real CometBFT networks and on every changed byte.
 */
import { bytesToHex } from "@noble/hashes/utils.js";
import type { Contract } from "ethers";
import { beforeAll, describe, expect, test } from "vitest";
import {
  type BlockId,
  type Header,
  headerHash,
  type Timestamp,
  verifyCommit,
} from "../../src/history/index.ts";
import { freshChain } from "../freshChain.ts";
import { mutations } from "../history/mutations.ts";
import { network, networks } from "../history/vectors.ts";

const hex = (bytes: Uint8Array) => `0x${bytesToHex(bytes)}`;
const word = (bytes: Uint8Array) => hex(bytes).padEnd(66, "0");
const time = ({ seconds, nanos }: Timestamp) => ({ secs: seconds, nanos });
const blockId = ({ hash, parts }: BlockId) => ({
  hash: word(hash),
  total: parts.total,
  partsHash: word(parts.hash),
});

/** A header as the contract takes it. */
function calldata(header: Header) {
  const { version, chainId, height } = header;
  return {
    versionBlock: version.block,
    versionApp: version.app,
    chainId,
    height,
    time: time(header.time),
    lastBlockId: blockId(header.lastBlockId),
    lastCommitHash: hex(header.lastCommitHash),
    dataHash: hex(header.dataHash),
    validatorsHash: hex(header.validatorsHash),
    nextValidatorsHash: hex(header.nextValidatorsHash),
    consensusHash: hex(header.consensusHash),
    appHash: hex(header.appHash),
    lastResultsHash: hex(header.lastResultsHash),
    evidenceHash: hex(header.evidenceHash),
    proposerAddress: hex(header.proposerAddress),
  };
}

/** The verified commit of a network, as the contract takes it. */
function commitCalldata(name: string) {
  const { header, commit, validators } = network(name);
  const { votes } = verifyCommit(header, commit, validators);
  return {
    header,
    round: commit.round,
    blockId: blockId(commit.blockId),
    accounts: votes.map(({ account }) => account),
    votes: votes.map((vote) => ({ time: time(vote.time), ...vote.signature })),
  };
}

let harness: Contract;
beforeAll(async () => {
  const { ethers } = await freshChain();
  harness = (await ethers.deployContract("CommitHarness")) as unknown as Contract;
});

/** Accounts that the contract recovers; `refused` where it reverts. */
async function signers(...commit: readonly unknown[]): Promise<readonly string[] | "refused"> {
  return harness.signers(...commit).then(
    (accounts) => [...accounts],
    () => "refused" as const,
  );
}

describe("Headers.sol", () => {
  test.each(networks)("%s", async (name) => {
    const { header } = network(name);
    expect(await harness.headerHash(calldata(header))).toBe(hex(headerHash(header)));
  });

  test("agrees with headerHash on every changed byte", async () => {
    const { header } = network("round1");
    let compared = 0;
    for (const [place, mutated] of mutations(header)) {
      // A hash of another length, and a proposer's address, cannot be written in calldata; an application hash can.
      if (/(?:shortened|lengthened)$/.test(place) && !place.startsWith(".appHash")) continue;
      const expected = headerHash(mutated as Header);
      expect(await harness.headerHash(calldata(mutated as Header)), place).toBe(hex(expected));
      compared++;
    }
    expect(compared).toBeGreaterThan(300);
  });

  test("agrees on extreme numbers, empty texts and times before 1970", async () => {
    const { header } = network("h1");
    const extremes: Partial<Header>[] = [
      { height: 2n ** 63n - 1n },
      { height: 0n },
      { version: { block: 0n, app: 0n } },
      { version: { block: 2n ** 64n - 1n, app: 128n } },
      { chainId: "" },
      { chainId: "x".repeat(200) },
      { appHash: new Uint8Array() },
      { appHash: new Uint8Array(300).fill(7) },
      { time: { seconds: 0n, nanos: 0 } },
      { time: { seconds: -62135596800n, nanos: 999_999_999 } },
      {
        lastBlockId: {
          hash: new Uint8Array(32).fill(1),
          parts: { total: 300, hash: new Uint8Array(32).fill(2) },
        },
      },
    ];
    for (const fields of extremes) {
      const changed = { ...header, ...fields };
      expect(await harness.headerHash(calldata(changed))).toBe(hex(headerHash(changed)));
    }
  });
});

describe("Precommits.sol", () => {
  test.each(networks)("%s", async (name) => {
    const { header, round, blockId: id, accounts, votes } = commitCalldata(name);
    expect(await signers(header.chainId, header.height, round, id, votes)).toEqual(accounts);
    const verified = await harness.verify(calldata(header), round, id.total, id.partsHash, votes);
    expect([...verified]).toEqual(accounts);
  });

  test("a vote with any byte changed is not its signer's", async () => {
    const { header, round, blockId: id, accounts, votes } = commitCalldata("round1");
    const [{ r, s, v, time: of }] = votes;
    const bytes = {
      r: Uint8Array.from(Buffer.from(r.slice(2), "hex")),
      s: Uint8Array.from(Buffer.from(s.slice(2), "hex")),
    };
    const changed = [
      ...[...mutations(bytes)]
        .filter(([place]) => !/(?:shortened|lengthened)$/.test(place))
        .map(([, mutated]) => {
          const both = mutated as typeof bytes;
          return { r: hex(both.r), s: hex(both.s), v, time: of };
        }),
      { r, s, v: 55 - v, time: of },
      { r, s, v: 0, time: of },
      { r, s, v, time: { ...of, secs: of.secs + 1n } },
      { r, s, v, time: { ...of, nanos: 0 } },
    ];
    expect(changed.length).toBe(68);
    for (const vote of changed) {
      const found = await signers(header.chainId, header.height, round, id, [vote]);
      expect(found === "refused" || found[0] !== accounts[0]).toBe(true);
    }
  });

  test("a vote for anything else is not its signer's", async () => {
    const { header, round, blockId: id, accounts, votes } = commitCalldata("round1");
    const { chainId, height } = header;
    const others: readonly unknown[][] = [
      [`${chainId}x`, height, round, id],
      [chainId, height + 1n, round, id],
      [chainId, height, 0, id],
      [chainId, height, round, { ...id, hash: word(new Uint8Array(32)) }],
      [chainId, height, round, { ...id, total: 2 }],
      [chainId, height, round, { ...id, partsHash: id.hash }],
    ];
    for (const other of others) {
      const found = await signers(...other, votes);
      expect(found === "refused" || found.every((each) => !accounts.includes(each))).toBe(true);
    }
  });

  test("the mirror image of a signature is refused", async () => {
    const { header, round, blockId: id, votes } = commitCalldata("round1");
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
    const [{ r, s, v, time: of }] = votes;
    const mirrored = `0x${(order - BigInt(s)).toString(16).padStart(64, "0")}`;
    const vote = { r, s: mirrored, v: 55 - v, time: of };
    const refusal = await harness
      .signers(header.chainId, header.height, round, id, [vote])
      .catch((error: { data?: string }) => harness.interface.parseError(error.data ?? "")?.name);
    expect(refusal).toBe("InvalidVote");
  });

  // Code that counts its own lines costs more.
  test.skipIf(process.env.HARDHAT_COVERAGE === "true")(
    "gas of a header with 3 of 4 and 11 of 16 votes",
    async () => {
      const gas = async (name: string, count: number) => {
        const { header, round, blockId: id, votes } = commitCalldata(name);
        const some = votes.slice(0, count);
        const all = [calldata(header), round, id.total, id.partsHash, some];
        return Number(await harness.verify.estimateGas(...all));
      };
      expect(await gas("round1", 3)).toBeLessThan(106_000);
      expect(await gas("sixteen-workers", 11)).toBeLessThan(210_000);
    },
  );
});
