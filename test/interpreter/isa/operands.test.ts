/**
 * How many slots each instruction takes, also where the table's row has no signature.
 */
import { describe, expect, test } from "vitest";
import { operandCount } from "../../../src/interpreter/isa/operandCount.ts";
import { executedRow } from "../../../src/interpreter/isa/table.ts";
import { instructionBytes } from "../../../src/interpreter/program/program.ts";
import { programOf } from "../../merkle/program.ts";

/** Instructions that only push: bodies hold them as operands of others. */
const leftOut: ReadonlySet<string> = new Set([
  "i32.const",
  "i64.const",
  "ref.func",
  "local.get",
  "global.get",
  "table.get",
]);

/** Mnemonic and operands of every instruction of a function body. */
function countsOf(body: string): (readonly [string, number])[] {
  const program = programOf(`(module (memory 1) (table 9 funcref) (global (mut i64) (i64.const 0))
    (type $two (func (param i32 i64) (result i64)))
    (elem declare func $f)
    (func $f (param i32 i64) (result i64) (local f32) ${body}))`);
  const view = new DataView(program.code.buffer, program.code.byteOffset);
  return Array.from({ length: program.code.length / instructionBytes }, (_, pc) => {
    const mnemonic = executedRow(view.getUint16(pc * instructionBytes))?.mnemonic ?? "?";
    return [mnemonic, operandCount(program, pc)] as const;
  }).filter(([mnemonic]) => !leftOut.has(mnemonic));
}

const returned = ["return", 1] as const;

describe("operandCount", () => {
  test("rows with a signature › its operands", () => {
    const body = "(drop (i32.add (i32.const 1) (i32.const 2))) (nop) (i64.const 1)";
    expect(countsOf(body)).toEqual([["i32.add", 2], ["drop", 1], ["nop", 0], returned]);
  });

  test("locals, globals, select, tables › by rule", () => {
    const body = `(local.set 0 (i32.const 1)) (drop (local.tee 0 (i32.const 1)))
      (global.set 0 (i64.const 1)) (drop (select (i32.const 1) (i32.const 2) (i32.const 3)))
      (drop (ref.is_null (ref.func $f))) (table.set (i32.const 1) (ref.func $f))
      (drop (table.grow (ref.func $f) (i32.const 1)))
      (table.fill (i32.const 1) (ref.func $f) (i32.const 1)) (i64.const 1)`;
    expect(countsOf(body)).toEqual([
      ["local.set", 1],
      ["local.tee", 1],
      ["drop", 1],
      ["global.set", 1],
      ["select", 3],
      ["drop", 1],
      ["ref.is_null", 1],
      ["drop", 1],
      ["table.set", 2],
      ["table.grow", 2],
      ["drop", 1],
      ["table.fill", 3],
      returned,
    ]);
  });

  test("branches › condition or index, and the values that they carry", () => {
    const body = `(block (br_if 0 (i32.const 1))) (if (i32.const 1) (then (nop)))
      (block (result i64) (br_if 0 (i64.const 7) (i32.const 1)))
      (block (param i64) (result i64) (br_table 0 0 (i32.const 1)))
      (block (param i64) (result i64) (br 0))`;
    expect(countsOf(body)).toEqual([
      ["br_if", 1],
      ["if", 1],
      ["nop", 0],
      ["br_if", 2],
      ["br_table", 2],
      ["br", 1],
      returned,
    ]);
  });

  test("calls › their arguments, and the index of indirect ones", () => {
    const body = `(drop (call $f (i32.const 1) (i64.const 2)))
      (drop (call_indirect (type $two) (i32.const 1) (i64.const 2) (i32.const 3)))
      (return_call $f (i32.const 1) (i64.const 2))`;
    expect(countsOf(body)).toEqual([
      ["call", 2],
      ["drop", 1],
      ["call_indirect", 3],
      ["drop", 1],
      ["return_call", 2],
      returned,
    ]);
  });
});
