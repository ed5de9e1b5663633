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

/** Steps between two looks at the fuel where a bound is given: what a dispute about fuel may cost beyond the bound. */
const sliceSteps = 2 ** 16;

/** A call that would spend more than was declared; it is taken back (paper 4.2). */
export interface OverFuel {
  readonly overFuel: true;
  /** Fuel and instructions spent until that was certain. */
  readonly fuel: bigint;
  readonly steps: bigint;
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
   */
  constructor(machine: Machine, walks: readonly SampleWalk[] = []) {
    if (machine.isRunning) throw new RangeError("expected a machine that stands between two calls");
    this.#machine = machine;
    this.#tree = new StateTree(machine.state);
    this.#walks = walks;
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
      while (machine.isRunning && spent() <= fuel) {
        machine.run({ steps: this.#stepsToRun(fuel) });
        this.#steps = stepsBefore + BigInt(machine.state.stepCounter - stepCounter);
        this.#takeSamples();
      }
      const outcome = { fuel: BigInt(spent()), steps: this.#steps - stepsBefore };
      if (spent() > fuel) {
        journal.rollBack();
        return { overFuel: true, ...outcome };
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

  /** To the nearest sample; in slices where fuel has to be watched. */
  #stepsToRun(fuel: number): number {
    let steps = Number.isFinite(fuel) ? sliceSteps : Number.MAX_SAFE_INTEGER;
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
