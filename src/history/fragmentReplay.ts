/**
 * A fragment replayed against what its headers say (paper 6.2): block after block from the state before it, with the
 * samples of all walks in the same pass, up to the first block that is wrong.
 *
 * Invariant: what is found wrong, a dispute can show: all that is compared follows from the header before by this
 * execution alone. A call is never run further than one instruction beyond the fuel that is declared for it, unless nobody
 * shows what that is.
 */
import type { Hash } from "../game/index.ts";
import type { Machine } from "../interpreter/index.ts";
import {
  type ApplicationState,
  applicationHash,
  applicationStateAfter,
} from "./applicationHash.ts";
import { FragmentRun } from "./fragment.ts";
import { type Sample, type SampleTerms, SampleWalk } from "./poie.ts";

/** A block of a fragment, as headers h and h + 1 show it. */
export interface DeclaredBlock<After = ApplicationState> {
  readonly height: bigint;
  /** The call's input; undefined for a block without transactions. */
  readonly input: Uint8Array | undefined;
  /** States that the two headers carry. */
  readonly before: ApplicationState;
  readonly after: After;
  /** Running hash over the receipts behind the block. */
  readonly receiptsHash: Hash;
}

/** The same, where of the second state nobody may have shown more than its hash. */
export type CarriedBlock = DeclaredBlock<ApplicationState | Hash>;

/** The first block of which header h + 1 says something else than what its call makes. */
export type WrongBlock =
  | { readonly kind: "result"; readonly height: bigint }
  /** `steps`: first number of instructions of the call after which its fuel is above what is declared. */
  | {
      readonly kind: "fuel";
      readonly height: bigint;
      readonly steps: bigint;
      /** Fuel of all that was executed to know that. */
      readonly work: bigint;
    };

/** Where a call lies in the fragment: its block, and the fragment's steps before and behind it. */
export interface CallPlace {
  readonly height: bigint;
  readonly start: bigint;
  readonly end: bigint;
}

/** Where a replay stands between two blocks, to go on from there. */
export interface ReplayProgress {
  /** Height of the next block. */
  readonly height: bigint;
  readonly steps: bigint;
  /** Hashes that each walk has taken. */
  readonly taken: readonly (readonly Hash[])[];
  readonly places: readonly CallPlace[];
}

/** The replay of one fragment. */
export class FragmentReplay {
  readonly #run: FragmentRun;
  readonly #walks: readonly SampleWalk[];
  readonly #places: CallPlace[];
  #height: bigint;
  #state: ApplicationState | undefined;

  /**
   * @param machine Stands at the state before the fragment, or where `progress` says; belongs to the replay.
   * @param terms One walk each.
   */
  constructor(
    machine: Machine,
    startHeight: bigint,
    terms: readonly SampleTerms[],
    progress?: ReplayProgress,
  ) {
    this.#walks = terms.map((each, index) => new SampleWalk(each, progress?.taken[index]));
    this.#run = new FragmentRun(machine, this.#walks, progress?.steps);
    this.#height = progress?.height ?? startHeight;
    this.#places = [...(progress?.places ?? [])];
  }

  /** Height of the next block. */
  get height(): bigint {
    return this.#height;
  }

  /** Instructions so far. */
  get steps(): bigint {
    return this.#run.steps;
  }

  /** What the application is behind the last block that was replayed; undefined before that. */
  get state(): ApplicationState | undefined {
    return this.#state;
  }

  /** State hash from which the next call begins. */
  base(): Hash {
    return this.#run.base();
  }

  /** The samples that a walk has taken. */
  samples(walk: number): readonly Sample[] {
    return this.#walks[walk]?.samples ?? [];
  }

  /** Where the replay stands. */
  progress(): ReplayProgress {
    return {
      height: this.#height,
      steps: this.#run.steps,
      taken: this.#walks.map(({ samples }) => samples.map(({ hash }) => hash)),
      places: [...this.#places],
    };
  }

  /** The call in which a sample lies, or at whose end; undefined for the state before the fragment. */
  placeOf(step: bigint): CallPlace | undefined {
    return this.#places.find(({ start, end }) => start < step && step <= end);
  }

  /** Replays the next block; what is wrong with it. Nothing can be replayed behind a wrong one. */
  block(declared: CarriedBlock): WrongBlock | undefined {
    const { height, after } = declared;
    if (height !== this.#height) throw new RangeError(`expected block ${this.#height}`);
    const expected = this.#expected(declared);
    if ("kind" in expected) return expected;
    const carried = typeof after === "string" ? after : applicationHash(after);
    if (applicationHash(expected) !== carried) return { kind: "result", height };
    this.#state = expected;
    this.#height += 1n;
    return undefined;
  }

  #expected({
    height,
    input,
    before,
    after,
    receiptsHash,
  }: CarriedBlock): ApplicationState | WrongBlock {
    if (input === undefined) return before;
    const start = this.#run.steps;
    const outcome = this.#run.run(input, declaredFuel(before, after));
    if ("overFuel" in outcome) {
      const { steps, work } = outcome;
      return { kind: "fuel", height, steps, work };
    }
    this.#places.push({ height, start, end: this.#run.steps });
    return applicationStateAfter(before, outcome, receiptsHash);
  }
}

/** Most fuel that a block's call may spend by what is declared for it: unbounded where that is not shown. */
function declaredFuel(before: ApplicationState, after: ApplicationState | Hash): number {
  if (typeof after === "string") return Number.POSITIVE_INFINITY;
  return after.fuel > before.fuel ? Number(after.fuel - before.fuel) : 0;
}
