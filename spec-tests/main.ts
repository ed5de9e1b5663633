/**
 * `npm run -s spec -- [--json] [--executor step|fast|v8] [--level L]`: runs the official test suite and prints what passed,
 * failed and was excluded, by level and group. With --json stdout holds the object alone; all else goes to stderr.
 *
 * Exit code 0: everything passed or is excluded; 1: something failed, or nothing was run; 2: wrong
 * arguments, or no suite in CI.
 */
import { parseArgs } from "node:util";
import { engineNamed } from "./engines/index.ts";
import { type LevelReport, reportLevel } from "./report.ts";
import { type Level, levels, requireSuite } from "./suite.ts";

function chosenLevels(chosen: string | undefined): readonly Level[] {
  if (chosen === undefined) return levels;
  const level = levels.find((name) => name === chosen);
  if (level === undefined) {
    throw new RangeError(`expected a level of ${levels.join(", ")}, got ${chosen}`);
  }
  return [level];
}

const counts = ({ passed, failed, excluded }: LevelReport) => ({ passed, failed, excluded });

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      json: { type: "boolean", default: false },
      executor: { type: "string", default: "step" },
      level: { type: "string" },
    },
  });
  const chosen = chosenLevels(values.level);
  const suite = requireSuite();
  const kind = await engineNamed(values.executor);
  const reports = new Map<Level, LevelReport>();
  for (const level of suite === undefined ? [] : chosen) {
    const started = performance.now();
    const report = await reportLevel(suite as string, level, kind);
    for (const failure of report.failures) console.error(failure);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    const { passed, failed, excluded } = report;
    console.error(
      `${level}: ${passed} passed, ${failed} failed, ${excluded} excluded (${seconds} s)`,
    );
    reports.set(level, report);
  }
  if (values.json) {
    const entries = [...reports];
    const output = {
      executor: kind.name,
      levels: Object.fromEntries(entries.map(([level, report]) => [level, counts(report)])),
      groups: Object.fromEntries(entries.map(([level, report]) => [level, report.groups])),
    };
    console.log(JSON.stringify(output));
  }
  const good = [...reports.values()].every(({ failures }) => failures.length === 0);
  process.exitCode = good && reports.size > 0 ? 0 : 1;
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
