import { describe, expect, it } from "vitest";
import { mutants } from "./list.ts";
import { tryMutant } from "./tryMutant.ts";

/** Programs within which a fault has to be found: five of them take more than 400. */
const programs = 3000;
/** Programs that must not tell an equivalent one. */
const programsOfEquivalent = 400;

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
    const { found } = tryMutant(mutant, "adversary", 1, programsOfEquivalent);
    expect(found).toBeUndefined();
  });
});
