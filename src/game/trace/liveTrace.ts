/**
 * The machine that runs a call's trace, its commitment, and the states that it keeps on its way (docs/game.md §7).
 *
 * Invariant: machine and commitment are those of one step of the trace; going to another step changes only what
 * differs, so that its hash costs what changed. Nothing is allocated before the first question.
 */
import { Machine } from "../../interpreter/machine.ts";
import { chunkBytes, type Program } from "../../interpreter/program/program.ts";
import { chunkFlags, type MachineState } from "../../interpreter/state/machineState.ts";
import type { Snapshot } from "../../interpreter/state/snapshot.ts";
import { restore } from "../../interpreter/state/snapshot.ts";
import { StateTree } from "../../merkle/index.ts";
import { type KeptState, keptAfter, putInto, snapshotOf } from "./keptState.ts";
import { KeptStates } from "./keptStates.ts";

/** States on the way through a whole call: 4096 are every point of a search's first rounds, for k = 2, 4, 8, 16, 32, 64. */
const gridStates = 4096;
/** Shorter calls are run again in no time. */
const shortestGrid = 4 * gridStates;
/** Before the end is known: steps between two states at first, doubled whenever there are twice as many as wanted. */
const firstSpacingSteps = 2 ** 20;
/** With fewer states than that, one more run that keeps all is better than many short ones. */
const leastGridStates = 1024;
/** Bytes that may be copied on the way without regard to the steps run: some hundredths of a second. */
const freeBytes = 64 * 2 ** 20;
/** Bytes that may be copied for a step run: on the way to an unknown end, when it may be in vain, and later. */
const copiedBytesPerStep = { early: 0.25, later: 1 };
/** A state asked for is kept if running there again would take a step for so many of its bytes. */
const bytesKeptPerStep = 1000;
/** What a state takes beside its chunks. */
const bareStateBytes = 256;

/** Runs a machine of the trace on, to a step at most. */
export type Advance = (machine: Machine, step: number) => void;

export class LiveTrace {
  readonly kept: KeptStates;
  readonly #program: Program;
  readonly #input: Uint8Array;
  readonly #advance: Advance;
  #live: { machine: Machine; tree: StateTree | undefined } | undefined;
  /** The kept state that the machine last was at, and the chunks written since. */
  #base: KeptState;
  #changed: readonly Set<number>[] = [];
  #spacingSteps: number | undefined;
  #lastStep: number | undefined;
  #copiedBytes = 0;
  #stepsRun = 0;

  /** @param first The state at the call's beginning, and the state before the call, whose memory it has. */
  constructor(
    program: Program,
    input: Uint8Array,
    first: KeptState,
    budgetBytes: number,
    advance: Advance,
  ) {
    this.#program = program;
    this.#input = input;
    this.#advance = advance;
    this.#base = first;
    this.kept = new KeptStates(first, budgetBytes);
  }

  /** The machine, at its present step. */
  get machine(): Machine {
    return this.#atWork().machine;
  }

  /** Its commitment. */
  get tree(): StateTree {
    const live = this.#atWork();
    this.#collect();
    live.tree ??= new StateTree(live.machine.state);
    return live.tree;
  }

  /** Steps to be run to reach a step; infinite for one before the call. */
  distance(step: number): number {
    const kept = this.kept.nearest(step);
    if (kept === undefined) return Number.POSITIVE_INFINITY;
    const stepCounter = this.#live?.machine.state.stepCounter ?? kept.step;
    return step - (stepCounter <= step ? Math.max(stepCounter, kept.step) : kept.step);
  }

  /** Goes to the nearest state at or before a step, without running. */
  seek(step: number): void {
    const kept = this.kept.nearest(step);
    if (kept === undefined)
      throw new RangeError(`expected a step ≥ ${this.kept.first.step}, got ${step}`);
    const stepCounter = this.#live?.machine.state.stepCounter;
    if (stepCounter !== undefined && stepCounter <= step && stepCounter >= kept.step) return;
    // What was run since the last kept state would be lost.
    if (stepCounter !== undefined) this.keep();
    this.#goTo(this.kept.nearest(step) ?? kept);
  }

  /** Runs on towards a step, by at most `steps`; stops earlier where a state is to be kept. */
  hop(step: number, steps: number): number {
    const { state } = this.machine;
    const before = state.stepCounter;
    const stop = this.#gridStop(before);
    this.#advance(this.machine, Math.min(step, before + steps, stop));
    this.#stepsRun += state.stepCounter - before;
    if (state.stepCounter === stop) this.#keepOnWay();
    return state.stepCounter - before;
  }

  /** Keeps the present state, unless running there again takes less than the copy. */
  keep(): void {
    this.#keepFor(bytesKeptPerStep);
  }

  /** Tells where the trace ends, which says where states are worth keeping. */
  endsAt(step: number): void {
    if (this.#lastStep !== undefined) return;
    this.#lastStep = step;
    if (this.kept.count >= leastGridStates) return;
    this.kept.clear();
    this.#base = this.kept.first;
    this.#live = undefined;
    this.#spacingSteps = undefined;
  }

  /** Forgets all that can be computed again. */
  release(): void {
    this.kept.clear();
    this.#base = this.kept.first;
    this.#live = undefined;
  }

  #atWork() {
    if (this.#live === undefined) this.#goTo(this.kept.first);
    return this.#live as { machine: Machine; tree: StateTree | undefined };
  }

  #goTo(kept: KeptState): void {
    if (this.#live !== undefined) {
      this.#collect();
      const isThere = putInto(this.#live.machine.state, kept, this.#base, this.#changed);
      if (!isThere) this.#live = undefined;
    }
    this.#live ??= { machine: this.#machineAt(kept), tree: undefined };
    this.#rebase(kept);
  }

  #machineAt(kept: KeptState): Machine {
    const from: Snapshot = snapshotOf(kept, this.#input);
    return new Machine(this.#program, restore(this.#program, from));
  }

  #rebase(base: KeptState): void {
    this.#base = base;
    this.#changed = base.memories.map(() => new Set<number>());
  }

  /** Notes what was written to memory, before the commitment or this object takes the marks away. */
  #collect(): void {
    if (this.#live === undefined) return;
    const { machine, tree } = this.#live;
    machine.state.memories.forEach(({ staleChunks }, i) => {
      for (const chunk of staleChunks) this.#changed[i].add(chunk);
    });
    if (tree === undefined) clearStale(machine.state);
    else tree.sync();
  }

  #keepOnWay(): void {
    const { early, later } = copiedBytesPerStep;
    const allowance =
      this.#lastStep === undefined ? early * this.#stepsRun : freeBytes + later * this.#stepsRun;
    if (this.#keepFor(Number.POSITIVE_INFINITY, allowance - this.#copiedBytes)) {
      if (this.#lastStep === undefined && this.kept.count > 2 * gridStates) {
        this.kept.thin();
        this.#spacingSteps = 2 * (this.#spacingSteps ?? firstSpacingSteps);
      }
    }
  }

  /** Keeps the state if it costs at most so many bytes a step, and so many bytes in all. */
  #keepFor(bytesPerStep: number, mostBytes = Number.POSITIVE_INFINITY): boolean {
    const live = this.#live;
    if (live === undefined) return false;
    const { state } = live.machine;
    const known = this.kept.nearest(state.stepCounter);
    if (known === undefined || known.step === state.stepCounter) return false;
    this.#collect();
    const chunks = this.#changed.reduce((sum, { size }) => sum + size, 0);
    const bytes = bareStateBytes + chunks * chunkBytes;
    if ((state.stepCounter - known.step) * bytesPerStep < bytes || bytes > mostBytes) return false;
    const kept = keptAfter(state, this.#base, this.#changed);
    this.#copiedBytes += bytes;
    this.kept.add(kept);
    this.#rebase(kept);
    return true;
  }

  /** The next step after `step` at which a state is to be kept on the way. */
  #gridStop(step: number): number {
    const start = this.kept.first.step;
    if (this.#lastStep === undefined || this.#spacingSteps !== undefined) {
      this.#spacingSteps ??= firstSpacingSteps;
      return start + (Math.floor((step - start) / this.#spacingSteps) + 1) * this.#spacingSteps;
    }
    const length = this.#lastStep - start;
    if (length < shortestGrid) return Number.MAX_SAFE_INTEGER;
    const spacing = length / gridStates;
    let part = Math.floor((step - start) / spacing);
    // A step before the points of a search, which are rounded up, in one round after the other.
    const at = (n: number) => start + Math.floor(n * spacing) - 1;
    while (at(part) <= step) part++;
    return at(part);
  }
}

/** Without a commitment to tell: the next one made of this state looks at everything. */
function clearStale(state: MachineState): void {
  for (const memory of state.memories) {
    for (const chunk of memory.staleChunks) memory.flags[chunk] &= ~chunkFlags.stale;
    memory.staleChunks.length = 0;
  }
}
