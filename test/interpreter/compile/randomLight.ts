/**
 * A policy of light code that lets entries be light at random, gives them little at a time, and moves loops at random, so that all
 * of its ways are taken in programs of a few hundred steps, with limits before and behind their ends.
 *
 * Invariant: a function of the seed.
 */
import type { LightPolicy } from "../../../src/interpreter/compile/lightEntry.ts";
import { Random } from "../../differential/random.ts";

/** A move takes as long as thousands of steps. */
const mostMoves = 2000;

export class RandomLight implements LightPolicy {
  private readonly random: Random;
  /** One look in so many changes between light code and code that can stop. */
  private readonly rarity: number;
  private readonly reach: number;
  private readonly moves: number;
  private isAllowed = true;
  private movesLeft = mostMoves;

  constructor(seed: number) {
    const random = new Random(seed);
    this.random = random;
    this.rarity = random.pick([2, 8, 1000]);
    this.reach = random.pick([1, 200, 20_000, 2 ** 28]);
    this.moves = random.pick([1, 3, 1000]);
  }

  allows(): boolean {
    if (this.random.oneIn(this.rarity)) this.isAllowed = !this.isAllowed;
    return this.isAllowed;
  }

  fuelOfRefill(): number {
    return 1 + this.random.below(this.reach);
  }

  nextLook(used: number): number {
    return used;
  }

  movesAfter(): boolean {
    return this.movesLeft > 0 && this.random.oneIn(this.moves) && this.movesLeft-- > 0;
  }

  debtOf(): number {
    return this.random.oneIn(4) ? this.random.below(2000) : 0;
  }
}
