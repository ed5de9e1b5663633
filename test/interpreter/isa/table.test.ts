/**
 * The columns of the instruction table against rules of the specification that were written without them: names follow a
 * grammar (spec 2.0 §6.5), and here alone a mnemonic's text may be read.
 */
import { describe, expect, test } from "vitest";
import { accessShape, isNumeric, signatureParts } from "../../../src/interpreter/isa/columns.ts";
import type { InstructionRow } from "../../../src/interpreter/isa/table.ts";
import { codeOfDense, denseCode, instructions } from "../../../src/interpreter/isa/table.ts";

const rows: readonly InstructionRow[] = instructions;
const inCore = rows.filter(({ feature }) => feature !== "host");
const names = (having: (row: InstructionRow) => unknown) =>
  inCore.filter(having).map(({ mnemonic }) => mnemonic);
const like = (pattern: RegExp) => names(({ mnemonic }) => pattern.test(mnemonic));

describe("columns › say what the specification's names say", () => {
  test("loads and stores, widths, signs", () => {
    const pattern = /^([if])(32|64)\.(load|store)(8|16|32)?(_[su])?$/;
    const accesses = like(pattern);
    expect(accesses.length).toBe(23);
    expect(names((row) => row.access !== undefined)).toEqual(accesses);
    for (const row of inCore.filter(({ mnemonic }) => pattern.test(mnemonic))) {
      const [, , bits, kind, narrow, sign] = pattern.exec(row.mnemonic) ?? [];
      expect(accessShape(row), row.mnemonic).toEqual({
        isStore: kind === "store",
        width: Number(narrow ?? bits) / 8,
        isSigned: sign === "_s",
        isWide: sign === "_s" && bits === "64",
      });
    }
  });

  test("tests and their inverses", () => {
    expect(names((row) => row.isTest)).toEqual(like(/^[if]\d\d\.(eqz|eq|ne|[lg][te](_[su])?)$/));
    const byName = new Map(rows.map((row) => [row.mnemonic, row]));
    expect(names((row) => row.inverse)).toEqual(like(/^i\d\d\.(eq|ne|[lg][te]_[su])$/));
    for (const row of rows.filter(({ inverse }) => inverse !== undefined)) {
      const other = byName.get(row.inverse ?? "");
      expect([other?.inverse, other?.signature], row.mnemonic).toEqual([
        row.mnemonic,
        row.signature,
      ]);
    }
  });

  test("instructions that work on bits, and those that may make a NaN", () => {
    expect(names((row) => row.worksOnBits)).toEqual(like(/\.(abs|neg|copysign|reinterpret_\w+)$/));
    const results =
      /^f\d\d\.(ceil|floor|trunc|nearest|sqrt|add|sub|mul|div|min|max|demote_f64|promote_f32)$/;
    expect(names((row) => row.mayMakeNan)).toEqual(like(results));
  });

  test("numeric rows have a signature and no immediates", () => {
    for (const row of rows.filter(isNumeric)) {
      const { params, results } = signatureParts(row.signature);
      expect([row.immediates, results.length, new Set(params).size], row.mnemonic).toEqual([
        "none",
        1,
        1,
      ]);
    }
  });
});

describe("dense codes", () => {
  test("number every row once, and lead back", () => {
    const dense = rows.map(({ code }) => denseCode(code));
    expect(new Set(dense).size).toBe(rows.length);
    expect(dense.map(codeOfDense)).toEqual(rows.map(({ code }) => code));
  });

  test("a page that no instruction has gives none", () => {
    expect(denseCode(0x0141)).toBe(-1);
  });
});
