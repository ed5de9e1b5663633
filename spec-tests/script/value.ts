/**
 * Values of test scripts as bit patterns, and the patterns that results are held against
 * (core specification, appendix on test scripts: interpreter/README.md §Scripts).
 *
 * Invariant: numbers are unsigned bit patterns of their width; a reference is 0n for null, otherwise any
 * number but 0; `(ref.extern n)` is n + 1, as in the machine's slots (docs/machine.md §1).
 */
import { floatBits, integerBits, isNan } from "./literal.ts";
import { type List, type Node, ScriptError } from "./sexpr.ts";

export type ValueKind = "i32" | "i64" | "f32" | "f64" | "v128" | "funcref" | "externref";

export interface Value {
  readonly type: ValueKind;
  readonly bits: bigint;
}

export type Pattern =
  | { readonly kind: "exact"; readonly value: Value }
  | { readonly kind: "nan"; readonly type: "f32" | "f64"; readonly nan: "canonical" | "arithmetic" }
  /** A vector whose lanes of that width fit one pattern each, the first lane first. */
  | { readonly kind: "lanes"; readonly width: number; readonly lanes: readonly Pattern[] }
  /** A null reference, of one type or of any. */
  | { readonly kind: "null"; readonly type: "funcref" | "externref" | undefined }
  | { readonly kind: "notNull"; readonly type: "funcref" | "externref" }
  | { readonly kind: "either"; readonly choices: readonly Pattern[] };

const heapTypes: Readonly<Record<string, "funcref" | "externref">> = {
  func: "funcref",
  nofunc: "funcref",
  extern: "externref",
  noextern: "externref",
};

function atomsOf(node: Node): readonly [List, string, string | undefined] {
  if (node.kind !== "list") throw new ScriptError(node.start, "expected a value");
  const [head, operand] = node.items;
  if (head?.kind !== "atom") throw new ScriptError(node.start, "expected a value");
  return [node, head.text, operand?.kind === "atom" ? operand.text : undefined];
}

function number(mnemonic: string, literal: string): Value | undefined {
  switch (mnemonic) {
    case "i32.const":
      return { type: "i32", bits: integerBits(literal, 32) };
    case "i64.const":
      return { type: "i64", bits: integerBits(literal, 64) };
    case "f32.const":
      return { type: "f32", bits: floatBits(literal, 32) };
    case "f64.const":
      return { type: "f64", bits: floatBits(literal, 64) };
    default:
      return undefined;
  }
}

/** How the lanes of a shape are written: as literals of which type, and how wide they are. */
const laneTypes: Readonly<Record<string, readonly ["i32" | "i64" | "f32" | "f64", number]>> = {
  i8x16: ["i32", 8],
  i16x8: ["i32", 16],
  i32x4: ["i32", 32],
  i64x2: ["i64", 64],
  f32x4: ["f32", 32],
  f64x2: ["f64", 64],
};

function lanesOf(list: List): {
  type: "i32" | "i64" | "f32" | "f64";
  width: number;
  texts: string[];
} {
  const [, shape, ...lanes] = list.items.map((item) => (item.kind === "atom" ? item.text : ""));
  const known = laneTypes[shape];
  if (known === undefined || lanes.length !== 128 / known[1]) {
    throw new ScriptError(list.start, `expected a shape and its lanes, got ${shape}`);
  }
  return { type: known[0], width: known[1], texts: lanes };
}

function vector(list: List): Value {
  const { type, width, texts } = lanesOf(list);
  const bits = texts.reduceRight((value, text) => {
    const lane = number(`${type}.const`, text)?.bits ?? 0n;
    return (value << BigInt(width)) | BigInt.asUintN(width, lane);
  }, 0n);
  return { type: "v128", bits };
}

function vectorPattern(list: List): Pattern {
  const { type, width, texts } = lanesOf(list);
  const lanes = texts.map((text): Pattern => {
    if (text.startsWith("nan:") && (type === "f32" || type === "f64") && !text.startsWith("nan:0x"))
      return { kind: "nan", type, nan: text === "nan:canonical" ? "canonical" : "arithmetic" };
    const bits = BigInt.asUintN(width, number(`${type}.const`, text)?.bits ?? 0n);
    return { kind: "exact", value: { type, bits } };
  });
  return { kind: "lanes", width, lanes };
}

/** A value given as an argument. */
export function readValue(node: Node): Value {
  const [list, mnemonic, operand] = atomsOf(node);
  if (mnemonic === "v128.const") return vector(list);
  if (operand !== undefined) {
    const value = number(mnemonic, operand);
    if (value !== undefined) return value;
    if (mnemonic === "ref.extern") return { type: "externref", bits: BigInt(operand) + 1n };
    const type = mnemonic === "ref.null" ? heapTypes[operand] : undefined;
    if (type !== undefined) return { type, bits: 0n };
  }
  throw new ScriptError(
    list.start,
    `expected a value of a known type, got ${mnemonic} ${operand ?? ""}`,
  );
}

/** What a result is expected to be. */
export function readPattern(node: Node): Pattern {
  const [list, mnemonic, operand] = atomsOf(node);
  if (mnemonic === "either") {
    return { kind: "either", choices: list.items.slice(1).map(readPattern) };
  }
  if (mnemonic === "v128.const") return vectorPattern(list);
  if (operand === "nan:canonical" || operand === "nan:arithmetic") {
    const type = mnemonic === "f32.const" ? "f32" : "f64";
    return { kind: "nan", type, nan: operand === "nan:canonical" ? "canonical" : "arithmetic" };
  }
  if (mnemonic === "ref.null") {
    if (operand !== undefined && heapTypes[operand] === undefined) {
      throw new ScriptError(list.start, `expected a known heap type, got ${operand}`);
    }
    return { kind: "null", type: operand === undefined ? undefined : heapTypes[operand] };
  }
  if (operand === undefined && mnemonic === "ref.func") return { kind: "notNull", type: "funcref" };
  if (operand === undefined && mnemonic === "ref.extern") {
    return { kind: "notNull", type: "externref" };
  }
  return { kind: "exact", value: readValue(node) };
}

/** Does a result fit a pattern? Types must agree too. */
export function matches(pattern: Pattern, value: Value): boolean {
  switch (pattern.kind) {
    case "exact":
      return value.type === pattern.value.type && value.bits === pattern.value.bits;
    case "nan":
      return (
        value.type === pattern.type &&
        isNan(value.bits, value.type === "f32" ? 32 : 64, pattern.nan)
      );
    case "lanes":
      return (
        value.type === "v128" &&
        pattern.lanes.every((lane, index) => {
          const type = typeOf(lane) as ValueKind;
          const shifted = value.bits >> BigInt(index * pattern.width);
          return matches(lane, { type, bits: BigInt.asUintN(pattern.width, shifted) });
        })
      );
    case "null":
      return (
        (pattern.type === undefined ? value.type.endsWith("ref") : value.type === pattern.type) &&
        value.bits === 0n
      );
    case "notNull":
      return value.type === pattern.type && value.bits !== 0n;
    case "either":
      return pattern.choices.some((choice) => matches(choice, value));
  }
}

/** The type that a pattern asks for; undefined where it leaves it open. */
export function typeOf(pattern: Pattern): ValueKind | undefined {
  switch (pattern.kind) {
    case "exact":
      return pattern.value.type;
    case "lanes":
      return "v128";
    case "either":
      return pattern.choices.length > 0 ? typeOf(pattern.choices[0]) : undefined;
    default:
      return pattern.type;
  }
}

export function printValue({ type, bits }: Value): string {
  return `${type}:0x${bits.toString(16)}`;
}

export function printPattern(pattern: Pattern): string {
  switch (pattern.kind) {
    case "exact":
      return printValue(pattern.value);
    case "nan":
      return `${pattern.type}:nan:${pattern.nan}`;
    case "lanes":
      return `v128(${pattern.lanes.map(printPattern).join(" ")})`;
    case "either":
      return `either(${pattern.choices.map(printPattern).join(", ")})`;
    default:
      return `${pattern.type ?? "any reference"}:${pattern.kind}`;
  }
}
