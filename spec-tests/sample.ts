/**
 * The steps that the official suite executes, for those who check steps one by one (witness replay, judge): every
 * script is run by the block executor, and a visitor sees chosen states before their step and after it.
 * Steps are chosen by opcode with exponential back-off: the first few of each, then ever rarer ones, so that a
 * rare instruction is seen as surely as a common one and the number of visits grows with the logarithm of the run.
 *
 * Invariant: the choice depends on the suite alone; visiting does not change what is executed.
 */
import { step } from "../src/interpreter/blocks/runSteps.ts";
import { instructionBytes } from "../src/interpreter/program/program.ts";
import { type MachineState, statusCodes } from "../src/interpreter/state/machineState.ts";
import { storeEngine } from "./engines/step.ts";
import { groupOf, unsupportedGroups } from "./groups.ts";
import { reportScript } from "./report.ts";
import { type Level, scriptFiles } from "./suite.ts";

/** Sees a state before its next step; what it returns sees the same object after the step. */
export type StepVisitor = (state: MachineState) => ((state: MachineState) => void) | undefined;

export interface SampleOptions {
  readonly levels?: readonly Level[];
  /** Scripts to run; all by default. */
  readonly scripts?: (level: Level, name: string) => boolean;
  /** Steps of each opcode that are all visited, before back-off begins. */
  readonly first?: number;
  /** From one visit of an opcode to the next its count grows by this factor; 1 visits every step. */
  readonly factor?: number;
}

export interface SampleReport {
  readonly steps: number;
  readonly visits: number;
  /** By code of the instruction table. */
  readonly perOpcode: ReadonlyMap<number, { readonly steps: number; readonly visits: number }>;
}

/** Decides by count which steps of one opcode are visited. */
class BackOff {
  readonly #first: number;
  readonly #factor: number;
  steps = 0;
  visits = 0;
  #next = 1;

  constructor(first: number, factor: number) {
    this.#first = first;
    this.#factor = factor;
  }

  isDue(): boolean {
    this.steps += 1;
    if (this.steps < this.#next) return false;
    this.visits += 1;
    this.#next =
      this.steps < this.#first
        ? this.steps + 1
        : Math.max(this.steps + 1, Math.ceil(this.steps * this.#factor));
    return true;
  }
}

/** Choice of steps and their visits over any number of runs. */
export class StepSampler {
  readonly #visit: StepVisitor;
  readonly #first: number;
  readonly #factor: number;
  readonly #opcodes = new Map<number, BackOff>();

  constructor(visit: StepVisitor, { first = 8, factor = 2 }: SampleOptions = {}) {
    this.#visit = visit;
    this.#first = first;
    this.#factor = factor;
  }

  /** Runs a state until it halts; fits `StoreOptions.execute`. */
  readonly execute = (state: MachineState): void => {
    const { code } = state.program;
    while (state.status === statusCodes.running) {
      const at = state.pc * instructionBytes;
      const opcode = (code[at] << 8) | code[at + 1];
      let backOff = this.#opcodes.get(opcode);
      if (backOff === undefined) {
        backOff = new BackOff(this.#first, this.#factor);
        this.#opcodes.set(opcode, backOff);
      }
      const check = backOff.isDue() ? this.#visit(state) : undefined;
      step(state);
      check?.(state);
    }
  };

  report(): SampleReport {
    const all = [...this.#opcodes.values()];
    return {
      steps: all.reduce((sum, { steps }) => sum + steps, 0),
      visits: all.reduce((sum, { visits }) => sum + visits, 0),
      perOpcode: this.#opcodes,
    };
  }
}

/** Runs the suite's scripts and visits steps. Throws if a script fails, or if there is nothing to run. */
export async function sampleSuite(
  suite: string,
  visit: StepVisitor,
  options: SampleOptions = {},
): Promise<SampleReport> {
  const { levels = ["2.0", "3.0"], scripts = () => true } = options;
  const sampler = new StepSampler(visit, options);
  const kind = storeEngine("step", { execute: sampler.execute });
  for (const level of levels) {
    for (const file of scriptFiles(suite, level)) {
      if (unsupportedGroups[groupOf(level, file.name)] !== undefined) continue;
      if (!scripts(level, file.name)) continue;
      const { failures } = await reportScript(file, kind);
      if (failures.length > 0) throw new Error(failures[0]);
    }
  }
  const report = sampler.report();
  if (report.visits === 0) throw new Error("expected scripts that execute something");
  return report;
}
