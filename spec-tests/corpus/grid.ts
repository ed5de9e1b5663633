/**
 * The grid: for each instruction that maps numbers to numbers, one function that applies it to its parameters, called
 * with edge operands: zeros, ones, extremes, halves, neighbours of powers of two, subnormals, NaNs with payloads.
 *
 * Invariant: rows come from the instruction table, so a new numeric instruction is in the grid the day it is there.
 */

import { isNumeric, signatureParts } from "../../src/interpreter/isa/columns.ts";
import { type InstructionRow, instructions } from "../../src/interpreter/isa/table.ts";
import { floatBits } from "../script/literal.ts";
import { assemble, op } from "./assembler.ts";
import type { Call, CorpusModule } from "./case.ts";

const integers = (width: 32 | 64): bigint[] => {
  const top = 1n << BigInt(width - 1);
  const alternating = BigInt.asUintN(width, 0x5555555555555555n);
  return [
    ...[0n, 1n, -1n, top, top - 1n, 2n, top + 1n, alternating, BigInt(width), -2n, 0x80n, 0x7fn],
    ...[BigInt(width - 1), BigInt(width + 1), 0x8000n, 0x7fffn, 0xffn, 0xffffn, 0x80000000n],
    ...[0x7fffffffn, 0xffffffffn, 0x0123456789abcdefn, 10n, -10n, 3n, 0xfffffffffffff800n],
    ...[0x1000001n, 0x20000000000001n, 0x7fffff40n, 0xffffff7fn, 0x7ffffffffffffdffn],
  ].map((value) => BigInt.asUintN(width, value));
};

const floatLiterals = [
  ...["0", "-0", "1", "-1", "nan", "inf", "-inf", "0.5", "-0.5", "1.5", "2.5", "-2.5", "3"],
  ...["0.1", "1e10", "-1e-10", "4294967295", "4294967296", "2147483647", "2147483648"],
  ...["-2147483648", "-2147483649", "-0.99999", "0.999999", "9223372036854775807", "123456789"],
  ...["9223372036854774784", "-9223372036854775808", "-9223372036854777856", "8388607.5"],
  ...["18446744073709551615", "18446744073709549568", "8388609", "4503599627370497.5", "16777217"],
];

const narrow = [
  "0x1p-149",
  "0x0.fffffep-126",
  "0x1p-126",
  "0x1.fffffep+127",
  "-nan:0x1",
  "nan:0x200001",
];
const wide = [
  ...["0x1p-1074", "0x0.fffffffffffffp-1022", "0x1p-1022", "0x1.fffffffffffffp+1023", "-nan:0x1"],
  ...["nan:0x4000000000001", "0x1.fffffep+127", "0x1.ffffffp+127", "0x1p-149", "0x1p-150"],
  ...["0x1.8p-150", "0x1.0000010000001p+0", "0x1.000001p+0", "0x1.000003p+0"],
];

const literals = (own: readonly string[]) => [
  ...floatLiterals.slice(0, 9),
  ...own,
  ...floatLiterals.slice(9),
];

const distinct = (values: readonly bigint[]) => [...new Set(values)];

/** Edge operands by type letter, the most telling ones first. */
export const edges: Readonly<Record<string, readonly bigint[]>> = {
  i: distinct(integers(32)),
  I: distinct(integers(64)),
  f: distinct(literals(narrow).map((literal) => floatBits(literal, 32))),
  F: distinct(literals(wide).map((literal) => floatBits(literal, 64))),
};

/** All operand tuples, ordered so that every prefix varies both operands over its first edges. */
function tuples(params: string): bigint[][] {
  if (params.length === 1) return edges[params].map((value) => [value]);
  const [left, right] = [...params].map((letter) => edges[letter]);
  const pairs: { readonly rank: number; readonly args: bigint[] }[] = [];
  left.forEach((a, i) => {
    right.forEach((b, j) => {
      pairs.push({ rank: Math.max(i, j), args: [a, b] });
    });
  });
  return pairs.sort((a, b) => a.rank - b.rank).map(({ args }) => args);
}

/** One module a row; at most `perRow` calls each. */
export function gridModules(perRow: number): CorpusModule[] {
  const rows: readonly InstructionRow[] = instructions;
  return rows.filter(isNumeric).map((row) => {
    const { mnemonic } = row;
    const signature = row.signature ?? "";
    const { params } = signatureParts(signature);
    const body = [
      ...[...params].map((_, index) => op("local.get", index)),
      op(mnemonic as Parameters<typeof op>[0]),
    ];
    const calls = tuples(params)
      .slice(0, perRow)
      .map((args): Call => ({ export: "run", args }));
    return {
      name: `grid › ${mnemonic}`,
      ...(row.hostLacks ? { machineOnly: true } : {}),
      wasm: assemble({ functions: [{ signature, body, export: "run" }] }),
      calls,
    };
  });
}
