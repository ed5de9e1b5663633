/**
 * The policy of tiering: a function is compiled once what was spent in it without that would have paid for it, together
 * with the functions that it calls often enough to pay for them; when the set has settled, all of it is compiled anew
 * as one module, so that the host can call and inline directly.
 *
 * Invariant: what is spent on compiling stays a part of what the program has run.
 */
import { overheads } from "./economy.ts";
import type { TieringPolicy, TieringStep, Tiers } from "./tiering.ts";

/** Steps of the block executor between two looks. */
const sliceSteps = 20_000;
/** A batch costs the host something by itself: so many steps are seen before the first, and before the next. */
const stepsOfFirstBatch = 1_000_000;
const stepsOfBatch = 200_000;
/** What runs now is called more often than it was so far: a callee is taken along for a part of its price. */
const calleeDiscount = 4;
/** Compiling anew costs an instruction so many steps of emitted code. */
const emittedStepsOfInstruction = 2048;
/** Where less than a third is new, compiling anew has to be earned so many times. */
const patienceWithFew = 16;

/** A stopped loop waits a turn for so many instructions of its function. */
const instructionsOfTurn = 8;

export class ObservedSteps implements TieringPolicy {
  private readonly hot = new Set<number>();
  /** Instructions of what was compiled anew last. */
  private settled = 0;

  sliceSteps(): number {
    return sliceSteps;
  }

  /** While the compiled set grows, a stop is often of a kind that comes no more. */
  turnsBeforeResuming(instructions: number): number {
    return instructions / instructionsOfTurn;
  }

  next(tiers: Tiers): TieringStep | undefined {
    for (const index of tiers.touched) {
      const price = tiers.instructionsOf(index) * overheads.instruction;
      if (tiers.isOpen(index) && tiers.weights[index] >= price) this.hot.add(index);
    }
    const { compiled } = tiers;
    const due = compiled === undefined ? stepsOfFirstBatch : stepsOfBatch;
    if (tiers.seen >= due && this.hot.size > 0) {
      const functions = reached(tiers, this.hot);
      this.hot.clear();
      return { kind: "batch", functions };
    }
    return this.anew(tiers);
  }

  /** Everything again, once batches have run long enough without another one. */
  private anew(tiers: Tiers): TieringStep | undefined {
    const { compiled, emittedSteps } = tiers;
    if (compiled === undefined || compiled.batches.length === 1) return undefined;
    let instructions = 0;
    for (const index of compiled.functions) instructions += tiers.instructionsOf(index);
    const isGrown = instructions * 2 >= this.settled * 3;
    const price = instructions * emittedStepsOfInstruction * (isGrown ? 1 : patienceWithFew);
    if (emittedSteps < price) return undefined;
    this.settled = instructions;
    return { kind: "anew", functions: [...compiled.functions] };
  }
}

/** The functions and what they call, as far as its calls would pay for it. */
function reached(tiers: Tiers, hot: ReadonlySet<number>): number[] {
  const found = new Set([...hot].filter((index) => tiers.isOpen(index)));
  for (const index of found) {
    for (const callee of tiers.calleesOf(index)) {
      if (found.has(callee) || !tiers.isOpen(callee)) continue;
      const price = tiers.instructionsOf(callee) * overheads.instruction;
      if (tiers.callsOf(callee) * overheads.entry * calleeDiscount >= price) found.add(callee);
    }
  }
  return [...found];
}
