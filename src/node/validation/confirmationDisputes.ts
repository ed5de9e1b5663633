/**
 * What a validator brings against those who were wrong (docs/validation.md §6): every worker that voted for the wrong
 * result, every validator that confirmed it, and every proof that is not of this fragment's states.
 *
 * Invariant: nothing is brought but by an execution of one's own; one stake at each arbiter serves all that is brought
 * about one call.
 */
import type { Contract } from "ethers";
import {
  type Call,
  type Execution,
  type Hash,
  MachineExecution,
  RefusedError,
  type Sender,
} from "../../game/index.ts";
import {
  type Accusation,
  type ApplicationState,
  type BlockPlayer,
  type CheckpointReader,
  type ClusterReader,
  type Confirmation,
  type ConfirmationPlayer,
  type FragmentBlock,
  headerName,
  type Manifest,
  parentLinks,
  proofFlaw,
  samplesFrom,
  type WrongBlock,
} from "../../history/index.ts";
import { countersOfCall, type Program, type Snapshot } from "../../interpreter/index.ts";
import { NodeError } from "../nodeError.ts";
import type { FragmentData } from "./fragmentData.ts";
import { callAt, type FragmentTask, type Replayed, stateBeforeBlock } from "./fragmentJob.ts";
import { votesForHeader } from "./headerVotes.ts";

/** Where disputes are opened and played. */
export interface DisputeTable {
  readonly blocks: BlockPlayer;
  readonly confirmations: ConfirmationPlayer;
  readonly ancestors: Contract;
  /** MismatchedTransactions and Misbehaviour, from the account that sends. */
  readonly lists: Contract;
  readonly misbehaviour: Contract;
  readonly clusters: ClusterReader;
  readonly checkpoints: CheckpointReader;
  readonly sender: Sender;
  /** Executions by which the players answer. */
  readonly executions: Map<string, Execution>;
}

/** What was brought. */
export interface Brought {
  /** Positions of accused workers, and accused or refuted confirmations. */
  readonly workers: readonly number[];
  readonly confirmations: readonly bigint[];
}

/** Name of a call, by which its execution is found. */
export const callName = ({ previousState, inputRoot }: Call): string =>
  `${previousState} ${inputRoot}`;

/** Refusals of what was brought before, by this validator or by another one. */
const doneBefore = ["AlreadyOpen", "AlreadyRefuted", "NotBonded", "NotAccusable"];

/** Whether it was done now; not if a refusal says that it was done before. */
export async function unlessRefused(
  reasons: readonly string[],
  act: () => Promise<unknown>,
): Promise<boolean> {
  try {
    await act();
    return true;
  } catch (error) {
    if (error instanceof RefusedError && reasons.includes(error.reason)) return false;
    throw error;
  }
}

/** An execution whose first step beyond the declared fuel is known already. */
class OverFuelExecution extends MachineExecution {
  readonly #step: number;

  constructor(program: Program, previous: Snapshot, input: Uint8Array, step: number) {
    super(program, previous, input);
    this.#step = step;
  }

  override async fuelStep(): Promise<number> {
    return this.#step;
  }
}

/** Headers h and h + 1 of a fragment, as a dispute brings them. */
export function blockEvidence({ manifests }: FragmentData, height: bigint): FragmentBlock {
  const index = manifests.findIndex(({ header }) => header.height === height);
  const [parent, child] = manifests.slice(index, index + 2);
  if (index < 0 || child === undefined) throw new RangeError(`expected a block of the fragment`);
  return {
    parent: parent.header,
    before: parent.application,
    record: parent.record,
    header: child.header,
  };
}

/** Accuses everybody who said that a block is right. */
export async function accuseAll(
  table: DisputeTable,
  task: FragmentTask,
  { data, wrong }: Pick<Replayed, "data"> & { readonly wrong: WrongBlock },
  confirmations: readonly Confirmation[],
): Promise<Brought> {
  const { height } = wrong;
  const declared = callAt(data, height);
  const evidence = blockEvidence(data, height);
  if (declared === undefined) throw new RangeError("expected a block with a call");
  const execution = await executionFor(task, data, wrong);
  table.executions.set(callName(execution.call), execution);
  // Too little fuel is found only where it is shown.
  const isShown = wrong.kind === "fuel" && typeof declared.after !== "string";
  const result = isShown ? (declared.after as ApplicationState) : undefined;
  const workers = await accuseWorkers(table, task, evidence, execution, result);
  if (confirmations.length > 0) {
    await stakeAt(table.confirmations);
    await showLinks(table, data, height);
  }
  const accused: bigint[] = [];
  for (const confirmation of confirmations) {
    const open = () =>
      table.confirmations.accuseConfirmation(confirmation, evidence, execution, result);
    if (await unlessRefused(doneBefore, open)) accused.push(confirmation.id);
  }
  return { workers, confirmations: accused };
}

async function executionFor(
  { program, ...task }: FragmentTask,
  data: FragmentData,
  wrong: WrongBlock,
): Promise<MachineExecution> {
  const declared = callAt(data, wrong.height);
  if (declared === undefined) throw new RangeError("expected a block with a call");
  const before = await stateBeforeBlock({ program, ...task }, data, wrong.height);
  if (wrong.kind !== "fuel") {
    return new MachineExecution(program, before, declared.input);
  }
  const step = countersOfCall(before, program).stepCounter + Number(wrong.steps);
  return new OverFuelExecution(program, before, declared.input, step);
}

async function accuseWorkers(
  table: DisputeTable,
  task: FragmentTask,
  evidence: FragmentBlock,
  execution: MachineExecution,
  result: Parameters<BlockPlayer["accuse"]>[3],
): Promise<number[]> {
  const { blocks, checkpoints, clusters } = table;
  const generation = await clusters.generation(task.fragment.generation);
  if (generation === undefined) throw new NodeError("chain-refused", "the fragment's generation");
  const votes = await votesForHeader(checkpoints, task, generation, evidence.header);
  await stakeAt(blocks);
  const accused: number[] = [];
  for (const { worker, precommit } of votes) {
    const accusation: Accusation = { ...evidence, worker, precommit };
    const open = () => blocks.accuse(accusation, generation, execution, result);
    if (await unlessRefused(doneBefore, open)) accused.push(worker);
  }
  return accused;
}

/** Disputes every confirmation whose proof is not what this replay has; `walks` are their walks' numbers. */
export async function disputeProofs(
  table: DisputeTable,
  task: FragmentTask,
  { data, replay }: Replayed,
  checked: readonly { readonly confirmation: Confirmation; readonly walk: number }[],
): Promise<bigint[]> {
  const { period, steps } = task.fragment;
  const disputed: bigint[] = [];
  for (const { confirmation, walk } of checked) {
    const { seed, samples, id } = confirmation;
    const terms = { seed, period };
    const flaw = proofFlaw(samplesFrom(samples, terms), replay.samples(walk), terms, steps);
    if (flaw?.kind !== "state") continue;
    const place = replay.placeOf(flaw.step);
    const height = place?.height ?? task.fragment.startHeight;
    const block = blockEvidence(data, height);
    const [, child] = data.manifests.filter(({ header }) => header.height >= height);
    const sample = { block, result: child.application, index: flaw.index };
    await showLinks(table, data, height);
    const open = async () => {
      if (place === undefined || place.end === flaw.step) {
        return table.confirmations.refuteSample(confirmation, sample);
      }
      const execution = await executionFor(task, data, { kind: "result", height });
      table.executions.set(callName(execution.call), execution);
      await stakeAt(table.confirmations);
      const within = flaw.step - place.start;
      return table.confirmations.disputeSample(confirmation, sample, within, execution);
    };
    if (await unlessRefused(doneBefore, open)) disputed.push(id);
  }
  return disputed;
}

/** Shows on chain that header h + 1 leads to the checkpoint. */
export function showLinks(
  table: DisputeTable,
  { manifests }: FragmentData,
  height: bigint,
): Promise<void> {
  const above = manifests.filter(({ header }) => header.height > height + 1n);
  return showAncestor(table, manifests, above.length);
}

/** Shows on chain the header that is so far before the checkpoint, the last of the manifests. */
export async function showAncestor(
  { ancestors, sender }: DisputeTable,
  manifests: readonly Manifest[],
  distance: number,
): Promise<void> {
  if (distance === 0) return;
  const above = manifests
    .slice(-distance)
    .map(({ header }) => header)
    .reverse();
  const name: Hash = headerName(above[0]);
  const isShown = await ancestors.headerBefore(name, distance).then(
    () => true,
    () => false,
  );
  if (!isShown) await sender.send(ancestors, "show", [name, 0, parentLinks(above)]);
}

/** A stake must be free for what is opened next. */
async function stakeAt(player: BlockPlayer): Promise<void> {
  const { stake } = await player.arbiter.parameters();
  const { free } = await player.arbiter.contract.accounts(await player.address());
  if (free < stake) await player.deposit(stake);
}

/** Refutes each confirmation, without a dispute; the ids of those that nobody had refuted before. */
export async function refuteEach(
  confirmations: readonly Confirmation[],
  refute: (confirmation: Confirmation) => Promise<unknown>,
): Promise<bigint[]> {
  const refuted: bigint[] = [];
  for (const confirmation of confirmations) {
    if (await unlessRefused(["NotAccusable"], () => refute(confirmation))) {
      refuted.push(confirmation.id);
    }
  }
  return refuted;
}
