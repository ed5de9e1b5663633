/**
 * How a worker finds its last committed state again: from the newest snapshot that holds, it runs the calls of the
 * blocks behind it, as its journal has them.
 *
 * Invariant: every replayed call must make the application state that was committed; a snapshot or a journal that
 * does not is corrupt, and an older snapshot is taken. Nothing is guessed.
 */
import { type ApplicationState, initialApplicationState } from "../../history/index.ts";
import type { Program } from "../../interpreter/index.ts";
import { NodeError } from "../nodeError.ts";
import { BlockMachine } from "./blockMachine.ts";
import type { BlockJournal } from "./journal.ts";
import { readSnapshot, type SnapshotFolder } from "./snapshots.ts";

/** A machine at the base after a block, and the application state there. */
export interface Recovered {
  readonly machine: BlockMachine;
  readonly application: ApplicationState;
}

/** What a worker's folder holds. */
export interface WorkerFolder {
  readonly program: Program;
  readonly journal: BlockJournal;
  /** Without it nothing but the journal is kept: recovery begins at genesis. */
  readonly snapshots?: SnapshotFolder | undefined;
}

/** The state after the last committed block. Throws `state-corrupt`. */
export function recover(folder: WorkerFolder): Recovered {
  return stateAfter(folder, folder.journal.height);
}

/**
 * The state after a committed block, on a machine of its own. Throws `state-gone` for a height before the folder's first, and
 * `state-corrupt`.
 */
export function stateAfter(folder: WorkerFolder, height: bigint): Recovered {
  const steps = recovering(folder, height);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/**
 * The same beside other work: behind each block, and behind the snapshot, the process is left to others for as long as it took.
 * Rejects with what `stateAfter` throws.
 */
export async function stateAfterBeside(folder: WorkerFolder, height: bigint): Promise<Recovered> {
  const steps = recovering(folder, height);
  for (;;) {
    const start = performance.now();
    const { done, value } = steps.next();
    if (done) return value;
    const tookMs = performance.now() - start;
    await new Promise((resume) => setTimeout(resume, tookMs));
  }
}

/** Stops wherever others may have the process. */
function* recovering(folder: WorkerFolder, height: bigint): Generator<undefined, Recovered> {
  const { program, snapshots } = folder;
  let failure: NodeError | undefined;
  for (const from of snapshots?.heights().filter((kept) => kept <= height) ?? []) {
    const bytes = snapshots?.read(from);
    if (bytes === undefined) continue;
    try {
      const { state, application } = readSnapshot(program, bytes);
      const machine = new BlockMachine(program, state);
      return yield* replaying(folder, { machine, application }, from, height);
    } catch (error) {
      if (!(error instanceof NodeError)) throw error;
      failure = error;
    }
  }
  const { startsAt } = folder.journal;
  if (startsAt !== undefined) {
    const where = `${height} is before the state sync or handover at ${startsAt}`;
    throw failure ?? new NodeError("state-gone", where);
  }
  const machine = new BlockMachine(program);
  const application = initialApplicationState(machine.base());
  return yield* replaying(folder, { machine, application }, 0n, height);
}

function* replaying(
  { journal }: WorkerFolder,
  { machine, application }: Recovered,
  from: bigint,
  to: bigint,
): Generator<undefined, Recovered> {
  let reached = application;
  yield;
  for (const block of journal.blocks(from, to)) {
    const key = `replay ${block.height}`;
    const outcome = machine.run(key, block.input);
    machine.keep(key);
    if (outcome === "over-fuel" || outcome.result !== block.application.result) {
      throw new NodeError("state-corrupt", `block ${block.height} gives another state`);
    }
    reached = block.application;
    yield;
  }
  if (reached.base !== machine.base()) {
    throw new NodeError("state-corrupt", `the state after block ${to} is another one`);
  }
  return { machine, application: reached };
}
