/**
 * What emitted code costs beside the steps that it runs: compiling it, entering it, saving chunks again, rebuilding
 * frames. All of it is counted in steps of the block executor and has to be earned by steps that ran, or the block executor goes on.
 *
 * Invariant: overheads stay below the steps that the state has run, and what is given at first: so however often a program
 * makes emitted code stop, it takes no more than twice the block executor's time, and once what compiling all of it takes.
 */

import type { Program } from "../program/program.ts";
import { onDemand } from "../program/programOnDemand.ts";
import type { MachineState } from "../state/machineState.ts";

/** Overheads that nothing has to earn: some milliseconds. */
const givenSteps = 2_000_000;
/** Credit is not hoarded for longer than this. */
const ceilingSteps = 2 ** 24;
/** Instructions are compiled at about so many steps of the block executor each. */
const stepsOfInstruction = 48;
/**
 * Those of a program that is compiled as a whole sooner than they are paid for: most runs that have come so far go on, and
 * the block executor's own first steps take the host as long to compile (docs/decisions/0025).
 */
const stepsOfWholeInstruction = 6;
/** A move into host memories takes so many steps, and one for so many bytes. */
const stepsOfMove = 20_000;
const bytesOfStep = 16;
/** What an entry takes by itself, a call beside emitted frames, and for each chunk that is saved, value of a frame that is spilled, global in and out. */
export const overheads = {
  entry: 400,
  nested: 100,
  chunk: 128,
  value: 4,
  global: 2,
  instruction: stepsOfInstruction,
  wholeInstruction: stepsOfWholeInstruction,
} as const;

/** Steps that the block executor runs before memories that a call was taken back from are moved into host memories again. */
export function stepsBeforeMoving(state: MachineState): number {
  return stepsOfMove + Math.ceil(bytesOf(state) / bytesOfStep);
}

/** Bytes of all memories. */
export function bytesOf({ memories }: MachineState): number {
  return memories.reduce((sum, memory) => sum + memory.bytes.length, 0);
}

/** Steps that the block executor runs before a program is worth compiling. */
export function stepsBeforeCompiling(program: Program): number {
  return onDemand(program).heights.length * stepsOfWholeInstruction;
}

export class Economy {
  private credit: number;
  private stepCounter: number;

  constructor(stepCounter: number, given = givenSteps) {
    this.credit = given;
    this.stepCounter = stepCounter;
  }

  /** Takes the steps up to `stepCounter` as earned. */
  private earn(stepCounter: number): void {
    // A call that was taken back takes the counter back as well; what was earned stays.
    const earned = Math.max(0, stepCounter - this.stepCounter);
    this.credit = Math.min(Math.max(ceilingSteps, this.credit), this.credit + earned);
    this.stepCounter = stepCounter;
  }

  /** Steps that have to run before the price can be paid; 0 if it is paid. */
  pay(price: number, stepCounter: number): number {
    this.earn(stepCounter);
    if (this.credit < price) return Math.ceil(price - this.credit);
    this.credit -= price;
    return 0;
  }

  /** What turned out to be due afterwards; it delays what comes. */
  owe(price: number): void {
    this.credit -= price;
  }
}
