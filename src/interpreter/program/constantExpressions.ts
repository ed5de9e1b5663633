/**
 * Evaluates constant expressions (spec 2.0 §3.3.10, extended constants of 3.0) at link time.
 *
 * Invariant: the expression is valid; it can only read immutable globals, whose values never change, so its value
 * at link time is its value for good. The value is a slot, i32 and references in the low word, or two, the low one in
 * the lower 64 bits.
 */
import type { ConstantExpression, Module } from "../binary/module.ts";
import { InstructionCursor } from "../isa/instructionCursor.ts";
import { codeOf } from "../isa/table.ts";

/** What a constant expression can name, by the module's own indices. */
export interface ConstantScope {
  /** Slots of a global that is already initialised. */
  global(index: number): bigint;
  /** Program-wide index of a function. */
  function(index: number): number;
}

type Operation = (stack: bigint[], cursor: InstructionCursor, scope: ConstantScope) => void;

const word = (cursor: InstructionCursor): bigint => BigInt(cursor.low >>> 0);
const wide = (cursor: InstructionCursor): bigint =>
  (BigInt(cursor.high >>> 0) << 32n) | BigInt(cursor.low >>> 0);

/** A vector as an integer of 128 bits. */
function bytesOf(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

function arithmetic(bits: number, compute: (a: bigint, b: bigint) => bigint): Operation {
  return (stack) => {
    const b = stack.pop() as bigint;
    const a = stack.pop() as bigint;
    stack.push(BigInt.asUintN(bits, compute(a, b)));
  };
}

const add = (a: bigint, b: bigint): bigint => a + b;
const sub = (a: bigint, b: bigint): bigint => a - b;
const mul = (a: bigint, b: bigint): bigint => a * b;

const operations = new Map<number, Operation>([
  [codeOf("i32.const"), (stack, cursor) => stack.push(word(cursor))],
  [codeOf("f32.const"), (stack, cursor) => stack.push(word(cursor))],
  [codeOf("i64.const"), (stack, cursor) => stack.push(wide(cursor))],
  [codeOf("f64.const"), (stack, cursor) => stack.push(wide(cursor))],
  [codeOf("v128.const"), (stack, cursor) => stack.push(bytesOf(cursor.vector))],
  [codeOf("global.get"), (stack, cursor, scope) => stack.push(scope.global(cursor.index))],
  [codeOf("ref.null"), (stack) => stack.push(0n)],
  [
    codeOf("ref.func"),
    (stack, cursor, scope) => stack.push(BigInt(scope.function(cursor.index) + 1)),
  ],
  [codeOf("i32.add"), arithmetic(32, add)],
  [codeOf("i32.sub"), arithmetic(32, sub)],
  [codeOf("i32.mul"), arithmetic(32, mul)],
  [codeOf("i64.add"), arithmetic(64, add)],
  [codeOf("i64.sub"), arithmetic(64, sub)],
  [codeOf("i64.mul"), arithmetic(64, mul)],
  [codeOf("end"), () => {}],
]);

const I32_CONST = codeOf("i32.const");

const cursors = new WeakMap<Module, InstructionCursor>();

/** One cursor serves all expressions of a module. */
function cursorOf(module: Module): InstructionCursor {
  const known = cursors.get(module);
  if (known !== undefined) return known;
  const cursor = new InstructionCursor(module.bytes, module.features);
  cursors.set(module, cursor);
  return cursor;
}

/** The slot, or slots, that a valid constant expression of `module` gives. */
export function evaluateConstant(
  module: Module,
  expression: ConstantExpression,
  scope: ConstantScope,
): bigint {
  const cursor = cursorOf(module);
  cursor.open(expression.start, expression.end);
  // Most are one constant, and a module may have a hundred thousand.
  if (cursor.next() && cursor.code === I32_CONST && cursor.position === expression.end - 1) {
    return word(cursor);
  }
  const stack: bigint[] = [];
  cursor.open(expression.start, expression.end);
  while (cursor.next()) {
    const operation = operations.get(cursor.code);
    if (operation === undefined) {
      throw new RangeError(`expected a constant instruction at byte ${cursor.offset}`);
    }
    operation(stack, cursor, scope);
  }
  return stack[0];
}

/** Function indices that `ref.func` instructions of a constant expression name. */
export function referencedFunctions(module: Module, expression: ConstantExpression): number[] {
  const cursor = cursorOf(module);
  const found: number[] = [];
  cursor.open(expression.start, expression.end);
  while (cursor.next()) if (cursor.code === codeOf("ref.func")) found.push(cursor.index);
  return found;
}
