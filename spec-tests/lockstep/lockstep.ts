/**
 * Lockstep: reference, witness replay and judge after every step. The reference's state hash is the expected one; the
 * replay's is compared at once, the judge's in batches.
 *
 * Invariant: a step that is counted has been executed by all three; one that any of them gives another result for,
 * or refuses, is a divergence.
 */

import { step } from "../../src/interpreter/blocks/runSteps.ts";
import { executedRow, instructions } from "../../src/interpreter/isa/table.ts";
import { instructionBytes } from "../../src/interpreter/program/program.ts";
import { type MachineState, statusCodes } from "../../src/interpreter/state/machineState.ts";
import { replayStep, StateTree } from "../../src/merkle/index.ts";
import type { Divergence, JudgedBatch } from "./judgedBatch.ts";

export interface LockstepReport {
  readonly steps: number;
  readonly divergences: number;
  readonly opcodesNeverJudged: readonly string[];
  /** Steps by mnemonic, every executable row of the table. */
  readonly perOpcode: Readonly<Record<string, number>>;
}

/** The judge is slower than reference and replay; now and then they wait for it. */
const stepsBetweenWaits = 1000;

const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

export class Lockstep {
  readonly #batch: JudgedBatch;
  readonly #trees = new WeakMap<MachineState, StateTree>();
  readonly #perOpcode = new Map<string, number>();
  readonly #replayDivergences: Divergence[] = [];
  #steps = 0;

  constructor(batch: JudgedBatch) {
    this.#batch = batch;
    for (const row of instructions) {
      if (row.family !== "structure") this.#perOpcode.set(row.mnemonic, 0);
    }
  }

  get divergences(): readonly Divergence[] {
    return [...this.#replayDivergences, ...this.#batch.divergences];
  }

  get steps(): number {
    return this.#steps;
  }

  count(mnemonic: string): number {
    return this.#perOpcode.get(mnemonic) ?? 0;
  }

  /** Sees a state before its next step; what it returns must see it after the step. */
  readonly visit = (state: MachineState, label = "step"): ((state: MachineState) => void) => {
    const tree = this.#treeOf(state);
    const preState = tree.stateHash();
    const witness = tree.witness();
    const mnemonic = this.#count(state);
    const where = `${label}: ${mnemonic} at pc ${state.pc}, step ${state.stepCounter}`;
    return (after) => {
      const postState = this.#treeOf(after).stateHash();
      this.#replay(where, preState, witness, postState);
      this.#batch.add({ label: where, preState, postState, witness });
      this.#steps += 1;
    };
  };

  /**
   * Runs a state in lockstep until `steps` steps are done or it has halted; a halted state takes one step more,
   * which must leave it as it is.
   */
  async run(state: MachineState, steps: number, label: string): Promise<void> {
    for (let done = 0; done < steps; done++) {
      const halted = state.status !== statusCodes.running;
      const check = this.visit(state, label);
      step(state);
      check(state);
      if (halted) return;
      if (done % stepsBetweenWaits === 0) await this.#batch.settle();
    }
  }

  /** Waits for the judge and sums up. */
  async report(): Promise<LockstepReport> {
    await this.#batch.flush();
    const entries = [...this.#perOpcode];
    return {
      steps: this.#steps,
      divergences: this.divergences.length,
      opcodesNeverJudged: entries.filter(([, count]) => count === 0).map(([name]) => name),
      perOpcode: Object.fromEntries(entries),
    };
  }

  #treeOf(state: MachineState): StateTree {
    let tree = this.#trees.get(state);
    if (tree === undefined) {
      tree = new StateTree(state);
      this.#trees.set(state, tree);
    }
    return tree;
  }

  #count(state: MachineState): string {
    if (state.status !== statusCodes.running) return "halted";
    const { code } = state.program;
    const at = state.pc * instructionBytes;
    const mnemonic = executedRow((code[at] << 8) | code[at + 1])?.mnemonic;
    if (mnemonic === undefined) throw new RangeError(`expected an instruction at pc ${state.pc}`);
    this.#perOpcode.set(mnemonic, this.count(mnemonic) + 1);
    return mnemonic;
  }

  #replay(label: string, preState: Uint8Array, witness: Uint8Array, postState: Uint8Array): void {
    let found: string;
    try {
      found = toHex(replayStep(preState, witness));
    } catch (error) {
      found = String(error);
    }
    if (found !== toHex(postState)) {
      this.#replayDivergences.push({ label, found: `replay: ${found}` });
    }
  }
}
