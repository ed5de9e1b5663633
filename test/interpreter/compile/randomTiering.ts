/**
 * A policy of tiering that compiles functions at random moments: one by one, a few together, all anew as one module,
 * so that functions cross from the block executor to emitted code, and calls from stubs to functions, at any point; and
 * the program as a whole, from which it may go back to a part.
 *
 * Invariant: a function of the random numbers that it is given.
 */
import { hasLightCode } from "../../../src/interpreter/compile/lightPrograms.ts";
import type {
  TieringPolicy,
  TieringStep,
  Tiers,
} from "../../../src/interpreter/compile/tiering.ts";
import type { Random } from "../../differential/random.ts";

/** Modules beside a main module that are allowed before all is compiled anew. */
const mostBatches = 12;

export class RandomTiering implements TieringPolicy {
  private readonly random: Random;
  /** Steps between two looks at most; 1 looks after every block. */
  private readonly reach: number;
  /** One look in so many chooses something. */
  private readonly rarity: number;

  constructor(random: Random) {
    this.random = random;
    this.reach = random.oneIn(3) ? 1 : 1 + random.below(400);
    this.rarity = 1 + random.below(6);
  }

  sliceSteps(): number {
    return 1 + this.random.below(this.reach);
  }

  turnsBeforeResuming(): number {
    return 0;
  }

  next(tiers: Tiers, wantsLight: boolean): TieringStep | undefined {
    const { random } = this;
    const { compiled, program } = tiers;
    if (wantsLight && !hasLightCode(program)) return { kind: "light", functions: tiers.all };
    if (!random.oneIn(this.rarity)) return undefined;
    const open = [...program.functions.keys()].filter((index) => tiers.isOpen(index));
    const isFull = (compiled?.batches.length ?? 0) > mostBatches;
    if (compiled !== undefined && (isFull || random.oneIn(6))) {
      if (random.oneIn(5)) return { kind: "anew", functions: tiers.all };
      const kept = [...compiled.functions].filter(() => isFull || !random.oneIn(4));
      return { kind: "anew", functions: [...kept, ...open.filter(() => random.oneIn(4))] };
    }
    if (open.length === 0) return undefined;
    return { kind: "batch", functions: this.batch(tiers, open) };
  }

  /** What has just run, what calls others, anything, or everything. */
  private batch(tiers: Tiers, open: readonly number[]): readonly number[] {
    const { random } = this;
    const seen = open.filter((index) => tiers.touched.has(index));
    if (seen.length > 0 && random.oneIn(3)) return seen;
    const callers = open.filter((index) => tiers.calleesOf(index).size > 0);
    if (callers.length > 0 && random.oneIn(2)) return [random.pick(callers)];
    if (random.oneIn(8)) return open;
    return Array.from({ length: 1 + random.below(3) }, () => random.pick(open));
  }
}
