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
import { FuelBound } from "./fuelBound.ts";
import type { SampleWalk } from "./poie.ts";

/** A call that would spend more than was declared; it is taken back (paper 4.2). */
export interface OverFuel {
  readonly overFuel: true;
  /** Instructions of the call up to and with the first that passes what was declared. */
  readonly steps: bigint;
  /** Fuel of all that was executed to know that. */
  readonly work: bigint;
}

/** A call that was stopped by what is declared for it. */
interface Stopped {
  readonly isStopped: true;
  readonly steps: bigint;
  readonly work: bigint;
  readonly mayEnd: boolean;
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
    const found = this.#bounded(input, fuel);
    if (!("isStopped" in found)) return found;
    const { steps, work, mayEnd } = found;
    if (!mayEnd) return { overFuel: true, steps, work };
    // The call's own limit may end it at this very instruction: then it spends no more than was declared.
    if (this.#passes(input, fuel, Number(steps))) return { overFuel: true, steps, work: 2n * work };
    return this.run(input);
  }

  /**
   * A call that what is declared bounds as its own limit would; that limit stands in every state that is seen.
   *
   * Taken back where the bound stops it, at an instruction that passes it or that the own limit ends (`mayEnd`).
   */
  #bounded(input: Uint8Array, fuel: number): CallOutcome | Stopped {
    const machine = this.#machine;
    const { state } = machine;
    const stepsBefore = this.#steps;
    const journal = new CallJournal(state);
    try {
      machine.begin(input);
      const { stepCounter, fuelCounter } = state;
      const bound = new FuelBound(machine, fuel);
      while (machine.isRunning) {
        bound.run(this.#stepsToSample());
        this.#steps = stepsBefore + BigInt(state.stepCounter - stepCounter);
        if (!bound.hasStopped) this.#takeSamples();
      }
      const steps = this.#steps - stepsBefore;
      const spent = BigInt(state.fuelCounter - fuelCounter);
      if (bound.hasStopped) {
        const { mayEnd } = bound;
        journal.rollBack();
        this.#steps = stepsBefore;
        return { isStopped: true, steps, work: spent, mayEnd };
      }
      const isReturned = state.status === statusCodes.returned;
      const result = this.base();
      if (isReturned) journal.close();
      else journal.rollBack();
      return { result, isReturned, fuel: spent, steps };
    } catch (error) {
      journal.rollBack();
      throw error;
    }
  }

  /** Whether a call has spent more than some fuel after so many steps. */
  #passes(input: Uint8Array, fuel: number, steps: number): boolean {
    const machine = this.#machine;
    const journal = new CallJournal(machine.state);
    try {
      machine.begin(input);
      const { fuelCounter } = machine.state;
      machine.run({ steps });
      return machine.state.fuelCounter - fuelCounter > fuel;
    } finally {
      journal.rollBack();
    }
  }

  /** Steps to the nearest sample. */
  #stepsToSample(): number {
    let steps = Number.MAX_SAFE_INTEGER;
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
