/**
 * A fragment of a cluster's history executed in one pass (paper 6.2, 6.3): call after call from the fragment's base,
 * stopping wherever a walk wants a sample, of as many walks as there are (one's own and the predecessor's).
 *
 * Invariant: what a call's outcome, its samples and the next call's base are is a function of base and inputs alone. A
 * call that did not return is taken back after its samples are taken; its steps and fuel count all the same.
 */
import { bytesToHex } from "@noble/hashes/utils.js";
import type { Hash } from "../game/index.ts";
import { CallJournal, type Machine, statusCodes } from "../interpreter/index.ts";
import { StateTree } from "../merkle/index.ts";
import type { CallOutcome } from "./applicationHash.ts";
import type { SampleWalk } from "./poie.ts";

/** Most steps between two looks at the fuel where a bound is given. */
const sliceSteps = 2 ** 20;
/** A slice takes this part of the steps that the remaining fuel would buy at the dearest average price so far. */
const sliceShare = 0.75;
/** Steps of the first slice, which shows what a step costs. */
const firstSliceSteps = 64;

/** A call that would spend more than was declared; it is taken back (paper 4.2). */
export interface OverFuel {
  readonly overFuel: true;
  /** Fuel and instructions of the call behind the first instruction that passes what was declared. */
  readonly fuel: bigint;
  readonly steps: bigint;
  /** Fuel of all that was executed to know that. */
  readonly work: bigint;
}

/** The execution of one fragment. */
export class FragmentRun {
  readonly #machine: Machine;
  readonly #tree: StateTree;
  readonly #walks: readonly SampleWalk[];
  #steps = 0n;

  /**
   * @param machine Stands between calls, at the fragment's base; belongs to the run from now on.
   * @param walks Take their samples while the fragment runs.
   * @param steps Instructions of the fragment that are behind the machine's state, for going on with an earlier run.
   */
  constructor(machine: Machine, walks: readonly SampleWalk[] = [], steps = 0n) {
    if (machine.isRunning) throw new RangeError("expected a machine that stands between two calls");
    this.#machine = machine;
    this.#tree = new StateTree(machine.state);
    this.#walks = walks;
    this.#steps = steps;
    this.#takeSamples();
  }

  /** Instructions of the fragment executed so far, n at its end. */
  get steps(): bigint {
    return this.#steps;
  }

  /** State hash from which the next call begins. */
  base(): Hash {
    return `0x${bytesToHex(this.#tree.stateHash())}`;
  }

  /**
   * Executes the next call.
   *
   * @param fuel What the call is declared to spend; one that spends more is taken back and not gone on with.
   */
  run(input: Uint8Array, fuel = Number.POSITIVE_INFINITY): CallOutcome | OverFuel {
    const machine = this.#machine;
    const journal = new CallJournal(machine.state);
    try {
      machine.begin(input);
      const { stepCounter, fuelCounter } = machine.state;
      const stepsBefore = this.#steps;
      const spent = () => machine.state.fuelCounter - fuelCounter;
      const pace = new FuelPace();
      let slice = 0;
      while (machine.isRunning && spent() <= fuel) {
        const [at, used] = [machine.state.stepCounter, spent()];
        machine.run({ steps: this.#stepsToRun(pace.steps(fuel - used)) });
        slice = machine.state.stepCounter - at;
        pace.saw(slice, spent() - used);
        this.#steps = stepsBefore + BigInt(machine.state.stepCounter - stepCounter);
        if (spent() <= fuel) this.#takeSamples();
      }
      const outcome = { fuel: BigInt(spent()), steps: this.#steps - stepsBefore };
      if (spent() > fuel) {
        journal.rollBack();
        this.#steps = stepsBefore;
        const before = Number(outcome.steps) - slice;
        const work = outcome.fuel;
        if (slice === 1) return { overFuel: true, ...outcome, work };
        const exact = this.#firstBeyond(input, fuel, before);
        return { ...exact, work: work + exact.fuel };
      }
      const isReturned = machine.state.status === statusCodes.returned;
      const result = this.base();
      if (isReturned) journal.close();
      else journal.rollBack();
      return { result, isReturned, ...outcome };
    } catch (error) {
      journal.rollBack();
      throw error;
    }
  }

  /**
   * The first instruction beyond the fuel, where a slice has run past it: the call once more up to that slice, whose
   * steps are taken one by one. Rare: slices shorten towards the bound, unless its first steps are the dear ones.
   */
  #firstBeyond(input: Uint8Array, fuel: number, before: number): Omit<OverFuel, "work"> {
    const machine = this.#machine;
    const journal = new CallJournal(machine.state);
    try {
      machine.begin(input);
      const { stepCounter, fuelCounter } = machine.state;
      machine.run({ steps: before });
      while (machine.isRunning && machine.state.fuelCounter - fuelCounter <= fuel) machine.step();
      const steps = BigInt(machine.state.stepCounter - stepCounter);
      return { overFuel: true, fuel: BigInt(machine.state.fuelCounter - fuelCounter), steps };
    } finally {
      journal.rollBack();
    }
  }

  /** To the nearest sample, and so many at most. */
  #stepsToRun(most: number): number {
    let steps = most;
    for (const { next } of this.#walks) {
      const distance = next - this.#steps;
      if (distance < BigInt(steps)) steps = Number(distance);
    }
    return steps;
  }

  #takeSamples(): void {
    for (const walk of this.#walks) {
      if (walk.next === this.#steps) walk.take(this.base());
    }
  }
}

/** How far a call may run before its fuel is looked at again: slices become shorter towards the bound, down to one step. */
class FuelPace {
  /** Fuel of a step, the dearest average of a slice so far; 0 before the first. */
  #price = 0;

  steps(left: number): number {
    if (!Number.isFinite(left)) return Number.MAX_SAFE_INTEGER;
    if (this.#price === 0) return firstSliceSteps;
    const affordable = Math.floor((left / this.#price) * sliceShare);
    return Math.min(sliceSteps, Math.max(1, affordable));
  }

  saw(steps: number, fuel: number): void {
    if (steps > 0) this.#price = Math.max(this.#price, fuel / steps);
  }
}
