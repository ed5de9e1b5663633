/**
 * Every numeric instruction on edge operands, through both executors and in both operand shapes, against V8.
 * Floats cross as integers, reinterpreted inside the test module, so that every bit is seen.
 */
import { describe, expect, it } from "vitest";
import { assemble, type Code, type ModuleText, op } from "../../../spec-tests/corpus/assembler.ts";
import { asBits, isNumeric, signatureParts } from "../../../src/interpreter/isa/columns.ts";
import { type InstructionRow, instructions } from "../../../src/interpreter/isa/table.ts";
import { trapMessages, trapName } from "../../../src/interpreter/isa/trapCodes.ts";
import { genesis } from "../../../src/interpreter/state/genesis.ts";
import { beginInvocation, results } from "../../../src/interpreter/state/invocation.ts";
import { executors, programOf, unlimited } from "../machines.ts";
import { operandTuples } from "./operandValues.ts";

const rows = (instructions as readonly InstructionRow[]).filter(
  (row) => isNumeric(row) && !row.hostLacks,
);

const into: Readonly<Record<string, Code>> = {
  f: op("f32.reinterpret_i32"),
  F: op("f64.reinterpret_i64"),
};
const outOf: Readonly<Record<string, Code>> = {
  f: op("i32.reinterpret_f32"),
  F: op("i64.reinterpret_f64"),
};

/** Function 0 has all operands as parameters; each function n > 0 has its last operand as constant n − 1. */
function moduleFor(row: InstructionRow, constants: readonly bigint[]): ModuleText {
  const { params, results: result } = signatureParts(row.signature);
  const instruction = op(row.mnemonic as Parameters<typeof op>[0]);
  const operand = (letter: string, index: number): Code[] => [
    op("local.get", index),
    ...(into[letter] ? [into[letter]] : []),
  ];
  const finish = [instruction, ...(outOf[result] ? [outOf[result]] : [])];
  const all = {
    signature: asBits(row.signature ?? ""),
    body: [...[...params].flatMap(operand), ...finish],
    export: "f",
  };
  const constant = (bits: bigint) => {
    const last = params.at(-1) ?? "";
    const load = asBits(last) === "i" ? op("i32.const", bits) : op("i64.const", bits);
    const front = [...params.slice(0, -1)].flatMap(operand);
    const back = [load, ...(into[last] ? [into[last]] : [])];
    const signature = `${asBits(params.slice(0, -1))}:${asBits(result)}`;
    return { signature, body: [...front, ...back, ...finish] };
  };
  return { functions: [all, ...constants.map(constant)] };
}

const trapPatterns: Readonly<Record<string, RegExp>> = {
  [trapMessages.integerDivideByZero]: /by zero/,
  [trapMessages.integerOverflow]: /unrepresentable/,
  [trapMessages.invalidConversion]: /unrepresentable/,
};

function canonical(bits: bigint, letter: string): bigint {
  if (letter === "f") {
    return (bits & 0x7fffffffn) > 0x7f800000n ? 0xffc00000n : bits;
  }
  return (bits & 0x7fffffffffffffffn) > 0x7ff0000000000000n ? 0xfff8000000000000n : bits;
}

/** V8's answer: bits, or the text of its trap. */
function expected(
  row: InstructionRow,
  native: (...args: unknown[]) => unknown,
  args: readonly bigint[],
) {
  const { params, results: result } = signatureParts(row.signature);
  const hostArgs = args.map((bits, index) =>
    asBits(params[index] ?? "") === "i" ? Number(BigInt.asIntN(32, bits)) : BigInt.asIntN(64, bits),
  );
  try {
    const value = native(...hostArgs);
    const width = asBits(result) === "i" ? 32 : 64;
    const bits = BigInt.asUintN(width, BigInt(value as number | bigint));
    return "fF".includes(result) && !row.worksOnBits ? canonical(bits, result) : bits;
  } catch (error) {
    return (error as Error).message;
  }
}

function expectOutcome(trap: number, values: readonly bigint[], want: bigint | string): void {
  if (typeof want === "string") {
    expect(want).toMatch(trapPatterns[trapMessages[trapName(trap)]] ?? /never/);
  } else {
    expect([trapName(trap), values]).toEqual(["none", [want]]);
  }
}

it("covers every numeric row", () => {
  expect(rows.length).toBe(136);
});

describe.each(rows)("$mnemonic", (row) => {
  const { params } = signatureParts(row.signature);
  const tuples = operandTuples(params);
  const lasts = [...new Set(tuples.map((tuple) => tuple.at(-1) as bigint))];
  const text = moduleFor(row, lasts);
  const program = programOf(text);
  const bytes = assemble(text) as BufferSource;
  const native = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports.f;

  it.each(executors)("on edge operands by the executor %s", (_name, run) => {
    const state = genesis(program);
    for (const args of tuples) {
      const want = expected(row, native as (...args: unknown[]) => unknown, args);
      for (const index of [0, 1 + lasts.indexOf(args.at(-1) as bigint)]) {
        beginInvocation(state, index, index === 0 ? args : args.slice(0, -1));
        run(state, unlimited);
        expectOutcome(state.trap, results(state), want);
      }
    }
  });
});
