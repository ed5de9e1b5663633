/**
 * What a function body will take of a program, counted while it is validated (`FunctionBody`): so its place is known before
 * it is lowered (program/deferredBodies.ts).
 *
 * Invariant: what control cannot reach counts for nothing.
 */
import type { FunctionBody, ValueType } from "../binary/module.ts";
import type { ValidationStacks } from "./validationStacks.ts";

export class BodyCounts {
  /** Instructions beside one for each that control reaches. */
  loweredBesides = 0;
  private readonly stacks: ValidationStacks;
  private branchEntries = 0;
  private isExact = true;
  private tailOperands = 0;

  constructor(stacks: ValidationStacks) {
    this.stacks = stacks;
  }

  reset(): void {
    this.loweredBesides = 0;
    this.branchEntries = 0;
    this.isExact = true;
    this.tailOperands = 0;
  }

  /** The instruction at hand becomes one or two, as the program around the module decides. */
  becomesTwo(): void {
    this.loweredBesides++;
    this.isExact = false;
  }

  branchTable(labels: number): void {
    if (this.stacks.isReachable) this.branchEntries += labels + 1;
  }

  /** A tail call whose arguments are popped: the frame has room for its results as for any call's. */
  tailCall(results: readonly ValueType[]): void {
    const { isReachable, height } = this.stacks;
    if (isReachable) this.tailOperands = Math.max(this.tailOperands, height + results.length);
  }

  /** What was found, behind the end of a function with these results. */
  found(
    results: readonly ValueType[],
  ): Pick<FunctionBody, "branchEntries" | "operands" | "isCounted" | "usesVectors"> {
    const { stacks, branchEntries } = this;
    const usesVectors = stacks.metVector;
    const operands = Math.max(stacks.top, this.tailOperands, results.length);
    return { branchEntries, operands, usesVectors, isCounted: this.isExact && !usesVectors };
  }
}
