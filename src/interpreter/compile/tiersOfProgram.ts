/**
 * Whether a program is compiled as a whole or on demand, and what its states share in the second case.
 *
 * Invariant: one `Tiers` a program, unless a policy of one's own or a measurement asks for another.
 */
import type { Program } from "../program/program.ts";
import { onDemand } from "../program/programOnDemand.ts";
import type { FastOptions } from "./fastOptions.ts";
import { ObservedSteps } from "./observedSteps.ts";
import { Tiers } from "./tiering.ts";

/** Programs of at most so many instructions are compiled as a whole. */
const wholeInstructions = 8192;

/** Whether a program is small enough to be compiled at once. */
export function isCompiledWhole(program: Program): boolean {
  return onDemand(program).heights.length <= wholeInstructions;
}

const tiersOfPrograms = new WeakMap<Program, Tiers>();

/** What chooses the functions of a program that are compiled; undefined if all are, at once. */
export function tiersFor(
  program: Program,
  { tiering, omitted, kept }: FastOptions,
): Tiers | undefined {
  if (tiering !== undefined) return new Tiers(program, tiering, kept);
  const isSpecial = (omitted?.length ?? 0) > 0 || (kept?.size ?? 0) > 0;
  if (isSpecial || isCompiledWhole(program)) return undefined;
  let tiers = tiersOfPrograms.get(program);
  if (tiers === undefined) {
    tiers = new Tiers(program, new ObservedSteps());
    tiersOfPrograms.set(program, tiers);
  }
  return tiers;
}
