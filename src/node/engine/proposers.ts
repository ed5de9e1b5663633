/**
 * Who proposes (CometBFT 0.38, spec/consensus/proposer-selection.md): every round adds each worker's power to its
 * priority, and the highest priority proposes and pays the total.
 *
 * Invariant: over many rounds a worker proposes in proportion to its power; all workers compute the same order. For
 * equal powers priorities stay within CometBFT's window of twice the total, so its rescaling never takes place here.
 */
import { bytesToHex } from "@noble/hashes/utils.js";
import { totalPower, type Validator, validatorAddress } from "../../history/index.ts";

/** The order of CometBFT: by power, highest first, then by address. */
export function orderedValidators<T extends Validator>(validators: readonly T[]): T[] {
  return [...validators].sort((a, b) => {
    if (a.power !== b.power) return a.power > b.power ? -1 : 1;
    return addressText(a) < addressText(b) ? -1 : 1;
  });
}

function addressText({ publicKey }: Validator): string {
  return bytesToHex(validatorAddress(publicKey));
}

/** Rotation of proposers over an ordered validator set. */
export class Proposers {
  readonly #validators: readonly Validator[];
  readonly #priorities: bigint[];

  constructor(validators: readonly Validator[]) {
    this.#validators = validators;
    this.#priorities = validators.map(() => 0n);
  }

  /** Position of the next proposer: called once a round. */
  next(): number {
    this.#validators.forEach(({ power }, index) => {
      this.#priorities[index] += power;
    });
    let first = 0;
    this.#priorities.forEach((priority, index) => {
      if (priority > this.#priorities[first]) first = index;
    });
    this.#priorities[first] -= totalPower(this.#validators);
    return first;
  }
}
