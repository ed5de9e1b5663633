/**
 * The order of test files. Compiling the contracts takes minutes and one processor, so it runs beside the files that do
 * without them, and those come first (globalSetup.ts starts it, awaitContracts.ts waits for it).
 *
 * Invariant: a file needs the contracts if it, or a file outside src/ that it imports, names Hardhat or its artifacts.
 */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { BaseSequencer, type TestSpecification } from "vitest/node";

const root = fileURLToPath(new URL("../", import.meta.url));

/** Files that take longest, so that no worker begins one when the others are done. */
export const longFiles: readonly string[] = [
  "spec-tests/agreement.test.ts",
  "spec-tests/suite-fast.test.ts",
  "spec-tests/lockstep/lockstep.test.ts",
  "test/docs.test.ts",
  "test/game/dishonest.test.ts",
  "test/game/adapters/bold.test.ts",
  "test/interpreter/compile/fuzz.test.ts",
  "test/merkle/witness/corpus.test.ts",
  "test/node/real.test.ts",
];

const isNamed = /["'`/]hardhat\b|\bartifacts\b/;
const specifiers = /(?:\bfrom|\bimport)\s*\(?\s*["'](\.[^"']+)["']/g;
const found = new Map<string, boolean>();

/** Whether a test file can only run once the contracts are compiled. */
export function needsContracts(file: string): boolean {
  const known = found.get(file);
  if (known !== undefined) return known;
  found.set(file, false);
  const text = existsSync(file) ? readFileSync(file, "utf8") : "";
  const imported = [...text.matchAll(specifiers)]
    .map(([, specifier]) => resolve(dirname(file), specifier))
    .filter((target) => !target.startsWith(join(root, "src/")));
  const needs = isNamed.test(text) || imported.some(needsContracts);
  found.set(file, needs);
  return needs;
}

/** Files without contracts before those with them, in each group the long ones first. */
export class ContractsLast extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number =>
      (needsContracts(moduleId) ? 2 : 0) + (longFiles.includes(relative(root, moduleId)) ? 0 : 1);
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}
