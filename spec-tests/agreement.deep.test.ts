/** Every executor leaves the states that single steps leave, in every call of the official suite and of the corpus. */
import { describe, expect, it } from "vitest";
import { Agreement } from "./agreement.ts";
import { corpusCases, stateOf } from "./corpus/index.ts";
import { storeEngine } from "./engines/step.ts";
import { executors } from "./executors.ts";
import { reportLevel } from "./report.ts";
import { requireSuite } from "./suite.ts";

// Deep enough for every script, small enough that a copy of the state is cheap.
const limits = { stackSlots: 65_536, frames: 4096 };

describe("agreement with single steps › official suite", () => {
  const suite = requireSuite();
  it.each(Object.entries(executors))(
    "%s",
    async (_, executor) => {
      if (suite === undefined) return;
      for (const level of ["1.0", "2.0", "3.0"] as const) {
        const agreement = new Agreement(executor);
        const kind = storeEngine("step", { execute: agreement.execute, limits });
        const { failures } = await reportLevel(suite, level, kind);
        expect(failures).toEqual([]);
        expect(agreement.differences).toEqual([]);
        expect(agreement.calls).toBeGreaterThan(15_000);
        console.info(`${level}: ${agreement.calls} calls, ${agreement.steps} steps`);
      }
    },
    600_000,
  );
});

describe("agreement with single steps › whole corpus", () => {
  it.each(Object.entries(executors))(
    "%s",
    (_, executor) => {
      const cases = corpusCases({ perRow: 12 });
      const agreement = new Agreement(executor);
      for (const item of cases) agreement.execute(stateOf(item));
      expect(agreement.differences).toEqual([]);
      expect(agreement.calls).toBe(cases.length);
    },
    3_600_000,
  );
});
