/**
 * The last line of .ci/run: how many tests passed and failed, in words that any reader of logs understands.
 * A missing or empty result is a failure.
 */
import { readFileSync } from "node:fs";

interface Results {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numFailedTestSuites: number;
}

const results = JSON.parse(readFileSync(process.argv[2], "utf8")) as Results;
const { numPassedTests: passed, numFailedTests, numPendingTests: skipped } = results;
// A file that does not even load has no failed test, but it has failed.
const failed = numFailedTests === 0 && results.numFailedTestSuites > 0 ? 1 : numFailedTests;
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
if (passed === 0 || failed > 0) process.exitCode = 1;
