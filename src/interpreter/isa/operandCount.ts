/**
 * How many slots an instruction takes from the stack: by the table's signature where its row has one, otherwise by the
 * rule or by the instruction's fields (docs/machine.md §3).
 *
 * Invariant: every mnemonic without a signature that the machine executes has its entry here, or this file does not
 * compile.
 */
import { branchBytes, instructionBytes, type Program } from "../program/program.ts";
import { signatureParts, slotsOfLetters } from "./columns.ts";
import { executedRow, type InstructionRow, type instructions } from "./table.ts";

type Row = (typeof instructions)[number];
/** Mnemonics whose operands do not follow from a signature. */
export type UnsignedMnemonic = Exclude<
  Extract<Row, { signature: null }>,
  { family: "structure" }
>["mnemonic"];

/** Fields of the instruction at hand. */
interface Fields {
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

const counts: Readonly<
  Record<UnsignedMnemonic, number | ((fields: Fields, program: Program) => number)>
> = {
  if: 1,
  else: 0,
  br: ({ c }) => c,
  br_if: ({ c }) => 1 + c,
  br_table: ({ a, b }, { branches }) => 1 + viewOf(branches).getUint16((a + b) * branchBytes + 6),
  return: ({ a }) => a,
  call: ({ b }) => b >>> 16,
  call_indirect: ({ c }) => 1 + c,
  return_call: ({ b }) => b >>> 16,
  return_call_indirect: ({ c }) => 1 + c,
  drop: 1,
  select: 3,
  "local.get": 0,
  "local.set": 1,
  "local.tee": 1,
  "global.get": 0,
  "global.set": 1,
  "table.get": 1,
  "table.set": 2,
  "table.grow": 2,
  "table.grow.i64": 2,
  "table.grow.rest": 2,
  "table.fill": 3,
  "ref.null": 0,
  "ref.is_null": 1,
  "ref.func": 0,
  "host.unknown": 0,
};

/** Slots that the instruction at a pc takes: operands, values that it carries to a label or a caller, arguments. */
export function operandCount(program: Program, pc: number): number {
  const view = viewOf(program.code);
  const at = pc * instructionBytes;
  const row: InstructionRow | undefined = executedRow(view.getUint16(at));
  if (row === undefined) return 0;
  if (row.signature !== null) return slotsOfLetters(signatureParts(row.signature).params);
  const count = counts[row.mnemonic as UnsignedMnemonic];
  if (typeof count === "number") return count;
  const fields = {
    a: view.getUint32(at + 4),
    b: view.getUint32(at + 8),
    c: view.getUint32(at + 12),
  };
  return count(fields, program);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
