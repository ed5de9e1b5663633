/**
 * One turn's work: the state before the fragment, the replay of its blocks with all samples in the same pass, and what
 * came of it.
 *
 * Invariant: the state before is the base that the checkpoint before carries, whoever gave its bytes; a replay that was
 * interrupted goes on behind the last block that was kept, and comes out the same.
 */
import { hexlify } from "ethers";
import type { Hash } from "../../game/index.ts";
import {
  applicationHash,
  type CarriedBlock,
  type Content,
  type Fragment,
  FragmentReplay,
  type Manifest,
  receiptsHashAfter,
  type SampleTerms,
  type WrongBlock,
} from "../../history/index.ts";
import { Machine, type Program, type Snapshot, snapshot } from "../../interpreter/index.ts";
import { StateTree } from "../../merkle/index.ts";
import { NodeError } from "../nodeError.ts";
import { encodeSnapshot, mostSnapshotBytes, readSnapshot } from "../worker/snapshots.ts";
import {
  downloadBlocks,
  downloadManifests,
  type FragmentData,
  type FragmentManifests,
  type FragmentSource,
  type MismatchedBlock,
} from "./fragmentData.ts";
import type { ReplayStore } from "./replayStore.ts";

/** A fragment and what it takes to replay it. */
export interface FragmentTask {
  readonly program: Program;
  readonly source: FragmentSource;
  readonly fragment: Fragment;
  /** Where validators of the fragment before say that its last state can be had. */
  readonly snapshots: readonly Content[];
  /** The fragment before, to be replayed where none of those holds; undefined for the first one. */
  readonly previous?: () => Promise<FragmentTask | undefined>;
}

/** What a replay has shown. */
export interface Replayed {
  readonly data: FragmentData;
  readonly replay: FragmentReplay;
  readonly machine: Machine;
  readonly wrong: WrongBlock | undefined;
  /** Height of the first block that was replayed now: behind those that an interrupted replay had kept. */
  readonly from: bigint;
}

/** Keeping states on the disk may take this part of the time. */
const keepShare = 0.05;
/** What the first keep is taken to last. */
const firstKeepMs = 5;

const hashOf = (machine: Machine): Hash =>
  `0x${Buffer.from(new StateTree(machine.state).stateHash()).toString("hex")}`;

/** A machine at the state before a fragment. Throws `content-missing`, `state-corrupt`. */
export async function machineBefore(task: FragmentTask, data: FragmentData): Promise<Machine> {
  const { program, source, snapshots, previous } = task;
  const expected = data.manifests[0].application;
  const genesis = new Machine(program);
  if (genesis.isRunning) genesis.run();
  if (hashOf(genesis) === expected.base) return genesis;
  const appHash = Buffer.from(applicationHash(expected).slice(2), "hex");
  const most = mostSnapshotBytes(program);
  for (const content of snapshots.filter(({ length }) => length <= most)) {
    const bytes = await source.content(content, []).catch(() => undefined);
    if (bytes === undefined) continue;
    try {
      return new Machine(program, readSnapshot(program, bytes, appHash).state);
    } catch (error) {
      // Somebody has stored something else under this name; another one may have the state.
      if (!(error instanceof NodeError) || error.code !== "state-corrupt") throw error;
    }
  }
  const before = await previous?.();
  if (before === undefined) throw new NodeError("content-missing", `state ${expected.base}`);
  const { machine } = await replayTask(before, []);
  // Also where that fragment is wrong or cut short.
  if (hashOf(machine) !== expected.base) {
    throw new NodeError("content-missing", `state ${expected.base}`);
  }
  return machine;
}

/**
 * Replays a fragment up to its first wrong block, or up to the first whose transactions are not those of its record or begin
 * no call (`data.mismatch`). Throws what the download throws.
 *
 * @param terms Seeds of the proofs that are taken: one's own and those that are checked.
 * @param store Keeps the progress, if the turn may be interrupted.
 * @param manifests Those of the fragment, if they are there already.
 */
export async function replayTask(
  task: FragmentTask,
  terms: readonly SampleTerms[],
  store?: ReplayStore,
  manifests?: FragmentManifests,
): Promise<Replayed> {
  const { program, fragment, source } = task;
  const headers = manifests ?? (await downloadManifests(source, fragment));
  const data = new ReplayedData(
    await downloadBlocks(source, headers, program.config.limits.inputBytes),
  );
  const kept = store?.read(program, fragment);
  // What was kept knows nothing of states that the replay alone has.
  const isSame =
    kept !== undefined && kept.progress.taken.length === terms.length && headers.hidden.size === 0;
  const machine = isSame ? kept.machine : await machineBefore(task, data);
  const progress = isSame ? kept.progress : undefined;
  const replay = new FragmentReplay(machine, fragment.startHeight, terms, progress);
  const from = replay.height;
  const keeping = store && new Keeping(() => store.keep(fragment, machine, replay.progress()));
  for (const { height } of data.blocks) {
    if (height < from) continue;
    const wrong = replay.block(data.declared(height));
    if (wrong !== undefined) return { data, replay, machine, wrong, from };
    data.fill(replay);
    keeping?.keepIfDue();
    await new Promise((done) => setImmediate(done));
  }
  keeping?.keep();
  return { data, replay, machine, wrong: undefined, from };
}

/** Says when a state is kept: small ones often, large ones rarely. */
class Keeping {
  readonly #write: () => void;
  #last = performance.now();
  #lastedMs = firstKeepMs;

  constructor(write: () => void) {
    this.#write = write;
  }

  keepIfDue(): void {
    if (performance.now() - this.#last > this.#lastedMs / keepShare) this.keep();
  }

  keep(): void {
    const before = performance.now();
    this.#write();
    this.#last = performance.now();
    this.#lastedMs = this.#last - before;
  }
}

/** The state before a block's call, for a dispute about it. */
export async function stateBeforeBlock(
  task: FragmentTask,
  data: FragmentData,
  height: bigint,
): Promise<Snapshot> {
  const machine = await machineBefore(task, data);
  const replay = new FragmentReplay(machine, task.fragment.startHeight, []);
  const replayed = new ReplayedData(data);
  for (const block of data.blocks) {
    if (block.height === height) return snapshot(machine.state);
    if (replay.block(replayed.declared(block.height)) !== undefined) break;
    replayed.fill(replay);
    await new Promise((done) => setImmediate(done));
  }
  throw new NodeError("state-gone", `no true state before block ${height}`);
}

/** The state behind a fragment, for whoever validates the next one. */
export function snapshotBehind({ data, machine }: Replayed): Uint8Array {
  const end = data.manifests[data.manifests.length - 1];
  return encodeSnapshot(end.header.height, end.application, new StateTree(machine.state));
}

/** The block at a height with what its headers say, if it has a call. */
export function callAt(
  data: FragmentData,
  height: bigint,
): (CarriedBlock & { readonly input: Uint8Array }) | undefined {
  const block = new ReplayedData(data).declared(height);
  return block.input === undefined ? undefined : { ...block, input: block.input };
}

/** A fragment in which the replay fills in the states that nobody has shown, each behind the block that makes it. */
class ReplayedData implements FragmentData {
  readonly blocks: FragmentData["blocks"];
  readonly manifests: Manifest[];
  readonly hidden: Set<bigint>;
  readonly mismatch?: MismatchedBlock;

  constructor({ blocks, manifests, hidden, mismatch }: FragmentData) {
    this.blocks = blocks;
    this.manifests = [...manifests];
    this.hidden = new Set(hidden);
    if (mismatch !== undefined) this.mismatch = mismatch;
  }

  /** The block at a height, the state before which is known. */
  declared(height: bigint): CarriedBlock {
    const index = this.blocks.findIndex((each) => each.height === height);
    const block = this.blocks[index];
    if (block === undefined) throw new RangeError("expected a block of the fragment");
    const { input, receipts } = block;
    const { application: before } = this.manifests[index];
    const { header, application } = this.manifests[index + 1];
    const isHidden = this.hidden.has(height + 1n);
    const after = isHidden ? (hexlify(header.appHash) as Hash) : application;
    const receiptsHash = receiptsHashAfter(before.receiptsHash, receipts);
    return { height, input, before, after, receiptsHash };
  }

  /** Takes over what a true block has made. */
  fill({ height, state }: FragmentReplay): void {
    const index = this.blocks.findIndex((each) => each.height === height - 1n) + 1;
    if (state === undefined || !this.hidden.delete(height)) return;
    this.manifests[index] = { ...this.manifests[index], application: state };
  }
}
