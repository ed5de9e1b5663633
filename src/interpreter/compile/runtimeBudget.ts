/**
 * The budget of an entry while emitted code runs: what runtime calls take from it, and the fuel of clean chunks, which
 * lowers it where it would otherwise outlast the fuel.
 *
 * Invariant: fuel of the budget ≤ fuel that is really left − the longest stretch without a check.
 */
import type { MachineState } from "../state/machineState.ts";
import { type Cost, lightPortion, noCost } from "./budget.ts";
import type { Instance } from "./hostInstance.ts";

/** Where light code takes more from. */
export interface Refills {
  /** Most that the entry may use in all. */
  readonly most: Cost;
  /** Most fuel of one refill. */
  fuelOfRefill(): number;
}

export class RuntimeBudget {
  /** Fuel paid for chunks in this entry. */
  charged = 0;
  private running: Instance | undefined;
  private readonly state: MachineState;
  /** The budget that was handed out, less what was taken from it since. */
  private given: Cost = { steps: 0, fuel: 0 };
  private refills: Refills | undefined;

  constructor(state: MachineState) {
    this.state = state;
  }

  /** @param refills where the entry takes more from, if it is one of light code */
  begin(instance: Instance, budget: Cost, refills?: Refills): void {
    this.running = instance;
    this.refills = refills;
    this.given = budget;
    this.charged = 0;
  }

  /** The instance that runs, or that ran last. */
  get instance(): Instance {
    if (this.running === undefined) throw new RangeError("expected emitted code to be running");
    return this.running;
  }

  /** What emitted code has used of its budget, given what is left of it. */
  used(left: Cost): Cost {
    return { steps: this.given.steps - left.steps, fuel: this.given.fuel - left.fuel };
  }

  /** Takes cost off the budget at hand; false if it does not suffice. */
  spend(steps: number, fuel: number): boolean {
    if (this.instance.spendAtHand(steps, fuel)) return true;
    return this.refill({ steps, fuel }) && this.instance.spendAtHand(steps, fuel);
  }

  /** Steps of the entry so far, the budget at hand taken for what is left. */
  get usedSteps(): number {
    return this.given.steps - this.instance.budgetAtHand().steps;
  }

  /** Steps that the entry can have used at most, wherever it is: each takes fuel. */
  get mostUsedSteps(): number {
    return Math.min(this.given.steps, this.given.fuel);
  }

  /** Gives light code more, at least so much if it may have it; false where there is no more. */
  refill(least: Cost = noCost): boolean {
    const { refills, instance, given } = this;
    if (refills === undefined) return false;
    const used = this.used(instance.budgetAtHand());
    const { most } = refills;
    const fuel = Math.min(
      lightPortion,
      Math.max(least.fuel, refills.fuelOfRefill()),
      most.fuel - this.charged - used.fuel,
    );
    if (fuel <= 0 || used.steps >= most.steps) return false;
    const next = { steps: used.steps + lightPortion, fuel: used.fuel + fuel };
    instance.lowerAtHand(given.steps - next.steps, given.fuel - next.fuel);
    this.given = next;
    return true;
  }

  giveBack(steps: number, fuel: number): void {
    this.instance.lowerAtHand(-steps, -fuel);
  }

  /** The step counter at the runtime call at hand, what it has spent among them. */
  get stepCounter(): number {
    return this.state.stepCounter + this.given.steps - this.instance.budgetAtHand().steps;
  }

  /** The fuel counter at the runtime call at hand. */
  get fuelCounter(): number {
    const { fuel } = this.instance.budgetAtHand();
    return this.state.fuelCounter + this.given.fuel - fuel + this.charged;
  }

  /** Whether clean chunks of so much fuel can be paid for whatever comes up to the next check. */
  affords(fuel: number): boolean {
    return this.allowed(fuel) >= 0;
  }

  charge(fuel: number): void {
    const surplus = this.instance.budgetAtHand().fuel - this.allowed(fuel);
    this.charged += fuel;
    if (surplus <= 0) return;
    this.instance.lowerAtHand(0, surplus);
    this.given = { steps: this.given.steps, fuel: this.given.fuel - surplus };
  }

  /** Fuel that the budget may have once clean chunks of so much fuel are paid for. */
  private allowed(fuel: number): number {
    const { stretch } = this.instance.compiled;
    return this.state.fuelLimit - this.fuelCounter - fuel - stretch.fuel;
  }
}
