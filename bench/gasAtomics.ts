/**
 * What the gas bench's program does with atomic instructions: each once at the end of a leaf and once at the end of a chunk,
 * an exchange that finds what it expects and one that does not. Waits need a shared memory and cost what a load costs.
 *
 * Invariant: the code leaves nothing on the stack; it needs a memory of its addresses.
 */
import { type Code, op } from "../spec-tests/corpus/assembler.ts";
import { signatureParts } from "../src/interpreter/isa/columns.ts";
import { type InstructionRow, instructions } from "../src/interpreter/isa/table.ts";

type AnyMnemonic = Parameters<typeof op>[0];

const accesses = (instructions as readonly InstructionRow[]).filter(
  ({ family, width, traps }) =>
    family === "atomic" && width !== undefined && !traps.includes("deadlock"),
);

const operands: Readonly<Record<string, readonly Code[]>> = {
  i: [op("i32.const", 0), op("i32.const", -97)],
  I: [op("i64.const", 0), op("i64.const", -1234567890123456789n)],
};

/** All of it; `base` is where its accesses begin. */
export function atomicCode(base: number): Code[] {
  const code = accesses.flatMap((row, index) => {
    const { params, results } = signatureParts(row.signature);
    const middle = base + 8192 * index;
    return [middle + 128 - (row.width ?? 1), middle + 4096 - (row.width ?? 1)].flatMap((place) => [
      op("i32.const", place),
      ...[...params.slice(1)].map((letter, at) => operands[letter][at]),
      op(row.mnemonic as AnyMnemonic, 0),
      ...(results === "" ? [] : [op("drop")]),
    ]);
  });
  return [...code, op("atomic.fence")];
}
