/**
 * Vitest's view of the suite: one test a script, one for each unsupported group, one for the totals.
 *
 * Invariant: without the suite there is one test that says so and, in CI, fails; there is never a level without tests.
 */
import { afterAll, describe, expect, it } from "vitest";
import { engineNamed } from "./engines/index.ts";
import { type Group, groupOf, unsupportedGroups } from "./groups.ts";
import { countAssertions, reportScript, type ScriptReport } from "./report.ts";
import { expectedAssertions, type Level, requireSuite, scriptFiles } from "./suite.ts";

function describeUnsupported(suite: string, level: Level): void {
  for (const [group, { reason, assertions }] of Object.entries(unsupportedGroups)) {
    const files = scriptFiles(suite, level).filter(({ name }) => groupOf(level, name) === group);
    if (files.length === 0 && assertions[level] === undefined) continue;
    it(`${group} is not run (${reason}): ${assertions[level]} assertions`, () => {
      const counted = files.reduce((sum, file) => sum + countAssertions(file), 0);
      expect(counted).toBe(assertions[level]);
    });
  }
}

/** Declares the tests of a level with an executor. */
export function describeLevel(level: Level, executor: string): void {
  const suite = requireSuite();
  describe(`official suite ${level} › ${executor}`, () => {
    if (suite === undefined) {
      it("NOT RUN: the suite is missing, see `npm run spec:fetch`", () => {});
      return;
    }
    const reports = new Map<string, ScriptReport>();
    const files = scriptFiles(suite, level).filter(
      ({ name }) => unsupportedGroups[groupOf(level, name) as Group] === undefined,
    );
    it.each(files)("$name", async (file) => {
      const report = await reportScript(file, await engineNamed(executor));
      reports.set(file.name, report);
      expect(report.failures).toEqual([]);
    });
    describeUnsupported(suite, level);
    it("counts every assertion of the level once", () => {
      const unsupported = Object.values(unsupportedGroups).map(
        ({ assertions }) => assertions[level] ?? 0,
      );
      const ran = [...reports.values()].map(
        ({ passed, failed, excluded }) => passed + failed + excluded,
      );
      // A run narrowed by a filter on test names has not seen every script.
      if (reports.size < files.length) return;
      const total = [...unsupported, ...ran].reduce((sum, count) => sum + count, 0);
      expect(total).toBe(expectedAssertions[level]);
    });
    afterAll(() => {
      const sum = (pick: (report: ScriptReport) => number) =>
        [...reports.values()].reduce((total, report) => total + pick(report), 0);
      console.info(`${level} ${executor}: ${sum((report) => report.passed)} assertions passed`);
    });
  });
}
