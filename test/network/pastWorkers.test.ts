/**
 * Workers of a generation that was handed over, whose deposits are theirs again, or could be: what their keys sign from then on
 * costs nobody anything, so it halts nothing and refutes nothing, however many of them sign.
 */
import { getBytes, id } from "ethers";
import { expect, test } from "vitest";
import {
  clusterStatus,
  commitCalldata,
  dataHash,
  type Header,
  headerHash,
  recordArguments,
  reportOfFork,
  reportOfHeader,
  reportOfVotes,
  validatorsHash,
  voterArguments,
  voteTypes,
} from "../../src/history/index.ts";
import { toyBefore } from "./disputes.ts";
import { blocksOf, failure, generationOf, inOrder, joinAll, keysOf, send } from "./network.ts";
import { begin } from "./suspect.ts";

/** A cluster whose first generation has handed over at height 4 to a second one, and what is reported of the first. */
async function handedOver() {
  const { network, cluster, generation, blocks } = await begin();
  const { signers } = network;
  const next = keysOf("next");
  const number = await joinAll(network, cluster, next);
  await send(network.clusters, signers[5], "seal", [cluster, inOrder(next)]);
  await network.mine(network.parameters.clusters.coolingOffBlocks);
  const following = blocksOf(await generationOf(network, number), next, toyBefore);
  const nextValidatorsHash = validatorsHash(following.generation.validators);
  const chain = blocks.makeChain([{}, {}, {}, { header: (it) => ({ ...it, nextValidatorsHash }) }]);
  const last = chain[3].header;
  const commit = commitCalldata(last, blocks.votesFor(last, [0, 1, 2]), generation.validators);
  await send(network.clusters, signers[6], "handOver", [cluster, commit]);

  const blockId = (hash: Uint8Array) => ({
    hash,
    parts: { total: 1, hash: getBytes(id("parts")) },
  });
  const voteFor = (header: Header, index: number, hash = headerHash(header)) => {
    const time = { seconds: 1_800_000_000n, nanos: 1 };
    const content = { type: voteTypes.precommit, height: header.height, round: 0, time };
    return blocks.voteOf(index, { ...content, blockId: blockId(hash) });
  };
  const report = (made: ReturnType<typeof reportOfVotes>) =>
    failure(send(network.misbehaviour, signers[6], made?.method ?? "", made?.args ?? []));
  return {
    network,
    cluster,
    generation,
    blocks,
    chain,
    running: { status: clusterStatus.running, current: number, refutedHeight: undefined },
    /** A worker has precommitted a header that breaks a rule. */
    broken: (header: Header, index: number) => {
      const vote = voteFor(header, index);
      return report(reportOfHeader(header, undefined, vote, generation.workers[index], generation));
    },
    /** A worker has voted twice in a round. */
    doubleVote: (index: number) => {
      const votes = [1, 2].map((fill) => voteFor(last, index, new Uint8Array(32).fill(fill)));
      const [one, other] = votes;
      return report(reportOfVotes({ votes: [one, other] }, generation.workers[index], generation));
    },
    /** All workers have committed another header of a height as well. */
    fork: (header: Header) => {
      const twin = { ...header, evidenceHash: headerHash(header) };
      const [one, other] = [header, twin].map((each, round) => ({
        header: each,
        commit: blocks.votesFor(each, [0, 1, 2, 3], round),
      }));
      return report(reportOfFork([one, other], generation));
    },
  };
}

test("two of four workers that have withdrawn › neither a broken rule nor a foreign list halts the cluster", async () => {
  const { network, cluster, generation, blocks, chain, running, broken } = await handedOver();
  const { signers } = network;
  await network.mine(network.parameters.clusters.longestBlocks);
  for (const { account, owner } of generation.workers.slice(0, 2)) {
    const signer = signers[network.accounts.indexOf(owner)];
    expect(await failure(send(network.clusters, signer, "withdraw", [account]))).toBe("done");
  }
  const others = { ...chain[1].header, validatorsHash: getBytes(id("others")) };
  const answers = [await broken(others, 0), await broken(others, 1)];
  expect(await network.reader.cluster(cluster)).toMatchObject(running);
  expect(answers).toEqual(["NoNewVote", "NoNewVote"]);

  const first = Uint8Array.of(1);
  const foreign = { ...chain[1].header, dataHash: dataHash([first]) };
  const record = { transaction: first, siblings: [] };
  const shown = recordArguments({ generation: generation.id, header: foreign, record });
  await send(network.lists, signers[6], "reportRecord", shown);
  const votes = voterArguments(generation, foreign, blocks.votesFor(foreign, [0, 1], 1));
  expect(await failure(send(network.lists, signers[6], "slash", votes))).toBe("NoNewVote");

  // One whose deposit is bound still answers for what it signs, and alone halts nothing.
  expect(await broken(others, 2)).toBe("done");
  expect(await network.reader.cluster(cluster)).toMatchObject(running);
});

test("four workers whose deposits are free, and not withdrawn › no fork of theirs halts the cluster", async () => {
  const forked = async (blocksBefore: number) => {
    const { network, cluster, generation, chain, running, fork } = await handedOver();
    const free = Number(await network.clusters.freeBlock(generation.workers[0].account));
    const now = await network.provider.getBlockNumber();
    await network.mine(free - blocksBefore - 1 - now);
    const said = await fork(chain[2].header);
    return { said, running, now: await network.reader.cluster(cluster) };
  };
  const bound = await forked(1);
  expect(bound.said).toBe("done");
  expect(bound.now).toMatchObject({ status: clusterStatus.halted, refutedHeight: 4n });
  const free = await forked(0);
  expect(free.said).toBe("NoQuorum");
  expect(free.now).toMatchObject(free.running);
});

test("two of four workers that have lost their deposits › count for a halt until these would be free", async () => {
  const { network, cluster, generation, chain, running, broken, doubleVote } = await handedOver();
  expect([await doubleVote(0), await doubleVote(1)]).toEqual(["done", "done"]);
  expect(await network.reader.cluster(cluster)).toMatchObject(running);
  const others = { ...chain[1].header, validatorsHash: getBytes(id("others")) };
  const [{ account }] = generation.workers;
  const free = Number(await network.clusters.freeBlock(account));
  await network.mine(free - 3 - (await network.provider.getBlockNumber()));
  expect(await broken(others, 0)).toBe("done");
  // The vote of the other one comes a block too late.
  await network.mine(1);
  expect(await broken(others, 1)).toBe("NoNewVote");
  expect(await network.reader.cluster(cluster)).toMatchObject(running);
});
