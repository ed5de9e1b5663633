/**
 * Which test files need the compiled contracts. Apart from contractsLast.ts, since every worker asks it, and vitest's own
 * machinery, which the order needs, takes a worker as long to load as all else.
 *
 * Invariant: a file needs the contracts if it, or a file outside src/ that it imports, names Hardhat or its artifacts.
 */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../", import.meta.url));

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
