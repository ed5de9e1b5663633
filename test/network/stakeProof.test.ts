/**
 * Deposits by proof: what an EVM block's hash says about Clusters, against what the contract itself answers; and every
 * changed byte refused.
 */
import { getBytes, hexlify, id, keccak256, toBeHex, toQuantity } from "ethers";
import { beforeAll, describe, expect, test } from "vitest";
import type { Address, Hash } from "../../src/game/index.ts";
import {
  type ClusterGeneration,
  provenStakes,
  provenStorage,
  proveStakes,
  readStorageProof,
  reportOfVotes,
  type StorageProof,
  type TrustedContract,
  voteTypes,
} from "../../src/history/index.ts";
import {
  generationOf,
  joinAll,
  keysOf,
  runningCluster,
  type runningGeneration,
  send,
  type TestNetwork,
} from "./network.ts";

const keys = keysOf("staked");
const deposit = 10n ** 19n;
let network: TestNetwork;
let generation: ClusterGeneration;
let blocks: Awaited<ReturnType<typeof runningGeneration>>["blocks"];

beforeAll(async () => {
  const running = await runningCluster(keys);
  ({ network, generation, blocks } = running);
  await joinAll(network, running.cluster, keysOf("next"));
});

async function proofAt(of = generation, block?: number) {
  const number = block ?? (await network.provider.getBlockNumber());
  const { hash } = (await network.provider.getBlock(number)) ?? {};
  const { clusters } = network.addresses;
  const proof = await proveStakes(network.provider, clusters, of.id, of.validators, number);
  const trusted: TrustedContract = {
    evmChainId: network.evmChainId,
    blockHash: hash as Hash,
    clusters,
    generation: of.id,
    deposit,
  };
  return { proof, trusted };
}

describe("the deposits of a generation", () => {
  test("are what the contract says, also in an older block and after JSON", async () => {
    const { proof, trusted } = await proofAt();
    const read = readStorageProof(JSON.parse(JSON.stringify(proof)));
    expect(provenStakes(read, trusted, generation)).toEqual([deposit, deposit, deposit, deposit]);
    const before = (await network.provider.getBlockNumber()) - 2;
    const older = await proofAt(generation, before);
    expect(provenStakes(older.proof, older.trusted, generation)).toHaveLength(4);
    expect(older.trusted.blockHash).not.toBe(trusted.blockHash);
    expect(() => provenStakes(older.proof, trusted, generation)).toThrow("header");
  });

  test("of a worker that has lost its own, of one that never joined: nothing", async () => {
    const snapshot = await network.provider.send("evm_snapshot", []);
    await convictFirst();
    const { proof, trusted } = await proofAt();
    expect(provenStakes(proof, trusted, generation)).toEqual([0n, deposit, deposit, deposit]);
    await network.provider.send("evm_revert", [snapshot]);
    const slot = keccak256(toBeHex(12345n, 32)) as Hash;
    const { clusters } = network.addresses;
    const block = await network.provider.getBlockNumber();
    const answer = await network.provider.send("eth_getProof", [
      clusters,
      [slot],
      toQuantity(block),
    ]);
    const { storageProof } = answer as { storageProof: { proof: string[] }[] };
    const empty = await proofAt();
    const slots = { ...empty.proof.slots, [slot]: storageProof[0].proof };
    const storage = provenStorage({ ...empty.proof, slots }, empty.trusted.blockHash, clusters);
    expect(storage(slot)).toBe(0n);
  });

  test("another generation, chain, contract or height is refused by name", async () => {
    const { proof, trusted } = await proofAt();
    const code = (given: TrustedContract, of = generation) => {
      try {
        provenStakes(proof, given, of);
      } catch (error) {
        return (error as { code: string }).code;
      }
      return "accepted";
    };
    expect(code(trusted)).toBe("accepted");
    expect(code({ ...trusted, evmChainId: 1n })).toBe("generation-mismatch");
    expect(code({ ...trusted, generation: 2n })).toBe("state-not-proven");
    expect(code({ ...trusted, clusters: network.addresses.storage })).toBe("state-not-proven");
    expect(code({ ...trusted, clusters: network.accounts[19] as Address })).toBe(
      "state-not-proven",
    );
    expect(code({ ...trusted, blockHash: `0x${"11".repeat(32)}` })).toBe("state-not-proven");
    const other = { initialApplicationHash: `0x${"22".repeat(32)}` as Hash };
    expect(code(trusted, { ...generation, ...other })).toBe("generation-mismatch");
    expect(code(trusted, { ...generation, initialHeight: 2n })).toBe("generation-mismatch");
    const { validators } = generation;
    const swapped = {
      ...generation,
      validators: [validators[1], validators[0], ...validators.slice(2)],
    };
    expect(code(trusted, swapped)).toBe("generation-mismatch");
    const next = await generationOf(network, 2n);
    const unsealed = await proofAt(next);
    expect(() => provenStakes(unsealed.proof, unsealed.trusted, next)).toThrow(
      "another generation",
    );
  });
});

describe("a proof", () => {
  test("with any byte of a node changed, a node left out or too many is refused", async () => {
    const { proof, trusted } = await proofAt();
    const refuses = (changed: StorageProof) =>
      expect(() => provenStakes(changed, trusted, generation)).toThrow(
        expect.objectContaining({ code: "state-not-proven" }),
      );
    const paths: [string, (path: readonly string[]) => StorageProof][] = [
      ["account", (account) => ({ ...proof, account })],
      ...Object.keys(proof.slots).map(
        (slot): [string, (path: readonly string[]) => StorageProof] => [
          slot,
          (path) => ({ ...proof, slots: { ...proof.slots, [slot]: path } }),
        ],
      ),
    ];
    for (const [name, put] of paths) {
      const path = name === "account" ? proof.account : proof.slots[name as Hash];
      refuses(put(path.slice(1)));
      refuses(put(path.slice(0, -1)));
      refuses(put([...path, path[0]]));
      path.forEach((node, index) => {
        const bytes = getBytes(node);
        for (let place = 0; place < bytes.length; place += 29) {
          const changed = bytes.slice();
          changed[place] ^= 1;
          refuses(put(path.map((each, at) => (at === index ? hexlify(changed) : each))));
        }
      });
    }
    refuses({ ...proof, header: `${proof.header}00` });
    refuses({ ...proof, slots: {} });
  });

  test("that is no proof is malformed", () => {
    for (const value of [null, {}, { header: "0x", account: ["x"], slots: {} }, { header: "0x" }]) {
      expect(() => readStorageProof(value)).toThrow("storage proof");
    }
  });
});

/** Has the first worker lose its deposit: it has voted for two blocks in a round. */
async function convictFirst(): Promise<void> {
  const [one, other] = ["one", "other"].map((name) => {
    const blockId = { hash: getBytes(id(name)), parts: { total: 1, hash: getBytes(id("parts")) } };
    const time = { seconds: 1_800_000_000n, nanos: 1 };
    return blocks.voteOf(0, { type: voteTypes.precommit, height: 5n, round: 0, blockId, time });
  });
  const report = reportOfVotes({ votes: [one, other] }, generation.workers[0], generation);
  if (report === undefined) throw new Error("two votes of one round are reported");
  await send(network.misbehaviour, network.signers[6], report.method, report.args);
}
