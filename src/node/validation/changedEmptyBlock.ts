/**
 * What a validator brings where the state behind an empty block is another one (docs/network.md §6 (d)): there is no call
 * to dispute, and the two headers show it.
 *
 * Invariant: every worker that precommitted the header is reported, whether it has lost its deposit already or not: they
 * are counted for the halt.
 */
import { RefusedError } from "../../game/index.ts";
import { precommitFor, reportOfHeader } from "../../history/index.ts";
import { NodeError } from "../nodeError.ts";
import {
  type Brought,
  blockEvidence,
  commitFlag,
  type DisputeTable,
} from "./confirmationDisputes.ts";
import type { FragmentData } from "./fragmentData.ts";
import type { FragmentTask } from "./fragmentJob.ts";

/** Has everybody convicted who voted for the header behind the block. */
export async function convictChangedEmpty(
  { clusters, sender, misbehaviour }: DisputeTable,
  { source, fragment }: FragmentTask,
  data: FragmentData,
  height: bigint,
): Promise<Brought> {
  const generation = await clusters.generation(fragment.generation);
  if (generation === undefined) throw new NodeError("chain-refused", "the fragment's generation");
  const { parent, header } = blockEvidence(data, height);
  const { votes } = await source.manifest(header.height + 1n);
  const { round, blockId, signatures } = votes;
  const workers: number[] = [];
  for (const [index, { flag, time, signature }] of signatures.entries()) {
    if (flag !== commitFlag) continue;
    const vote = precommitFor(header, { round, blockId, time, signature });
    const worker = generation.workers[index];
    const { method, args } = reportOfHeader(header, parent, vote, worker, generation);
    try {
      await sender.send(misbehaviour, method, args);
      workers.push(index);
    } catch (error) {
      // Somebody else was first.
      if (!(error instanceof RefusedError) || error.reason !== "NoNewVote") throw error;
    }
  }
  return { workers, confirmations: [] };
}
