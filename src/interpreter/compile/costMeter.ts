/**
 * What has been executed by the instruction at hand: since the budget was last brought up to date (`pending`), and since a
 * check last found it not exhausted, pending cost at that check included (`stretch`).
 *
 * Invariant: instructions are taken in their order; what they cost is read off the program where somebody asks for it,
 * which is at branches, calls and checks.
 */
import type { Program } from "../program/program.ts";
import type { Cost } from "./budget.ts";
import { noCost, plus } from "./budget.ts";
import { costBetween } from "./functionPlan.ts";

export class CostMeter {
  /** The next instruction. */
  pc: number;
  private readonly program: Program;
  /** The first instruction that is in neither cost. */
  private uncounted: number;
  private countedPending: Cost = noCost;
  private countedStretch: Cost = noCost;

  constructor(program: Program, entryPc: number) {
    this.program = program;
    this.pc = entryPc;
    this.uncounted = entryPc;
  }

  /** Takes the next instruction: its cost is pending from here on. */
  advance(): number {
    return this.pc++;
  }

  get pending(): Cost {
    this.count();
    return this.countedPending;
  }

  set pending(pending: Cost) {
    this.count();
    this.countedPending = pending;
  }

  get stretch(): Cost {
    this.count();
    return this.countedStretch;
  }

  set stretch(stretch: Cost) {
    this.count();
    this.countedStretch = stretch;
  }

  private count(): void {
    const { uncounted, pc, countedPending, countedStretch } = this;
    if (uncounted === pc) return;
    const cost = costBetween(this.program, uncounted, pc);
    this.countedPending = plus(countedPending, cost);
    this.countedStretch =
      countedPending === countedStretch ? this.countedPending : plus(countedStretch, cost);
    this.uncounted = pc;
  }
}
