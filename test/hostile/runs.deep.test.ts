/** The whole corpus, large, and functions that ask the host for as much as a function may. */
import { describe, expect, it } from "vitest";
import { corpus } from "./generators.ts";
import { faultsOf } from "./runs.ts";

describe("hostile modules, deep › run by every executor in bounded memory", () => {
  it.each(Object.keys(corpus))("%s", (name) => {
    expect(faultsOf([name], 40_000, 1000)).toEqual([]);
  });

  it("as many functions at their bound as a program may have, and more", () => {
    expect(faultsOf(["atTheBound"], 40, 6000)).toEqual([]);
  });
});
