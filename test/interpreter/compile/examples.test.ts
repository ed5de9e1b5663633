import { describe, expect, test } from "vitest";
import { loadExamples } from "../../../examples/manifest.ts";
import { entriesOf, partings } from "./exampleRun.ts";

describe("fast path › examples stopped at random steps", () => {
  for (const example of loadExamples()) {
    test(`${example.name} › equals the reference at every stop`, () => {
      expect(partings(example, "small", 12)).toEqual([]);
      expect(partings(example, "medium", 6)).toEqual([]);
      expect(partings(example, "small", 10, { loopPatience: 0, quantum: 1500 })).toEqual([]);
    });
  }
});

test("fast path › a call of each example is one entry into emitted code", () => {
  for (const example of loadExamples()) expect(entriesOf(example, "medium"), example.name).toBe(1);
});
