/**
 * Text of src/interpreter/blocks/generated/blockLoop.ts: the loop of the block executor, one case an operation, put together
 * from the typed functions in src/interpreter/blocks/loop/ and the kernels of the instruction table. A kernel is
 * put in where it is plain arithmetic (V8 inlines only so many calls into one function), else it is called.
 *
 * Invariant: a pure function of the table and of those functions' syntax trees; a case's number is the position of its
 * name in `operationNames`.
 */
import ts from "typescript";
import { loopOf } from "../src/interpreter/blocks/loop/accounting.ts";
import * as branchShapes from "../src/interpreter/blocks/loop/fusedBranches.ts";
import { extensions, marks, puts, words } from "../src/interpreter/blocks/loop/memoryOperations.ts";
import * as numericShapes from "../src/interpreter/blocks/loop/numericOperations.ts";
import { readers, writers } from "../src/interpreter/blocks/loop/slotValues.ts";
import { structural } from "../src/interpreter/blocks/loop/structuralOperations.ts";
import {
  accessRows,
  branchIf,
  branchUnless,
  comparisonRows,
  immediate,
  immediateRows,
  numericRows,
  operationNames,
  takesTwoIntegers,
} from "../src/interpreter/blocks/operations.ts";
import { accessShape } from "../src/interpreter/isa/columns.ts";
import type { InstructionRow } from "../src/interpreter/isa/table.ts";
import * as check from "../src/interpreter/numeric/checks.ts";
import * as convert from "../src/interpreter/numeric/convert.ts";
import * as f32 from "../src/interpreter/numeric/f32.ts";
import * as f64 from "../src/interpreter/numeric/f64.ts";
import * as float from "../src/interpreter/numeric/float.ts";
import * as i32 from "../src/interpreter/numeric/i32.ts";
import * as i64 from "../src/interpreter/numeric/i64.ts";
import * as divide from "../src/interpreter/numeric/i64Divide.ts";
import { kernelSignature, type NumericMnemonic } from "../src/interpreter/numeric/kernels.ts";
import { frameText } from "./blockLoopFrame.ts";
import { absent, type Binding, Inliner, textBinding } from "./inline.ts";
import { functionOf, returnedBy, type SourceFunction } from "./sourceFunction.ts";

const loopFolder = new URL("../src/interpreter/blocks/loop/", import.meta.url);
const numericFolder = new URL("../src/interpreter/numeric/", import.meta.url);
const fileOf = (name: string, folder: URL): URL => new URL(`${name}.ts`, folder);

/** Files of kernels by the names that the loop calls them by. */
const kernelFiles = { check, convert, divide, f32, f64, float, i32, i64 };
const kernelFileNames: Readonly<Record<keyof typeof kernelFiles, string>> = {
  check: "checks",
  convert: "convert",
  divide: "i64Divide",
  f32: "f32",
  f64: "f64",
  float: "float",
  i32: "i32",
  i64: "i64",
};

/** The function of a row's column as it stands in its file, and the name to call it by. */
export function kernelOf(kernel: unknown): { source: SourceFunction; name: string; file: URL } {
  for (const [alias, functions] of Object.entries(kernelFiles)) {
    for (const [name, value] of Object.entries(functions)) {
      if (value !== kernel) continue;
      const file = fileOf(kernelFileNames[alias as keyof typeof kernelFiles], numericFolder);
      return { source: functionOf(file, name), name: `${alias}.${name}`, file };
    }
  }
  throw new Error("expected a kernel that a file of src/interpreter/numeric/ exports");
}

/** Plain arithmetic: nothing is called but Math, nothing named but parameters and locals, no choice of statements. */
function isPlain({ body, params }: SourceFunction): boolean {
  const known = new Set([...params, "Math"]);
  const visit = (node: ts.Node): boolean => {
    if (ts.isIfStatement(node)) return false;
    if (ts.isVariableDeclaration(node)) known.add(node.name.getText());
    if (ts.isPropertyAccessExpression(node)) return visit(node.expression);
    if (ts.isIdentifier(node)) return known.has(node.text);
    if (ts.isCallExpression(node) && !ts.isPropertyAccessExpression(node.expression)) return false;
    return ts.forEachChild(node, (child) => (visit(child) ? undefined : true)) === undefined;
  };
  if (!visit(body)) return false;
  const last = body.statements[body.statements.length - 1];
  return !ts.isReturnStatement(last) || body.statements.length === 1;
}

function binding(kernel: unknown): Binding {
  if (kernel === undefined) return absent;
  const { source, name } = kernelOf(kernel);
  return isPlain(source)
    ? { kind: "function", of: source }
    : { kind: "call", name, params: source.params };
}

type Letter = keyof typeof readers;
const fragment = (file: string, { name }: { readonly name: string }): Binding => ({
  kind: "function",
  of: functionOf(fileOf(file, loopFolder), name),
});
const reader = (letter: string): Binding => fragment("slotValues", readers[letter as Letter]);
const writer = (letter: string): Binding => fragment("slotValues", writers[letter as Letter]);

interface Case {
  readonly of: SourceFunction;
  readonly bindings: ReadonlyMap<string, Binding>;
}

function shaped(
  file: string,
  { name }: { readonly name: string },
  bindings: Readonly<Record<string, Binding>>,
): Case {
  return {
    of: functionOf(fileOf(file, loopFolder), name),
    bindings: new Map(Object.entries(bindings)),
  };
}

function numericCase(row: InstructionRow, isImmediate: boolean): Case {
  const { params, results } = kernelSignature(row.mnemonic as NumericMnemonic);
  const kernel = binding(row.kernel);
  const toPair = results === "I";
  const bindings = {
    check: binding(row.check),
    ...(params.startsWith("I") ? {} : { read: reader(params[0]) }),
    ...(toPair ? { pair: kernel } : { kernel, write: writer(results) }),
  };
  const isUnary = params.length === 1;
  const { unary, binary, binaryImmediate, unaryToPair, unaryPair, unaryPairToPair } = numericShapes;
  const { binaryPair, binaryPairImmediate, binaryPairToPair, binaryPairImmediateToPair } =
    numericShapes;
  if (!params.startsWith("I")) {
    if (toPair) return shaped("numericOperations", unaryToPair, bindings);
    return shaped(
      "numericOperations",
      isUnary ? unary : isImmediate ? binaryImmediate : binary,
      bindings,
    );
  }
  if (isUnary) return shaped("numericOperations", toPair ? unaryPairToPair : unaryPair, bindings);
  const shape = toPair
    ? isImmediate
      ? binaryPairImmediateToPair
      : binaryPairToPair
    : isImmediate
      ? binaryPairImmediate
      : binaryPair;
  return shaped("numericOperations", shape, bindings);
}

function branchCase(row: InstructionRow, isImmediate: boolean, negate: boolean): Case {
  const { params } = kernelSignature(row.mnemonic as NumericMnemonic);
  const test: Binding = { kind: "test", of: binding(row.kernel), negate };
  const isUnary = params.length === 1;
  const { branch, branchBinary, branchImmediate } = branchShapes;
  const { branchPair, branchBinaryPair, branchPairImmediate } = branchShapes;
  if (params.startsWith("I")) {
    const shape = isUnary ? branchPair : isImmediate ? branchPairImmediate : branchBinaryPair;
    return shaped("fusedBranches", shape, { test });
  }
  const shape = isUnary ? branch : isImmediate ? branchImmediate : branchBinary;
  return shaped("fusedBranches", shape, { test, read: reader(params[0]) });
}

function accessCase(row: InstructionRow): Case {
  const shape = accessShape(row);
  if (shape === undefined) throw new Error(`expected a load or store, got ${row.mnemonic}`);
  const { width, isSigned, isWide, isStore } = shape;
  const last = textBinding(String(width - 1));
  if (isStore) {
    const key = width as keyof typeof puts;
    const bindings = {
      width: textBinding(String(width)),
      last,
      marks: fragment("memoryOperations", marks[key]),
      put: fragment("memoryOperations", puts[key]),
    };
    return shaped("memoryOperations", { name: "store" }, bindings);
  }
  const word = words[`${width}${isSigned ? "s" : ""}` as keyof typeof words];
  const { none, sign, second } = extensions;
  const extension = width === 8 ? second : isSigned && isWide ? sign : none;
  return shaped(
    "memoryOperations",
    { name: "load" },
    {
      last,
      word: fragment("memoryOperations", word),
      extension: fragment("memoryOperations", extension),
    },
  );
}

/** Every operation's case, by name. */
function allCases(): Map<string, Case> {
  const cases = new Map<string, Case>(
    Object.entries(structural).map(([name, of]) => [name, shaped("structuralOperations", of, {})]),
  );
  for (const row of numericRows) cases.set(row.mnemonic, numericCase(row, false));
  for (const row of immediateRows) cases.set(immediate(row.mnemonic), numericCase(row, true));
  for (const row of comparisonRows) {
    cases.set(branchIf(row.mnemonic), branchCase(row, false, false));
    cases.set(branchUnless(row.mnemonic), branchCase(row, false, true));
    if (takesTwoIntegers(row)) {
      cases.set(branchIf(immediate(row.mnemonic)), branchCase(row, true, false));
    }
  }
  for (const row of accessRows) cases.set(row.mnemonic, accessCase(row));
  return cases;
}

/** Text of src/interpreter/blocks/generated/blockLoop.ts. */
export function blockLoopText(): string {
  const inliner = new Inliner();
  const cases = allCases();
  const texts = operationNames.map((name, number) => {
    const found = cases.get(name);
    if (found === undefined) throw new Error(`expected a case for the operation ${name}`);
    return `case ${number}: { // ${name}\n${inliner.expand(found.of, found.bindings)}\n}`;
  });
  const aliases = [...new Set([...inliner.called].map((name) => name.split(".")[0]))].sort();
  const imports = aliases.map((alias) => {
    const file = kernelFileNames[alias as keyof typeof kernelFiles];
    return `import * as ${alias} from "../../numeric/${file}.ts";`;
  });
  const frame = fileOf("accounting", loopFolder);
  return frameText({
    frame: functionOf(frame, "runBlocks"),
    variables: returnedBy(functionOf(frame, loopOf.name)),
    own: [...inliner.variables].sort(),
    imports,
    cases: texts.join("\n"),
  });
}
