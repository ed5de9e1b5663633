/**
 * Where the official test suite is, which scripts belong to which level, and which group of proposals a script
 * of 3.0 belongs to. Pinned commits: scripts/specFetch.ts.
 *
 * Invariant: `expectedAssertions` holds the number of engine assertions of each level of the pinned suite; a
 * folder with other numbers is another suite, and an empty or missing one is never a pass.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { FeatureLevel } from "../src/interpreter/isa/features.ts";

export const levels = ["1.0", "2.0", "2.0-simd", "3.0", "threads"] as const;
export type Level = (typeof levels)[number];

/** Assertions about anything but malformed text, per level, at the pinned commits. */
export const expectedAssertions: Readonly<Record<Level, number>> = {
  "1.0": 18_008,
  "2.0": 26_135,
  "2.0-simd": 25_004,
  "3.0": 61_269,
  threads: 302,
};

const folderOf: Readonly<Record<Level, string>> = {
  "1.0": "1.0",
  "2.0": "2.0",
  "2.0-simd": "2.0/simd",
  "3.0": "3.0",
  threads: "threads",
};

/** The feature switches with which a level's scripts are run. */
export const featureLevelOf: Readonly<Record<Level, FeatureLevel>> = {
  "1.0": "1.0",
  "2.0": "2.0",
  "2.0-simd": "2.0",
  "3.0": "3.0",
  threads: "3.0",
};

const root = fileURLToPath(new URL("..", import.meta.url));

const places = [join(root, "spec-tests/testsuite"), resolve(root, "../shared/wasm-testsuite")];

/** The suite's folder: $WASM_TESTSUITE, spec-tests/testsuite/, ../shared/wasm-testsuite; the first that exists. */
export function findSuite(folders: readonly string[] = places): string | undefined {
  const named = process.env.WASM_TESTSUITE;
  if (named !== undefined && named !== "") {
    if (!existsSync(named)) throw new Error(`expected a folder at $WASM_TESTSUITE, got ${named}`);
    return resolve(named);
  }
  return folders.find((place) => existsSync(join(place, folderOf["1.0"])));
}

/**
 * The suite's folder, or undefined after saying loudly that nothing was run. A missing suite is an error in CI.
 */
export function requireSuite(folders: readonly string[] = places): string | undefined {
  const suite = findSuite(folders);
  if (suite !== undefined) return suite;
  const advice =
    "the official WebAssembly test suite was not found: run `npm run spec:fetch`, or set WASM_TESTSUITE";
  if (process.env.CI) throw new Error(advice);
  console.warn(`\n*** NOT RUN: ${advice} ***\n`);
  return undefined;
}

export interface ScriptFile {
  readonly level: Level;
  readonly name: string;
  readonly path: string;
}

/** Scripts of a level in alphabetical order. */
export function scriptFiles(suite: string, level: Level): ScriptFile[] {
  const folder = join(suite, folderOf[level]);
  const names = existsSync(folder)
    ? readdirSync(folder).filter((name) => name.endsWith(".wast"))
    : [];
  if (names.length === 0) throw new Error(`expected scripts of level ${level} in ${folder}`);
  return names.sort().map((name) => ({ level, name, path: join(folder, name) }));
}

export function readScriptFile(file: ScriptFile): string {
  return new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(file.path));
}
