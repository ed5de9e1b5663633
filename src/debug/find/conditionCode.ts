/**
 * A predicate as WebAssembly instructions, for a program that asks it of itself (probedProgram.ts).
 *
 * Invariant: the instructions leave 1 where `Predicate.holds` would say true, else 0, whatever the values; a predicate of which
 * that cannot be said (memory, two kinds of integers that no host type holds) has no such code.
 */
import type { ValueType } from "../../interpreter/binary/module.ts";
import { valueTypes } from "../../interpreter/binary/module.ts";
import { Writer } from "../../interpreter/compile/binaryWriter.ts";
import type { Mnemonic } from "../../interpreter/isa/table.ts";
import type { Comparison, Node, Predicate, Side } from "./predicate.ts";
import type { Term } from "./terms.ts";

/** Instructions that use two operand slots more than there were at most, and leave an i32. */
export interface ConditionCode {
  readonly bytes: Uint8Array;
  readonly instructions: number;
}

/** A variable as the function that asks names it, and its declared type. */
export interface Variable {
  readonly kind: "global" | "local";
  readonly index: number;
  readonly type: ValueType;
}

/**
 * Translates a predicate.
 *
 * @param variableOf undefined for what the function cannot name.
 */
export function conditionCode(
  { root }: Predicate,
  variableOf: (term: Term) => Variable | undefined,
): ConditionCode | undefined {
  const code = new Translation(variableOf);
  return code.node(root) ? { bytes: code.out.bytes, instructions: code.instructions } : undefined;
}

const integerOperators: Readonly<Record<"signed" | "unsigned", Record<Comparison, Mnemonic>>> = {
  signed: { "==": "i64.eq", "!=": "i64.ne", "<": "i64.lt_s", "<=": "i64.le_s", ">": "i64.gt_s", ">=": "i64.ge_s" }, // biome-ignore format: one line a kind
  unsigned: { "==": "i64.eq", "!=": "i64.ne", "<": "i64.lt_u", "<=": "i64.le_u", ">": "i64.gt_u", ">=": "i64.ge_u" }, // biome-ignore format: one line a kind
};
const floatOperators: Readonly<Record<Comparison, Mnemonic>> = {
  "==": "f64.eq",
  "!=": "f64.ne",
  "<": "f64.lt",
  "<=": "f64.le",
  ">": "f64.gt",
  ">=": "f64.ge",
};

/** From the declared type to the bits of the type that is read. */
const reinterpretations: Readonly<Partial<Record<ValueType, Partial<Record<string, Mnemonic>>>>> = {
  [valueTypes.i32]: { f32: "f32.reinterpret_i32" },
  [valueTypes.i64]: { f64: "f64.reinterpret_i64" },
  [valueTypes.f32]: { i32: "i32.reinterpret_f32", u32: "i32.reinterpret_f32" },
  [valueTypes.f64]: { i64: "i64.reinterpret_f64", u64: "i64.reinterpret_f64" },
};
/** From the type that is read to the one that is compared. */
const extensions: Readonly<Partial<Record<string, Mnemonic>>> = {
  i32: "i64.extend_i32_s",
  u32: "i64.extend_i32_u",
  f32: "f64.promote_f32",
};
const compared: readonly ValueType[] = [
  valueTypes.i32,
  valueTypes.i64,
  valueTypes.f32,
  valueTypes.f64,
];

class Translation {
  readonly out = new Writer(64);
  instructions = 0;
  readonly #variableOf: (term: Term) => Variable | undefined;

  constructor(variableOf: (term: Term) => Variable | undefined) {
    this.#variableOf = variableOf;
  }

  /** Whether it could be written; likewise below. */
  node(node: Node): boolean {
    switch (node.kind) {
      case "or":
      case "and":
        if (!this.node(node.left) || !this.node(node.right)) return false;
        return this.#op(node.kind === "or" ? "i32.or" : "i32.and");
      case "not":
        return this.node(node.operand) && this.#op("i32.eqz");
      case "comparison":
        return this.#comparison(node.operator, [node.left, node.right]);
    }
  }

  #comparison(operator: Comparison, sides: readonly [Side, Side]): boolean {
    const isFloat = sides.some((side) => typeOf(side) === "float");
    const kind = sides.some((side) => typeOf(side) === "u64") ? "unsigned" : "signed";
    if (!isFloat && !sides.every((side) => fits(side, kind))) return false;
    if (!sides.every((side) => this.#side(side))) return false;
    return this.#op(isFloat ? floatOperators[operator] : integerOperators[kind][operator]);
  }

  #side(side: Side): boolean {
    if (side.kind !== "number") return this.#term(side);
    if (typeof side.value === "bigint") this.out.i64(side.value);
    else this.out.op("f64.const").raw(new Uint8Array(Float64Array.of(side.value).buffer));
    this.instructions++;
    return true;
  }

  #term(term: Term): boolean {
    const variable = this.#variableOf(term);
    if (variable === undefined || !compared.includes(variable.type)) return false;
    this.out.at(`${variable.kind}.get`, variable.index);
    this.instructions++;
    const { name } = term.type;
    for (const conversion of [reinterpretations[variable.type]?.[name], extensions[name]]) {
      if (conversion !== undefined) this.#op(conversion);
    }
    return true;
  }

  #op(mnemonic: Mnemonic): true {
    this.out.op(mnemonic);
    this.instructions++;
    return true;
  }
}

function typeOf(side: Side): string {
  if (side.kind === "number") return typeof side.value === "number" ? "float" : "integer";
  return side.isFloat ? "float" : side.type.name;
}

/** Whether an integer is the same number in a host's 64 bits, read so. */
function fits(side: Side, kind: "signed" | "unsigned"): boolean {
  if (side.kind !== "number") return kind === "unsigned" ? side.type.name.startsWith("u") : true;
  const value = side.value as bigint;
  const wrapped = kind === "signed" ? BigInt.asIntN(64, value) : BigInt.asUintN(64, value);
  return wrapped === value;
}
