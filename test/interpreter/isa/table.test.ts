/**
 * The columns of the instruction table against rules of the specification that were written without them: names follow a
 * grammar (spec 2.0 §6.5), and here alone a mnemonic's text may be read.
 */
import { describe, expect, test } from "vitest";
import { accessShape, isNumeric, signatureParts } from "../../../src/interpreter/isa/columns.ts";
import type { InstructionRow } from "../../../src/interpreter/isa/table.ts";
import {
  codeOfDense,
  denseCode,
  instructions,
  isDecoded,
} from "../../../src/interpreter/isa/table.ts";

const rows: readonly InstructionRow[] = instructions;
const inCore = rows.filter((row) => isDecoded(row) && row.form === undefined);
const inVectors = rows.filter((row) => row.form !== undefined && isDecoded(row));
const names = (having: (row: InstructionRow) => unknown) =>
  inCore.filter(having).map(({ mnemonic }) => mnemonic);
const like = (pattern: RegExp) => names(({ mnemonic }) => pattern.test(mnemonic));

describe("columns › say what the specification's names say", () => {
  test("loads and stores, widths, signs", () => {
    const pattern = /^([if])(32|64)\.(load|store)(8|16|32)?(_[su])?$/;
    const accesses = like(pattern);
    expect(accesses.length).toBe(23);
    expect(names((row) => row.access !== undefined && row.family !== "atomic")).toEqual(accesses);
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

  test("atomic accesses, widths", () => {
    const pattern =
      /^i(32|64)\.atomic\.(load|store|rmw)(8|16|32)?(\.(add|sub|and|or|xor|xchg|cmpxchg))?(_u)?$/;
    const accesses = like(pattern);
    expect(accesses.length).toBe(63);
    expect(names((row) => row.access !== undefined && row.family === "atomic")).toEqual(accesses);
    for (const row of inCore.filter(({ mnemonic }) => pattern.test(mnemonic))) {
      const [, bits, kind, narrow, , operation] = pattern.exec(row.mnemonic) ?? [];
      const exchange = operation === "cmpxchg" ? "compareExchange" : "modify";
      expect([row.access, row.width], row.mnemonic).toEqual([
        kind === "rmw" ? exchange : kind,
        Number(narrow ?? bits) / 8,
      ]);
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

describe("columns of vectors › say what the specification's names say", () => {
  const vectorNames = (having: (row: InstructionRow) => unknown) =>
    inVectors.filter(having).map(({ mnemonic }) => mnemonic);
  const vectorsLike = (pattern: RegExp) => vectorNames(({ mnemonic }) => pattern.test(mnemonic));

  test("236 and 20 relaxed ones, by their pages' numbers", () => {
    const relaxed = inVectors.filter(({ feature }) => feature === "relaxedSimd");
    expect([inVectors.length, relaxed.length]).toEqual([256, 20]);
    expect(relaxed.map(({ mnemonic }) => mnemonic)).toEqual(vectorsLike(/relaxed_/));
    for (const row of inVectors)
      expect((row.code & 0xffff) >= 0x100, row.mnemonic).toBe(relaxed.includes(row));
  });

  test("lanes are the shape before the dot, but for those of v128", () => {
    for (const { mnemonic, lanes } of inVectors.filter(({ access }) => access === undefined)) {
      // Selection by bits needs no lanes, whatever it is called.
      if (mnemonic.endsWith("laneselect")) continue;
      const [shape] = mnemonic.split(".");
      expect(lanes, mnemonic).toBe(shape === "v128" ? undefined : shape);
    }
  });

  test("loads and stores, widths", () => {
    const pattern = /^v128\.(load|store)(\d+)?(x(\d))?(_|$)/;
    expect(vectorNames(({ access }) => access)).toEqual(vectorsLike(pattern));
    for (const { mnemonic, access, width } of inVectors.filter(({ access }) => access)) {
      const [, kind, bits = "128", , times = "1"] = pattern.exec(mnemonic) ?? [];
      expect([access, width], mnemonic).toEqual([kind, (Number(bits) * Number(times)) / 8]);
    }
  });

  test("where they come from, signs, saturation, NaNs", () => {
    for (const { mnemonic, from } of inVectors.filter(({ from }) => from !== undefined)) {
      const named = /_(i8x16|i16x8|i32x4|f32x4|f64x2)/.exec(mnemonic)?.[1];
      const loaded = { "8": "i8x16", "16": "i16x8", "32": "i32x4" };
      const [, bits] = /load(8|16|32)x/.exec(mnemonic) ?? [];
      expect(from, mnemonic).toBe(named ?? loaded[bits as keyof typeof loaded]);
    }
    const signed = vectorNames(
      ({ sign, mnemonic }) => sign !== undefined && !/abs$/.test(mnemonic),
    );
    expect(signed).toEqual(vectorsLike(/_[su](_zero)?$/));
    const saturating = /_sat_|narrow|relaxed_(trunc|q15mulr|dot)/;
    expect(vectorNames(({ saturates }) => saturates)).toEqual(vectorsLike(saturating));
    const makers =
      /^f\d\dx\d\.(relaxed_)?(ceil|floor|trunc|nearest|sqrt|add|sub|mul|div|min|max|n?madd|demote\w+|promote\w+)$/;
    expect(vectorNames(({ mayMakeNan }) => mayMakeNan)).toEqual(vectorsLike(makers));
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
