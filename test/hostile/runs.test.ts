/** Large inputs that once ended the process or took seconds before their first instruction: every executor runs them. */
import { describe, expect, it } from "vitest";
import { faultsOf } from "./runs.ts";

/** As large as they were found; the whole corpus is in runs.deep.test.ts. */
const found = [
  "nested loops",
  "a tenth as many calls under operands",
  "functions with forty thousand declared locals",
  "types, a function of each",
  "imports and functions",
  "imports and calls",
];

describe("hostile modules › run by every executor in bounded memory", () => {
  it("inputs that were found from outside", () => {
    expect(faultsOf(found, 20_000, 800)).toEqual([]);
  }, 600_000);
});
