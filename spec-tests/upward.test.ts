/**
 * What was valid stays valid: the scripts of 2.0 with the switches of 3.0. The machine then contradicts the assertions that V8,
 * which knows nothing older than 3.0, contradicts, and two more. This also runs at 3.0 what its own scripts mix with proposals
 * that the machine does not have (exclusions.ts).
 */
import { describe, expect, it } from "vitest";
import type { EngineKind } from "./engine.ts";
import { step } from "./engines/step.ts";
import { type Exclusion, exclusionsOf } from "./exclusions.ts";
import { reportScript } from "./report.ts";
import { requireSuite, scriptFiles } from "./suite.ts";

// Not strict: some of what was malformed has a form now, and is invalid.
const newest: EngineKind = { ...step, strict: false, create: () => step.create("3.0") };

const known: readonly Exclusion[] = [
  ...exclusionsOf("v8"),
  {
    level: "2.0",
    script: "binary-leb128.wast",
    lines: [217, 225],
    assertions: 2,
    reason: "limits are 64-bit numbers since 3.0, so a sixth byte is no error; V8 keeps to 32 bits",
  },
];

describe("official suite 2.0 › with the switches of 3.0", () => {
  const suite = requireSuite();
  if (suite === undefined) {
    it("NOT RUN: the suite is missing, see `npm run spec:fetch`", () => {});
    return;
  }
  it.each(scriptFiles(suite, "2.0"))("$name", async (file) => {
    const { failures } = await reportScript(file, newest, known);
    expect(failures).toEqual([]);
  });
});
