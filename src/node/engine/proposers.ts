/**
 * Who proposes (CometBFT 0.38, spec/consensus/proposer-selection.md): every height adds each worker's power to its
 * priority, and the highest priority proposes and pays the total; so does every further round, but for this height only.
 *
 * Invariant: given the validator set, who proposes follows from height and round alone: rounds that decided nothing
 * change no later height. Turns that CometBFT's own code gives are these (test/node/engineVectors). Of one set that
 * never changes priorities stay within CometBFT's window of twice the total, so its rescaling never takes place here.
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

/** A validator set after an application's updates: a power of 0 goes. */
export function updatedValidators(
  present: readonly Validator[],
  updates: readonly Validator[],
): Validator[] {
  const changed = new Set(updates.map(addressText));
  const stay = present.filter((each) => !changed.has(addressText(each)));
  return orderedValidators([...stay, ...updates.filter(({ power }) => power > 0n)]);
}

function addressText({ publicKey }: Validator): string {
  return bytesToHex(validatorAddress(publicKey));
}

/** Rotation of proposers over an ordered validator set. */
export class Proposers {
  readonly #powers: readonly bigint[];
  readonly #total: bigint;
  /** Of those with one priority, the lowest address comes first. */
  readonly #ranks: readonly number[];
  /** For the present height's first round. */
  #priorities: bigint[];
  /** The present height's proposers, round by round, as far as they were asked for. */
  #rounds: number[] = [];
  /** Behind the last of them. */
  #later: bigint[] = [];

  constructor(validators: readonly Validator[]) {
    this.#powers = validators.map(({ power }) => power);
    this.#total = totalPower(validators);
    const addresses = validators.map(addressText);
    const ascending = [...addresses].sort();
    this.#ranks = addresses.map((address) => ascending.indexOf(address));
    this.#priorities = validators.map(() => 0n);
    this.nextHeight();
  }

  /** Position of the proposer in a round of the present height. */
  at(round: number): number {
    while (this.#rounds.length <= round) this.#rounds.push(this.#turn(this.#later));
    return this.#rounds[round];
  }

  /** A block was decided, in whatever round. */
  nextHeight(): void {
    const proposer = this.#turn(this.#priorities);
    this.#rounds = [proposer];
    this.#later = [...this.#priorities];
  }

  /** One turn: who proposes, whose priority is paid. */
  #turn(priorities: bigint[]): number {
    this.#powers.forEach((power, index) => {
      priorities[index] += power;
    });
    let first = 0;
    priorities.forEach((priority, index) => {
      const isTied = priority === priorities[first] && this.#ranks[index] < this.#ranks[first];
      if (priority > priorities[first] || isTied) first = index;
    });
    priorities[first] -= this.#total;
    return first;
  }
}
