/**
 * CONTRIBUTING.md's lists held against the tree: what was touched for the youngest instruction, value type and component of
 * the state is what the lists name; and the inventory's counts (scripts/inventory.ts).
 *
 * Invariant: a subject is found by text in the sources, so a place that a list forgets fails here.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { filesBelow } from "../scripts/importGraph.ts";
import { inventory } from "../scripts/inventory.ts";

const root = fileURLToPath(new URL("../", import.meta.url));
const read = (file: string): string => readFileSync(join(root, file), "utf8");

/** Paths that a section of CONTRIBUTING.md links to, or names as code. */
function pathsOf(heading: string): string[] {
  const [, section = ""] = read("CONTRIBUTING.md").split(`\n## ${heading}\n`);
  const [text] = section.split("\n## ");
  const named = [...text.matchAll(/\]\(([^)#]+)[^)]*\)|`((?:test|spec-tests)\/[\w./]+)`/g)];
  return named.map(([, link, code]) => (link ?? code).replace(/\/$/, ""));
}

/** Files that no path of a section is, or leads to. */
function forgotten(heading: string, files: readonly string[]): string[] {
  const paths = pathsOf(heading);
  return files.filter(
    (file) => !paths.some((path) => file === path || file.startsWith(`${path}/`)),
  );
}

/** Hand-written files whose text matches. */
function filesWith(folders: readonly string[], end: string, pattern: RegExp): string[] {
  return folders
    .flatMap((folder) => filesBelow(root, folder, end))
    .filter((file) => !file.includes("/generated/") && pattern.test(read(file)));
}

const counted = inventory();

describe("CONTRIBUTING", () => {
  const headings = [
    "How to add a plain numeric instruction",
    "How to add any other instruction",
    "How to add a value type",
    "How to add a component of the state",
  ];

  test.each(headings)("%s › every path is there", (heading) => {
    const paths = pathsOf(heading);
    expect(paths.length).toBeGreaterThan(2);
    expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  test("a plain numeric instruction › takes the three edits that it names", () => {
    expect(counted.editsPerNumericInstruction).toBe(3);
    expect(forgotten(headings[0], counted.numericEditsIn)).toEqual([]);
  });

  test("any other instruction › is stated and translated where it says", () => {
    const { statedIn, translatedIn } = counted;
    const files = new Set([...Object.values(statedIn), ...Object.values(translatedIn)].flat());
    expect(files.size).toBeGreaterThan(15);
    expect(forgotten(headings[1], [...files])).toEqual([]);
  });

  test("a value type › the places of v128", () => {
    const files = filesWith(["src/interpreter", "spec-tests"], ".ts", /"v128"/).filter(
      // A row or an operand of an instruction, and the engines of the official suite.
      (file) =>
        !/isa\/(vectorTable|instructionRow)|lower\.ts|spec-tests\/(engines|script)/.test(file),
    );
    expect(files.length).toBeGreaterThan(3);
    expect(forgotten(headings[2], files)).toEqual([]);
  });

  test("a component of the state › the places of the output and its length", () => {
    const files = [
      ...filesWith(["src/interpreter", "src/merkle"], ".ts", /outputLength/),
      ...filesWith(["contracts/src/judge"], ".sol", /outputLength/),
    ].filter((file) => !/bulkInstructions|BulkStep/.test(file));
    expect(files.length).toBeGreaterThan(10);
    expect(forgotten(headings[3], files)).toEqual([]);
  });
});

describe("inventory", () => {
  test.each(["memory.copy", "memory.fill", "memory.init", "memory.grow", "host.input_read"])(
    "%s › is stated once in TypeScript and once in Solidity",
    (mnemonic) => {
      expect(counted.semantics[mnemonic]).toBe(2);
    },
  );

  test.each(["table.get", "table.set", "table.copy", "table.init", "table.fill", "table.grow"])(
    "%s › is stated once in TypeScript and once in Solidity",
    (mnemonic) => {
      expect(counted.semantics[mnemonic]).toBe(2);
    },
  );

  test("imports › no circles; every executor has lines", () => {
    expect(counted.importCircles).toBe(0);
    expect(Object.values(counted.linesByExecutor).every((lines) => lines > 300)).toBe(true);
  });
});
