import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { generatedFiles } from "../../../scripts/generate.ts";

describe("generated files", () => {
  it("exist at all", () => {
    expect(generatedFiles.size).toBeGreaterThan(1);
  });

  for (const [path, text] of generatedFiles) {
    it(`${path} › regenerating gives no diff`, () => {
      expect(readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8")).toBe(text);
    });
  }
});
