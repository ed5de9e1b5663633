/**
 * Who has voted for a header of a fragment, by the manifest behind it and, of the checkpoint, by the chain as well.
 *
 * Invariant: what is given out are the workers' own precommits for this very header, each verified, a worker's once; votes
 * that somebody has made up are none. Of a checkpoint there are more than two thirds, whatever the cluster withholds.
 */
import {
  type CheckpointReader,
  type ClusterGeneration,
  type Commit,
  type Fragment,
  type Header,
  headerHash,
  headerName,
  type Manifest,
  type PrecommitOf,
  type SignedVote,
  shownVotes,
  signerAmong,
  voteTypes,
} from "../../history/index.ts";
import { sameBytes } from "../bytes.ts";
import { NodeError } from "../nodeError.ts";
import type { FragmentTask } from "./fragmentJob.ts";

/** Of a vote for the block itself. */
const commitFlag = 2;

/** A worker's precommit. */
export interface HeaderVote {
  /** Its position in the generation. */
  readonly worker: number;
  readonly precommit: PrecommitOf;
  /** The same as it was signed. */
  readonly vote: SignedVote;
}

/**
 * The votes for a header. Throws `content-missing` where nobody has any.
 *
 * @param behind The manifest behind it, if it is known already.
 */
export async function votesForHeader(
  checkpoints: CheckpointReader,
  { source, fragment }: FragmentTask,
  generation: ClusterGeneration,
  header: Header,
  behind?: Manifest,
): Promise<HeaderVote[]> {
  const shown = await votesOnChain(checkpoints, fragment, header);
  const manifest = behind ?? (await source.manifest(header.height + 1n).catch(() => undefined));
  const publicKeys = generation.workers.map(({ publicKey }) => publicKey);
  const found = new Map<number, HeaderVote>();
  for (const precommit of [...shown, ...precommitsOf(manifest?.votes)]) {
    const vote = voteOf(precommit, header, generation);
    const worker = vote === undefined ? -1 : signerAmong(vote, vote.signature, publicKeys);
    if (vote === undefined || worker < 0 || found.has(worker)) continue;
    found.set(worker, { worker, precommit, vote });
  }
  if (found.size === 0) throw new NodeError("content-missing", `votes for ${headerName(header)}`);
  return [...found.values()].sort((one, other) => one.worker - other.worker);
}

/** Votes for the fragment's checkpoint; none for another header. */
async function votesOnChain(
  checkpoints: CheckpointReader,
  { cluster, position, headerHash: end }: Fragment,
  header: Header,
): Promise<PrecommitOf[]> {
  if (headerName(header) !== end) return [];
  const checkpoint = await checkpoints.at(cluster, position);
  // A recovery may have cut it meanwhile.
  return checkpoint.headerHash === end ? shownVotes(checkpoints.contract, cluster, checkpoint) : [];
}

const precommitsOf = (commit: Commit | undefined): PrecommitOf[] =>
  (commit?.signatures ?? [])
    .filter(({ flag }) => flag === commitFlag)
    .map(({ time, signature }) => ({
      round: commit?.round ?? 0,
      blockId: (commit as Commit).blockId,
      time,
      signature,
    }));

/** What a precommit for a header has signed: of the generation's chain, whatever chain the header names. */
function voteOf(
  { round, blockId, time, signature }: PrecommitOf,
  header: Header,
  { chainId }: ClusterGeneration,
): SignedVote | undefined {
  if (!sameBytes(blockId.hash, headerHash(header))) return undefined;
  const { height } = header;
  return { type: voteTypes.precommit, chainId, height, round, blockId, time, signature };
}
