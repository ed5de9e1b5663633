/**
 * House rules that a machine can check: sizes of files and functions, headers, stale markers, dead files, opcode
 * literals, the direction of imports, no Node in the libraries.
 *
 * Invariant: every exemption has its reason beside it, and one that is no longer needed fails as a breach does.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { circlesOf, importCircles } from "../scripts/importGraph.ts";
import { documents, reflowed } from "../scripts/markdown.ts";
import { longFiles as longTests } from "./contractsLast.ts";
import { longSolidityFunctions } from "./tidy/solidity.ts";
import { type LongFunction, longFunctions, longStrings, readMnemonics } from "./tidy/syntax.ts";
import { solidityOutline, typescriptOutline } from "./tidy/twins.ts";
import { retiredIn } from "./tidy/words.ts";

const root = fileURLToPath(new URL("../", import.meta.url));

/** Tracked and new files, as git sees them. */
const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
  cwd: root,
  encoding: "utf8",
})
  .split("\n")
  .filter((file) => file !== "" && existsSync(join(root, file)));

const texts = new Map(
  files
    .filter((file) => /\.(ts|sol|c|h|md|json|sh)$/.test(file))
    .map((file) => [file, readFileSync(join(root, file), "utf8")]),
);

const isGenerated = (file: string) => file.includes("/generated/");
const written = (pattern: RegExp) =>
  [...texts.keys()].filter((file) => pattern.test(file) && !isGenerated(file));
const sources = written(/^(src|contracts\/src)\/.*\.(ts|sol)$/);
const code = written(/^(src|contracts|test|spec-tests|bench|scripts|examples)\/.*\.(ts|sol|c|h)$/);

const mostLines = 350;
/** Files that may be longer, and why. */
const longFiles: Readonly<Record<string, string>> = {
  "src/interpreter/reference/flatAccess.ts": "a method for each of the access interface",
  "test/game/adapters/starts.test.ts": "one judge, deployed once, for three adapters",
};

const mostFunctionLines = 70;
/** `file › function`, and why it may be longer. */
const longFunctionsAllowed: Readonly<Record<string, string>> = {
  "bench/gasProgram.ts › benchModule": "one module, section by section, in the order of the binary",
};

/** Files of src/ that no entry point reaches, and why they are there. */
const unreachedAllowed: Readonly<Record<string, string>> = {
  "src/node/hashing/hashingThread.ts": "run in threads by src/node/hashing/threadedHasher.ts",
  "src/node/client/clientPage.ts": "bundled for browsers by src/node/gateway/gatewayPage.ts",
};

/** Names that several files of src/ may have, and why. */
const sharedNamesAllowed: Readonly<Record<string, string>> = {
  "index.ts": "what a room exports",
};

/** Files that may say a word that the glossary no longer has, and why. */
const retiredWordsAllowed: Readonly<Record<string, string>> = {
  "test/tidy/words.ts": "lists them",
  "test/tidy.test.ts": "tries one",
};

/** Files that may read a mnemonic's text, and why. */
const mnemonicsReadAllowed: Readonly<Record<string, string>> = {
  "test/interpreter/isa/table.test.ts": "holds the columns against the specification's names",
  "test/interpreter/binary/wasmParser.ts": "translates to the names of an older tool",
  "test/interpreter/numeric/vectorOracle.ts": "finds the strict instruction of a relaxed one",
};

/** Compares breaches with exemptions, both ways. */
function expectOnly(breaches: readonly string[], allowed: Readonly<Record<string, string>>): void {
  const exempt = Object.keys(allowed);
  expect(breaches.filter((breach) => !exempt.includes(breach))).toEqual([]);
  expect(
    exempt.filter((name) => !breaches.includes(name)),
    "no longer needed",
  ).toEqual([]);
}

/** Module specifiers of a TypeScript file. */
function importsOf(file: string): string[] {
  const text = texts.get(file) ?? "";
  const found = text.matchAll(
    /(?:^|\n)\s*(?:import|export)\b[^;"']*?["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']/g,
  );
  return [...found].map((match) => match[1] ?? match[2]);
}

function resolved(file: string, specifier: string): string {
  return normalize(join(dirname(file), specifier));
}

describe("tidy", () => {
  test("the rules see the code", () => {
    expect(sources.length).toBeGreaterThan(100);
    expect(code.length).toBeGreaterThan(sources.length);
  });

  test(`files › at most ${mostLines} lines`, () => {
    const long = code.filter((file) => (texts.get(file) ?? "").split("\n").length > mostLines + 1);
    expectOnly(long, longFiles);
  });

  test(`functions › at most ${mostFunctionLines} lines`, () => {
    const long = code
      .filter((file) => /^(src|scripts|bench|examples)\/.*\.ts$/.test(file))
      .flatMap((file) => longFunctions(file, texts.get(file) ?? "", mostFunctionLines));
    const solidity = code
      .filter((file) => /^contracts\/.*\.sol$/.test(file))
      .flatMap((file) => longSolidityFunctions(file, texts.get(file) ?? "", mostFunctionLines));
    expect(longSolidityFunctions("a.sol", "function f() {\n\n}\n", 2)).toHaveLength(1);
    expectOnly(
      [...long, ...solidity].map(({ file, name }: LongFunction) => `${file} › ${name}`),
      longFunctionsAllowed,
    );
  });

  test("files › begin with a header of at most 14 lines; a test's name may say enough", () => {
    const isHeaded = (file: string): boolean => {
      const text = (texts.get(file) ?? "").replace(/^#!.*\n/, "");
      if (file.endsWith(".ts")) return /^\/\*\*(?: .*|\n(?: \*.*\n){1,14}) \*\//.test(text);
      if (file.endsWith(".sol")) {
        return (
          /^\/\/ SPDX-License-Identifier: Apache-2\.0\n/.test(text) &&
          /\/\/\/ @(title|notice)/.test(text)
        );
      }
      return /^\/[/*]/.test(text);
    };
    const bare = code.filter((file) => !file.endsWith(".test.ts") && !isHeaded(file));
    expect(bare).toEqual([]);
  });

  test("stale markers › none", () => {
    const marker = new RegExp(
      `\\b(${["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"].join("|")})\\b`,
    );
    const skipped = /\b(?:test|describe|it)\.(?:skip|only|todo)\(/;
    const stale = [...texts.keys()].filter(
      (file) =>
        !isGenerated(file) &&
        !file.startsWith("package-lock") &&
        (marker.test(texts.get(file) ?? "") || skipped.test(texts.get(file) ?? "")),
    );
    expect(stale).toEqual([]);
  });

  test("sources › every file is reached from an entry point, a script or a benchmark", () => {
    const entries = code.filter(
      (file) =>
        /^(bench|scripts)\//.test(file) ||
        /^src\/(index|(interpreter|merkle|debug|game|history|sdk|node)\/index|cli\/main)\.ts$/.test(
          file,
        ),
    );
    const reached = new Set(entries);
    for (const file of reached) {
      for (const specifier of importsOf(file)) {
        if (specifier.startsWith(".")) reached.add(resolved(file, specifier));
      }
    }
    const dead = sources.filter((file) => file.endsWith(".ts") && !reached.has(file));
    expectOnly(dead, unreachedAllowed);
  });

  test("the order of test files › names files that are there", () => {
    expect(longTests.filter((file) => !texts.has(file))).toEqual([]);
  });

  test("scripts › compile the contracts before they ask for them", () => {
    const { scripts } = JSON.parse(texts.get("package.json") ?? "{}") as {
      readonly scripts: Readonly<Record<string, string>>;
    };
    const needing = Object.entries(scripts).filter(([, command]) => {
      const entry = /\bnode ([\w/.-]+\.ts)$/.exec(command)?.[1];
      const reached = new Set(entry === undefined ? [] : [entry]);
      for (const file of reached) {
        for (const specifier of importsOf(file)) {
          if (specifier.startsWith(".")) reached.add(resolved(file, specifier));
        }
      }
      const text = [...reached].map((file) => texts.get(file) ?? "").join("\n");
      return /from "hardhat"/.test(text) && !/getTask\("build"\)/.test(text);
    });
    expect(needing.length).toBeGreaterThan(2);
    const bare = needing.filter(([, command]) => !command.startsWith("hardhat build --quiet && "));
    expect(bare).toEqual([]);
  });

  test("imports › run one way: interpreter ← merkle ← debug ← game ← history ← sdk ← node ← cli", () => {
    const rank = ["interpreter", "merkle", "debug", "game", "history", "sdk", "node", "cli"];
    const layer = (file: string) => rank.indexOf(file.split("/")[1]);
    const wrong = sources.flatMap((file) =>
      importsOf(file)
        .filter((specifier) => specifier.startsWith(".") && layer(file) >= 0)
        .map((specifier) => resolved(file, specifier))
        .filter((target) => layer(target) > layer(file) || !target.startsWith("src/"))
        .map((target) => `${file} → ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  test("the libraries › use nothing of Node", () => {
    const libraries = sources.filter((file) =>
      /^src\/(interpreter|merkle|debug|game|history|sdk|node\/client|\w+\.ts)/.test(file),
    );
    const wrong = libraries.filter(
      (file) =>
        file.endsWith(".ts") &&
        (importsOf(file).some((specifier) => specifier.startsWith("node:")) ||
          /(?<![\w.])(process\.|Buffer\b|__dirname|require\("")/.test(
            codeOnly(texts.get(file) ?? ""),
          )),
    );
    expect(libraries.length).toBeGreaterThan(50);
    expect(wrong).toEqual([]);
  });

  test("opcodes › are written in the instruction table alone", () => {
    const literal =
      /\bcase 0x[\da-f]+|\b(?:op|opcode|code)\s*[!=]==?\s*0x|\b0x(?:fc[01]|ff0)[\da-f]\b/i;
    const wrong = sources.filter(
      (file) =>
        file !== "src/interpreter/isa/table.ts" && literal.test(codeOnly(texts.get(file) ?? "")),
    );
    expect(wrong).toEqual([]);
  });

  test("mnemonics › are compared, never taken apart: what an instruction is stands in its row", () => {
    expect(readMnemonics("a.ts", "row.mnemonic.includes(x); /a/.test(mnemonic)").length).toBe(2);
    const wrong = code
      .filter((file) => file.endsWith(".ts"))
      .flatMap((file) => readMnemonics(file, texts.get(file) ?? ""))
      .map((place) => place.replace(/:\d+ .*/s, ""));
    expectOnly([...new Set(wrong)], mnemonicsReadAllowed);
  });

  test.each(["Bulk", "Control", "Memory", "Parametric", "Table", "VectorMemory"])(
    "twins › %s: handlers and judge have the same functions under the same banners",
    (family) => {
      const name = family.charAt(0).toLowerCase() + family.slice(1);
      const handlers = `src/interpreter/reference/instructions/${name}Instructions.ts`;
      const sections = typescriptOutline(texts.get(handlers) ?? "");
      expect(sections.length).toBeGreaterThan(1);
      expect(
        solidityOutline(texts.get(`contracts/src/judge/step/${family}Step.sol`) ?? ""),
      ).toEqual(sections);
    },
  );

  test("sources › no two files have one name", () => {
    const names = sources.filter((file) => file.startsWith("src/")).map((file) => basename(file));
    const shared = names.filter((name, index) => names.indexOf(name) !== index);
    expectOnly([...new Set(shared)], sharedNamesAllowed);
  });

  test("words › one for one thing, as the glossary has it", () => {
    expect(retiredIn("the guard byte of a chunk")).toEqual(["guard byte (say card, card table)"]);
    const documents = written(/^(docs\/[^/]+|README|CONTRIBUTING)(\.md)?$/);
    const named = (file: string) => /opStack|adapters\//i.test(file);
    const breaches = [...code, ...documents]
      .filter((file) => !named(file))
      .flatMap((file) => {
        const found = retiredIn(texts.get(file) ?? "");
        if (found.length === 0) return [];
        return [file in retiredWordsAllowed ? file : `${file}: ${found.join(", ")}`];
      });
    expect(documents.length).toBeGreaterThan(10);
    expectOnly(breaches, retiredWordsAllowed);
  });

  test("imports › of values run in no circle", () => {
    const circle = new Map([
      ["a.ts", ["b.ts"]],
      ["b.ts", ["c.ts"]],
      ["c.ts", ["b.ts"]],
    ]);
    expect(importCircles(circle)).toEqual([["b.ts", "c.ts"]]);
    expect(circlesOf(root)).toEqual([]);
  });

  test("documents › have one sentence a line (npm run format:markdown)", () => {
    expect(reflowed("One. Two\nand more.\n\n- A `b. C`. D.\n")).toBe(
      "One.\nTwo and more.\n\n- A `b. C`.\n  D.\n",
    );
    const written = documents(root);
    expect(written.length).toBeGreaterThan(20);
    const other = written.filter((file) => {
      const text = texts.get(file) ?? "";
      return reflowed(text) !== text;
    });
    expect(other).toEqual([]);
  });

  test("sources › write no long text in two files", () => {
    const owners = new Map<string, Set<string>>();
    for (const file of sources.filter((name) => name.endsWith(".ts"))) {
      for (const literal of longStrings(file, texts.get(file) ?? "", 48)) {
        owners.set(literal, (owners.get(literal) ?? new Set()).add(file));
      }
    }
    const repeated = [...owners].filter(([, files]) => files.size > 1);
    expect(repeated.map(([literal, files]) => `${literal} in ${[...files].join(", ")}`)).toEqual(
      [],
    );
  });

  test("tracked files › name no absolute path of a machine", () => {
    const wrong = [...texts.keys()].filter((file) =>
      /(?<![\w.])\/(work|home|root|Users)\/[\w.]/.test(texts.get(file) ?? ""),
    );
    expect(wrong.filter((file) => file !== "test/tidy.test.ts")).toEqual([]);
  });
});

/** The text without comments and strings, roughly: enough for rules that look for words. */
function codeOnly(text: string): string {
  return text
    .replaceAll(/\/\*[\s\S]*?\*\//g, "")
    .replaceAll(/(^|[^:])\/\/.*$/gm, "$1")
    .replaceAll(/"(?:[^"\\\n]|\\.)*"/g, '""');
}
