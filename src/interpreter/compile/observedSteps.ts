/**
 * The policy of tiering: a function is compiled once what was spent in it without that would have paid for it, together
 * with the functions that it calls often enough to pay for them; when the set has settled, all of it is compiled anew
 * as one module, so that the host can call and inline directly. A program that is not too large is compiled as a whole
 * once it has run for so long that it will most likely go on.
 *
 * Invariant: what is spent on compiling stays a part of what the program has run, but for a whole, which is made once.
 */
import type { CompiledProgram } from "./compiledProgram.ts";
import { overheads } from "./economy.ts";
import type { TieringPolicy, TieringStep, Tiers } from "./tiering.ts";

/** Steps of the block executor between two looks. */
const sliceSteps = 20_000;
/** A batch costs the host something by itself: so many steps are seen before the first, and before the next. */
const stepsOfFirstBatch = 1_000_000;
const stepsOfBatch = 200_000;
/** What runs now is called more often than it was so far: a callee is taken along for a part of its price. */
const calleeDiscount = 4;
/**
 * Compiling anew costs an instruction so many steps of emitted code where everything is new. What is gained is a part of
 * the time that is spent in what is new, so it has to be earned as many times, squared, as there is more than that.
 */
const emittedStepsOfInstruction = 8192;

/**
 * Programs of at most so many instructions are compiled as a whole, and those of at most so many without any batches
 * before: a run that is over before would not have earned them, and a longer one needs all of them again.
 */
const wholeInstructions = { most: 2 ** 20, atOnce: 300_000 } as const;
/** A step of emitted code takes a part of what one of the block executor does. */
const emittedStepsOfStep = 8;

/** A stopped loop waits a turn for so many instructions of its function. */
const instructionsOfTurn = 8;

export class ObservedSteps implements TieringPolicy {
  private readonly hot = new Set<number>();
  /** Instructions of the functions of the first so many batches of what is compiled. */
  private counted: Counted | undefined;

  sliceSteps(): number {
    return sliceSteps;
  }

  /** While the compiled set grows, a stop is often of a kind that comes no more. */
  turnsBeforeResuming(instructions: number): number {
    return instructions / instructionsOfTurn;
  }

  next(tiers: Tiers, wantsLight: boolean): TieringStep | undefined {
    for (const index of tiers.touched) {
      const price = tiers.instructionsOf(index) * overheads.instruction;
      if (tiers.isOpen(index) && tiers.weights[index] >= price) this.hot.add(index);
    }
    const { compiled } = tiers;
    if (becomesWhole(tiers)) {
      if (compiled?.isWhole && !wantsLight) return undefined;
      if (isWholeEarned(tiers)) {
        return { kind: wantsLight ? "light" : "anew", functions: tiers.all };
      }
      if (tiers.instructions <= wholeInstructions.atOnce) return undefined;
    }
    const due = compiled === undefined ? stepsOfFirstBatch : stepsOfBatch;
    if (tiers.seen >= due && this.hot.size > 0) {
      const functions = reached(tiers, this.hot);
      this.hot.clear();
      return { kind: "batch", functions };
    }
    return becomesWhole(tiers) ? undefined : this.anew(tiers);
  }

  /** Everything again, once emitted code has run long enough since the last time. */
  private anew(tiers: Tiers): TieringStep | undefined {
    const { compiled, emittedSteps } = tiers;
    if (compiled === undefined) return undefined;
    const { all, main } = this.count(tiers, compiled);
    if (all === main) return undefined;
    const price = all * emittedStepsOfInstruction * (all / (all - main)) ** 2;
    if (emittedSteps < price) return undefined;
    return { kind: "anew", functions: [...compiled.functions] };
  }

  private count(tiers: Tiers, compiled: CompiledProgram): Counted {
    const { batches } = compiled;
    let { counted } = this;
    if (counted?.compiled !== compiled) counted = { compiled, batches: 0, all: 0, main: 0 };
    for (; counted.batches < batches.length; counted.batches++) {
      for (const index of batches[counted.batches].functions) {
        counted.all += tiers.instructionsOf(index);
      }
      if (counted.batches === 0 && !compiled.isDraft) counted.main = counted.all;
    }
    this.counted = counted;
    return counted;
  }
}

/** Instructions of what is compiled, and of what of it is one module that is no draft. */
interface Counted {
  readonly compiled: CompiledProgram;
  batches: number;
  all: number;
  main: number;
}

function becomesWhole({ instructions, refusesAnew }: Tiers): boolean {
  return instructions <= wholeInstructions.most && !refusesAnew;
}

/** Whether the program has run for so long that it will most likely go on. */
function isWholeEarned({ instructions, seenInAll, emittedInAll }: Tiers): boolean {
  return seenInAll + emittedInAll / emittedStepsOfStep >= instructions * overheads.wholeInstruction;
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
