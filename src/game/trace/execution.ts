/**
 * Where game and machine meet off chain: a call's trace as a party knows it (docs/game.md §7).
 * The on-chain counterpart is contracts/src/judge/IStepJudge.sol.
 *
 * Invariant: step numbers are values of the step counter; an execution answers for every step of [startStep, its end], and for
 * an honest party every hash is the machine's.
 */
import type { Call, Claim, Hash } from "../claim/claim.ts";

/**
 * A call as one party knows it: everything that a player is asked for during a dispute. Steps are values of the step counter,
 * that goes on from call to call. `MachineExecution` is the honest one; a player takes any.
 */
export interface Execution {
  /** The call that this is the execution of. */
  readonly call: Call;
  /** stepCounter of the call's first state. */
  readonly startStep: number;
  /** The terminal state. Runs the call to its end. */
  claim(): Promise<Claim>;
  /** State hashes at ascending step numbers, in one pass over the trace. */
  stateHashes(steps: readonly number[]): Promise<Hash[]>;
  /** Witness of the step that follows the state at `step`. */
  witness(step: number): Promise<Uint8Array>;
  /** Register proof of the state at `step`. */
  registerProof(step: number): Promise<Uint8Array>;
  /** Witness of the call's beginning. */
  beginWitness(): Promise<Uint8Array>;
  /**
   * First step number at which the fuel counter is above `fuel`; undefined if the call ends before. Needs to run
   * no further than that.
   */
  fuelStep(fuel: bigint): Promise<number | undefined>;
  /** Frees memory that answers took and that can be computed again; called when no dispute about the call is open. */
  release?(): void;
}
