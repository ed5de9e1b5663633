import { expect, it } from "vitest";
import { realModules } from "../binary/realModules.ts";
import { builtModules } from "./validity.ts";

const loops = 40;

it("fast path, deep › what is emitted for real modules of megabytes is valid", () => {
  let built = 0;
  for (const { bytes } of realModules()) {
    const result = builtModules(bytes, loops);
    expect(result.invalid).toBe(0);
    built += result.built;
  }
  expect(built).toBeGreaterThan(250);
}, 600_000);
