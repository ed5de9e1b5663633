import { describe, expect, it } from "vitest";
import { mutants } from "./list.ts";
import { tryMutant } from "./tryMutant.ts";

/** Programs within which a fault has to be found: two of them take more than 200. */
const programs = 400;

const faults = mutants.filter(
  ({ equivalent, missed }) => equivalent === undefined && missed === undefined,
);
const equivalents = mutants.filter(({ equivalent }) => equivalent !== undefined);

describe("mutants, deep › the generators", () => {
  it.each(faults)("finds: $name", (mutant) => {
    const generator = mutant.generator ?? "adversary";
    expect(tryMutant(mutant, generator, 1, programs).found).toBeDefined();
  });

  it.each(equivalents)("cannot tell: $name", (mutant) => {
    expect(tryMutant(mutant, "adversary", 1, programs).found).toBeUndefined();
  });
});
