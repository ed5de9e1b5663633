/**
 * What a validator brings where a header of a fragment is wrong by its bytes (headerRules.ts): there is no call to dispute,
 * and the headers show it.
 *
 * Invariant: every confirmation that stands is refuted, and every worker that precommitted the header is reported, whether
 * it has lost its deposit already or not: they are counted for the halt.
 */
import {
  type Commit,
  type Confirmation,
  type Manifest,
  precommitFor,
  reportOfHeader,
} from "../../history/index.ts";
import { NodeError } from "../nodeError.ts";
import {
  type Brought,
  commitFlag,
  type DisputeTable,
  refuteEach,
  showAncestor,
  unlessRefused,
} from "./confirmationDisputes.ts";
import type { FragmentTask } from "./fragmentJob.ts";
import type { BrokenHeader } from "./headerRules.ts";

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
      : await reportVoters(table, task, await votesFor(task, manifests, distance), broken);
  return { workers, confirmations: refuted };
}

/** The votes for a header stand in the manifest behind it. */
async function votesFor(
  { source, fragment }: FragmentTask,
  manifests: readonly Manifest[],
  distance: number,
): Promise<Commit> {
  const behind = distance === 0 ? undefined : manifests.at(-distance);
  return (behind ?? (await source.manifest(fragment.height + 1n))).votes;
}

async function reportVoters(
  { clusters, sender, misbehaviour }: DisputeTable,
  { fragment }: FragmentTask,
  { round, blockId, signatures }: Commit,
  { headers: [header, parent] }: BrokenHeader,
): Promise<number[]> {
  const generation = await clusters.generation(fragment.generation);
  if (generation === undefined) throw new NodeError("chain-refused", "the fragment's generation");
  const workers: number[] = [];
  for (const [index, { flag, time, signature }] of signatures.entries()) {
    if (flag !== commitFlag) continue;
    const vote = precommitFor(header, { round, blockId, time, signature });
    const worker = generation.workers[index];
    const { method, args } = reportOfHeader(header, parent, vote, worker, generation);
    // Somebody else may have been first.
    const report = () => sender.send(misbehaviour, method, args);
    if (await unlessRefused(["NoNewVote"], report)) workers.push(index);
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
