/**
 * What the gas bench's program does with vectors: each vector instruction once, accesses in the middle of a leaf, across two
 * leaves and across two chunks, vectors in locals and globals.
 *
 * Invariant: the code of a function of no parameters with a local of type i64 and one of type v128, in this order; it
 * needs a memory of its addresses and leaves nothing on the stack.
 */
import { type Code, op } from "../spec-tests/corpus/assembler.ts";
import { signatureParts } from "../src/interpreter/isa/columns.ts";
import { type InstructionRow, instructions } from "../src/interpreter/isa/table.ts";

type AnyMnemonic = Parameters<typeof op>[0];

const rows: readonly InstructionRow[] = instructions;
const drop = op("drop");
const vectorLocal = 1;

/** Lanes that make the arithmetic long, as in the scalar instructions of the bench. */
const vectors: Readonly<Record<string, readonly bigint[]>> = {
  f32x4: [0x3eaaaaabbeaaaaab00000001c2f6e979n, 0x3f8ccccd3f8ccccd3eaaaaab00000003n, 5n],
  f64x2: [0x3fd5555555555555800000000000000bn, 0x3ff199999999999a3ff199999999999an, 5n],
  integers: [0x80ff7f01fe0255aa8123456789abcdefn, 0x7f80ff01aa5502fe1032547698badcfen, 0xf0f0n],
};
const scalars: Readonly<Record<string, Code>> = {
  i: op("i32.const", 97),
  I: op("i64.const", -1234567890123456789n),
  f: op("f32.const", 0x3eaaaaab),
  F: op("f64.const", 0x3fd5555555555555n),
};

function operandsOf({ signature, from, lanes }: InstructionRow): Code[] {
  const values = vectors[from ?? lanes ?? "integers"] ?? vectors.integers;
  const { params } = signatureParts(signature);
  return [...params].map((letter, index) => scalars[letter] ?? op("v128.const", values[index]));
}

function immediateOf({ immediates }: InstructionRow): readonly (number | readonly number[])[] {
  if (immediates === "shuffle") return [Array.from({ length: 16 }, (_, lane) => 31 - lane)];
  return immediates === "lane" ? [1] : [];
}

const computing: readonly string[] = [
  "vectorLane",
  "vectorInteger",
  "vectorConversion",
  "vectorFloat",
];

function computingCode(): Code[] {
  return rows
    .filter(({ family }) => computing.includes(family))
    .flatMap((row) => {
      const operation = op(row.mnemonic as AnyMnemonic, ...immediateOf(row));
      return [...operandsOf(row), operation, drop];
    });
}

/** An access at each of three places, from an address on that no other access of the program uses. */
function accessCode(base: number): Code[] {
  const accesses = rows.filter(
    ({ family, access }) => family === "vectorMemory" && access !== undefined,
  );
  return accesses.flatMap((row, index) => {
    const middle = base + 8192 * index;
    const lane = row.immediates === "memargLane" ? [1] : [];
    const [, ...values] = operandsOf(row);
    return [middle, middle + 127, middle + 4095].flatMap((place) => [
      ...[op("i32.const", place), ...values, op(row.mnemonic as AnyMnemonic, ...lane, 0)],
      ...(row.access === "store" ? [] : [drop]),
    ]);
  });
}

/** All of it; `base` is where its accesses begin, `global` a mutable global of type v128. */
export function vectorCode(base: number, global: number): Code[] {
  const held = op("local.get", vectorLocal);
  return [
    ...[op("v128.const", vectors.integers[0]), op("local.set", vectorLocal)],
    ...[held, op("local.tee", vectorLocal), drop],
    ...[held, held, op("i32.const", 0), op("select"), drop],
    ...[held, op("global.set", global), op("global.get", global), drop],
    ...computingCode(),
    ...accessCode(base),
  ];
}
