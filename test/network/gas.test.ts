/** What the network's transactions cost, calldata included: the table of docs/network.md §10 is held to it. */
import { readFileSync } from "node:fs";
import { getBytes, type SigningKey } from "ethers";
import { beforeAll, expect, test } from "vitest";
import {
  blockRecordOf,
  bringList,
  chunkProof,
  commitCalldata,
  contentOf,
  dataHash,
  encodeBlockRecord,
  type Header,
  joinArguments,
  receiptDomain,
  recordPath,
  reportOfVotes,
  signReceipt,
  voteTypes,
} from "../../src/history/index.ts";
import { flippedFrom } from "../game/simulation.ts";
import { accusationsOf, blockPlayer, stateBehind, toyBefore, toyExecution } from "./disputes.ts";
import {
  blocksOf,
  createToyCluster,
  inOrder,
  joinAll,
  keysOf,
  runningGeneration,
  send,
  startNetwork,
  type TestNetwork,
} from "./network.ts";

const measured: [string, bigint][] = [];
const gasOf = (receipt: { gasUsed: bigint } | null) => receipt?.gasUsed ?? 0n;
const note = (what: string, gas: bigint) => measured.push([what, gas]);

let network: TestNetwork;
beforeAll(async () => {
  network = await startNetwork();
});

/** Checkpoints a header with the votes of so many of a generation's workers. */
async function checkpoint(count: number, voters: number) {
  const cluster = await createToyCluster(network, { size: count });
  const keys: readonly SigningKey[] = keysOf(`of ${count}`, count);
  await joinAll(network, cluster, keys);
  const { next } = await network.clusters.clusterOf(cluster);
  const seal = await send(network.clusters, network.signers[5], "seal", [cluster, inOrder(keys)]);
  note(`seal ${count} workers`, gasOf(seal));
  const generation = await network.reader.generation(next);
  if (generation === undefined) throw new Error("expected a generation");

  const blocks = blocksOf(generation, keys, toyBefore);
  const chain = blocks.makeChain([{}, {}, {}, {}]);
  const who = Array.from({ length: voters }, (_, index) => index);
  const { header } = chain[3];
  const commit = commitCalldata(header, blocks.votesFor(header, who), blocks.generation.validators);
  const args = [generation.id, commit];
  const receipt = await send(network.checkpoints, network.signers[6], "submit", args);
  note(`checkpoint, ${voters} of ${count}`, gasOf(receipt));
}

// Code that counts its own lines costs more.
test.skipIf(process.env.HARDHAT_COVERAGE === "true")(
  "measured, and the table of the document holds",
  async () => {
    const order = await createToyCluster(network);
    const [key] = keysOf("join", 1);
    const { next } = await network.clusters.clusterOf(order);
    const joining = joinArguments(
      getBytes(key.privateKey),
      next,
      network.accounts[1],
      network.domain,
    );
    const { deposit } = network.parameters.clusters;
    const join = await send(
      network.clusters,
      network.signers[1],
      "join",
      [order, ...joining],
      deposit,
    );
    note("join", gasOf(join));
    await checkpoint(4, 3);
    await checkpoint(16, 11);

    const cluster = await createToyCluster(network);
    const keys = keysOf("worker");
    const { generation, blocks } = await runningGeneration(network, cluster, keys);
    const wrong = toyExecution(generation, flippedFrom(20));
    const lie = stateBehind(toyBefore, await wrong.claim());
    const [accusation] = accusationsOf({ generation, keys, before: toyBefore, after: lie });
    const truth = toyExecution(generation);
    const player = await blockPlayer(network, { signer: 6, execution: truth, stakes: 1n });
    const liar = await blockPlayer(network, { signer: 1, execution: wrong, results: [lie] });
    const sent: bigint[] = [];
    const { open } = player;
    player.open = async (...args) => {
      const receipt = await open.apply(player, args);
      sent.push(receipt.gasUsed);
      return receipt;
    };
    const dispute = await player.accuse(accusation, generation, truth);
    note("openFromHeaders", sent[0]);
    const [, second] = accusationsOf({ generation, keys, before: toyBefore, after: lie });
    await player.accuse(second, generation, truth);
    note("openFromHeaders, a second worker", sent[1]);
    await liar.tick();
    const opened = await player.arbiter.opened(dispute);
    const [proved] = await player.arbiter.moves(opened);
    const receipt = await network.provider.getTransactionReceipt(proved.transactionHash);
    note("proveResult", receipt?.gasUsed ?? 0n);

    const votes = [1, 2].map((fill) => {
      const hash = new Uint8Array(32).fill(fill);
      const blockId = { hash, parts: { total: 1, hash } };
      const time = { seconds: 1_800_000_000n, nanos: 1 };
      return blocks.voteOf(2, { type: voteTypes.precommit, height: 5n, round: 0, blockId, time });
    });
    const [first, other] = votes;
    const report = reportOfVotes({ votes: [first, other] }, generation.workers[2], generation);
    const slashed = await send(
      network.misbehaviour,
      network.signers[6],
      report?.method ?? "",
      report?.args ?? [],
    );
    note("reportDoubleVote", gasOf(slashed));
    await lists(generation.id, generation.chainId, blocks.makeChain([{}])[0].header);
    await storage(cluster);

    const text = readFileSync(new URL("../../docs/network.md", import.meta.url), "utf8");
    const said = new Map(
      [...text.matchAll(/^\| (.+) \| ([\d,]+) \|$/gm)].map(([, what, gas]) => [
        what,
        Number(gas.replaceAll(",", "")),
      ]),
    );
    // Signatures and addresses have more or fewer zero bytes.
    const off = measured.filter(([what, gas]) => {
      const value = said.get(what) ?? 0;
      return Math.abs(Number(gas) - value) > value / 100;
    });
    expect(off.map(([what, gas]) => `| ${what} | ${gas.toLocaleString("en-US")} |`)).toEqual([]);
  },
);

/** A list of 64 KiB in four transactions of 16 KiB each. */
async function lists(generation: bigint, chainId: string, like: Header) {
  const list = [1, 2, 3, 4].map((fill) => new Uint8Array(16_384).fill(fill));
  const said = blockRecordOf({ chainId, height: 5n }, list.slice(1), []);
  const record = encodeBlockRecord(said);
  const header = { ...like, height: 5n, dataHash: dataHash([record, ...list]) };
  const signer = network.signers[6];
  let gas = 0n;
  await bringList(
    network.lists.connect(signer) as typeof network.lists,
    async (method, args) => {
      gas += gasOf(await send(network.lists, signer, method, args));
    },
    {
      generation,
      header,
      record: { transaction: record, siblings: recordPath([record, ...list]) },
    },
    list,
    { bytes: 2 ** 15 },
  );
  note("a mismatched list of 64 KiB, 5 transactions", gas);
}

async function storage(cluster: string) {
  const { signers, accounts, storage: contract } = network;
  const { deposit, halfPrice } = network.parameters.storage;
  await send(contract, signers[3], "register", [accounts[4]], deposit);
  const content = Uint8Array.from({ length: 10_000 }, (_, i) => ((i >> 8) * 31 + i * 13) & 0xff);
  const domain = receiptDomain(network.evmChainId, network.addresses.storage);
  const stored = { height: 9n, ...contentOf(content) };
  const { height, root, length, signature } = await signReceipt(
    cluster,
    stored,
    accounts[3],
    domain,
    signers[3],
  );
  const args = [{ cluster, height, root, length }, signature, 1];
  note("challenge", gasOf(await send(contract, signers[5], "challenge", args, halfPrice)));
  const shown = await send(contract, signers[3], "show", [1n, ...chunkProof(content, 1)]);
  note("show", gasOf(shown));
}
