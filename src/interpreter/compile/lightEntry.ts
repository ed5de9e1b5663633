/**
 * One entry into light code while it runs: what it is given, piece by piece, and the loops that it moves. The host does not
 * replace code that is running by better code; a loop that is found in one activation again and again goes on in the module
 * that resumes it, in place of its frame.
 *
 * Invariant: never more is given than the entry may use; where there is no more, or no room, the entry is lost.
 */
import { type Cost, lightPortion } from "./budget.ts";
import { HostRefusal, refusing } from "./hostRefusal.ts";
import type { Refills, RuntimeBudget } from "./runtimeBudget.ts";

/** Thrown through light code that cannot go on: the entry is taken back, and code that can stop runs instead. */
export class LightLoss extends Error {}

/** Chooses how light code runs: of each executor the usual way, of tests the rare ones. */
export interface LightPolicy {
  /** Whether a run that ends after so many steps at the latest may be light. */
  allows(steps: number): boolean;
  /** Most fuel of one refill. */
  fuelOfRefill(): number;
  /** Steps of an entry up to which no loop moves, when a refill was looked at after so many. */
  nextLook(used: number): number;
  /** Whether a loop moves that was found in the same activation at so many looks in a row. */
  movesAfter(meetings: number): boolean;
  /** Steps of code that can stop which have to run when an entry was lost that had used so many. */
  debtOf(lost: number): number;
}

/** A run that ends before is one that someone wants to see where it ends. */
const farSteps = 2 ** 40;
const firstLook = 2 ** 22;
const stepsOfLoss = 8;
/** What a loss costs at least: what led to it may well come again. */
const leastDebt = 2 ** 22;

/** Looks come in a geometric series, so that the loops of an entry move some tens of times at most. */
export const usualLight: LightPolicy = {
  allows: (steps) => steps >= farSteps,
  fuelOfRefill: () => lightPortion,
  nextLook: (used) => used + Math.max(firstLook, used / 2),
  movesAfter: (meetings) => meetings > 1,
  debtOf: (lost) => Math.max(leastDebt, lost * stepsOfLoss),
};

export class LightEntry {
  /** Entries so far that came to their end, and that were lost; loops that have moved, in all of them. */
  kept = 0;
  lost = 0;
  moves = 0;
  private readonly budget: RuntimeBudget;
  private policy: LightPolicy = usualLight;
  private nextLook = 0;
  /** Where the last look was: a function and what room it had, which tells an activation. */
  private place = "";
  private meetings = 0;

  constructor(budget: RuntimeBudget) {
    this.budget = budget;
  }

  /** An entry begins that may use so much in all. */
  begin(most: Cost, policy: LightPolicy): Refills {
    this.policy = policy;
    this.nextLook = policy.nextLook(0);
    this.place = "";
    return { most, fuelOfRefill: () => policy.fuelOfRefill() };
  }

  /** At a failed check; `safepoint` is a loop's, or negative. Throws LightLoss. */
  refill(safepoint: number): void {
    const { budget } = this;
    const { instance } = budget;
    const room = instance.roomAtHand();
    if (room < 0) throw new LightLoss("no room");
    if (instance.budgetAtHand().fuel < 0 && !budget.refill()) throw new LightLoss("no more budget");
    if (safepoint < 0) return;
    const isLook = budget.usedSteps >= this.nextLook;
    instance.setMoves(isLook && this.look(safepoint, room));
  }

  /** Whether the loop is to move. */
  private look(safepoint: number, room: number): boolean {
    const { instance, usedSteps } = this.budget;
    const { function: index, pc } = instance.compiled.safepoints[safepoint];
    this.nextLook = this.policy.nextLook(usedSteps);
    const place = `${index} ${room}`;
    this.meetings = place === this.place ? this.meetings + 1 : 1;
    this.place = place;
    if (!this.policy.movesAfter(this.meetings)) return false;
    try {
      refusing(() => instance.prepareLoop(pc));
    } catch (error) {
      // The loop goes on where it is.
      if (error instanceof HostRefusal && error.code !== "unsoundEmission") return false;
      throw error;
    }
    this.moves++;
    return true;
  }
}
