/**
 * The votes with which a checkpoint was shown: they are on the EVM chain for good, whatever a cluster's nodes withhold
 * afterwards and whoever has brought it.
 *
 * Invariant: the contract has verified them when it took the checkpoint; more than two thirds of its generation gave them.
 */
import { type Contract, getBytes, type Result } from "ethers";
import type { Hash } from "../../game/index.ts";
import type { PrecommitOf } from "../evidence.ts";
import type { Checkpoint } from "./checkpointReader.ts";
import { checkpointsInterface } from "./networkInterfaces.ts";

/**
 * The precommits for a checkpoint's header, by accounts ascending; none for a header that was not shown. Rejects with what the
 * chain's node answers.
 *
 * @param contract Checkpoints, with a provider.
 */
export async function shownVotes(
  contract: Contract,
  cluster: Hash,
  { shownBlock, headerHash }: Pick<Checkpoint, "shownBlock" | "headerHash">,
): Promise<PrecommitOf[]> {
  const { provider } = contract.runner ?? {};
  if (!provider) throw new TypeError("expected a contract with a provider");
  // Clusters tells it of the header with which a generation ends.
  const address = [await contract.getAddress(), (await contract.clusters()) as string];
  const topics = checkpointsInterface.encodeFilterTopics("Voted", [cluster, headerHash]);
  const block = { fromBlock: shownBlock, toBlock: shownBlock };
  const [log] = await provider.getLogs({ address, topics, ...block });
  const voted = log && checkpointsInterface.parseLog(log);
  return voted ? precommitsIn(voted.args, headerHash) : [];
}

function precommitsIn(
  { round, partsTotal, partsHash, votes }: Result,
  headerHash: Hash,
): PrecommitOf[] {
  const parts = { total: Number(partsTotal), hash: getBytes(partsHash) };
  return (votes as Result[]).map(({ time, r, s }) => ({
    round: Number(round),
    blockId: { hash: getBytes(headerHash), parts },
    time: { seconds: time.secs, nanos: Number(time.nanos) },
    signature: getBytes(`${r}${s.slice(2)}`),
  }));
}
