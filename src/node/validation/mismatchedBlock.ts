/**
 * What a validator brings where a block's transactions are not what its record says, or are more than a call takes (paper
 * 5.8, docs/network.md §5): the list, or the record, to MismatchedTransactions, then the votes for the block's header and
 * every confirmation of the fragment.
 *
 * Invariant: what others have brought before is not brought again; the reward is whose list came first.
 */
import type { Contract } from "ethers";
import type { Sender } from "../../game/index.ts";
import {
  bringList,
  type Confirmation,
  headerName,
  precommitCalldata,
  type RecordedBlock,
  recordArguments,
  refusalArguments,
} from "../../history/index.ts";
import { StateTree } from "../../merkle/index.ts";
import { NodeError } from "../nodeError.ts";
import {
  type Brought,
  type DisputeTable,
  refuteEach,
  showLinks,
  unlessRefused,
} from "./confirmationDisputes.ts";
import type { MismatchedBlock } from "./fragmentData.ts";
import type { FragmentTask, Replayed } from "./fragmentJob.ts";
import { votesForHeader } from "./headerVotes.ts";

/** Has everybody convicted who said that the block is right. */
export async function convictMismatched(
  table: DisputeTable,
  task: FragmentTask,
  { data, machine }: Replayed,
  mismatch: MismatchedBlock,
  confirmations: readonly Confirmation[],
): Promise<Brought> {
  const { lists, clusters, sender, checkpoints } = table;
  const { fragment } = task;
  const generation = await clusters.generation(fragment.generation);
  const index = data.manifests.findIndex(({ header }) => header.height === mismatch.height);
  const [manifest, child] = data.manifests.slice(index, index + 2);
  if (generation === undefined || child === undefined) {
    throw new NodeError("chain-refused", "the fragment's generation");
  }
  const { header, record, application } = manifest;
  const { reporter } = await lists.findingOf(generation.id, headerName(header));
  if (BigInt(reporter) === 0n) {
    const block = { generation: generation.id, header, record };
    // The replay stands at the state before the block.
    const refusal = () =>
      refusalArguments(block, application, new StateTree(machine.state).beginWitness());
    if (mismatch.isRefused === true) await sender.send(lists, "reportRefusal", refusal());
    else await show(lists, sender, block, mismatch.transactions);
  }
  if (confirmations.length > 0) await showLinks(table, data, mismatch.height - 1n);
  const refuted = await refuteEach(confirmations, (confirmation) =>
    table.confirmations.refuteTransactions(confirmation, mismatch.height),
  );
  // The votes for header h stand in the manifest behind it, and others that somebody has made up.
  const votes = await votesForHeader(checkpoints, task, generation, header, child);
  const precommits = votes.map(({ worker, precommit }) =>
    precommitCalldata(header, precommit, generation.workers[worker]),
  );
  const args = [generation.id, headerName(header), precommits];
  const isNew = await unlessRefused(["NoNewVote"], () => sender.send(lists, "slash", args));
  return { workers: isNew ? votes.map(({ worker }) => worker) : [], confirmations: refuted };
}

async function show(
  lists: Contract,
  sender: Sender,
  block: RecordedBlock,
  transactions: readonly Uint8Array[] | undefined,
): Promise<void> {
  if (transactions === undefined) {
    await sender.send(lists, "reportRecord", recordArguments(block));
    return;
  }
  const send = (method: string, args: readonly unknown[]) => sender.send(lists, method, args);
  await bringList(lists, send, block, transactions);
}
