/**
 * Text of src/interpreter/generated/blockLoop.ts: the loop of the block executor, one case an operation.
 * A numeric instruction's case is its kernel from src/interpreter/numeric/: the body itself where that is plain
 * arithmetic (V8 inlines only so many calls into one function), else a call.
 *
 * Invariant: a pure function of the instruction table and of the kernels' source text; a case's number is the
 * position of its name in `operationNames`.
 */
import { readFileSync } from "node:fs";
import type { InstructionRow } from "../src/interpreter/isa/table.ts";
import {
  accessRows,
  branchIf,
  branchUnless,
  comparisonRows,
  immediate,
  immediateRows,
  numericRows,
  operationNames,
} from "../src/interpreter/machine/blocks/operations.ts";
import type { NumericMnemonic } from "../src/interpreter/numeric/kernels.ts";
import { kernelSignature } from "../src/interpreter/numeric/kernels.ts";
import { loopFrame, structuralCases } from "./blockLoopFrame.ts";

const numericFolder = new URL("../src/interpreter/numeric/", import.meta.url);
const sourceOf = (file: string): string => readFileSync(new URL(file, numericFolder), "utf8");
const lists = sourceOf("kernels.ts");

/** Import aliases of kernels.ts: name → file. */
const files = new Map(
  [...lists.matchAll(/import \* as (\w+) from "\.\/(\w+\.ts)"/g)].map(([, name, file]) => [
    name,
    file,
  ]),
);

interface Kernel {
  /** `i32.add`: alias and function, as kernels.ts writes it. */
  readonly reference: string;
  readonly params: readonly string[];
  readonly body: string;
}

/** Reads one function's parameters and body from its source. */
function readKernel(reference: string): Kernel {
  const [alias = "", name = ""] = reference.split(".");
  const source = sourceOf(files.get(alias) ?? "");
  const pattern = new RegExp(`export function ${name}\\(([^)]*)\\): \\w+ \\{\\n([\\s\\S]*?)\\n\\}`);
  const found = pattern.exec(source);
  if (found === null) throw new Error(`expected a kernel ${reference}`);
  const [, list = "", body = ""] = found;
  const params = [...list.matchAll(/(\w+):/g)].map(([, param]) => param as string);
  return { reference, params, body };
}

function listed(list: "kernels" | "checks", mnemonic: string): Kernel | undefined {
  const text = lists.slice(lists.indexOf(`export const ${list}`));
  const end = text.indexOf("\n};");
  const key = mnemonic.replaceAll(".", "\\.");
  const found = new RegExp(`"${key}": ([\\w.]+),`).exec(text.slice(0, end));
  return found === null ? undefined : readKernel(found[1] as string);
}

/** Plain arithmetic: no helper functions, no module constants, one exit. */
function isInlined({ body }: Kernel): boolean {
  const calls = [...body.matchAll(/([\w.]+)\(/g)].every(([, name]) =>
    /^Math\.|^$/.test(name ?? ""),
  );
  const returns = body.split("return").length - 1;
  return calls && returns <= 1 && !/\bif \(|two32/.test(body);
}

const called = new Set<string>();
function call({ reference }: Kernel, operands: readonly string[]): string {
  called.add(reference);
  return `${reference}(${operands.join(", ")})`;
}

/** Reads the operands of a signature into constants named as the kernel's parameters. */
function readOperands(kernel: Kernel, letters: string, firstWord: number): string[] {
  const names = kernel.params.filter((name) => name !== "out" && name !== "at");
  const lines: string[] = [];
  let word = firstWord;
  for (const letter of letters) {
    const slot = `base + code[p + ${word++}]`;
    const read = (name: string | undefined, expression: string): void => {
      if (name !== undefined && !name.startsWith("_")) lines.push(`const ${name} = ${expression};`);
    };
    if (letter === "I") {
      read(names.shift(), `stack[${slot}]`);
      read(names.shift(), `stack[${slot} + 1]`);
    } else {
      const array = { i: "stack", f: "singles", F: "floats" }[letter];
      read(names.shift(), `${array}[${letter === "F" ? `(${slot}) >> 1` : slot}]`);
    }
  }
  return lines;
}

/** The same with the last operand in the code: i32 one word, i64 two. */
function readImmediate(kernel: Kernel, letters: string, word: number): string[] {
  const lines = readOperands(kernel, letters.slice(0, -1), word);
  const names = kernel.params.filter((name) => name !== "out" && name !== "at");
  const last = letters.endsWith("I") ? names.slice(-2) : names.slice(-1);
  last.forEach((name, index) => {
    if (!name.startsWith("_")) lines.push(`const ${name} = code[p + ${word + 1 + index}];`);
  });
  return lines;
}

function operandNames({ params }: Kernel): string[] {
  return params
    .filter((name) => name !== "out" && name !== "at")
    .map((name) => (name.startsWith("_") ? "0" : name));
}

/** A call's operands; `_x` parameters are not read. */
function expressionOf(kernel: Kernel): string {
  if (!isInlined(kernel)) return call(kernel, operandNames(kernel));
  return kernel.body
    .trim()
    .replace(/^return /, "")
    .replace(/;$/, "");
}

/** Lines that store the result at `base + code[p + 1]`. */
function storeLines(kernel: Kernel, result: string): string[] {
  const at = "const at = base + code[p + 1];";
  if (result === "I") {
    if (!isInlined(kernel))
      return [at, `${call(kernel, ["stack", "at", ...operandNames(kernel)])};`];
    const body = kernel.body.replaceAll(/\bout\b/g, "stack");
    return [at, ...body.split("\n").map((line) => line.trim())];
  }
  const value = expressionOf(kernel);
  if (result === "i") return [at, `stack[at] = ${value};`, "stack[at + 1] = 0;"];
  if (result === "f") {
    return [
      at,
      `const result = ${value};`,
      "if (result === result) singles[at] = result;",
      "else stack[at] = canonicalF32;",
      "stack[at + 1] = 0;",
    ];
  }
  return [
    at,
    `const result = ${value};`,
    "if (result === result) {",
    "  floats[at >> 1] = result;",
    "} else {",
    "  stack[at] = 0;",
    "  stack[at + 1] = canonicalF64High;",
    "}",
  ];
}

function checkLines(row: InstructionRow): string[] {
  const check = listed("checks", row.mnemonic);
  if (check === undefined) return [];
  const names = operandNames(listed("kernels", row.mnemonic) as Kernel);
  const operands = names.map((name, index) => (check.params[index]?.startsWith("_") ? "0" : name));
  return [
    `const failure = ${call(check, operands)};`,
    "if (failure !== 0) {",
    "  trap = failure;",
    "  break running;",
    "}",
  ];
}

/** Operands that a kernel ignores but its check reads. */
function operandLines(row: InstructionRow, isImmediate: boolean, firstWord: number): string[] {
  const kernel = listed("kernels", row.mnemonic) as Kernel;
  const { params: letters } = kernelSignature(row.mnemonic as NumericMnemonic);
  return isImmediate
    ? readImmediate(kernel, letters, firstWord)
    : readOperands(kernel, letters, firstWord);
}

function numericCase(row: InstructionRow, isImmediate: boolean): string[] {
  const kernel = listed("kernels", row.mnemonic) as Kernel;
  const { params: letters, results: result } = kernelSignature(row.mnemonic as NumericMnemonic);
  const words = 2 + letters.length + (isImmediate && letters.endsWith("I") ? 1 : 0);
  return [
    ...operandLines(row, isImmediate, 2),
    ...checkLines(row),
    ...storeLines(kernel, result),
    `p += ${words};`,
    "continue;",
  ];
}

/** Without the `? 1 : 0` around it, a test is what a branch asks. */
function condition(kernel: Kernel): string {
  const expression = expressionOf(kernel);
  const found = /^([^?:]*) \? 1 : 0$/.exec(expression);
  return found === null ? `(${expression}) !== 0` : (found[1] as string);
}

function branchCase(row: InstructionRow, isImmediate: boolean, negate: boolean): string[] {
  const kernel = listed("kernels", row.mnemonic) as Kernel;
  const { params: letters } = kernelSignature(row.mnemonic as NumericMnemonic);
  const target = 1 + letters.length + (isImmediate && letters.endsWith("I") ? 1 : 0);
  const test = condition(kernel);
  return [
    ...operandLines(row, isImmediate, 1),
    `if (${negate ? `!(${test})` : test}) p = code[p + ${target}];`,
    `else p += ${target + 1};`,
    "break;",
  ];
}

const boundsCheck = (width: number): string[] => [
  `if (address < 0 || (at + ${width - 1}) >>> 0 >= bytes) {`,
  "  trap = outOfBoundsMemory;",
  "  break running;",
  "}",
];

const loads: Readonly<Record<string, readonly [low: string, high: string]>> = {
  "i32.load": ["memory.getInt32(at, true)", "0"],
  "i64.load": ["memory.getInt32(at, true)", "memory.getInt32(at + 4, true)"],
  "f32.load": ["memory.getInt32(at, true)", "0"],
  "f64.load": ["memory.getInt32(at, true)", "memory.getInt32(at + 4, true)"],
  "i32.load8_s": ["memory.getInt8(at)", "0"],
  "i32.load8_u": ["memory.getUint8(at)", "0"],
  "i32.load16_s": ["memory.getInt16(at, true)", "0"],
  "i32.load16_u": ["memory.getUint16(at, true)", "0"],
  "i64.load8_s": ["memory.getInt8(at)", "low >> 31"],
  "i64.load8_u": ["memory.getUint8(at)", "0"],
  "i64.load16_s": ["memory.getInt16(at, true)", "low >> 31"],
  "i64.load16_u": ["memory.getUint16(at, true)", "0"],
  "i64.load32_s": ["memory.getInt32(at, true)", "low >> 31"],
  "i64.load32_u": ["memory.getInt32(at, true)", "0"],
};

function loadCase(row: InstructionRow): string[] {
  const [low, high] = loads[row.mnemonic] as readonly [string, string];
  return [
    "const address = stack[base + code[p + 2]];",
    "const at = (address + code[p + 3]) | 0;",
    ...boundsCheck(row.width ?? 0),
    `const low = ${low};`,
    "const slot = base + code[p + 1];",
    ...(high.startsWith("memory") ? [`stack[slot + 1] = ${high};`] : []),
    "stack[slot] = low;",
    ...(high.startsWith("memory") ? [] : [`stack[slot + 1] = ${high};`]),
    "p += 4;",
    "continue;",
  ];
}

function storeCase(row: InstructionRow): string[] {
  const width = row.width ?? 0;
  const writes: Readonly<Record<number, readonly string[]>> = {
    1: ["memory.setInt8(at, stack[slot]);"],
    2: ["memory.setInt16(at, stack[slot], true);"],
    4: ["memory.setInt32(at, stack[slot], true);"],
    8: [
      "memory.setInt32(at, stack[slot], true);",
      "memory.setInt32(at + 4, stack[slot + 1], true);",
    ],
  };
  const marks =
    width === 1 ? "flags[at >>> 12]" : `(flags[at >>> 12] & flags[(at + ${width - 1}) >>> 12])`;
  return [
    "const address = stack[base + code[p + 1]];",
    "const at = (address + code[p + 3]) | 0;",
    ...boundsCheck(width),
    `if (${marks} !== 3) fuel = (fuel - context.claim(at, ${width})) | 0;`,
    "const slot = base + code[p + 2];",
    ...(writes[width] as readonly string[]),
    "p += 4;",
    "continue;",
  ];
}

/** Lines of every operation's case, by name. */
function allCases(): Map<string, readonly string[]> {
  const cases = new Map<string, readonly string[]>(Object.entries(structuralCases));
  for (const row of numericRows) cases.set(row.mnemonic, numericCase(row, false));
  for (const row of immediateRows) cases.set(immediate(row.mnemonic), numericCase(row, true));
  for (const row of comparisonRows) {
    cases.set(branchIf(row.mnemonic), branchCase(row, false, false));
    cases.set(branchUnless(row.mnemonic), branchCase(row, false, true));
    if (/^(ii|II):/.test(row.signature ?? "")) {
      cases.set(branchIf(immediate(row.mnemonic)), branchCase(row, true, false));
    }
  }
  for (const row of accessRows) {
    cases.set(row.mnemonic, row.access === "store" ? storeCase(row) : loadCase(row));
  }
  return cases;
}

/** Text of src/interpreter/generated/blockLoop.ts. */
export function blockLoopText(): string {
  called.clear();
  const cases = allCases();
  const text = operationNames.map((name, number) => {
    const lines = cases.get(name);
    if (lines === undefined) throw new Error(`expected a case for the operation ${name}`);
    const body = lines.map((line) => `        ${line}`).join("\n");
    return `      case ${number}: { // ${name}\n${body}\n      }`;
  });
  const aliases = new Set([...called].map((reference) => reference.split(".")[0] as string));
  const imports = [...aliases]
    .sort()
    .map((alias) => `import * as ${alias} from "../numeric/${files.get(alias)}";`);
  return loopFrame(imports.join("\n"), text.join("\n"));
}
