/**
 * All families that the search draws from: one for each row of the instruction table, and those of larger patterns.
 *
 * Invariant: names are unique, since results are kept by name.
 */
import { branchFamilies } from "./familiesOfBranches.ts";
import { callFamilies } from "./familiesOfCalls.ts";
import { memoryFamilies } from "./familiesOfMemory.ts";
import { stateFamilies } from "./familiesOfState.ts";
import { stopFamilies } from "./familiesOfStops.ts";
import { rowFamilies } from "./rows.ts";
import type { Family } from "./workload.ts";

export const families: readonly Family[] = [
  ...rowFamilies,
  ...memoryFamilies,
  ...callFamilies,
  ...branchFamilies,
  ...stopFamilies,
  ...stateFamilies,
];

if (new Set(families.map(({ name }) => name)).size !== families.length) {
  throw new RangeError("expected families with unique names");
}
