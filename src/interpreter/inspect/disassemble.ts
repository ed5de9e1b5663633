/**
 * Text of instructions and listings of functions, straight from the module's bytes (spec §6.5).
 *
 * Invariant: only bytes of a decoded module are read, so nothing here can fail on malformed input; each line of
 * a listing names the byte offset that errors and source locations use.
 */
import { type FunctionType, importedFunctions, type Module } from "../binary/module.ts";
import { valueTypeName } from "../binary/valueType.ts";
import { rowOfDense } from "../isa/denseRows.ts";
import { InstructionCursor } from "../isa/instructionCursor.ts";
import { immediateText } from "./immediateText.ts";

/** A line of a listing. */
export interface ListingLine {
  /** Byte offset of the instruction in the module's binary. */
  readonly offset: number;
  /** Blocks around it, the function itself not counted. */
  readonly depth: number;
  readonly text: string;
}

/** `select_t` is the table's own name for a form that text does not tell apart. */
const mnemonics: Readonly<Record<string, string>> = { select_t: "select" };

/** Text of the instruction that the cursor stands on; names of called functions as comments. */
function textAt(cursor: InstructionCursor, module: Module): string {
  const mnemonic = rowOfDense(cursor.dense)?.mnemonic ?? "";
  const name = cursor.kind === "function" ? functionName(module, cursor.index) : undefined;
  const parts = [mnemonics[mnemonic] ?? mnemonic, immediateText(cursor)];
  if (name !== undefined) parts.push(comment(name));
  return parts.filter((part) => part !== "").join(" ");
}

/** Text of the instruction at a byte offset of a function's body. */
export function instructionText(module: Module, offset: number): string {
  const cursor = new InstructionCursor(module.bytes, module.features);
  cursor.openInside(offset, module.bytes.length);
  cursor.next();
  return textAt(cursor, module);
}

/** The instructions of a function that the module defines; `index` counts imported functions too. */
export function listFunction(module: Module, index: number): ListingLine[] {
  const body = module.bodies[index - importedFunctions(module)];
  if (body === undefined) {
    throw new RangeError(`expected the index of a function with a body, got ${index}`);
  }
  const cursor = new InstructionCursor(module.bytes, module.features);
  cursor.open(body.start, body.end);
  const lines: ListingLine[] = [];
  for (let before = cursor.depth; cursor.next(); before = cursor.depth) {
    const text = textAt(cursor, module);
    const closes = cursor.depth < before || text === "else" ? 1 : 0;
    lines.push({ offset: cursor.offset, depth: Math.max(before - 1 - closes, 0), text });
  }
  return lines;
}

/** A function as text: its head, then one indented line an instruction with its byte offset. */
export function disassembleFunction(module: Module, index: number): string {
  const lines = listFunction(module, index);
  const body = module.bodies[index - importedFunctions(module)];
  const name = functionName(module, index);
  const head = [`(func (;${index};)`, name === undefined ? "" : comment(name)];
  head.push(typeText(module.types[module.functions[index - importedFunctions(module)]]));
  const locals = body.locals.map(({ count, type }) => `${valueTypeName(type)}×${count}`).join(" ");
  const width = String(lines.at(-1)?.offset ?? 0).length;
  return [
    head.filter((part) => part !== "").join(" "),
    ...(locals === "" ? [] : [`  (;locals ${locals};)`]),
    ...lines.map(
      ({ offset, depth, text }) =>
        `  (;${String(offset).padStart(width)};) ${"  ".repeat(depth)}${text}`,
    ),
    ")",
  ].join("\n");
}

/** `(param i32 i32) (result i64)`. */
export function typeText(type: FunctionType): string {
  const side = (keyword: string, types: FunctionType["params"]) =>
    types.length === 0 ? "" : `(${keyword} ${types.map(valueTypeName).join(" ")})`;
  const parts = [side("param", type.params), side("result", type.results)];
  return parts.filter((part) => part !== "").join(" ");
}

/** Names of all functions that have one, by index; made once a module. */
const nameCache = new WeakMap<Module, ReadonlyMap<number, string>>();

/** Name of a function: from the name section, else an export, else its import; undefined if it has none. */
export function functionName(module: Module, index: number): string | undefined {
  let names = nameCache.get(module);
  if (names === undefined) {
    names = functionNames(module);
    nameCache.set(module, names);
  }
  return names.get(index);
}

function functionNames(module: Module): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  const imported = module.imports.filter((item) => item.kind === "function");
  for (const [index, item] of imported.entries()) names.set(index, `${item.module}.${item.name}`);
  for (const item of module.exports) {
    if (item.kind === "function") names.set(item.index, item.name);
  }
  for (const [index, name] of module.names.functions) names.set(index, name);
  return names;
}

/** A name as a block comment, which it must not be able to end. */
function comment(name: string): string {
  return `(;${name.replaceAll(";)", "; )")};)`;
}
