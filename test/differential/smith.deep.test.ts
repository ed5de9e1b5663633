import { describe, expect, it } from "vitest";
import { smithModules } from "../../spec-tests/smith/modules.ts";
import { compareOnV8, exclusionOf } from "./smithComparison.ts";

const seeds = 20_000;
const batch = 1000;
/** Other seeds than those of the sample and of the fast path's tests. */
const firstSeed = 5_000_000;

describe("modules of wasm-smith, deep › V8 and the machine agree", () => {
  for (let from = 0; from < seeds; from += batch) {
    it(`on seeds ${from} to ${from + batch - 1}`, () => {
      const modules = smithModules(firstSeed + from, batch);
      const compared = modules.filter((module) => exclusionOf(module) === undefined);
      expect(compared.flatMap((module) => compareOnV8(module).found)).toEqual([]);
      expect(compared.length).toBeGreaterThan(batch / 20);
    });
  }
});
