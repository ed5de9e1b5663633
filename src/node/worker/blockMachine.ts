/**
 * A worker's machine between blocks: it stands at the base (paper 5.2: what the next call begins from), and runs the
 * calls of proposed blocks from there, each only tried until one of them is decided.
 *
 * Invariant: at most one try lies upon the base; taking it back costs as much as it wrote, and keeping it nothing. The
 * state hash of a try is that of its terminal state, trapped or not.
 */
import { bytesToHex } from "@noble/hashes/utils.js";
import type { Hash } from "../../game/index.ts";
import { type CallOutcome, FuelBound } from "../../history/index.ts";
import {
  CallJournal,
  Machine,
  type MachineState,
  type Program,
  statusCodes,
} from "../../interpreter/index.ts";
import { StateTree } from "../../merkle/index.ts";

/** What a call has made, or that it was given up since it would have cost more than it may. */
export type Try = CallOutcome | "over-fuel";

interface OpenTry {
  readonly key: string;
  readonly outcome: CallOutcome;
  readonly journal: CallJournal;
}

/** The machine of one worker. */
export class BlockMachine {
  readonly program: Program;
  readonly #machine: Machine;
  readonly #tree: StateTree;
  #open: OpenTry | undefined;
  /** Calls run so far, tries that were taken back included. */
  calls = 0;

  /** At the program's genesis, after its start functions, or at a state that stands between calls. */
  constructor(program: Program, state?: MachineState) {
    this.program = program;
    this.#machine = new Machine(program, state);
    if (this.#machine.isRunning) this.#machine.run();
    this.#tree = new StateTree(this.#machine.state);
  }

  /** The state as it lies: the terminal state of an open try, the base without one. */
  get state(): MachineState {
    return this.#machine.state;
  }

  /** Whether a try lies upon the base. */
  get isTrying(): boolean {
    return this.#open !== undefined;
  }

  /** State hash of the base; takes an open try back. */
  base(): Hash {
    return hashOf(this.baseTree());
  }

  /** The commitment of the base; takes an open try back. */
  baseTree(): StateTree {
    this.takeBack();
    return this.#tree;
  }

  /**
   * Runs the call of a block from the base. A block is known by its key: a try of the same one is not run again.
   *
   * @param fuel Most that the call may spend, and does; without it the program's own limit alone counts.
   * @param spoil Changes the terminal state: a wrong machine, for demonstrations and tests.
   */
  run(
    key: string,
    input: Uint8Array,
    fuel = Number.POSITIVE_INFINITY,
    spoil: (state: MachineState) => void = () => {},
  ): Try {
    if (this.#open?.key === key) return this.#open.outcome;
    this.takeBack();
    this.calls++;
    const { state } = this.#machine;
    let journal = new CallJournal(state);
    try {
      this.#machine.begin(input);
      const { stepCounter, fuelCounter } = state;
      const bound = new FuelBound(this.#machine, fuel);
      bound.run();
      let isWithin = !bound.hasStopped;
      if (!isWithin && bound.mayEnd) {
        const steps = state.stepCounter - stepCounter;
        journal.rollBack();
        journal = new CallJournal(state);
        this.#machine.begin(input);
        this.#machine.run({ steps });
        isWithin = state.fuelCounter - fuelCounter <= fuel;
      }
      if (!isWithin) {
        journal.rollBack();
        return "over-fuel";
      }
      spoil(state);
      const outcome: CallOutcome = {
        result: hashOf(this.#tree),
        isReturned: state.status === statusCodes.returned,
        fuel: BigInt(state.fuelCounter - fuelCounter),
        steps: BigInt(state.stepCounter - stepCounter),
      };
      this.#open = { key, outcome, journal };
      return outcome;
    } catch (error) {
      journal.rollBack();
      throw error;
    }
  }

  /**
   * The decided block's try becomes the base if it returned; a call that trapped is taken back, and so is any try by an
   * empty block, which has no key.
   *
   * @param before Done first: where it throws, the try stays open upon the base.
   */
  keep(key: string | undefined, before: () => void = () => {}): void {
    const open = this.#open;
    if (key !== undefined && open?.key !== key) throw new RangeError(`no open try ${key}`);
    before();
    this.#open = undefined;
    if (key !== undefined && open?.outcome.isReturned) open.journal.close();
    else open?.journal.rollBack();
  }

  /** Takes the open try back, if there is one. */
  takeBack(): void {
    this.#open?.journal.rollBack();
    this.#open = undefined;
  }
}

function hashOf(tree: StateTree): Hash {
  return `0x${bytesToHex(tree.stateHash())}`;
}
