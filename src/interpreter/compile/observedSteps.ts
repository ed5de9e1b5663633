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
/** A batch costs the host something by itself: so many steps are seen before the next. */
const stepsOfBatch = 200_000;
/** An instruction is compiled anew after so many steps of emitted code. */
const emittedStepsOfRecord = 2048;

/** A stopped loop waits a turn for so many instructions of its function. */
const instructionsOfTurn = 8;

export class ObservedSteps implements TieringPolicy {
  private readonly hot = new Set<number>();

  sliceSteps(): number {
    return sliceSteps;
  }

  /** While the compiled set grows, a stop is often of a kind that comes no more. */
  turnsBeforeResuming(instructions: number): number {
    return instructions / instructionsOfTurn;
  }

  next(tiers: Tiers): TieringStep | undefined {
    for (const index of tiers.touched) {
      const price = tiers.recordsOf(index) * overheads.instruction;
      if (tiers.isOpen(index) && tiers.weights[index] >= price) this.hot.add(index);
    }
    const { compiled } = tiers;
    const isDue = tiers.seen >= stepsOfBatch;
    if (isDue && this.hot.size > 0) {
      const functions = reached(tiers, this.hot);
      this.hot.clear();
      return { kind: "batch", functions };
    }
    if (compiled === undefined || compiled.batches.length === 1) return undefined;
    let instructions = 0;
    for (const index of compiled.functions) instructions += tiers.recordsOf(index);
    if (tiers.emittedSteps < instructions * emittedStepsOfRecord) return undefined;
    return { kind: "anew", functions: [...compiled.functions] };
  }
}

/** The functions and what they call, as far as its calls would pay for it. */
function reached(tiers: Tiers, hot: ReadonlySet<number>): number[] {
  const found = new Set([...hot].filter((index) => tiers.isOpen(index)));
  for (const index of found) {
    for (const callee of tiers.calleesOf(index)) {
      if (found.has(callee) || !tiers.isOpen(callee)) continue;
      const price = tiers.recordsOf(callee) * overheads.instruction;
      if (tiers.callsOf(callee) * overheads.entry >= price) found.add(callee);
    }
  }
  return [...found];
}
