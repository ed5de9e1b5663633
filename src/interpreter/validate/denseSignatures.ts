/**
 * The signatures of the instruction table as flat arrays by dense code, so that one default branch of the
 * validator handles every ordinary instruction, and the set of constant instructions (spec §3.3.10).
 *
 * Invariant: at most three operands and one result; a type is its binary code, 0 stands for "none".
 */
import { valueTypes } from "../binary/module.ts";
import { byLetter, signatureParts } from "../isa/columns.ts";
import { rowOfDense } from "../isa/denseRows.ts";
import type { Features } from "../isa/features.ts";
import { codeOf, denseCode, denseCodes } from "../isa/table.ts";
import { laneCount } from "../isa/vectorTable.ts";

/** Operand count; `byRule` for instructions whose types depend on the context. */
export const operandCounts = new Uint8Array(denseCodes);
export const byRule = 255;
/** Types of the operands, counted from the top of the stack, three an instruction. */
export const operandTypes = new Uint8Array(denseCodes * 3);
export const resultTypes = new Uint8Array(denseCodes);
/** Whether an ordinary instruction has immediates that name something the module must have. */
export const hasIndices = new Uint8Array(denseCodes);
/** log2 of the bytes that a load or store touches. */
export const naturalAlignments = new Uint8Array(denseCodes);
/** Whether the alignment must be the natural one. */
export const isAtomic = new Uint8Array(denseCodes);
/** Lanes that the immediate of an instruction may name. */
export const laneCounts = new Uint8Array(denseCodes);

const letters = byLetter<number>(valueTypes);

/** Immediates of ordinary instructions that are values and name nothing. */
const plainKinds: readonly string[] = ["none", "i32", "i64", "f32", "f64", "v128", "zero"];

function fill(dense: number): void {
  const row = rowOfDense(dense);
  if (row === undefined || row.signature === null || row.mnemonic === "unreachable") {
    operandCounts[dense] = byRule;
    return;
  }
  const { params, results } = signatureParts(row.signature);
  operandCounts[dense] = params.length;
  for (let index = 0; index < params.length; index++) {
    operandTypes[dense * 3 + index] = letters[params[params.length - 1 - index]];
  }
  resultTypes[dense] = results === "" ? 0 : letters[results];
  hasIndices[dense] = plainKinds.includes(row.immediates) ? 0 : 1;
  if (row.width !== undefined) naturalAlignments[dense] = Math.log2(row.width);
  if (row.family === "atomic") isAtomic[dense] = 1;
  if (row.lanes !== undefined) laneCounts[dense] = laneCount(row.lanes);
}

for (let dense = 0; dense < denseCodes; dense++) fill(dense);

const constants = [
  "i32.const",
  "i64.const",
  "f32.const",
  "f64.const",
  "ref.null",
  "ref.func",
  "global.get",
  "end",
] as const;
const extendedConstants = [
  "i32.add",
  "i32.sub",
  "i32.mul",
  "i64.add",
  "i64.sub",
  "i64.mul",
] as const;

/** One byte a dense code: whether a constant expression may hold the instruction. */
export function constantInstructions(features: Features): Uint8Array {
  const allowed = new Uint8Array(denseCodes);
  for (const name of constants) allowed[denseCode(codeOf(name))] = 1;
  if (features.simd) allowed[denseCode(codeOf("v128.const"))] = 1;
  if (features.extendedConstants) {
    for (const name of extendedConstants) allowed[denseCode(codeOf(name))] = 1;
  }
  return allowed;
}
