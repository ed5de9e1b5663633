/**
 * Workers of a generation that was handed over, whose deposits are theirs again: what their keys sign from then on costs
 * nobody anything, so it halts nothing and refutes nothing, however many of them sign.
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
  reportOfHeader,
  validatorsHash,
  voterArguments,
  voteTypes,
} from "../../src/history/index.ts";
import { toyBefore } from "./disputes.ts";
import { blocksOf, failure, generationOf, inOrder, joinAll, keysOf, send } from "./network.ts";
import { begin } from "./suspect.ts";

test("two of four workers that have withdrawn › neither a broken rule nor a foreign list halts the cluster", async () => {
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
  await network.mine(network.parameters.clusters.longestBlocks);
  for (const { account, owner } of generation.workers.slice(0, 2)) {
    const signer = signers[network.accounts.indexOf(owner)];
    expect(await failure(send(network.clusters, signer, "withdraw", [account]))).toBe("done");
  }

  const reported = (header: Header, index: number) => {
    const blockId = { hash: headerHash(header), parts: { total: 1, hash: getBytes(id("parts")) } };
    const time = { seconds: 1_800_000_000n, nanos: 1 };
    const content = { type: voteTypes.precommit, height: header.height, round: 0, blockId, time };
    const vote = blocks.voteOf(index, content);
    const worker = generation.workers[index];
    const { method, args } = reportOfHeader(header, undefined, vote, worker, generation);
    return failure(send(network.misbehaviour, signers[6], method, args));
  };
  const others = { ...chain[1].header, validatorsHash: getBytes(id("others")) };
  const running = { status: clusterStatus.running, current: number, refutedHeight: undefined };
  const answers = [await reported(others, 0), await reported(others, 1)];
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
  expect(await reported(others, 2)).toBe("done");
  expect(await network.reader.cluster(cluster)).toMatchObject(running);
});
