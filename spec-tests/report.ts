/**
 * Scripts → counts: runs scripts with an engine, applies the exclusions, adds up by level and group.
 *
 * Invariant: every engine assertion of every script of a level is counted exactly once as passed, failed or
 * excluded; a script whose exclusions are not exact has failures for it.
 */
import type { EngineKind } from "./engine.ts";
import { covers, type Exclusion, endsOf, exclusionsOf } from "./exclusions.ts";
import { type Group, groupOf, unsupportedGroups } from "./groups.ts";
import { runScript, type Verdict } from "./run.ts";
import { isEngineAssertion, readCommands } from "./script/commands.ts";
import {
  expectedAssertions,
  type Level,
  readScriptFile,
  type ScriptFile,
  scriptFiles,
} from "./suite.ts";

export interface Counts {
  passed: number;
  failed: number;
  excluded: number;
}

export interface ScriptReport extends Readonly<Counts> {
  readonly script: string;
  readonly group: Group;
  readonly failures: readonly string[];
}

export interface LevelReport extends Readonly<Counts> {
  readonly groups: Readonly<Partial<Record<Group, Counts>>>;
  readonly failures: readonly string[];
}

/** Number of assertions in a script, without running it. */
export function countAssertions(file: ScriptFile): number {
  return readCommands(readScriptFile(file)).filter(isEngineAssertion).length;
}

function judge(file: ScriptFile, verdicts: readonly Verdict[], exclusions: readonly Exclusion[]) {
  const counts: Counts = { passed: 0, failed: 0, excluded: 0 };
  const failures: string[] = [];
  const fail = (text: string) => {
    failures.push(`${file.level}/${file.name}${text}`);
    counts.failed += 1;
  };
  const open = new Set(exclusions.flatMap(({ lines }) => endsOf(lines)));
  for (const { line, kind, assertion, failure } of verdicts) {
    open.delete(line);
    const excluded = exclusions.some(({ lines }) => covers(lines, line));
    if (excluded && failure === undefined) fail(`:${line} ${kind}: passes although it is excluded`);
    else if (excluded) counts.excluded += assertion ? 1 : 0;
    else if (failure === undefined) counts.passed += 1;
    else fail(`:${line} ${kind}: ${failure}`);
  }
  for (const line of open) fail(`:${line}: excluded, but nothing fails there`);
  const expected = exclusions.reduce((sum, { assertions }) => sum + assertions, 0);
  // Where a listed command went well, or not at all, the numbers say nothing new.
  if (failures.length === 0 && counts.excluded !== expected)
    fail(`: ${counts.excluded} excluded, expected ${expected}`);
  return { ...counts, failures };
}

/** Runs one script; a script of an unsupported group is only counted. */
export async function reportScript(
  file: ScriptFile,
  kind: EngineKind,
  known: readonly Exclusion[] = exclusionsOf(kind.name),
): Promise<ScriptReport> {
  const group = groupOf(file.level, file.name);
  const script = file.name;
  if (unsupportedGroups[group] !== undefined) {
    return { script, group, passed: 0, failed: 0, excluded: countAssertions(file), failures: [] };
  }
  const exclusions = known.filter(
    ({ level, script: name }) => level === file.level && name === script,
  );
  return { script, group, ...judge(file, await runScript(file, kind), exclusions) };
}

const add = (sum: Counts, { passed, failed, excluded }: Readonly<Counts>) => {
  sum.passed += passed;
  sum.failed += failed;
  sum.excluded += excluded;
};

/** Runs a whole level and checks its totals. */
export async function reportLevel(
  suite: string,
  level: Level,
  kind: EngineKind,
  onScript: (report: ScriptReport) => void = () => {},
): Promise<LevelReport> {
  const total: Counts = { passed: 0, failed: 0, excluded: 0 };
  const groups: Partial<Record<Group, Counts>> = {};
  const failures: string[] = [];
  for (const file of scriptFiles(suite, level)) {
    const report = await reportScript(file, kind);
    onScript(report);
    failures.push(...report.failures);
    add(total, report);
    groups[report.group] ??= { passed: 0, failed: 0, excluded: 0 };
    add(groups[report.group] as Counts, report);
  }
  for (const [group, { assertions }] of Object.entries(unsupportedGroups)) {
    const counted = groups[group as Group]?.excluded ?? 0;
    const expected = assertions[level] ?? 0;
    if (counted === expected) continue;
    failures.push(`${level}: expected ${expected} assertions of ${group}, got ${counted}`);
    total.failed += 1;
  }
  const sum = total.passed + total.failed + total.excluded;
  if (failures.length === 0 && sum !== expectedAssertions[level]) {
    failures.push(`${level}: expected ${expectedAssertions[level]} assertions in all, got ${sum}`);
    total.failed += 1;
  }
  return { ...total, groups, failures };
}
