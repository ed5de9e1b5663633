/** The public WASI test suite's programs for preview 1: every one of them does what it should. */
import { expect, test } from "vitest";
import { failureOfProgram, suiteFolder, suitePrograms } from "./suite.ts";

const folder = suiteFolder();
const programs = folder === undefined ? [] : suitePrograms(folder);
/** At the pinned commit; a suite that lost programs would pass too easily. */
const fewest = 72;

test("the suite is there, or it is said that it is not", () => {
  if (folder === undefined) {
    console.error("NOT RUN: the WASI test suite: set WASI_TESTSUITE, or npm run spec:fetch");
    return;
  }
  expect(programs.length).toBeGreaterThanOrEqual(fewest);
});

for (const program of programs) {
  test(program.name, () => {
    expect(failureOfProgram(program)).toBe(undefined);
  });
}
