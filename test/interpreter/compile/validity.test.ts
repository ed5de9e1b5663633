import { expect, it } from "vitest";
import { realModules } from "../binary/realModules.ts";
import { builtModules } from "./validity.ts";

const smallBytes = 16_000;

it("fast path › what is emitted for small real modules is valid, every loop's resumption included", () => {
  let built = 0;
  for (const { bytes } of realModules()) {
    if (bytes.length > smallBytes) continue;
    const result = builtModules(bytes, Number.POSITIVE_INFINITY);
    expect(result.invalid).toBe(0);
    built += result.built;
  }
  expect(built).toBeGreaterThan(100);
});
