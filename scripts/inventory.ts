/**
 * `npm run -s inventory -- [--json]`: how often the tree says the same thing, computed from the tree.
 * Prints {"semantics":{mnemonic: files …},"statedIn":{mnemonic: [files]},"translatedIn":{mnemonic: [files]},
 * "editsPerNumericInstruction":n,"importCircles":n,"linesByExecutor":{executor: lines}}.
 *
 * Method: a file states an instruction's semantics if it defines a function of its name (as TypeScript or as Solidity
 * writes it), registers a function under its mnemonic, or looks for its number, and is neither the table nor generated;
 * where it only turns the instruction into something else that states it, it translates it. A numeric instruction's edits
 * are the hand-written files that name a sample of numeric rows: the row, the kernel, the judge's function.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import ts from "typescript";
import { isNumeric } from "../src/interpreter/isa/columns.ts";
import type { InstructionRow } from "../src/interpreter/isa/table.ts";
import { instructions } from "../src/interpreter/isa/table.ts";
import { kernelOf } from "./blockLoop.ts";
import { capitalName, functionName, handlerName } from "./emission.ts";
import { circlesOf, filesBelow } from "./importGraph.ts";

const root = fileURLToPath(new URL("../", import.meta.url));
const rows: readonly InstructionRow[] = instructions;
const isWritten = (file: string): boolean => !file.includes("/generated/");

interface SourceText {
  readonly file: string;
  readonly text: string;
}

const read = (file: string): SourceText => ({ file, text: readFileSync(join(root, file), "utf8") });
const typescript = filesBelow(root, "src", ".ts").filter(isWritten).map(read);
const solidity = filesBelow(root, "contracts/src", ".sol").filter(isWritten).map(read);

/** Names of functions that a TypeScript file defines, and string keys under which it has functions. */
function definitionsOf({ file, text }: SourceText): Set<string> {
  const names = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionDeclaration(node) && node.name !== undefined) names.add(node.name.text);
    if (ts.isPropertyAssignment(node) && isFunctionValue(node.initializer)) {
      names.add(ts.isStringLiteral(node.name) ? node.name.text : node.name.getText());
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true));
  return names;
}

function isFunctionValue(node: ts.Expression): boolean {
  return ts.isArrowFunction(node) || ts.isFunctionExpression(node);
}

/** Names of functions that a Solidity file has a body for. */
function solidityDefinitions({ text }: SourceText): Set<string> {
  const found = text.matchAll(/\bfunction (\w+)\s*\([^)]*\)[^{;]*\{/g);
  return new Set([...found].map(([, name]) => name));
}

const defined = new Map<string, Set<string>>([
  ...typescript.map((source) => [source.file, definitionsOf(source)] as const),
  ...solidity.map((source) => [source.file, solidityDefinitions(source)] as const),
]);

/** Folders whose code executes instructions or tells what they did; others decode, validate, lower, list. */
const executing =
  /^(contracts\/src\/judge\/step|src\/interpreter\/(reference|blocks|compile)|src\/merkle\/witness|src\/cli)\//;

/** What makes operations of the block loop, or code for the host, out of instructions, or hands them to the reference. */
const translating =
  /^src\/interpreter\/(blocks\/(translate\w+|vectorOperations|operations|runCall)\.ts|compile\/)/;

/** Files that know an instruction by its name: what it does, or what it becomes. */
function knownIn({ mnemonic }: { readonly mnemonic: string }): string[] {
  const own = handlerName(mnemonic);
  const names = [
    mnemonic,
    own,
    own.slice(1),
    `emit${capitalName(mnemonic)}`,
    functionName(mnemonic),
  ];
  const inFiles = [...defined].filter(
    ([file, found]) => executing.test(file) && names.some((name) => found.has(name)),
  );
  // What executes an instruction by its code without a function of its name.
  const byCode = typescript.filter(
    ({ file, text }) =>
      executing.test(file) &&
      (text.includes(`codeOf("${mnemonic}")`) || text.includes(`opOf("${mnemonic}")`)),
  );
  return [...new Set([...inFiles.map(([file]) => file), ...byCode.map(({ file }) => file)])].sort();
}

/** Instructions with semantics of their own: numeric ones are their kernels, loads and stores two functions. */
const subjects: readonly { readonly mnemonic: string }[] = [
  ...rows.filter(
    (row) => row.family !== "structure" && !isNumeric(row) && row.access === undefined,
  ),
  { mnemonic: "load" },
  { mnemonic: "store" },
];

/** Hand-written files that say anything of one numeric instruction. */
function filesNaming(row: InstructionRow): string[] {
  const kernel = fileURLToPath(kernelOf(row.kernel).file).slice(root.length);
  const quoted = `"${row.mnemonic}"`;
  return [
    ...typescript.filter(({ text }) => text.includes(quoted)).map(({ file }) => file),
    kernel,
    ...solidity
      .filter(({ file }) => defined.get(file)?.has(functionName(row.mnemonic)))
      .map(({ file }) => file),
  ];
}

/** Edits that most numeric instructions take; a few are named again where code makes something special of them. */
function editsPerNumericInstruction(): { edits: number; files: string[] } {
  const groups = new Map<number, string[][]>();
  for (const row of rows.filter(isNumeric)) {
    const files = [...new Set(filesNaming(row))];
    groups.set(files.length, [...(groups.get(files.length) ?? []), files]);
  }
  const [[edits, [files]]] = [...groups].sort(([, x], [, y]) => y.length - x.length);
  return { edits, files };
}

/** Lines that are not empty in folders, by what executes. */
const executors: Readonly<Record<string, readonly string[]>> = {
  "handlers (reference and replay)": [
    "src/interpreter/reference/instructions",
    "src/interpreter/reference/step.ts",
  ],
  "reference access": [
    "src/interpreter/reference/flatAccess.ts",
    "src/interpreter/reference/access.ts",
  ],
  "replay access": ["src/merkle/witness"],
  kernels: ["src/interpreter/numeric"],
  "block executor": ["src/interpreter/blocks"],
  "block executor's generator": [
    "scripts/blockLoop.ts",
    "scripts/blockLoopFrame.ts",
    "scripts/inline.ts",
    "scripts/sourceFunction.ts",
  ],
  "fast path": ["src/interpreter/compile"],
  judge: [
    "contracts/src/judge/step",
    "contracts/src/judge/numeric",
    "contracts/src/judge/merkle",
    "contracts/src/judge/state",
  ],
};

function linesByExecutor(): Record<string, number> {
  const sources = [...typescript, ...solidity, ...filesBelow(root, "scripts", ".ts").map(read)];
  return Object.fromEntries(
    Object.entries(executors).map(([name, places]) => {
      const own = sources.filter(({ file }) =>
        places.some((place) => file === place || file.startsWith(`${place}/`)),
      );
      if (own.length === 0) throw new Error(`expected files of ${name}`);
      const lines = own
        .flatMap(({ text }) => text.split("\n"))
        .filter((line) => line.trim() !== "");
      return [name, lines.length];
    }),
  );
}

export function inventory() {
  const known = subjects.map((row) => [row.mnemonic, knownIn(row)] as const);
  const part = (isTranslation: boolean) =>
    known.map(
      ([name, files]) =>
        [name, files.filter((file) => translating.test(file) === isTranslation)] as const,
    );
  const stated = part(false);
  const { edits, files } = editsPerNumericInstruction();
  const circles = circlesOf(root);
  return {
    semantics: Object.fromEntries(stated.map(([name, found]) => [name, found.length])) as Record<
      string,
      number
    >,
    statedIn: Object.fromEntries(stated),
    translatedIn: Object.fromEntries(part(true)),
    editsPerNumericInstruction: edits,
    numericEditsIn: files,
    importCircles: circles.length,
    circles,
    linesByExecutor: linesByExecutor(),
  };
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { json: { type: "boolean", default: false } } });
  const report = inventory();
  if (values.json) console.log(JSON.stringify(report));
  else {
    console.table(report.statedIn);
    console.table(report.linesByExecutor);
    console.log(
      `${report.editsPerNumericInstruction} edits for a numeric instruction: ${report.numericEditsIn.join(", ")}`,
    );
    console.log(`${report.importCircles} circles of imports`);
  }
}
