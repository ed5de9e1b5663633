/**
 * What a validator brings where a header of a fragment is wrong by its bytes (headerRules.ts): there is no call to dispute,
 * and the headers show it.
 *
 * Invariant: every confirmation that stands is refuted, and every worker that precommitted the header is reported, whether
 * it has lost its deposit already or not: they are counted for the halt.
 */
import { type Confirmation, type Manifest, reportOfHeader } from "../../history/index.ts";
import { NodeError } from "../nodeError.ts";
import {
  type Brought,
  type DisputeTable,
  refuteEach,
  showAncestor,
  unlessRefused,
} from "./confirmationDisputes.ts";
import type { FragmentTask } from "./fragmentJob.ts";
import type { BrokenHeader } from "./headerRules.ts";
import { votesForHeader } from "./headerVotes.ts";

/** Has everybody convicted who said that a header is right. `manifests` are those from it, or its child, to the checkpoint. */
export async function convictHeader(
  table: DisputeTable,
  task: FragmentTask,
  manifests: readonly Manifest[],
  broken: BrokenHeader,
  confirmations: readonly Confirmation[],
): Promise<Brought> {
  const { headers, distance } = broken;
  if (confirmations.length > 0) await showAncestor(table, manifests, distance);
  const refuted = await refuteEach(confirmations, (confirmation) =>
    table.confirmations.refuteHeader(confirmation, distance, headers),
  );
  const workers =
    broken.rule === "start"
      ? await reportBranch(table, task, manifests, distance)
      : await reportVoters(table, task, manifests, broken);
  return { workers, confirmations: refuted };
}

/** Reports everybody whose vote for a header can be had. */
async function reportVoters(
  table: DisputeTable,
  task: FragmentTask,
  manifests: readonly Manifest[],
  { headers: [header, parent], distance }: BrokenHeader,
): Promise<number[]> {
  const { checkpoints, clusters, sender, misbehaviour } = table;
  const generation = await clusters.generation(task.fragment.generation);
  if (generation === undefined) throw new NodeError("chain-refused", "the fragment's generation");
  // The votes for a header stand in the manifest behind it.
  const behind = distance === 0 ? undefined : manifests.at(-distance);
  const workers: number[] = [];
  const votes = await votesForHeader(checkpoints, task, generation, header, behind);
  for (const { worker, vote } of votes) {
    const member = generation.workers[worker];
    const { method, args } = reportOfHeader(header, parent, vote, member, generation);
    // Somebody else may have been first.
    const report = () => sender.send(misbehaviour, method, args);
    if (await unlessRefused(["NoNewVote"], report)) workers.push(worker);
  }
  return workers;
}

/** Two lines of headers behind one checkpoint: the cluster is frozen, and nobody can be named. */
async function reportBranch(
  table: DisputeTable,
  { fragment }: FragmentTask,
  manifests: readonly Manifest[],
  distance: number,
): Promise<number[]> {
  await showAncestor(table, manifests, distance);
  const { cluster, position } = fragment;
  await table.sender.send(table.misbehaviour, "reportBranch", [cluster, position]);
  return [];
}
