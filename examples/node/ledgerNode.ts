/**
 * A node that keeps one machine: applies blocks through the gateway, journals them, signs each transition, and saves
 * the state now and then.
 *
 * Invariant: a block is acknowledged (its signed transition given away) only after the journal holds it on disk. So a
 * node that is killed at any moment comes back with every acknowledged block, re-executes what came after the
 * newest snapshot, and never signs two results of one call, because execution is deterministic and is checked.
 */
import { open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { hexlify, type TypedDataDomain } from "ethers";
import {
  type SignedTransition,
  signTransition,
  type Transition,
  type TypedDataSigner,
} from "../../src/game/index.ts";
import {
  call,
  inputRoot,
  instantiate,
  type Machine,
  type Program,
  programRoot,
  stateHash,
  stateTree,
} from "../../src/index.ts";
import { loadState, SnapshotError, saveState } from "../../src/merkle/index.ts";
import { type FolderLock, lockFolder } from "./folderLock.ts";
import { Journal } from "./journal.ts";

/** The journal holds other results than this program gives. */
export class OtherProgramError extends Error {
  constructor(folder: string, block: number) {
    super(
      `${folder}: block ${block} of the journal has another result than this program gives; start the program that wrote it, or give this one a folder of its own`,
    );
    this.name = "OtherProgramError";
  }
}

/** A transition as JSON has it: no bigints. */
export type TransitionJson = Omit<Transition, "steps" | "fuel" | "epoch"> & {
  readonly steps: number;
  readonly fuel: number;
  /** 0 as long as the node's deposit has never fallen below a stake (docs/game.md §2). */
  readonly epoch: number;
};

interface JournalEntry {
  readonly block: string;
  readonly transition: TransitionJson;
}

export interface NodeOptions {
  readonly folder: string;
  readonly program: Program;
  readonly signer: TypedDataSigner;
  /** Chain and Arbiter that the signatures are for. */
  readonly domain: TypedDataDomain;
  /** Blocks between two snapshots. */
  readonly snapshotEvery?: number;
}

export class LedgerNode {
  readonly #options: NodeOptions;
  readonly #lock: FolderLock;
  readonly #journal: Journal<JournalEntry>;
  readonly #entries: JournalEntry[];
  readonly #machine: Machine;
  /** Set once a block could not be journalled: the machine is ahead of the journal, whose last line may be torn. */
  #hasFailed = false;
  /** One block after the other. */
  #queue: Promise<unknown> = Promise.resolve();

  private constructor(
    options: NodeOptions,
    lock: FolderLock,
    journal: Journal<JournalEntry>,
    entries: JournalEntry[],
    machine: Machine,
  ) {
    this.#options = options;
    this.#lock = lock;
    this.#journal = journal;
    this.#entries = entries;
    this.#machine = machine;
  }

  /**
   * Opens the folder of a node, new or left behind by one that was killed. FolderInUseError if another has it open,
   * JournalError or OtherProgramError if what it holds cannot be gone on with.
   */
  static async open(options: NodeOptions): Promise<LedgerNode> {
    const { folder, program } = options;
    // Before the journal: whoever opens that cuts off a line which another may be writing.
    const lock = lockFolder(folder);
    try {
      const { journal, entries } = await Journal.open<JournalEntry>(join(folder, "journal"));
      try {
        const machine = await recover(folder, program, entries);
        return new LedgerNode(options, lock, journal, entries, machine);
      } catch (error) {
        await journal.close();
        throw error;
      }
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /** Blocks applied so far. */
  get height(): number {
    return this.#entries.length;
  }

  /** Applies a block; what it returns may be given away: nothing can undo it. */
  apply(block: Uint8Array): Promise<SignedTransition> {
    return this.#inTurn(async () => {
      if (this.#hasFailed) {
        throw new Error(
          "an earlier block could not be journalled; make room and start the node again",
        );
      }
      const transition = execute(this.#machine, block);
      const entry = { block: Buffer.from(block).toString("base64"), transition };
      await this.#journal.append(entry).catch((error) => {
        this.#hasFailed = true;
        throw error;
      });
      this.#entries.push(entry);
      if (this.height % (this.#options.snapshotEvery ?? 16) === 0) await this.#snapshot();
      return this.#sign(transition);
    });
  }

  /** The signed transition of block `index`; undefined beyond the newest. */
  async transition(index: number): Promise<SignedTransition | undefined> {
    const entry = this.#entries[index];
    return entry === undefined ? undefined : this.#sign(entry.transition);
  }

  async close(): Promise<void> {
    await this.#queue;
    await this.#journal.close();
    this.#lock.release();
  }

  #sign(transition: TransitionJson): Promise<SignedTransition> {
    return signTransition(fromJson(transition), this.#options.domain, this.#options.signer);
  }

  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(task, task);
    this.#queue = result.catch(() => {});
    return result;
  }

  /** Beside its place first, synced, then renamed; only then are older ones removed. */
  async #snapshot(): Promise<void> {
    const { folder } = this.#options;
    const name = `state-${this.height}`;
    const draft = join(folder, `${name}.tmp`);
    const file = await open(draft, "w");
    await file.writeFile(saveState(stateTree(this.#machine)));
    await file.sync();
    await file.close();
    await rename(draft, join(folder, name));
    for (const old of await snapshotsIn(folder)) {
      if (old.height < this.height) await rm(join(folder, old.name));
    }
  }
}

/** Runs the gateway on a block; the transition that leads from the state before to the one after. */
function execute(machine: Machine, block: Uint8Array): TransitionJson {
  const previousState = hexlify(stateHash(machine));
  call(machine, block);
  return {
    program: hexlify(programRoot(machine.program)),
    previousState,
    inputRoot: hexlify(inputRoot(block)),
    inputLength: block.length,
    nextState: hexlify(stateHash(machine)),
    steps: machine.state.stepCounter,
    fuel: machine.state.fuelCounter,
    epoch: 0,
  };
}

export function fromJson(transition: TransitionJson): Transition {
  const { steps, fuel, epoch } = transition;
  return { ...transition, steps: BigInt(steps), fuel: BigInt(fuel), epoch: BigInt(epoch) };
}

export function toJson(transition: Transition): TransitionJson {
  const { steps, fuel, epoch } = transition;
  return { ...transition, steps: Number(steps), fuel: Number(fuel), epoch: Number(epoch) };
}

/** The machine after all journalled blocks: the newest snapshot, and what came after it executed again. */
async function recover(
  folder: string,
  program: Program,
  entries: readonly JournalEntry[],
): Promise<Machine> {
  const { machine, height } = await newestSnapshot(folder, program, entries.length);
  for (const [i, { block, transition }] of entries.slice(height).entries()) {
    const again = execute(machine, Buffer.from(block, "base64"));
    if (JSON.stringify(again) !== JSON.stringify(transition)) {
      throw new OtherProgramError(folder, height + i);
    }
  }
  return machine;
}

async function snapshotsIn(folder: string): Promise<{ name: string; height: number }[]> {
  const found = (await readdir(folder)).flatMap((name) => {
    const height = /^state-(\d+)$/.exec(name)?.[1];
    return height === undefined ? [] : [{ name, height: Number(height) }];
  });
  return found.sort((a, b) => b.height - a.height);
}

/** The newest state that is whole and not ahead of the journal; genesis if there is none. */
async function newestSnapshot(
  folder: string,
  program: Program,
  journalled: number,
): Promise<{ machine: Machine; height: number }> {
  const machine = instantiate(program);
  for (const { name, height } of await snapshotsIn(folder)) {
    if (height > journalled) continue;
    try {
      machine.state = loadState(program, await readFile(join(folder, name)));
      return { machine, height };
    } catch (error) {
      if (!(error instanceof SnapshotError)) throw error;
    }
  }
  machine.run();
  return { machine, height: 0 };
}
