/**
 * MismatchedTransactions.sol (eq. 5.8): lists that are not what their record says, in both directions, streamed in any
 * pieces; honest blocks and foreign lists refused; records that are none.
 */
import { concat, getBytes, hexlify, id, type Result, ZeroAddress } from "ethers";
import { beforeEach, describe, expect, test } from "vitest";
import {
  blockRecordOf,
  bringList,
  type ClusterGeneration,
  clusterStatus,
  dataHash,
  encodeBlockRecord,
  findingOf,
  type Header,
  headerCalldata,
  type Receipt,
  type RecordProof,
  recordPath,
  voterArguments,
  workerStatus,
} from "../../src/history/index.ts";
import { seededPick } from "../game/random.ts";
import { gaps } from "./disputes.ts";
import {
  failure,
  fromOneState,
  keysOf,
  runningCluster,
  type runningGeneration,
  send,
  type TestNetwork,
} from "./network.ts";

const keys = keysOf("worker");
const reporter = 6;
const bytesOf = (length: number, fill: number) =>
  Uint8Array.from({ length }, (_, index) => (fill * 31 + index * 7) & 0xff);
/** Lengths around the leaves of both trees. */
const list = [0, 1, 87, 88, 127, 128, 129, 300, 1000].map(bytesOf);
const receipt: Receipt = {
  height: 1n,
  root: id("root"),
  length: 5,
  storageNode: ZeroAddress,
  signature: `0x${"ab".repeat(65)}`,
};

const begin = fromOneState(() => runningCluster(keys));
let network: TestNetwork;
let generation: ClusterGeneration;
let blocks: Awaited<ReturnType<typeof runningGeneration>>["blocks"];
beforeEach(async () => {
  ({ network, generation, blocks } = await begin());
});

/** A block whose record is of one list and whose data hash of another. */
function blockOf(
  recorded: readonly Uint8Array[],
  carried: readonly Uint8Array[],
  receipts: readonly Receipt[] = [],
): { header: Header; record: RecordProof } {
  const { chainId } = generation;
  const record = encodeBlockRecord(blockRecordOf({ chainId, height: 5n }, recorded, receipts));
  const all = [record, ...carried];
  const [{ header }] = blocks.makeChain([
    { header: (made) => ({ ...made, height: 5n, dataHash: dataHash(all) }) },
  ]);
  return { header, record: { transaction: record, siblings: recordPath(all) } };
}

async function bring(
  block: { header: Header; record: RecordProof },
  transactions: readonly Uint8Array[],
  batches = {},
) {
  const signer = network.signers[reporter];
  const lists = network.lists.connect(signer) as typeof network.lists;
  return failure(
    bringList(
      lists,
      (method, args) => send(network.lists, signer, method, args),
      { generation: generation.id, ...block },
      transactions,
      batches,
    ),
  );
}

/** Slashes workers by their votes for a header. */
async function slash(header: Header, workers: readonly number[]) {
  const args = voterArguments(generation, header, blocks.votesFor(header, workers, 1));
  return failure(send(network.lists, network.signers[5], "slash", args));
}

const statusOf = async (index: number) =>
  (await network.reader.worker(generation.workers[index].account))?.status;

describe("a block whose transactions are not those of its record", () => {
  test("shown by the list that the data hash names", async () => {
    const block = blockOf(list.slice(1), list, [receipt]);
    expect(findingOf(block.header, block.record, list)).toBe("mismatch");
    expect(await bring(block, list, { lengths: 4, bytes: 300 })).toBe("done");
    expect(await slash(block.header, [0, 2])).toBe("done");
    expect(await statusOf(0)).toBe(workerStatus.slashed);
    expect(await statusOf(1)).toBe(workerStatus.bonded);
    // The reward is the reporter's, not the sender's of the votes.
    expect(await network.clusters.credits(network.accounts[reporter])).toBe(10n ** 19n);
    expect(await network.clusters.credits(network.accounts[5])).toBe(0n);
    expect(await slash(block.header, [0])).toBe("NoNewVote");
    expect(await gaps(network)).toEqual([0n, 0n]);
  });

  test("halts the cluster below its state once more than a third have voted for it, whatever they have left", async () => {
    const block = blockOf(list.slice(1), list);
    expect(await bring(block, list)).toBe("done");
    const clusterOf = async () => network.reader.cluster(generation.cluster);
    expect(await slash(block.header, [0])).toBe("done");
    expect(await clusterOf()).toMatchObject({
      status: clusterStatus.running,
      refutedHeight: undefined,
    });
    // A worker that has lost its deposit over another block counts all the same.
    const other = blockOf(list.slice(2), list);
    expect(await bring(other, list)).toBe("done");
    expect(await slash(other.header, [1])).toBe("done");
    expect((await clusterOf())?.status).toBe(clusterStatus.halted);
    expect((await clusterOf())?.refutedHeight).toBeUndefined();
    expect(await slash(block.header, [0, 1])).toBe("done");
    expect((await clusterOf())?.refutedHeight).toBe(6n);
    expect(await slash(block.header, [0, 1])).toBe("NoNewVote");
    expect(await gaps(network)).toEqual([0n, 0n]);
  });

  test("shown by the list that the record names, where the other one is withheld", async () => {
    const block = blockOf(list, list.slice(1));
    expect(findingOf(block.header, block.record, list)).toBe("mismatch");
    expect(await bring(block, list)).toBe("done");
  });

  test.each([
    ["order", [...list].reverse()],
    ["an empty transaction more", [...list, new Uint8Array()]],
    ["no transaction at all", []],
    ["one byte", list.map((each, index) => (index === 7 ? each.with(299, 1) : each))],
  ])("%s", async (_what, carried) => {
    expect(await bring(blockOf(list, carried), carried, { bytes: 500 })).toBe("done");
  });

  test("random lists in random pieces", async () => {
    const pick = seededPick(5);
    for (let run = 0; run < 4; run++) {
      const made = Array.from({ length: pick(1, 40) }, () => bytesOf(pick(0, 400), pick(0, 255)));
      const other = made.map((each, index) => (index === 0 ? bytesOf(each.length + 1, 3) : each));
      const pieces = { lengths: pick(1, 9), bytes: pick(1, 700) };
      expect(await bring(blockOf(other, made), made, pieces)).toBe("done");
      expect(await bring(blockOf(made, made), made, pieces)).toBe("NoMismatch");
    }
  });
});

describe("what is refused", () => {
  test("honest blocks, and lists that have nothing to do with the block", async () => {
    for (const each of [list, list.slice(0, 1), [bytesOf(3, 1)]]) {
      const block = blockOf(each, each, [receipt, receipt]);
      expect(findingOf(block.header, block.record, each)).toBe("honest");
      expect(await bring(block, each)).toBe("NoMismatch");
      const other = [...each, bytesOf(1, 1)];
      expect(findingOf(block.header, block.record, other)).toBe("other-list");
      expect(await bring(block, other)).toBe("NoMismatch");
      expect(await slash(block.header, [0])).toBe("NotMismatched");
    }
  });

  test("a record that is not the first transaction, or another path", async () => {
    const block = blockOf(list.slice(1), list);
    const { transaction, siblings } = block.record;
    const args = [generation.id, headerCalldata(block.header)];
    const begin = (record: Uint8Array, path: readonly Uint8Array[]) =>
      failure(
        send(network.lists, network.signers[reporter], "begin", [
          ...args,
          hexlify(record),
          path.map((each) => hexlify(each)),
          3,
        ]),
      );
    expect(await begin(list[1], siblings)).toBe("RecordNotProven");
    expect(await begin(transaction, siblings.slice(1))).toBe("RecordNotProven");
    expect(await begin(transaction, siblings)).toBe("done");
  });

  test("steps out of order, other states, too much, other lengths", async () => {
    const block = blockOf(list.slice(1), list);
    const signer = network.signers[reporter];
    const lists = network.lists.connect(signer) as typeof network.lists;
    const call = (method: string, ...args: unknown[]) =>
      failure(send(network.lists, signer, method, args));
    const step = async (method: string, ...args: unknown[]) => {
      const stream: Result = await lists.getFunction(method).staticCall(...args);
      await send(network.lists, signer, method, args);
      return stream.toArray(true);
    };
    const siblings = block.record.siblings.map((each) => hexlify(each));
    const begun = await step(
      "begin",
      generation.id,
      headerCalldata(block.header),
      hexlify(block.record.transaction),
      siblings,
      2,
    );
    expect(await call("take", begun, ["0x01"])).toBe("Unfinished");
    expect(await call("conclude", begun)).toBe("Unfinished");
    expect(await call("announce", begun, [1, 2, 3])).toBe("TooMany");
    expect(await call("announce", begun, [2 ** 32 - 1])).toBe("TooLong");
    const announced = await step("announce", begun, [1, 2]);
    expect(await call("announce", begun, [1, 2])).toBe("StaleStream");
    expect(await call("take", announced, ["0x01", "0x02", "0x03"])).toBe("TooMany");
    const other = failure(send(network.lists, network.signers[5], "take", [announced, ["0x01"]]));
    expect(await other).toBe("StaleStream");
    const taken = await step("take", announced, ["0x01", "0x02"]);
    expect(await call("conclude", taken)).toBe("LengthsDiffer");
  });
});

describe("a first transaction that is no record", () => {
  const reportRecord = async (first: Uint8Array) => {
    const [{ header }] = blocks.makeChain([
      { header: (made) => ({ ...made, height: 5n, dataHash: dataHash([first, ...list]) }) },
    ]);
    const siblings = recordPath([first, ...list]).map((each) => hexlify(each));
    const args = [generation.id, headerCalldata(header), hexlify(first), siblings];
    const answer = await failure(
      send(network.lists, network.signers[reporter], "reportRecord", args),
    );
    return { answer, header };
  };

  test("every changed byte of a record's frame is seen, and no true record is taken for one", async () => {
    const { chainId } = generation;
    for (const receipts of [[], [receipt], [receipt, { ...receipt, signature: "0x" }]]) {
      const record = encodeBlockRecord(blockRecordOf({ chainId, height: 5n }, list, receipts));
      expect((await reportRecord(record)).answer).toBe("RecordIsCanonical");
      // Magic, the tuple's offset, the list's offset and length, and what follows the fields.
      const places = [0, 27, 28 + 31, 28 + 127 + 32, record.length - 1, 28 + 32 + 32];
      for (const place of places) {
        const changed = record.with(place, record[place] ^ 0x80);
        const isField = receipts.length === 0 && place === record.length - 1;
        const { answer } = await reportRecord(changed);
        if (!isField) expect(answer, `${receipts.length} ${place}`).toBe("done");
      }
      const cut = record.subarray(0, record.length - 1);
      expect((await reportRecord(cut)).answer).toBe("done");
      const longer = getBytes(concat([record, `0x${"00".repeat(32)}`]));
      expect((await reportRecord(longer)).answer).toBe("done");
    }
  });

  test("its workers are slashed", async () => {
    const { answer, header } = await reportRecord(list[7]);
    expect(answer).toBe("done");
    expect(await slash(header, [1])).toBe("done");
    expect(await statusOf(1)).toBe(workerStatus.slashed);
  });
});
