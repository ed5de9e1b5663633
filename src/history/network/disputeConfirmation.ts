/**
 * Disputing what a validator has confirmed before ValidationArbiter, and answering there (docs/validation.md §6).
 *
 * Invariant: one confirmation is one statement; whoever answers for it does so by the execution of the call in question,
 * as before every Arbiter.
 */
import type { Execution } from "../../game/index.ts";
import type { ApplicationState } from "../applicationHash.ts";
import type { Header } from "../block.ts";
import { BlockPlayer, type BlockPlayerOptions, fuelTotal } from "./accuse.ts";
import { applicationCalldata } from "./calldata.ts";
import {
  confirmationKey,
  type FragmentBlock,
  fragmentBlockCalldata,
  shownHeaders,
} from "./fragmentEvidence.ts";
import { validationArbiterInterface } from "./networkInterfaces.ts";
import type { Confirmation } from "./validationReader.ts";

/** A sample of a confirmation's proof, and where it lies. */
export interface DisputedSample {
  /** The block in whose call it lies. */
  readonly block: FragmentBlock;
  /** Preimage of the application hash in header h + 1. */
  readonly result: ApplicationState;
  /** Number of the sample. */
  readonly index: number;
}

/** A player before ValidationArbiter: for a validator, and for anyone who has run a fragment. */
export class ConfirmationPlayer extends BlockPlayer {
  constructor(options: Omit<BlockPlayerOptions, "abi">) {
    super({ ...options, abi: validationArbiterInterface });
  }

  /**
   * Disputes a block of a confirmed fragment by the own execution of its call; with `result`, the preimage of what header
   * h + 1 carries, only until its fuel passes what is declared (4.2). Returns the dispute's number. Throws a RangeError if
   * the fuel never passes, RefusedError if the chain does not accept it.
   */
  async accuseConfirmation(
    { id }: Pick<Confirmation, "id">,
    block: FragmentBlock,
    execution: Execution,
    result?: ApplicationState,
  ): Promise<bigint> {
    const brought = await fragmentBlockCalldata(block, execution);
    const key = confirmationKey(id);
    if (result !== undefined) {
      const total = await fuelTotal(block.before, result, execution);
      const step = await execution.fuelStep(total);
      if (step === undefined) throw new RangeError("the call uses no more fuel than was confirmed");
      const args = [id, brought, applicationCalldata(result), step];
      return this.arbiter.openedBy(await this.open("openFuelFromConfirmation", args, key));
    }
    const claim = await execution.claim();
    const proof = await execution.registerProof(Number(claim.steps));
    const args = [id, brought, { ...claim, standing: 0 }, proof];
    return this.arbiter.openedBy(await this.open("openFromConfirmation", args, key));
  }

  /**
   * Disputes a sample within a call by the own state at that step; returns the dispute's number. `step` counts from the
   * call's first state. Throws RefusedError if the chain does not accept it.
   */
  async disputeSample(
    confirmation: Confirmation,
    { block, result, index }: DisputedSample,
    step: bigint,
    execution: Execution,
  ): Promise<bigint> {
    const [state] = await execution.stateHashes([execution.startStep + Number(step)]);
    const brought = await fragmentBlockCalldata(block, execution);
    const { id, samples } = confirmation;
    const args = [id, brought, applicationCalldata(result), samples, index, state];
    return this.arbiter.openedBy(await this.open("openPrefix", args, confirmationKey(id)));
  }

  /** Refutes a confirmation by a block of its fragment that MismatchedTransactions has found to be mismatched. */
  async refuteTransactions({ id }: Pick<Confirmation, "id">, height: bigint): Promise<void> {
    await this.send("refuteTransactions", [id, height]);
  }

  /**
   * Refutes a confirmation by a header of its fragment that is wrong by its bytes, `distance` before the checkpoint; with its
   * parent behind it where the rule is about both; with none where the first one is not the checkpoint before.
   */
  async refuteHeader(
    { id }: Pick<Confirmation, "id">,
    distance: number,
    headers: readonly Header[],
  ): Promise<void> {
    await this.send("refuteHeader", [id, shownHeaders(distance, headers)]);
  }

  /** Refutes a sample at the end of a call, or before the fragment, by what a header says. */
  async refuteSample(confirmation: Confirmation, sample: DisputedSample): Promise<void> {
    const { block, result, index } = sample;
    const brought = await fragmentBlockCalldata(block);
    const { id, samples } = confirmation;
    await this.send("refuteSample", [id, brought, applicationCalldata(result), samples, index]);
  }
}
