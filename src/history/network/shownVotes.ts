/**
 * The votes with which a checkpoint was shown, out of the transaction that showed it: they are on the EVM chain for good,
 * whatever a cluster's nodes withhold afterwards.
 *
 * Invariant: the contract has verified them when it took the checkpoint; whoever uses them verifies each again, because the
 * transaction's bytes are read here by themselves.
 */
import { type Contract, type EventLog, getBytes, type Interface, type Result } from "ethers";
import type { Hash } from "../../game/index.ts";
import type { PrecommitOf } from "../evidence.ts";
import type { Checkpoint } from "./checkpointReader.ts";
import { checkpointsInterface, clustersInterface } from "./networkInterfaces.ts";

/** Who takes a header with its votes: `submit` a checkpoint, `handOver` the last header of a generation. */
const takers: readonly (readonly [Interface, method: string])[] = [
  [checkpointsInterface, "submit"],
  [clustersInterface, "handOver"],
];

/**
 * The precommits for a checkpoint's header, more than two thirds of all, by accounts ascending; none where a contract has
 * brought them, whose calls are not seen. Rejects with what the chain's node answers.
 *
 * @param contract Checkpoints, with a provider.
 */
export async function shownVotes(
  contract: Contract,
  cluster: Hash,
  { generation, height, shownBlock, headerHash }: Checkpoint,
): Promise<PrecommitOf[]> {
  const filter = contract.filters.Checkpointed(cluster, generation, height);
  const logs = (await contract.queryFilter(filter, shownBlock, shownBlock)) as EventLog[];
  const log = logs.find(({ args }) => args.headerHash === headerHash);
  const transaction = await log?.getTransaction();
  const commit = transaction && commitIn(transaction.data);
  if (commit === undefined) return [];
  const parts = { total: Number(commit.partsTotal), hash: getBytes(commit.partsHash) };
  return (commit.votes as Result[]).map(({ time, r, s }) => ({
    round: Number(commit.round),
    blockId: { hash: getBytes(headerHash), parts },
    time: { seconds: time.secs, nanos: Number(time.nanos) },
    signature: getBytes(`${r}${s.slice(2)}`),
  }));
}

/** The argument `commit` of a call that takes one. */
function commitIn(data: string): Result | undefined {
  for (const [takerInterface, method] of takers) {
    const call = takerInterface.parseTransaction({ data });
    if (call?.name === method) return call.args.commit;
  }
  return undefined;
}
