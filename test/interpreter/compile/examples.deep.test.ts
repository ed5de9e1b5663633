import { describe, expect, test } from "vitest";
import { loadExamples } from "../../../examples/manifest.ts";
import { partings } from "./exampleRun.ts";

const stops = 1000;

describe(`fast path, deep › examples stopped at ${stops} random steps`, () => {
  for (const example of loadExamples()) {
    test(`${example.name} › equals the reference at every stop`, () => {
      expect(partings(example, "medium", stops)).toEqual([]);
    }, 600_000);
  }
});
