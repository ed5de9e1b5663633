/**
 * The kernels and trap checks of the instruction table by mnemonic, and the shape that a signature asks of them.
 *
 * Invariant: a row of the table without a kernel, or with a kernel of another shape, does not compile.
 */

import { asBits, isNumeric, type Signature, signatureParts } from "../isa/columns.ts";
import type { InstructionRow } from "../isa/table.ts";
import { instructions } from "../isa/table.ts";

type Row = Extract<(typeof instructions)[number], { family: "integer" | "float" | "conversion" }>;
export type NumericMnemonic = Row["mnemonic"];

/** Instructions that work on bits: their kernels see f as i and F as I. */
export type BitMnemonic = Extract<Row, { worksOnBits: true }>["mnemonic"];

/** i, f, F: one number; I: two int32 halves. */
type Operands<Letters extends string> = Letters extends `${infer First}${infer Rest}`
  ? First extends "I"
    ? [low: number, high: number, ...Operands<Rest>]
    : [value: number, ...Operands<Rest>]
  : [];

type KernelOf<Signature extends string> = Signature extends `${infer Params}:I`
  ? (out: Int32Array, at: number, ...operands: Operands<Params>) => void
  : Signature extends `${infer Params}:${string}`
    ? (...operands: Operands<Params>) => number
    : never;

type BitsOf<Signature extends string> = Signature extends `${infer First}f${infer Rest}`
  ? BitsOf<`${First}i${Rest}`>
  : Signature extends `${infer First}F${infer Rest}`
    ? BitsOf<`${First}I${Rest}`>
    : Signature;

type SignatureOf<M extends NumericMnemonic> = Extract<Row, { mnemonic: M }>["signature"];
type Kernels = {
  readonly [M in NumericMnemonic]: M extends BitMnemonic
    ? KernelOf<BitsOf<SignatureOf<M>>>
    : KernelOf<SignatureOf<M>>;
};

type TrappingMnemonic = Exclude<Row, { traps: readonly [] }>["mnemonic"];
type Checks = {
  readonly [M in TrappingMnemonic]: SignatureOf<M> extends `${infer Params}:${string}`
    ? (...operands: Operands<Params>) => number
    : never;
};

type KernelColumn = { readonly [R in Row as R["mnemonic"]]: R["kernel"] };
type CheckColumn = {
  readonly [R in Extract<Row, { check: unknown }> as R["mnemonic"]]: R["check"];
};

const numericRows = (instructions as readonly InstructionRow[]).filter(isNumeric);

export const kernels: Kernels = Object.fromEntries(
  numericRows.map((row) => [row.mnemonic, row.kernel]),
) as unknown as KernelColumn;

export const checks: Checks = Object.fromEntries(
  numericRows.flatMap((row) => (row.check === undefined ? [] : [[row.mnemonic, row.check]])),
) as unknown as CheckColumn;

const rows = new Map<string, InstructionRow>(instructions.map((row) => [row.mnemonic, row]));

/** The signature as the kernel sees it: floats as bits where the instruction works on bits. */
export function kernelSignature(mnemonic: NumericMnemonic): Signature {
  const row = rows.get(mnemonic) as InstructionRow;
  const { params, results } = signatureParts(row.signature);
  return row.worksOnBits
    ? { params: asBits(params), results: asBits(results) }
    : { params, results };
}
