/**
 * What a predicate looks at: numbers in memory, globals, locals of the running function.
 *
 * Invariant: a term has a type from its reading on, integers are compared as integers of any size, and a term that is not
 * there has no value.
 */
import type { MachineState } from "../../interpreter/index.ts";
import { PredicateError, type PredicateScope, type Tokens } from "./tokens.ts";

export type Value = bigint | number;

interface NumberType {
  readonly name: string;
  readonly bytes: number;
  readonly isFloat: boolean;
  read(view: DataView, at: number): Value;
}

const integerType = (bits: 8 | 16 | 32 | 64, isSigned: boolean): NumberType => ({
  name: `${isSigned ? "i" : "u"}${bits}`,
  bytes: bits / 8,
  isFloat: false,
  read(view, at) {
    let value = 0n;
    for (let i = bits / 8 - 1; i >= 0; i--) value = (value << 8n) | BigInt(view.getUint8(at + i));
    return isSigned ? BigInt.asIntN(bits, value) : value;
  },
});

/** By the names that predicates use; all little-endian. */
const numberTypes: Readonly<Record<string, NumberType>> = {
  i8: integerType(8, true),
  u8: integerType(8, false),
  i16: integerType(16, true),
  u16: integerType(16, false),
  i32: integerType(32, true),
  u32: integerType(32, false),
  i64: integerType(64, true),
  u64: integerType(64, false),
  f32: { name: "f32", bytes: 4, isFloat: true, read: (view, at) => view.getFloat32(at, true) },
  f64: { name: "f64", bytes: 8, isFloat: true, read: (view, at) => view.getFloat64(at, true) },
};

/** Types that slots are read as, by the declared one; the first is taken if none is said. */
const slotTypes: Readonly<Record<string, readonly string[]>> = {
  i32: ["i32", "u32", "f32"],
  i64: ["i64", "u64", "f64"],
  f32: ["f32", "i32", "u32"],
  f64: ["f64", "i64", "u64"],
  funcref: ["u32"],
  externref: ["u32"],
};

interface Typed {
  readonly type: NumberType;
  readonly isFloat: boolean;
}

/** Bytes of a memory. */
export interface MemoryTerm extends Typed {
  readonly kind: "memory";
  readonly memory: number;
  readonly address: number;
}

/** A global, by its program-wide number. */
export interface GlobalTerm extends Typed {
  readonly kind: "global";
  readonly index: number;
}

/** A local of a function, while that function runs. */
export interface LocalTerm extends Typed {
  readonly kind: "local";
  readonly function: number;
  readonly index: number;
}

export type Term = MemoryTerm | GlobalTerm | LocalTerm;

/** Addresses end with the largest memory. */
const addressSpace = 2 ** 32;

export function readTerm(tokens: Tokens, scope: PredicateScope): Term {
  const at = tokens.position;
  const word = tokens.word() ?? "";
  const memory = /^memory(\d*)$/.exec(word);
  if (memory !== null) return memoryTerm(tokens, scope, Number(memory[1]), at);
  if (word === "global") {
    tokens.expect("[");
    const index = tokens.index("global", addressSpace);
    tokens.expect("]");
    const declared = scope.globalType(index);
    if (declared === undefined) throw new PredicateError(at, `there is no global ${index}`);
    return { kind: "global", index, ...slotType(tokens, declared) };
  }
  if (word === "local") return localTerm(tokens, scope, at);
  throw new PredicateError(at, "expected memory[…], global[…], local[…] or a number");
}

function memoryTerm(tokens: Tokens, scope: PredicateScope, memory: number, at: number): Term {
  if (memory >= scope.memories) throw new PredicateError(at, `there is no memory ${memory}`);
  tokens.expect("[");
  const address = tokens.index("address", addressSpace);
  tokens.expect("]");
  tokens.expect(".");
  const type = numberTypes[tokens.word() ?? ""];
  if (type === undefined)
    return tokens.fail(`one of ${Object.keys(numberTypes).join(" ")} before this`);
  return { kind: "memory", memory, address, type, isFloat: type.isFloat };
}

function localTerm(tokens: Tokens, scope: PredicateScope, at: number): Term {
  tokens.expect("[");
  const name = tokens.quoted() ?? tokens.word() ?? tokens.number();
  if (name === undefined) tokens.fail("a function's name or number");
  const index = scope.functionIndex(name ?? "");
  if (index === undefined) throw new PredicateError(at, `there is no one function ${name}`);
  tokens.expect(",");
  const local = tokens.index("local", addressSpace);
  tokens.expect("]");
  const declared = scope.localType(index, local);
  if (declared === undefined) throw new PredicateError(at, `${name} has no local ${local}`);
  return { kind: "local", function: index, index: local, ...slotType(tokens, declared) };
}

function slotType(tokens: Tokens, declared: string): Typed {
  const readable = slotTypes[declared] ?? [];
  let name = readable[0];
  const at = tokens.position;
  if (tokens.take(".")) name = tokens.word() ?? "";
  if (name === undefined || !readable.includes(name)) {
    throw new PredicateError(at, `a ${declared} is read as one of ${readable.join(" ") || "none"}`);
  }
  const type = numberTypes[name];
  return { type, isFloat: type.isFloat };
}

/** Value of a term in a state; undefined if it is not there. */
export function termValue(term: Term, state: MachineState): Value | undefined {
  switch (term.kind) {
    case "memory": {
      const { bytes } = state.memories[term.memory];
      if (term.address + term.type.bytes > bytes.length) return undefined;
      return term.type.read(
        new DataView(bytes.buffer, bytes.byteOffset, bytes.length),
        term.address,
      );
    }
    case "global":
      return slotValue(state.globals, term.index, term.type);
    case "local": {
      if (!runs(state, term.function)) return undefined;
      return slotValue(state.stack, state.fp + term.index, term.type);
    }
  }
}

/** Slots are little-endian on every host that this runs on; the arrays are views of words. */
function slotValue(words: Int32Array, slot: number, type: NumberType): Value {
  return type.read(new DataView(words.buffer, words.byteOffset + slot * 8, 8), 0);
}

function runs(state: MachineState, functionIndex: number): boolean {
  const isRunning = state.status === 0;
  return isRunning && state.program.locate(state.pc).function === functionIndex;
}
