/**
 * What a call may spend beside its own limit: what is declared for it, or what a block has room for (paper 4.2).
 *
 * Invariant: it stops a call where a limit of its own would, having spent no more; the call's own limit stands in every state
 * that is seen, and in what is hashed.
 */
import { type Machine, type Program, trapCodes } from "../interpreter/index.ts";
import { growthPages } from "../interpreter/program/program.ts";

/**
 * Fuel that no instruction of a program costs more than: its cost has 16 bits, and it makes two chunks dirty at most, or
 * is the growth of a memory to all that it may have.
 */
function dearestFuel({ config, memories }: Program): number {
  const pages = memories.reduce((most, { maxPages }) => Math.max(most, maxPages), 0);
  return 2 ** 16 - 1 + Math.max(2, Math.ceil(pages / growthPages)) * config.chunkFuel;
}

/** The bound of the call that a machine has begun. */
export class FuelBound {
  readonly #machine: Machine;
  readonly #limit: number;
  readonly #bound: number;

  /** @param fuel Most that the call may spend, from its beginning, where the machine stands. */
  constructor(machine: Machine, fuel: number) {
    const { fuelCounter, fuelLimit } = machine.state;
    this.#machine = machine;
    this.#limit = fuelLimit;
    this.#bound = Math.min(fuelCounter + fuel, fuelLimit);
  }

  /** Goes on with the call, for so many steps at most. */
  run(steps = Number.MAX_SAFE_INTEGER): void {
    const { state } = this.#machine;
    state.fuelLimit = this.#bound;
    this.#machine.run({ steps });
    state.fuelLimit = this.#limit;
  }

  /** Whether the bound has stopped the call: at an instruction that passes it, or that the call's own limit ends. */
  get hasStopped(): boolean {
    return this.#bound < this.#limit && this.#machine.state.trap === trapCodes.outOfFuel;
  }

  /** Whether the own limit may end a call that the bound has stopped, at this very instruction: then it spends no more than it may. */
  get mayEnd(): boolean {
    const { state, program } = this.#machine;
    return state.fuelCounter + dearestFuel(program) > this.#limit;
  }
}
